"""Call what is clear from the bases alone, and list the stretches whose reads must be assembled.

The reads are decoded by samtools (the one in pysam) and counted tile by tile, so that memory does not grow with the chunk or the depth.
"""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pysam

from workflow.clean_calls import judge
from workflow.evidence import Layout, lay_out
from workflow.files import atomic
from workflow.gvcf_lines import gvcf_lines, unclear_intervals
from workflow.intervals import bed_lines, present, write_bed
from workflow.read_arrays import Ints
from workflow.reference import mitochondria
from workflow.tile_counts import Tile, count, tiles

TILE = 1_000_000
"""Bases judged at a time, margins included."""


def copies_of(layout: Layout, contigs: Sequence[str], ploidy: Sequence[tuple[str, int, int, int]], assembled: Sequence[str]) -> Ints:
    """Return the ploidy at each compact coordinate: 2 unless `ploidy` says otherwise; 0 on contigs that are assembled as a whole."""
    copies = np.full(layout.size, 2, np.int64)
    for stretch, (number, start, end) in enumerate(layout.stretches()):
        at, name = int(layout.at[stretch]), contigs[number]
        for contig, first, last, value in ploidy:
            if contig == name and first < end and start < last:
                copies[at + max(first - start, 0) : at + min(last, end) - start] = value
        if name in assembled:
            copies[at : at + end - start] = 0
    return copies


def screen(cram: str, fasta: str, chunk: Tile, ploidy: Sequence[tuple[str, int, int, int]]) -> Iterator[tuple[list[str], Tile]]:
    """Yield, tile by tile, the gVCF lines of what is clear and the intervals of what is not."""
    with pysam.FastaFile(fasta) as bases:
        lengths: Mapping[str, int] = dict(zip(bases.references, bases.lengths, strict=True))
    contigs = list(lengths)
    number = {contig: index for index, contig in enumerate(contigs)}
    for tile in tiles(chunk, TILE):
        layout = lay_out([(number[contig], start, end) for contig, start, end in tile], list(lengths.values()))
        copies = copies_of(layout, contigs, ploidy, mitochondria(lengths))
        evidence = count(cram, fasta, layout, contigs)
        judgement = judge(evidence, copies)
        yield list(gvcf_lines(evidence, judgement, copies, contigs)), list(unclear_intervals(evidence, judgement, contigs))


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the lines of what is clear (gzip, no header) and a BED of what is not; what the person lacks is in neither.

    `params.assemble` is `unclear`, or `everywhere` where nothing is to be taken for clear.
    """
    chunk = present(input.chunk, input.absent)
    ploidy = [(contig, start, end, int(copies)) for contig, start, end, copies in bed_lines(input.ploidy)]
    unclear: Tile = []
    with atomic(output.settled) as part, gzip.open(part, "wt", compresslevel=1) as handle:
        screened = screen(input.cram, input.fasta, chunk, ploidy) if params.assemble == "unclear" else [([], chunk)]
        for lines, intervals in screened:
            handle.writelines(lines)
            unclear += intervals
    write_bed(output.unclear, unclear)
    bases, assembled = (sum(end - start for _, start, end in intervals) for intervals in (chunk, unclear))
    print(f"{assembled:,} of {bases:,} bases are given to the assembling caller, in {len(unclear):,} intervals")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
