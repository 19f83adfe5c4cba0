"""One version of the store, read: counts, denominators, carriers. Whatever is written meanwhile, a view answers from its own version.

with open_view(store) as view:     view.frequency([Variant("17", 43_045_712, "G", "A")])
"""

import contextlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workflow.cohort_store.alleles import (
    LONG,
    WINDOW_BITS,
    Keys,
    allele_of_code,
    codes_of_keys,
    keys_of,
    positions_of_keys,
    window_of,
)
from workflow.cohort_store.compaction import Steps, WindowReader, call_bytes, genome_windows
from workflow.cohort_store.genome_file import GROUP_BITS, GenomeFile
from workflow.cohort_store.judged import Judged
from workflow.cohort_store.model import ALL, Carrier, Counts, Facts, GenomeEntry, Member, Variant, Version
from workflow.cohort_store.parquet import numbers
from workflow.cohort_store.segment import COUNTS, Carriers, Segment, SegmentWindow, Window
from workflow.cohort_store.tables import Cache, Columns, GenomeWindow, Table, by_window, count_in, hits
from workflow.cohort_store.versions import GENOMES, SEGMENTS, read_facts, reading

MOST_KEPT = 4096
"""Windows of waiting genomes that a view keeps in memory."""
Ints = NDArray[np.int64]


