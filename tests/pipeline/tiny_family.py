"""A working directory with an invented mother and child, sequenced over an invented mitochondrion and a stretch of chromosome 21."""

import gzip
import random
from pathlib import Path

import pysam

MITOCHONDRION, CHR21 = 16569, 46_709_983  # bases, in GRCh38
START, LENGTH = 20_000_000, 12_000  # of the stretch that is not N; 0-based
READ, FRAGMENT, DEPTH = 100, 300, 20
SPACING = 500  # bases between variants
COMPLEMENT = str.maketrans("ACGT", "TGCA")

CONFIG = """samples: samples.tsv
units: units.tsv
reference: {name: GRCh38, fasta: reference.fa}
regions: regions.bed
caller: freebayes
"""


def write_family(folder: Path) -> Path:
    """Write config, sheets, reference, regions and reads; both carry a variant every `SPACING` bases of chromosome 21."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(11)
    mitochondrion, stretch = ("".join(dice.choices("ACGT", k=length)) for length in (MITOCHONDRION, LENGTH))
    with open(folder / "reference.fa", "w") as handle:
        handle.write(f">chr21\n{'N' * START}{stretch}{'N' * (CHR21 - START - LENGTH)}\n>chrM\n{mitochondrion}\n")
    pysam.faidx(str(folder / "reference.fa"))
    (folder / "regions.bed").write_text(f"chr21\t{START}\t{START + LENGTH}\nchrM\t0\t{MITOCHONDRION}\n")
    for name in ("kid", "mother"):
        write_reads(folder, name, {"chr21": (stretch, with_variants(stretch)), "chrM": (mitochondrion, mitochondrion)}, dice)
    rows = ["kid\tfam\tproband\tfemale\tyes", "mother\tfam\tmother\tfemale\tno"]
    (folder / "samples.tsv").write_text("sample\tcase\trole\tsex\taffected\n" + "".join(f"{row}\n" for row in rows))
    units = [f"{name}\tL1\t{name}_1.fq.gz\t{name}_2.fq.gz\n" for name in ("kid", "mother")]
    (folder / "units.tsv").write_text("sample\tunit\tfastq_1\tfastq_2\n" + "".join(units))
    (folder / "config.yaml").write_text(CONFIG)
    return folder


def variant_positions() -> list[int]:
    """Return the positions within the stretch (0-based) at which both carry a heterozygous variant."""
    return list(range(SPACING, LENGTH - SPACING, SPACING))


def with_variants(stretch: str) -> str:
    """Return the other copy of the stretch."""
    bases = list(stretch)
    for at in variant_positions():
        bases[at] = bases[at].translate(COMPLEMENT)
    return "".join(bases)


def write_reads(folder: Path, name: str, copies: dict[str, tuple[str, str]], dice: random.Random) -> None:
    """Write one lane of read pairs without errors; the name of each pair begins with its contig."""
    with (
        gzip.open(folder / f"{name}_1.fq.gz", "wt", compresslevel=1) as first,
        gzip.open(folder / f"{name}_2.fq.gz", "wt", compresslevel=1) as second,
    ):
        for contig, pair in copies.items():
            for number in range(len(pair[0]) * DEPTH // (2 * READ)):
                copy = pair[number % 2]
                start = dice.randrange(len(copy) - FRAGMENT)
                fragment = copy[start : start + FRAGMENT]
                mate = fragment[-READ:].translate(COMPLEMENT)[::-1]
                first.write(f"@{contig}:{name}{number}/1\n{fragment[:READ]}\n+\n{'I' * READ}\n")
                second.write(f"@{contig}:{name}{number}/2\n{mate}\n+\n{'I' * READ}\n")


def without_contig(fastq: Path, contig: str) -> None:
    """Take all reads of a contig out of a FASTQ file."""
    with gzip.open(fastq, "rt") as handle:
        lines = handle.readlines()
    kept = [line for at in range(0, len(lines), 4) if not lines[at].startswith(f"@{contig}:") for line in lines[at : at + 4]]
    with gzip.open(fastq, "wt", compresslevel=1) as handle:
        handle.writelines(kept)
