"""The Beacon's table in memory: windows of variants that may be told, the least used ones dropped."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workflow.beacon.records import BeaconRelease, table_of
from workflow.cohort_store.alleles import window_of
from workflow.cohort_store.masking import Row
from workflow.cohort_store.model import ALL, Variant
from workflow.cohort_store.released_table import ReleasedTable

WINDOWS_KEPT = 256
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ToldWindow:
    """Variants of 2^20 bases in order; `starts` and `ends` are 0-based half-open, `groups` says of each group who is told."""

    variants: tuple[Variant, ...]
    rows: tuple[Row, ...]
    starts: Ints
    ends: Ints
    at: dict[Variant, int]
    groups: dict[str, NDArray[np.bool_]]


class ToldTable:
    """One release of the Beacon, read window by window."""

    def __init__(self, store: Path, release: BeaconRelease) -> None:
        self.release = release
        self._table = ReleasedTable(table_of(store, release)) if release.number else None
        self._known = self._table.windows if self._table else set()
        self._windows: OrderedDict[tuple[str, int], ToldWindow] = OrderedDict()

    def windows(self, contig: str, start: int, end: int) -> Iterator[ToldWindow]:
        """Give the windows with a variant that may overlap [start, end), 0-based half-open."""
        for number in range(window_of(max(1, start + 2 - self.release.longest)), window_of(max(1, end)) + 1):
            if (contig, number) in self._known:
                yield self._window((contig, number))

    def row(self, variant: Variant, group: str = ALL) -> Row | None:
        """Return what is told of a variant (shortest form) in a group, None if nothing."""
        for window in self.windows(variant.contig, variant.pos - 1, variant.pos):
            at = window.at.get(variant)
            if at is not None and window.groups[group][at]:
                return window.rows[at]
        return None

    def rows(self, key: tuple[str, int]) -> dict[Variant, Row]:
        """Return what is told in a window of 2^20 bases."""
        return self._table.rows(*key) if self._table else {}

    def _window(self, key: tuple[str, int]) -> ToldWindow:
        if key not in self._windows:
            self._windows[key] = _loaded(self.rows(key), self.release.groups)
            if len(self._windows) > WINDOWS_KEPT:
                self._windows.popitem(last=False)
        self._windows.move_to_end(key)
        return self._windows[key]


def _loaded(rows: dict[Variant, Row], groups: tuple[str, ...]) -> ToldWindow:
    variants = tuple(rows)
    starts = np.array([one.pos - 1 for one in variants], np.int64)
    lengths = np.array([len(one.ref) for one in variants], np.int64)
    told = {name: np.array([name in row.groups for row in rows.values()], bool) for name in groups}
    told[ALL] = np.ones(len(variants), bool)
    return ToldWindow(variants, tuple(rows.values()), starts, starts + lengths, {one: at for at, one in enumerate(variants)}, told)