class View:
    """One version of a store; all positions given are 1-based, contigs without `chr`."""

    def __init__(self, store: Path, version: Version, facts: Facts, cache: Cache | None = None) -> None:
        self.store, self.version, self.facts = store, version, facts
        self._cache = cache or Cache()
        self._cache.keep(version.segments)
        self._reader = WindowReader()
        self._files: dict[str, GenomeFile] = {}
        self._genomes: OrderedDict[tuple[str, Window], GenomeWindow] = OrderedDict()
        self._stretches: OrderedDict[tuple[str, Window], Judged] = OrderedDict()

    @cached_property
    def segments(self) -> list[Segment]:
        """The segments of the version."""
        known = self._cache.segments
        return [known.setdefault(name, Segment(self.store / SEGMENTS / name)) for name in self.version.segments]

    def name_of(self, contig: str) -> str:
        """Return a contig's name as the store's genomes have it."""
        return f"chr{'M' if contig == 'MT' else contig}" if self.version.prefix else contig

    @cached_property
    def _signed(self) -> list[tuple[GenomeEntry, int]]:
        leaving = [(entry, -1) for entry, segment in self.version.leaving.values() if segment]
        return [(entry, 1) for entry in self.version.genomes] + leaving

    @cached_property
    def group_sizes(self) -> dict[str, int]:
        """Genomes in each group, `all` first."""
        sizes: dict[str, int] = {ALL: 0}
        for member, sign in self.members():
            for name in member.names:
                sizes[name] = sizes.get(name, 0) + sign
        return {name: sizes[name] for name in sorted(sizes, key=lambda name: (name != ALL, name)) if sizes[name] or name == ALL}

    def members(self) -> Iterator[tuple[Member, int]]:
        """Give (genome, 1) of each that a file holds, and (genome, -1) of each of these that is leaving."""
        every = [(entry, 1) for segment in self.segments for entry in segment.entries] + self._signed
        return ((entry.member, sign) for entry, sign in every)

    def entry_of(self, token: str) -> tuple[GenomeEntry, str] | None:
        """Return a genome's entry and its segment (empty: in none yet), None if it is not counted."""
        if token in self.version.leaving:
            return None
        for entry in self.version.genomes:
            if entry.member.token == token:
                return entry, ""
        for segment in self.segments:
            if (at := segment.find(token)) is not None:
                return segment.entry(at), segment.name
        return None

    def frequency(self, variants: Sequence[Variant], group: str = ALL, without: Iterable[str] = ()) -> list[Counts]:
        """Return the counts of some variants, in their order.

        Args:
            variants: need not be sorted, nor in the store; one that nobody has gets AC 0 and its site's AN.
            group: such as `all`, `sex=female`, `purpose=beacon`; of `purpose=beacon&sex=female` (in both) AN is 0, since it is not kept.
            without: tokens of genomes that are left out, such as the family that asks.
        """
        taken_away = [known[0] for token in without if (known := self.entry_of(token))]
        found: list[Counts | None] = [None] * len(variants)
        for window, asked in by_window(variants).items():
            places = np.array([pos for _, pos, _ in asked], np.int32)
            keys = keys_of(places, np.array([code for _, _, code in asked], np.uint64))
            unique, back = np.unique(keys, return_inverse=True)
            tally = {name: values[back] for name, values in self._tally(window, unique, group, taken_away).items()}
            an = self._an(window, places - 1, group, taken_away)
            for row, (at, _, _) in enumerate(asked):
                found[at] = Counts(an=int(an[row]), **{name: int(values[row]) for name, values in tally.items()})
        return [one for one in found if one is not None]

    def an(self, contig: str, positions: Sequence[int], group: str = ALL) -> Ints:
        """Return the copies of each position that could be judged; any positions of one contig."""
        places = np.asarray(positions, np.int64) - 1
        result = np.zeros(len(places), np.int64)
        for number in np.unique(places >> WINDOW_BITS).tolist():
            mine = places >> WINDOW_BITS == number
            result[mine] = self._an((contig, number), places[mine], group, [])
        return result

    def region(self, contig: str, start: int, end: int, group: str = ALL, *, seen: bool = False) -> Iterator[Table]:
        """Give the counts of all variants from `start` to `end` (1-based, both included), a window at a time.

        Args:
            contig: without `chr`.
            start: first position.
            end: last position; it may lie behind the contig's end.
            group: as of `frequency`.
            seen: also variants of which no call is counted.
        """
        for number in sorted(number for name, number in self.windows if name == contig and window_of(start) <= number <= window_of(end)):
            window = (contig, number)
            keys = self._keys(window)
            places = positions_of_keys(keys, number)
            keys = keys[(places >= start) & (places <= end)]
            tally = self._tally(window, keys, group, [])
            kept = (tally["people"] > 0) | (seen & (tally["seen"] > 0))
            keys = keys[kept]
            an = self._an(window, positions_of_keys(keys, number).astype(np.int64) - 1, group, [])
            yield self._table(window, keys, {name: values[kept] for name, values in tally.items()}, an)

    def columns(self, window: Window) -> Columns:
        """Return all variants of a window as numbers, those included of which no call is counted."""
        keys = self._keys(window)
        codes = codes_of_keys(keys)
        an = self._an(window, positions_of_keys(keys, window[1]).astype(np.int64) - 1, ALL, [])
        long = self._long(window) if len(codes) and codes.max() & np.uint64(LONG) else {}
        return Columns(codes, self._tally(window, keys, ALL, []), an, long)

    def judged(self, window: Window) -> tuple[Ints, Ints]:
        """Return places of a window, 0-based and ascending, and the copies that were judged from each of them on; the last ones are 0."""
        steps = Steps([ALL])
        for _, part in self._parts(window):
            steps.add_sums(part.breaks, {ALL: part.copies(ALL)})
        for one in self._windows_of_genomes(window, []):
            steps.add(self._judged(one, window), one.entry.member, one.sign)
        ((_, table),) = steps.rows()
        return numbers(table, "pos").astype(np.int64), numbers(table, ALL).astype(np.int64)

    def carriers(self, variant: Variant, group: str = ALL) -> list[Carrier]:
        """Return who has a variant."""
        ((window, asked),) = by_window([variant]).items()
        key = keys_of(np.array([asked[0][1]], np.int32), np.array([asked[0][2]], np.uint64))
        found = []
        for segment, part in self._parts(window):
            hit, rows = hits(part.keys, key)
            entries = part.carriers(rows[hit])
            in_group = None if group == ALL else segment.in_group(group)
            found += [
                (segment.tokens[at], call)
                for at, call in zip(entries.ordinals.tolist(), entries.calls.tolist(), strict=True)
                if in_group is None or in_group[at]
            ]
        for one in self._windows_of_genomes(window, []):
            if one.sign > 0 and one.entry.member.within(group):
                hit, rows = hits(one.keys, key)
                found += [(one.entry.member.token, call) for call in one.calls[rows[hit]].tolist()]
        leaving = self.version.leaving
        return [Carrier(token, call & 7, call >> 3, call > 0) for token, call in found if token not in leaving]

    @cached_property
    def windows(self) -> frozenset[Window]:
        """Windows in which there may be a variant or a judged base."""
        found = {window for segment in self.segments for window in segment.windows}
        for entry, _ in self._signed:
            found |= genome_windows(self._file(entry))
        return frozenset(found)

    def _parts(self, window: Window) -> Iterator[tuple[Segment, SegmentWindow]]:
        return ((segment, self._cache.window(segment, window)) for segment in self.segments if window in segment.windows)

    def _file(self, entry: GenomeEntry) -> GenomeFile:
        token = entry.member.token
        return self._files.setdefault(token, GenomeFile(self.store / GENOMES / token))

    def _windows_of_genomes(self, window: Window, taken_away: Iterable[GenomeEntry]) -> Iterator[GenomeWindow]:
        for entry, sign in [*self._signed, *((entry, -1) for entry in taken_away)]:
            key = (entry.member.token, window)
            if key not in self._genomes:
                file = self._file(entry)
                calls = self._reader.calls(file, window)
                keys = keys_of(calls.positions, calls.codes)
                self._genomes[key] = GenomeWindow(entry, keys, call_bytes(calls), window, file, sign)
                while len(self._genomes) > MOST_KEPT:
                    self._genomes.popitem(last=False)
            one = self._genomes[key]
            yield one if one.sign == sign else GenomeWindow(entry, one.keys, one.calls, window, one.file, sign)

    def _judged(self, one: GenomeWindow, window: Window) -> Judged:
        key = (one.entry.member.token, window)
        if key not in self._stretches:
            self._stretches[key] = self._reader.judged(one.file, window)
            while len(self._stretches) > MOST_KEPT:
                self._stretches.popitem(last=False)
        return self._stretches[key]

    def _keys(self, window: Window) -> Keys:
        parts = [part.keys for _, part in self._parts(window)]
        parts += [one.keys for one in self._windows_of_genomes(window, []) if one.sign > 0]
        return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.uint64)

    def _tally(self, window: Window, keys: Keys, group: str, taken_away: Sequence[GenomeEntry]) -> dict[str, Ints]:
        """Return AC, homozygotes, hemizygotes, people and seen of some keys of a window, ascending and different."""
        total = {name: np.zeros(len(keys), np.int64) for name in COUNTS}
        for segment, part in self._parts(window):
            counts = part.counts if group == ALL else {}  # read before the keys, which come with them
            hit, rows = hits(part.keys, keys)
            if group == ALL:
                for name in COUNTS:
                    total[name][hit] += counts[name][rows[hit]]
            else:
                count_in(total, np.flatnonzero(hit), part.carriers(rows[hit]), segment.in_group(group), 1)
        for one in self._windows_of_genomes(window, taken_away):
            if one.entry.member.within(group):
                hit, rows = hits(one.keys, keys)
                calls = one.calls[rows[hit]]
                count_in(
                    total,
                    np.flatnonzero(hit),
                    Carriers(np.arange(len(calls)), np.zeros(len(calls), np.int64), calls),
                    np.ones(1, bool),
                    one.sign,
                )
        return total

    def _an(self, window: Window, positions: NDArray[np.integer], group: str, taken_away: Sequence[GenomeEntry]) -> Ints:
        total = np.zeros(len(positions), np.int64)
        if "&" in group:
            return total
        for _, part in self._parts(window):
            total += part.copies_at(positions, group)
        for one in self._windows_of_genomes(window, taken_away):
            if one.entry.member.within(group):
                total += one.sign * self._judged(one, window).at(positions)
        return total

    def _table(self, window: Window, keys: Keys, counts: dict[str, Ints], an: Ints) -> Table:
        contig, number = window
        codes = (keys & np.uint64((LONG << 1) - 1)).tolist()
        long = self._long(window) if any(code & LONG for code in codes) else {}
        letters = [allele_of_code(code) or long[code] for code in codes]
        variants = [Variant(contig, pos, *pair) for pos, pair in zip(positions_of_keys(keys, number).tolist(), letters, strict=True)]
        order = np.array(sorted(range(len(variants)), key=variants.__getitem__), np.intp)
        return Table(contig, tuple(variants[at] for at in order), {name: values[order] for name, values in counts.items()}, an[order])

    def _long(self, window: Window) -> dict[int, tuple[str, str]]:
        found: dict[int, tuple[str, str]] = {}
        for _, part in self._parts(window):
            found |= part.long()
        for one in self._windows_of_genomes(window, []):
            found |= one.file.long(window[0], window[1] >> (GROUP_BITS - WINDOW_BITS))
        return found


@contextlib.contextmanager
def open_view(store: Path, cache: Cache | None = None, *, number: int | None = None) -> Iterator[View]:
    """Open a version of a store; its files stay as long as the view is open, but where somebody was withdrawn meanwhile.

    Args:
        store: its folder.
        cache: shared with other views of the same store, one after the other.
        number: the version; the newest if none is named.

    Raises:
        InputError: there is no store, it is of another format, damaged, or no longer has the version.
    """
    facts = read_facts(store)
    with reading(store, number) as version:
        yield View(store, version, facts, cache)
