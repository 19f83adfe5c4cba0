"""Families with known truth through the whole pipeline: which model of inheritance is said of each variant.

    python -m scripts.evaluate_families --directory WORK [--giab FOLDER] [--only SETS] [--cores N]

Sets: `simulated` (an autosomal trio), `boy` (the X chromosome of a boy and his parents, simulated), `real` (NA12878 and her parents,
GIAB reads over 10 kb of chromosome 20, with variants written in, and once as they are). Genes are artificial in all of them.
Writes `families.tsv` (truth and what was found) and returns 1 if anything differs.
"""

import argparse
import csv
import gzip
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pysam

from workflow.reference import lengths
from workflow.spiking import Variant
from workflow.trial_family import AUTOSOMAL, LENGTH, ROLES, X_LINKED, Scenario
from workflow.trial_reads import (
    as_reference,
    extract_fastq,
    markers_of,
    natural_sites,
    place,
    simulate,
    simulated_genes,
    spiked_fastq,
)  # fmt: skip
from workflow.trial_run import Row, rows_of, run, write_case

BAMS = {"proband": "HG001", "mother": "NA12892", "father": "NA12891"}
REAL = ("20", 9_999_900, 10_010_300)
REAL_GENES = {"NEW": 10_005_590, "TRANS": 10_002_480, "CIS": 10_007_210, "READS": 10_007_910, "HOMOZYG": 10_003_370, "MOSAIC": 10_006_320}
"""Where NA12878 has no heterozygous variant of her own, so that a gene's pairs are those written in."""
NATURAL = Scenario(
    "NATURAL",
    "her own, 25 bases apart, in trans",
    (),
    "autosomal recessive, compound heterozygous",
    phase="in trans",
    because="one from each parent",
)
NATURAL_GENE = (10_007_141, 10_007_200)
X_START, X_LENGTH = 50_000_000, 4_000


def simulated(work: Path, cores: int, *, boy: bool = False) -> list[Row]:
    """Simulate a trio and run it; the boy's family over a stretch of X alone."""
    scenarios = X_LINKED if boy else AUTOSOMAL
    dice = random.Random(11)
    contig, start = ("chrX", X_START) if boy else ("trial", 0)
    genes = simulated_genes(scenarios, start)
    size = X_LENGTH if boy else max(last for _, last in genes.values()) + 700
    sequence = "".join(dice.choices("ACGT", k=size))
    total = lengths("GRCh38")["X"] if boy else size
    rest = "" if boy else f">chrM\n{''.join(dice.choices('ACGT', k=lengths('GRCh38')['MT']))}\n"  # by which the assembly is known
    (work / "reference.fa").write_text(f">{contig}\n{'N' * start}{sequence}{'N' * (total - start - size)}\n{rest}")
    placed = place(scenarios, genes, contig, sequence, start, bool)
    natural = natural_sites(genes, sequence, start, dice)
    people = [{"sample": role, "case": "family", "role": role, "sex": "female" if role == "mother" else "male"} for role in ROLES]
    for role in ROLES:
        spikes = [(spike.of(role), variant) for one in scenarios for spike, variant in zip(one.spikes, placed[one.gene], strict=True)]
        mosaic = [(variant, int(what.split()[0]) / 100) for what, variant in spikes if what.endswith("%")]
        copies = {
            copy: ([*natural[role][copy], *(variant for what, variant in spikes if what.isdigit() and copy in what)], mosaic)
            for copy in ("1" if boy and role != "mother" else "12")
        }
        simulate(work, role, sequence, start, copies, [variant.position for what, variant in spikes if what == "-"], dice)
    write_case(work, "GRCh38", contig, start, start + size, genes, people)
    return rows_of("boy, simulated" if boy else "trio, simulated", scenarios, placed, run(work, ["family"], cores)["family"])


def real(work: Path, giab: Path, cores: int) -> list[Row]:
    """Write variants into the real trio's reads and run it, beside the trio as it is."""
    contig, start, end = REAL
    bams = {role: str(giab / "trio" / f"{name}.chr20.10_10p1mb_sorted.bam") for role, name in BAMS.items()}
    with gzip.open(giab / "trio" / "hs37d5.chr20.fa.gz") as packed, open(work / "reference.fa", "wb") as plain:
        shutil.copyfileobj(packed, plain)
    for role, bam in bams.items():
        pysam.sort("-o", str(work / f"{role}.bam"), bam)
        pysam.index(str(work / f"{role}.bam"))
    bams = {role: str(work / f"{role}.bam") for role in ROLES}
    with pysam.FastaFile(str(work / "reference.fa")) as fasta:
        sequence = fasta.fetch(contig, start, end).upper()
    genes = {name: (first, first + LENGTH - 1) for name, first in REAL_GENES.items()}
    placed = place(AUTOSOMAL, genes, contig, sequence, start, as_reference(bams.values(), contig, sequence, start))
    markers = markers_of(bams, contig, start, end)
    people = []
    for case in ("asis", "spiked"):
        for role in ROLES:
            name = f"{case}-{BAMS[role]}"
            fastq = extract_fastq(bams[role], work, name)
            if case == "spiked":
                spiked_fastq(bams[role], fastq, role, AUTOSOMAL, placed, markers)
            people.append({"sample": name, "case": case, "role": role, "sex": "male" if role == "father" else "female"})
    write_case(work, "GRCh37", contig, start + 100, end, genes | {"NATURAL": NATURAL_GENE}, people)
    found = run(work, ["asis", "spiked"], cores)
    own = {"NATURAL": [Variant(contig, 10_007_150, "G", "C"), Variant(contig, 10_007_175, "C", "T")]}
    return [*rows_of("trio, real", [NATURAL], own, found["asis"]), *rows_of("trio, real, spiked", AUTOSOMAL, placed, found["spiked"])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sets asked for, write and print the table."""
    parser = argparse.ArgumentParser(prog="evaluate_families")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--giab", type=Path)
    parser.add_argument("--only", default="simulated,boy,real")
    parser.add_argument("--cores", type=int, default=2)
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    for name in asked.only.split(","):
        if name == "real" and not asked.giab:
            print("the real trio is left out: name its folder with GIAB=FOLDER")
            continue
        work = asked.directory.resolve() / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        rows += real(work, asked.giab, asked.cores) if name == "real" else simulated(work, asked.cores, boy=name == "boy")
    columns = ("set", "truth", "model", "fit", "phase", "found", "found_fit", "found_phase", "right", "why")
    with open(asked.directory / "families.tsv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, columns, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(f"{row['right']:4} {row['set']:20} {row['truth']:40} {row['found']} {row['found_fit']} {row['found_phase']}".rstrip())
    return int(any(row["right"] == "NO" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
