"""Sorted, disjoint intervals of one contig as two numpy arrays (0-based half-open): millions of them in few bytes each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from workflow.text import open_text

Positions = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
CHUNK = 200_000
"""Lines of a BED file that are held as text at a time."""


@dataclass(frozen=True, slots=True)
class IntervalArray:
    """Intervals of one contig: ascending, neither overlapping nor adjacent, none empty.

    Attributes:
        starts: shape (n,), 0-based.
        ends: shape (n,), behind the last base.
    """

    starts: Positions
    ends: Positions

    @classmethod
    def of(cls, starts: npt.ArrayLike, ends: npt.ArrayLike) -> Self:
        """Make one of intervals in any order; overlapping and adjacent ones are joined, empty ones dropped."""
        left, right = np.asarray(starts, np.int32), np.asarray(ends, np.int32)
        kept = left < right
        left, right = left[kept], right[kept]
        order = np.argsort(left, kind="stable")
        left, right = left[order], np.maximum.accumulate(right[order]) if len(left) else right
        first = np.ones(len(left), bool)
        first[1:] = left[1:] > right[:-1]
        last = np.append(np.flatnonzero(first)[1:] - 1, len(left) - 1) if len(left) else np.flatnonzero(first)
        return cls(left[first], right[last])

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def bases(self) -> int:
        """Number of bases covered."""
        return int((self.ends.astype(np.int64) - self.starts).sum())

    def widened(self, bases: int, length: int) -> Self:
        """Return the intervals with `bases` more on each side, inside a contig of `length` bases."""
        return self.of(np.maximum(self.starts - bases, 0), np.minimum(self.ends + bases, length))

    def overlaps(self, starts: npt.ArrayLike, ends: npt.ArrayLike) -> Flags:
        """Tell for each span [start, end) whether any of its bases is covered; shape as `starts`."""
        left, right = np.asarray(starts, np.int32), np.asarray(ends, np.int32)
        return np.searchsorted(self.starts, right, "left") > np.searchsorted(self.ends, left, "right")

    def covers(self, starts: npt.ArrayLike, ends: npt.ArrayLike) -> Flags:
        """Tell for each span [start, end) whether all of its bases are covered; shape as `starts`."""
        at = np.searchsorted(self.ends, np.asarray(starts, np.int32), "right")
        inside = at < len(self)
        at = np.minimum(at, max(len(self) - 1, 0))
        if not len(self):
            return inside
        return inside & (self.starts[at] <= np.asarray(starts)) & (np.asarray(ends) <= self.ends[at])

    def shared_with(self, other: "IntervalArray") -> int:
        """Return the number of bases that both cover."""
        return int((self._below(other.ends) - self._below(other.starts)).sum())

    def _below(self, positions: Positions) -> npt.NDArray[np.int64]:
        """Return how many covered bases lie before each position."""
        before = np.concatenate([[0], np.cumsum(self.ends.astype(np.int64) - self.starts)])
        at = np.searchsorted(self.starts, positions, "right")
        cut = np.zeros(len(positions), np.int64)
        some = at > 0
        cut[some] = np.maximum(self.ends[at[some] - 1].astype(np.int64) - positions[some], 0)
        return np.asarray(before[at] - cut)

    def without(self, other: "IntervalArray") -> Self:
        """Return what is covered here and not by `other`."""
        return self.of(*_where(self, other, lambda first, second: first & ~second))

    def intersection(self, other: "IntervalArray") -> Self:
        """Return what both cover."""
        return self.of(*_where(self, other, lambda first, second: first & second))


EMPTY = IntervalArray.of([], [])


def _where(first: IntervalArray, second: IntervalArray, wanted: Callable[[Flags, Flags], Flags]) -> tuple[Positions, Positions]:
    """Return the bounds of the stretches between any two edges in which `wanted(inside first, inside second)` holds."""
    edges = np.unique(np.concatenate([first.starts, first.ends, second.starts, second.ends]))
    left, right = edges[:-1], edges[1:]
    keep = wanted(first.overlaps(left, right), second.overlaps(left, right))
    return left[keep], right[keep]


def bed_chunks(path: str | Path) -> Iterator[tuple[str, str, Positions, Positions]]:
    """Yield (contig, fourth column or empty, starts, ends) of a BED file, a bounded number of lines at a time, in the file's order."""
    held: dict[tuple[str, str], list[str]] = {}
    with open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.startswith(("#", "track", "browser")):
                continue
            fields = line.rstrip("\r\n").split("\t")
            if len(fields) >= 3:
                held.setdefault((fields[0], fields[3] if len(fields) > 3 else ""), []).extend(fields[1:3])
            if number % CHUNK == 0:
                yield from _arrays(held)
                held = {}
    yield from _arrays(held)


def _arrays(held: dict[tuple[str, str], list[str]]) -> Iterator[tuple[str, str, Positions, Positions]]:
    for (contig, name), bounds in held.items():
        numbers = np.array(bounds, dtype=np.int64).astype(np.int32).reshape(-1, 2)
        yield contig, name, numbers[:, 0], numbers[:, 1]


def read_interval_arrays(path: str | Path, *, by_name: bool = False) -> dict[str, dict[str, IntervalArray]]:
    """Return the merged intervals of a BED file (plain or gzip): contig → name → intervals.

    Args:
        path: the BED file.
        by_name: keep the names of the fourth column apart; else all lines are under the name ''.
    """
    parts: dict[str, dict[str, list[tuple[Positions, Positions]]]] = {}
    for contig, name, starts, ends in bed_chunks(path):
        parts.setdefault(contig, {}).setdefault(name if by_name else "", []).append((starts, ends))
    return {contig: {name: _joined(bounds) for name, bounds in names.items()} for contig, names in parts.items()}


def _joined(bounds: list[tuple[Positions, Positions]]) -> IntervalArray:
    starts, ends = zip(*bounds, strict=True)
    return IntervalArray.of(np.concatenate(starts), np.concatenate(ends))
