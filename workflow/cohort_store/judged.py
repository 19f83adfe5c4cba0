"""On how many copies of each base a genome was judged: its callable intervals cut by its ploidy (workflow/ploidy.py), per contig."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.interval_arrays import EMPTY, IntervalArray
from workflow.ploidy import SexContigs, ploidy_regions
from workflow.reference import lengths, par_regions

UNKNOWN = "unknown"
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Judged:
    """Stretches of one contig in which a genome was judged, 0-based half-open, ascending and disjoint.

    Attributes:
        starts, ends: shape (n,).
        copies: shape (n,), at least 1.
    """

    starts: Ints
    ends: Ints
    copies: NDArray[np.uint8]

    def at(self, positions: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the copies judged at some 0-based positions; 0 where there is none."""
        if not len(self.starts):
            return np.zeros(len(positions), np.int64)
        found = np.maximum(np.searchsorted(self.starts, positions, "right") - 1, 0)
        inside = (self.starts[found] <= positions) & (positions < self.ends[found])
        return np.where(inside, self.copies[found], 0).astype(np.int64)

    def without(self, positions: NDArray[np.integer]) -> "Judged":
        """Return it without some single bases (0-based)."""
        lost = IntervalArray.of(positions, np.asarray(positions) + 1)
        return joined([(IntervalArray(*self._of(copies)).without(lost), int(copies)) for copies in np.unique(self.copies)])

    def _of(self, copies: np.uint8) -> tuple[Ints, Ints]:
        kept = self.copies == copies
        return self.starts[kept], self.ends[kept]


def joined(parts: list[tuple[IntervalArray, int]]) -> Judged:
    """Return disjoint intervals with their copies as one."""
    parts = [(part, copies) for part, copies in parts if len(part)]
    if not parts:
        return Judged(EMPTY.starts, EMPTY.ends, np.zeros(0, np.uint8))
    starts, ends = (np.concatenate([getattr(part, name) for part, _ in parts]) for name in ("starts", "ends"))
    copies = np.concatenate([np.full(len(part), number, np.uint8) for part, number in parts])
    order = np.argsort(starts, kind="stable")
    return Judged(starts[order], ends[order], copies[order])


@functools.cache
def ploidy_of(karyotype: str, assembly: str) -> dict[str, list[tuple[int, int, int]]]:
    """Return the stretches whose ploidy is not two, by contig: start, end, copies.

    Where the karyotype is unknown, X outside PAR and Y have no copies that could be counted.
    """
    known = karyotype != UNKNOWN
    sex = SexContigs("X", "Y", tuple(region for region in par_regions(assembly) if not region[0].startswith("chr")))
    found: dict[str, list[tuple[int, int, int]]] = {}
    contigs = lengths(assembly)
    regions = ploidy_regions(karyotype if known else "X0", contigs, sex, ("MT",))
    for contig, start, end, copies in regions:
        found.setdefault(contig, []).append((start, end, copies if known or contig == "MT" else 0))
    return found


def judged_of(callable_: Mapping[str, IntervalArray], karyotype: str, assembly: str) -> dict[str, Judged]:
    """Return where a genome was judged, by contig.

    Args:
        callable_: callable intervals by contig, without `chr`; contigs that the assembly does not have are left out.
        karyotype: such as XY, or `unknown`.
        assembly: GRCh37 or GRCh38.
    """
    ploidy = ploidy_of(karyotype, assembly)
    return {contig: _cut(intervals, ploidy.get(contig, [])) for contig, intervals in callable_.items() if contig in lengths(assembly)}


def _cut(intervals: IntervalArray, regions: list[tuple[int, int, int]]) -> Judged:
    parts = [(intervals.intersection(IntervalArray.of([start], [end])), copies) for start, end, copies in regions if copies]
    other = IntervalArray.of([start for start, _, _ in regions], [end for _, end, _ in regions])
    return joined([(intervals.without(other) if regions else intervals, 2), *parts])
