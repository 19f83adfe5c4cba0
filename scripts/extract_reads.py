"""Turn aligned read pairs back into the FASTQ pair that they came from.

Each read stands as the sequencer gave it: original orientation, all bases (soft-clipped ones included), original qualities.
A pair is taken if both mates are in the BAM and at least one is aligned to the contig. A read whose mate is not there
(aligned to another contig, or outside the regions that the BAM was cut to) is left out and counted.
Pairs are ordered by name and the gzip header holds no date, so that the files are the same on every machine.
"""

import gzip
from collections.abc import Iterable, Sequence
from typing import Any

import pysam

from workflow.errors import InputError
from workflow.files import atomic

Mates = tuple[pysam.AlignedSegment, pysam.AlignedSegment]


def pair_up(reads: Iterable[pysam.AlignedSegment]) -> tuple[dict[str, Mates], int]:
    """Return {name: (first, second)} of complete pairs, and the number of reads without their mate.

    Raises:
        InputError: two primary records of one name are the same mate.
    """
    waiting: dict[str, pysam.AlignedSegment] = {}
    pairs: dict[str, Mates] = {}
    for read in reads:
        if read.is_secondary or read.is_supplementary:
            continue
        name = str(read.query_name)
        mate = waiting.pop(name, None)
        if mate is None and name not in pairs:
            waiting[name] = read
        elif mate is None or mate.is_read1 == read.is_read1:
            raise InputError("a read name stands for more than one pair", remedy="use a BAM with unique read names")
        else:
            pairs[name] = (mate, read) if mate.is_read1 else (read, mate)
    return pairs, len(waiting)


def fastq_record(read: pysam.AlignedSegment) -> str:
    """Return the four lines of a read in the orientation in which it was sequenced (Phred+33)."""
    qualities = pysam.qualities_to_qualitystring(read.get_forward_qualities() or [])
    return f"@{read.query_name}\n{read.get_forward_sequence()}\n+\n{qualities}\n"


def main(*, input: Any, output: Sequence[str], params: Any, **_: object) -> None:
    """Write the read pairs over `params.contig` of a BAM as two FASTQ files."""
    with pysam.AlignmentFile(input.bam) as bam:
        pairs, alone = pair_up(bam.fetch(params.contig))
    for mate, path in enumerate(output):
        text = "".join(fastq_record(pairs[name][mate]) for name in sorted(pairs))
        with atomic(path) as part:
            part.write_bytes(gzip.compress(text.encode(), compresslevel=4, mtime=0))
    print(f"{params.contig}: {len(pairs):,} read pairs written; {alone:,} reads left out because their mate is not in the BAM")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
