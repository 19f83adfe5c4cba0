"""A whole working directory in a few kilobytes: one invented person, sequenced over an invented mitochondrion of the true length."""

import gzip
import random
import sys
from pathlib import Path

import pysam

MITOCHONDRION = 16569  # bases, in GRCh38
READ, FRAGMENT, PAIRS = 100, 300, 1500
COMPLEMENT = str.maketrans("ACGT", "TGCA")

CONFIG = """samples: samples.tsv
units: units.tsv
reference: {name: GRCh38, fasta: reference.fa}
caller: freebayes
"""


def write_reads(folder: Path, sequence: str, dice: random.Random) -> None:
    """Write one lane of read pairs without errors, about 18-fold."""
    with gzip.open(folder / "r_1.fq.gz", "wt") as first, gzip.open(folder / "r_2.fq.gz", "wt") as second:
        for number in range(PAIRS):
            start = dice.randrange(len(sequence) - FRAGMENT)
            fragment = sequence[start : start + FRAGMENT]
            mate = fragment[-READ:].translate(COMPLEMENT)[::-1]
            first.write(f"@pair{number}/1\n{fragment[:READ]}\n+\n{'I' * READ}\n")
            second.write(f"@pair{number}/2\n{mate}\n+\n{'I' * READ}\n")


def write_person(folder: Path) -> Path:
    """Write config, sheets, reference and reads into `folder`; the person differs from the reference at base 8001 (1-based)."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(5)
    reference = "".join(dice.choices("ACGT", k=MITOCHONDRION))
    (folder / "reference.fa").write_text(f">chrM\n{reference}\n")
    pysam.faidx(str(folder / "reference.fa"))
    write_reads(folder, reference[:8000] + reference[8000].translate(COMPLEMENT) + reference[8001:], dice)
    (folder / "samples.tsv").write_text("sample\tcase\trole\tsex\taffected\nanna\tcase1\tproband\tfemale\tyes\n")
    (folder / "units.tsv").write_text("sample\tunit\tfastq_1\tfastq_2\nanna\tL1\tr_1.fq.gz\tr_2.fq.gz\n")
    (folder / "config.yaml").write_text(CONFIG)
    return folder


if __name__ == "__main__":
    write_person(Path(sys.argv[1]))
