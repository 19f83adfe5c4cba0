"""Rebuild the reference sequence under aligned reads from their MD tags, and nothing beyond it.

An MD tag says which reference base stands wherever a read differs, so read and tag together spell the reference under the
alignment (SAM optional fields specification, 2024, section 1.2). Positions that no read covers stay N: the
contig has its true length and every coordinate is a true coordinate, yet no base is there that the reads do not prove.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pysam
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.files import atomic

UNKNOWN = ord("N")
LINE = 60  # bases a line of FASTA
Sequence = NDArray[np.uint8]


def informative(reads: Iterable[pysam.AlignedSegment]) -> list[pysam.AlignedSegment]:
    """Leave only reads with a primary alignment and an MD tag."""
    return [read for read in reads if not (read.is_unmapped or read.is_secondary or read.is_supplementary) and read.has_tag("MD")]


def rebuild(reads: Iterable[pysam.AlignedSegment], length: int) -> Sequence:
    """Return a contig of `length` bases as ASCII codes, from aligned reads with MD tags.

    Raises:
        InputError: two reads give different reference bases for one position.
    """
    contig = np.full(length, UNKNOWN, dtype=np.uint8)
    for read in reads:
        bases = np.frombuffer(read.get_reference_sequence().upper().encode(), dtype=np.uint8)
        known = contig[read.reference_start : read.reference_end]
        conflicts = np.flatnonzero((known != UNKNOWN) & (bases != UNKNOWN) & (known != bases))
        if conflicts.size:
            place = f"{read.reference_name}:{read.reference_start + int(conflicts[0]) + 1}"
            raise InputError(f"the MD tags of two reads give different reference bases at {place}", remedy="use a BAM whose MD tags agree")
        np.copyto(known, bases, where=known == UNKNOWN)
    return contig


def blocks(contig: Sequence, least: int) -> list[tuple[int, int]]:
    """Return the runs of at least `least` known bases as (start, end), 0-based half-open, sorted."""
    known = np.concatenate([[False], contig != UNKNOWN, [False]])
    edges = np.flatnonzero(known[1:] != known[:-1]).reshape(-1, 2)
    return [(int(start), int(end)) for start, end in edges if end - start >= least]


def as_fasta(name: str, contig: Sequence) -> Iterator[bytes]:
    """Give the bytes of a FASTA record in lines of 60 bases."""
    whole = contig.size // LINE * LINE
    lines = np.full((whole // LINE, LINE + 1), ord("\n"), dtype=np.uint8)
    lines[:, :LINE] = contig[:whole].reshape(-1, LINE)
    yield f">{name}\n".encode()
    yield lines.tobytes()
    if contig.size > whole:
        yield contig[whole:].tobytes() + b"\n"


def main(*, input: Any, output: Any, params: Any, **_: object) -> None:
    """Write the FASTA of `params.contig` and a BED of its runs of real sequence from `params.least_block` bases on."""
    with pysam.AlignmentFile(input.bam) as bam:
        reads = informative(bam.fetch(params.contig))
        contig = rebuild(reads, bam.get_reference_length(params.contig))
    regions = blocks(contig, params.least_block)
    with atomic(output.fasta) as part, part.open("wb") as fasta:
        fasta.writelines(as_fasta(params.contig, contig))
    with atomic(output.regions) as part:
        part.write_text("".join(f"{params.contig}\t{start}\t{end}\n" for start, end in regions), encoding="utf-8")
    known, owed = int(np.count_nonzero(contig != UNKNOWN)), sum(end - start for start, end in regions)
    print(f"{params.contig}: {known:,} of {contig.size:,} bases ({known / contig.size:.3%}) given by {len(reads):,} reads, no conflict")
    print(f"regions: {len(regions)} blocks of at least {params.least_block:,} bases, {owed:,} bases together")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
