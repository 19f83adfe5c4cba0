"""The territory in which calls are owed: sequence of the reference that is not N, inside the regions or the primary contigs."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pysam

from workflow.errors import InputError
from workflow.intervals import Interval, Intervals, equal_parts, intersection, merged, read_bed, split_at, write_bed

WINDOW = 16_000_000
NOT_N = re.compile("[^Nn]+")


def sequence_blocks(fasta: pysam.FastaFile, contig: str, within: Iterable[Interval]) -> list[Interval]:
    """Return the stretches of a contig, inside `within`, whose bases are not N (0-based half-open)."""
    blocks = []
    for start, end in within:
        for window in range(start, end, WINDOW):
            sequence = fasta.fetch(contig, window, min(window + WINDOW, end))
            blocks += [(window + match.start(), window + match.end()) for match in NOT_N.finditer(sequence)]
    return merged(blocks)


def find_territory(fasta: pysam.FastaFile, contigs: Mapping[str, int], regions: Intervals | None) -> Intervals:
    """Return the territory in the contigs' order: regions where given, else whole contigs, N left out."""
    territory = {}
    for contig, length in contigs.items():
        wanted = regions.get(contig, []) if regions is not None else [(0, length)]
        if blocks := sequence_blocks(fasta, contig, intersection(wanted, [(0, length)])):
            territory[contig] = blocks
    return territory


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the territory, cut at the pseudoautosomal boundaries, and its chunks of equal length."""
    regions = read_bed(input.regions) if input.regions else None
    with pysam.FastaFile(input.fasta) as fasta:
        contigs = {name: fasta.get_reference_length(name) for name in (regions if regions is not None else params.contigs)}
        ordered = {name: contigs[name] for name in fasta.references if name in contigs}
        territory = find_territory(fasta, ordered, regions)
    if not territory:
        raise InputError(
            "there is no sequence but N inside the regions",
            file=input.regions or input.fasta,
            remedy="check that regions and reference belong together",
        )
    cuts = {contig: [edge for name, start, end in params.par if name == contig for edge in (start, end)] for contig in territory}
    territory = {contig: split_at(blocks, cuts[contig]) for contig, blocks in territory.items()}
    write_bed(output.territory, ((contig, start, end) for contig, blocks in territory.items() for start, end in blocks))
    for path, part in zip(output.chunks, equal_parts(territory, len(output.chunks)), strict=True):
        write_bed(path, part)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
