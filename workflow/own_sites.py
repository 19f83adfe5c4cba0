"""Sites that a sample shows by itself: where it has another base than the reference's, and how often X is heterozygous.

For territories in which a panel has too few sites. Only plain places count: no insertion, deletion, clip or doubtful read near.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.evidence import Evidence, lay_out
from workflow.intervals import Intervals, total_length
from workflow.site_panel import Row
from workflow.tile_counts import Tile, count, tiles

MOST_BASES = 300_000
"""Bases of a territory that are looked through; more would cost time and tell little more."""
BLOCK = 50_000
TILE = 500_000
LEAST_DEPTH = 8
HOMOZYGOUS = 0.8
"""Share of the alternative base from which a place counts as homozygous; a stranger's tenth and chance stay above it."""
HETEROZYGOUS = (0.25, 0.75)
NEAR = 10
"""Bases beside a place within which there must be neither insertion nor deletion nor clip."""
DISTURBED = 0.05
"""Share of the depth that clips, insertions and deletions together, or reads of low mapping quality, may reach."""
CONTROL_STEP = 100
"""One undisturbed base like the reference's in so many is a control: what is wrong there is an error."""
MOST_CONTROLS = 1000
LETTERS = "ACGT"


def spread(territory: Intervals, most: int = MOST_BASES, block: int = BLOCK) -> Tile:
    """Return blocks of a territory, evenly spread, of `most` bases in all; the whole territory if it is no larger."""
    whole = [(contig, start, end) for contig, intervals in territory.items() for start, end in intervals]
    total = total_length(territory)
    if total <= most:
        return whole
    blocks = [
        (contig, at, min(at + block, end))
        for contig, start, end in whole
        for at in range(start, end, block)
        if min(at + block, end) - at > NEAR
    ]
    step = max(1, -(-len(blocks) * block // most))
    return blocks[step // 2 :: step]


@dataclass(frozen=True)
class Look:
    """What a look through some stretches found.

    Attributes:
        homozygous: places that are so for another base than the reference's; frequency unknown.
        mixed: places that show two bases in about equal parts.
        controls: some places like the reference; their alternative is any other base.
        bases: bases that are plain and deep enough.
    """

    homozygous: list[Row]
    mixed: list[Row]
    controls: list[Row]
    bases: int


def _widened(marks: NDArray[np.int64], by: int) -> NDArray[np.int64]:
    """Return the sum of `marks` over the bases up to `by` away."""
    sums = np.concatenate([[0], np.cumsum(marks)])
    index = np.arange(len(marks))
    return np.asarray(sums[np.minimum(index + by + 1, len(marks))] - sums[np.maximum(index - by, 0)])


def plain(evidence: Evidence) -> NDArray[np.bool_]:
    """Return which bases of a tile are deep enough, of its own, and undisturbed."""
    depth = evidence.depth
    disturbed = _widened(evidence.indels + evidence.clips, NEAR)
    return np.asarray(
        evidence.layout.owned
        & (evidence.reference < 4)
        & (depth >= LEAST_DEPTH)
        & (disturbed <= DISTURBED * depth)
        & (evidence.low_mapq <= DISTURBED * depth)
    )


def look_at(evidence: Evidence, contigs: Sequence[str]) -> Look:
    """Return what a tile shows."""
    fit = plain(evidence)
    alts = evidence.alt_count.reshape(-1, 4)
    best, total = alts.max(1), alts.sum(1) + evidence.ref_count
    share = best / np.maximum(total, 1)
    fit &= total >= LEAST_DEPTH
    low, high = HETEROZYGOUS
    heterozygous = fit & (share >= low) & (share <= high) & (best + evidence.ref_count >= 0.9 * total)
    alike = np.flatnonzero(fit & (share < 0.1))[CONTROL_STEP // 2 :: CONTROL_STEP]
    homozygous = fit & (share >= HOMOZYGOUS)
    found = [rows_at(evidence, contigs, places, alts) for places in (np.flatnonzero(homozygous), np.flatnonzero(heterozygous), alike)]
    return Look(found[0], found[1], found[2], int(fit.sum()))


def rows_at(evidence: Evidence, contigs: Sequence[str], places: NDArray[np.intp], alts: NDArray[np.int64]) -> list[Row]:
    """Return the sites at some compact coordinates: the reference's base, and the commonest of the other three."""
    layout = evidence.layout
    stretch = layout.stretch_of(places)
    positions = layout.start[stretch] + places - layout.at[stretch]
    ref = evidence.reference[places].astype(np.int64)
    others = alts[places].copy()
    others[np.arange(len(places)), ref] = -1
    columns = (layout.contig[stretch].tolist(), positions.tolist(), ref.tolist(), others.argmax(1).tolist())
    return [(contigs[number], position, LETTERS[r], LETTERS[a], float("nan")) for number, position, r, a in zip(*columns, strict=True)]


def looks(cram: str, fasta: str, stretches: Tile, lengths: Mapping[str, int]) -> Iterator[Look]:
    """Yield what each tile of some stretches shows."""
    contigs = list(lengths)
    number = {contig: index for index, contig in enumerate(contigs)}
    for tile in tiles(stretches, TILE):
        layout = lay_out([(number[contig], start, end) for contig, start, end in tile], list(lengths.values()))
        yield look_at(count(cram, fasta, layout, contigs), contigs)


def together(parts: Iterable[Look]) -> Look:
    """Return several looks as one, with no more than MOST_CONTROLS controls, evenly taken."""
    every = list(parts)
    kinds = [[row for part in every for row in getattr(part, name)] for name in ("homozygous", "mixed", "controls")]
    step = max(1, -(-len(kinds[2]) // MOST_CONTROLS))
    return Look(kinds[0], kinds[1], kinds[2][::step], sum(part.bases for part in every))
