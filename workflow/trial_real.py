"""Families of real reads: NA12878, NA12891 and NA12892 (Genome in a Bottle) over 10 kb, with variants written in and as they are."""

import gzip
import shutil
from pathlib import Path

import pysam

from workflow.reference import lengths
from workflow.spiking import Variant
from workflow.trial_family import AUTOSOMAL, LENGTH, ROLES, X_LINKED, Scenario
from workflow.trial_reads import as_reference, extract_fastq, keep_copy, markers_of, place, spiked_fastq
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
BOY_GENES = (REAL_GENES["NEW"], REAL_GENES["HOMOZYG"])


def real_trio(work: Path, giab: Path, cores: int) -> list[Row]:
    """Write variants into the real trio's reads and run it, beside the trio as it is."""
    contig, start, end = REAL
    bams, sequence = _fetch(work, giab)
    shutil.copyfile(work / "giab.fa", work / "reference.fa")
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


def _fetch(work: Path, giab: Path) -> tuple[dict[str, str], str]:
    """Unpack the reference as giab.fa and sort the reads; return the BAMs by role, and the bases of the stretch."""
    contig, start, end = REAL
    with gzip.open(giab / "trio" / "hs37d5.chr20.fa.gz") as packed, open(work / "giab.fa", "wb") as plain:
        shutil.copyfileobj(packed, plain)
    bams = {}
    for role, name in BAMS.items():
        bams[role] = str(work / f"{role}.bam")
        pysam.sort("-o", bams[role], str(giab / "trio" / f"{name}.chr20.10_10p1mb_sorted.bam"))
        pysam.index(bams[role])
    with pysam.FastaFile(str(work / "giab.fa")) as fasta:
        return bams, fasta.fetch(contig, start, end).upper()


def real_boy(work: Path, giab: Path, cores: int) -> list[Row]:
    """Make a boy of the fragments that NA12878 has from her mother, and run him and that mother on the stretch as if it lay on X.

    No reads of X are in the data: the bases are those of chromosome 20, at the same positions of a contig X of true length.
    """
    contig, start, end = REAL
    bams, sequence = _fetch(work, giab)
    total = lengths("GRCh37")["X"]
    (work / "reference.fa").write_text(f">X\n{'N' * start}{sequence}{'N' * (total - end)}\n")
    genes = {one.gene: (first, first + LENGTH - 1) for one, first in zip(X_LINKED, BOY_GENES, strict=True)}
    usable = as_reference([bams["proband"], bams["mother"]], contig, sequence, start)
    placed = place(X_LINKED, genes, contig, sequence, start, usable)
    markers = markers_of(bams, contig, start, end)
    people = []
    for role, sex in (("proband", "male"), ("mother", "female")):
        fastq = extract_fastq(bams[role], work, role)
        spiked_fastq(bams[role], fastq, role, X_LINKED, placed, markers)
        if role == "proband":
            keep_copy(bams[role], fastq, "1", markers)
        people.append({"sample": role, "case": "family", "role": role, "sex": sex})
    write_case(work, "GRCh37", "X", start + 100, end, genes, people)
    return rows_of("boy, real", X_LINKED, placed, run(work, ["family"], cores)["family"])
