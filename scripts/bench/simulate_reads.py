"""Reads of a simulated person: ART with its HiSeq X errors, and the slips in homopolymers that ART does not make."""

import random
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from scripts.bench.simulate import Variant, haplotype
from workflow.files import atomic

DEPTH, READ, FRAGMENT, SPREAD = 30, 150, 400, 80
LONG_RUN = re.compile(r"([ACGT])\1{7,}")
LOST = 0.6  # share of slips that lose a base


def write_reads(folder: Path, name: str, sequence: str, variants: Sequence[Variant], seed: int) -> None:
    """Write `<name>_1.fq.gz` and `<name>_2.fq.gz`, half of the depth from each copy."""
    for copy in (0, 1):
        fasta = folder / f"{name}.{copy}.fa"
        fasta.write_text(f">{name}{copy}\n{haplotype(sequence, variants, copy)}\n", encoding="ascii")
        art = ["art_illumina", "-ss", "HSXn", "-i", str(fasta), "-p", "-na", "-l", str(READ), "-f", str(DEPTH / 2), "-m", str(FRAGMENT)]
        command = [*art, "-s", str(SPREAD), "-rs", str(seed + copy), "-o", str(folder / f"{name}.{copy}_")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        fasta.unlink()
    for end in (1, 2):
        parts = [folder / f"{name}.{copy}_{end}.fq" for copy in (0, 1)]
        with atomic(folder / f"{name}_{end}.fq.gz") as packed, open(packed, "wb") as target:
            packer = subprocess.Popen(["bgzip", "-@", "2", "-c"], stdin=subprocess.PIPE, stdout=target, text=True)
            with packer.stdin as pipe:  # type: ignore[union-attr]
                for part in parts:
                    copy_with_stutter(part, pipe, random.Random(seed + end))
                    part.unlink()
            if packer.wait():
                raise subprocess.CalledProcessError(packer.returncode, "bgzip")


def copy_with_stutter(fastq: Path, target: IO[str], dice: random.Random) -> None:
    """Copy a FASTQ file with the slips that ART does not make."""
    with open(fastq, encoding="ascii") as source:
        for name in source:
            bases, plus, qualities = next(source), next(source), next(source)
            if LONG_RUN.search(bases):
                bases, qualities = (f"{text}\n" for text in stutter(bases.rstrip(), qualities.rstrip(), dice))
            target.write(f"{name}{bases}{plus}{qualities}")


def slip_rate(length: int) -> float:
    """Return how often a read shows one base more or fewer than a homopolymer of `length` has.

    Between what GATK's DRAGEN defaults say of a PCR-free library (0.0004 at 8 bases, 0.004 at 10, 0.007 at 11 and more, where it has too
    few to tell) and what the 30x PCR-free reads of HG002 in the real set show (0.028 at 10: 3 of 108; 0 of 465 at 8).
    """
    return min(0.2, 0.001 * 1.5 ** (length - 8))


def stutter(bases: str, qualities: str, dice: random.Random) -> tuple[str, str]:
    """Return a read with slips in its homopolymers of 8 bases and more, three of five a base lost; never longer than it was."""
    for match in reversed(list(LONG_RUN.finditer(bases))):
        if dice.random() < slip_rate(match.end() - match.start()):
            at = match.start()
            lost = dice.random() < LOST
            bases, qualities = (text[:at] + ("" if lost else 2 * text[at]) + text[at + 1 :] for text in (bases, qualities))
    return bases[:READ], qualities[:READ]
