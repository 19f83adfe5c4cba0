"""What a view is made of: windows of segments kept in memory, windows of single genomes, tables of counts."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.cohort_store.alleles import Keys, code_of_allele, trimmed, window_of
from workflow.cohort_store.genome_file import GenomeFile
from workflow.cohort_store.model import Counts, GenomeEntry, Variant
from workflow.cohort_store.segment import Carriers, Segment, SegmentWindow, Window

CACHE_BYTES = 512 << 20
LOOK_EVERY = 32
"""Windows after which the cache is measured: they grow as carriers are asked for."""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GenomeWindow:
    """One genome's calls in a window; `sign` is -1 for one that is taken away."""

    entry: GenomeEntry
    keys: Keys
    calls: NDArray[np.uint8]
    window: Window
    file: GenomeFile
    sign: int


@dataclass(frozen=True)
class Table:
    """Counts of all variants of a stretch, sorted by position, REF, ALT; arrays of one length."""

    contig: str
    variants: tuple[Variant, ...]
    counts: dict[str, Ints]
    an: Ints

    def __iter__(self) -> Iterator[tuple[Variant, Counts]]:
        names = ("ac", "hom", "hemi", "people", "seen")
        columns = [self.counts[name].tolist() for name in names]
        for at, variant in enumerate(self.variants):
            values = {name: column[at] for name, column in zip(names, columns, strict=True)}
            yield variant, Counts(an=int(self.an[at]), **values)


@dataclass(frozen=True)
class Columns:
    """All variants of a window as arrays of one length.

    Attributes:
        codes: alleles (alleles.py); `long` has the letters of those that are hashes.
        counts: by name as in `COUNTS`.
        an: copies judged at each.
    """

    codes: Keys
    counts: dict[str, Ints]
    an: Ints
    long: Mapping[int, tuple[str, str]]


class Cache:
    """Windows of segments in memory, the least used ones dropped; may be shared by the views of one store, one after the other."""

    def __init__(self, most: int = CACHE_BYTES) -> None:
        self.most = most
        self.segments: dict[str, Segment] = {}
        self._windows: OrderedDict[tuple[str, Window], SegmentWindow] = OrderedDict()

    def window(self, segment: Segment, window: Window) -> SegmentWindow:
        """Return a window of a segment."""
        key = (segment.name, window)
        if key not in self._windows:
            self._windows[key] = segment.open(window)
            if len(self._windows) % LOOK_EVERY == 0:
                self._shrink()
        self._windows.move_to_end(key)
        return self._windows[key]

    def keep(self, names: Collection[str]) -> None:
        """Forget all segments but some: nothing of those who left may stay in memory."""
        self.segments = {name: segment for name, segment in self.segments.items() if name in names}
        for key in [key for key in self._windows if key[0] not in names]:
            del self._windows[key]

    def _shrink(self) -> None:
        total = sum(one.bytes for one in self._windows.values())
        while len(self._windows) > 1 and total > self.most:
            total -= self._windows.popitem(last=False)[1].bytes


def hits(known: Keys, keys: Keys) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Return of each key whether it is known, and its row."""
    rows = np.searchsorted(known, keys)
    inside = rows < len(known)
    return (inside & (known[np.minimum(rows, len(known) - 1)] == keys) if len(known) else inside), rows


def count_in(total: dict[str, Ints], names: NDArray[np.intp], entries: Carriers, in_group: NDArray[np.bool_], sign: int) -> None:
    """Add the carriers of some variants to their counts; `names` are the places of the variants in `total`."""
    kept = in_group[entries.ordinals]
    rows, calls = names[entries.rows[kept]], entries.calls[kept]
    alt, copies = (calls & 7).astype(np.int64), calls >> 3
    whole = (alt == copies) & (alt > 0)
    values = {"ac": alt, "hom": whole & (copies > 1), "hemi": whole & (copies == 1), "people": calls > 0, "seen": calls == 0}
    for name, value in values.items():
        total[name] += sign * np.bincount(rows, value, len(total[name])).astype(np.int64)


def by_window(variants: Sequence[Variant]) -> dict[Window, list[tuple[int, int, int]]]:
    """Return (place in `variants`, position, allele) by window, variants trimmed."""
    found: dict[Window, list[tuple[int, int, int]]] = {}
    for at, one in enumerate(variants):
        pos, ref, alt = trimmed(one.pos, one.ref, one.alt)
        found.setdefault((one.contig, window_of(pos)), []).append((at, pos, code_of_allele(ref, alt)))
    return found
