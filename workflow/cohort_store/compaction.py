"""Segments made of genomes and of other segments, window by window; people who leave are not taken along."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workflow.cohort_store.alleles import CODE_BITS, WINDOW_BITS, Keys, allele_of_code, codes_of_keys, keys_of, positions_of_keys
from workflow.cohort_store.calls import Calls
from workflow.cohort_store.genome_file import GROUP_BITS, GenomeFile
from workflow.cohort_store.judged import Judged
from workflow.cohort_store.model import FORMAT, GenomeEntry, Member
from workflow.cohort_store.parquet import coded, column, words, write_groups
from workflow.cohort_store.segment import (
    CALLS_SCHEMA,
    COUNTS,
    LISTS,
    MANIFEST,
    MEMBERS,
    MEMBERS_SCHEMA,
    Segment,
    Window,
    file_name,
    groups_as_text,
)  # fmt: skip
from workflow.errors import InputError
from workflow.files import sha256_of

MOST_ROWS, MOST_CARRIERS = 1 << 14, 1 << 18
"""Variants and carriers of a row group: what is read to answer who carries one variant."""
Ints = NDArray[np.int64]
T = TypeVar("T")


@dataclass
class Source:
    """Where genomes of a new segment come from: one genome, or a segment without some of its people.

    Attributes:
        entries: all its genomes, by ordinal.
        leaving: files of those that are not taken along, by ordinal.
    """

    file: GenomeFile | Segment
    entries: Sequence[GenomeEntry]
    leaving: Mapping[int, GenomeFile] = field(default_factory=dict)

    @property
    def staying(self) -> list[GenomeEntry]:
        """Those that are taken along."""
        return [entry for at, entry in enumerate(self.entries) if at not in self.leaving]

    def places(self, first: int) -> Ints:
        """Return the new ordinal of each old one, -1 of those that leave."""
        stays = np.array([at not in self.leaving for at in range(len(self.entries))], bool)
        return np.where(stays, first + np.cumsum(stays) - 1, -1)


class WindowReader:
    """Genome files read by window: the row group that holds it is kept until the next one is asked for."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str], tuple[int, Calls]] = {}
        self._judged: dict[tuple[str, str], tuple[int, Judged]] = {}

    def calls(self, file: GenomeFile, window: Window) -> Calls:
        """Return the calls in a window."""
        calls = _held(self._calls, file, window, file.calls)
        first, last = np.searchsorted(calls.positions, [(window[1] << WINDOW_BITS) + 1, ((window[1] + 1) << WINDOW_BITS) + 1])
        rows = slice(first, last)
        return Calls(
            calls.positions[rows], calls.codes[rows], calls.alt_copies[rows], calls.copies[rows], calls.counted[rows], calls.filters
        )

    def judged(self, file: GenomeFile, window: Window) -> Judged:
        """Return the judged stretches in a window, cut at its ends."""
        judged = _held(self._judged, file, window, file.judged)
        start, end = window[1] << WINDOW_BITS, (window[1] + 1) << WINDOW_BITS
        rows = slice(np.searchsorted(judged.ends, start, "right"), np.searchsorted(judged.starts, end, "left"))
        return Judged(np.maximum(judged.starts[rows], start), np.minimum(judged.ends[rows], end), judged.copies[rows])


def _held(held: dict[tuple[str, str], tuple[int, T]], file: GenomeFile, window: Window, read: Callable[[str, int], T]) -> T:
    contig, number = window[0], window[1] >> (GROUP_BITS - WINDOW_BITS)
    key = (str(file.folder), contig)
    if key not in held or held[key][0] != number:
        for other in [one for one in held if one[1] != contig]:
            del held[other]
        held[key] = number, read(contig, number)
    return held[key][1]


def call_bytes(calls: Calls) -> NDArray[np.uint8]:
    """Return calls as a segment keeps them: copies with the allele + 8 x copies there, 0 if not counted."""
    return np.where(calls.counted, calls.alt_copies | calls.copies << 3, 0).astype(np.uint8)


def genome_windows(file: GenomeFile) -> set[Window]:
    """Return the windows in which a genome has a call or a judged base."""
    found: set[Window] = set()
    for contig, number in file.labels:
        calls, judged = file.calls(contig, number), file.judged(contig, number)
        found |= {(contig, at) for at in np.unique((calls.positions - 1) >> WINDOW_BITS).tolist()}
        first, last = judged.starts >> WINDOW_BITS, (judged.ends - 1) >> WINDOW_BITS
        for step in range(int((last - first).max(initial=0)) + 1):
            found |= {(contig, at) for at in np.unique(np.minimum(first + step, last)).tolist()}
    return found


def build_segment(folder: Path, sources: Sequence[Source]) -> tuple[int, str]:
    """Write a segment of all genomes of `sources` that stay; return their number and the SHA-256 of the manifest.

    Raises:
        InputError: two different long alleles have one hash.
    """
    folder.mkdir(parents=True)
    reader = WindowReader()
    entries = [entry for source in sources for entry in source.staying]
    groups = sorted({name for entry in entries for name in entry.member.names})
    windows: set[Window] = set()
    for source in sources:
        windows |= source.file.windows if isinstance(source.file, Segment) else genome_windows(source.file)
    for window in sorted(windows):
        _write_window(folder, window, sources, groups, reader)
    _write_members(folder / MEMBERS, entries)
    files = {path.name: sha256_of(path) for path in sorted(folder.glob("*.parquet"))}
    content = {"format": FORMAT, "genomes": len(entries), "groups": groups, "files": files}
    text = json.dumps(content, indent=1).encode()
    (folder / MANIFEST).write_bytes(text)
    return len(entries), hashlib.sha256(text).hexdigest()


def _write_members(path: Path, entries: Sequence[GenomeEntry]) -> None:
    members = [entry.member for entry in entries]
    told = [[member.token for member in members], [member.karyotype for member in members], [groups_as_text(member) for member in members]]
    told += [[entry.calls for entry in entries], [entry.callable for entry in entries]]
    columns = [words(column) for column in told]
    columns[1:3] = [column.dictionary_encode() for column in columns[1:3]]
    write_groups(path, [(len(members), pa.table(columns, schema=MEMBERS_SCHEMA))], MEMBERS_SCHEMA)


def _write_window(folder: Path, window: Window, sources: Sequence[Source], groups: Sequence[str], reader: WindowReader) -> None:
    keys, ordinals, calls = [], [], []
    steps = Steps(groups)
    long: dict[int, tuple[str, str]] = {}
    first = 0
    for source in sources:
        if isinstance(source.file, GenomeFile):
            found = reader.calls(source.file, window)
            keys.append(keys_of(found.positions, found.codes))
            ordinals.append(np.full(len(found), first))
            calls.append(call_bytes(found))
            steps.add(reader.judged(source.file, window), source.entries[0].member, 1)
            if len(found) and found.codes.max() >> np.uint64(CODE_BITS - 1):
                _merge_long(long, source.file.long(window[0], window[1] >> (GROUP_BITS - WINDOW_BITS)))
        elif window in source.file.windows:
            part = source.file.open(window)
            entries = part.all_carriers()
            places = source.places(first)[entries.ordinals]
            stay = places >= 0
            keys.append(part.keys[entries.rows[stay]])
            ordinals.append(places[stay])
            calls.append(entries.calls[stay])
            steps.add_sums(part.breaks, {group: part.copies(group) for group in part.groups})
            for at, file in source.leaving.items():
                steps.add(reader.judged(file, window), source.entries[at].member, -1)
            _merge_long(long, part.long())
        first += len(source.staying)
    write_groups(
        folder / file_name(window, "calls"), _rows(window, _joined(keys), _joined(ordinals), _joined(calls), long), CALLS_SCHEMA, DELTA
    )
    write_groups(folder / file_name(window, "copies"), steps.rows(), steps.schema)


DELTA = ("pos",)


def _joined(parts: list[NDArray]) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _merge_long(long: dict[int, tuple[str, str]], more: Mapping[int, tuple[str, str]]) -> None:
    for code, letters in more.items():
        if long.setdefault(code, letters) != letters:
            raise InputError("two different long alleles have one hash", remedy="report this; nothing was changed")


def _rows(
    window: Window, keys: Keys, ordinals: Ints, calls: NDArray[np.uint8], long: Mapping[int, tuple[str, str]]
) -> Iterator[tuple[int, pa.Table]]:
    """Give the rows of a window's variants by row group; entries come sorted by ordinal within each key's source."""
    order = np.argsort(keys, kind="stable")
    keys, ordinals, calls = keys[order], ordinals[order].astype(np.int64), calls[order]
    found, first = np.unique(keys, return_index=True)
    bounds = np.append(first, len(keys))
    group = np.maximum(bounds[:-1] // MOST_CARRIERS, 0) * (1 << 32) + np.arange(len(found)) // MOST_ROWS
    cuts = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(found)] if len(found) else [0]
    for start, end in pairwise(cuts):
        entries = slice(int(bounds[start]), int(bounds[end]))
        offsets = bounds[start : end + 1] - bounds[start]
        yield end - start, _table(window, found[start:end], offsets, ordinals[entries], calls[entries], long)


def _table(
    window: Window, keys: Keys, offsets: Ints, ordinals: Ints, calls: NDArray[np.uint8], long: Mapping[int, tuple[str, str]]
) -> pa.Table:
    codes = codes_of_keys(keys)
    different, back = np.unique(codes, return_inverse=True)
    letters = [allele_of_code(code) or long[code] for code in different.tolist()]
    texts = [coded(back, side) for side in zip(*letters, strict=True)]
    counts = counts_of(calls, offsets)
    gaps = ordinals.copy()
    gaps[1:] -= ordinals[:-1]
    gaps[offsets[:-1]] = ordinals[offsets[:-1]]
    lists = [
        pa.ListArray.from_arrays(column(offsets.astype(np.int32)), column(values), type=LISTS[name])
        for name, values in (("gaps", gaps.astype(np.uint32)), ("calls", calls))
    ]
    columns = [column(positions_of_keys(keys, window[1])), *texts, column(codes), *(column(counts[name]) for name in COUNTS), *lists]
    return pa.table(columns, schema=CALLS_SCHEMA)


def counts_of(calls: NDArray[np.uint8], offsets: Ints) -> dict[str, NDArray[np.int32]]:
    """Return AC, homozygotes, hemizygotes, people counted and people seen of each list of calls; no list is empty."""
    alt, copies = (calls & 7).astype(np.int32), calls >> 3
    whole = (alt == copies) & (alt > 0)
    values = {"ac": alt, "hom": whole & (copies > 1), "hemi": whole & (copies == 1), "people": calls > 0, "seen": calls == 0}
    return {name: np.add.reduceat(value.astype(np.int32), offsets[:-1]).astype(np.int32) for name, value in values.items()}


class Steps:
    """Sums of step functions: copies of each group along a window."""

    def __init__(self, groups: Sequence[str]) -> None:
        self.groups = list(groups)
        self.schema = pa.schema([("pos", pa.int32()), *((group, pa.int32()) for group in groups)])
        self._places: dict[str, list[NDArray[np.int32]]] = {group: [] for group in groups}
        self._changes: dict[str, list[NDArray[np.int32]]] = {group: [] for group in groups}

    def add(self, judged: Judged, member: Member, sign: int) -> None:
        """Add (1) or take away (-1) one genome."""
        places, copies = np.concatenate([judged.starts, judged.ends]), judged.copies.astype(np.int32) * sign
        for group in member.names:
            if group in self._places:
                self._places[group].append(places)
                self._changes[group].append(np.concatenate([copies, -copies]))

    def add_sums(self, breaks: NDArray[np.int32], copies: Mapping[str, NDArray[np.int32]]) -> None:
        """Add a segment's running sums."""
        for group, values in copies.items():
            if group in self._places:
                self._places[group].append(breaks)
                self._changes[group].append(np.diff(values, prepend=np.int32(0)))

    def rows(self) -> Iterator[tuple[int, pa.Table]]:
        """Give the running sums, only where one of them changes: a place where nothing changes would tell of somebody who left."""
        every = [part for parts in self._places.values() for part in parts]
        places = np.unique(np.concatenate(every)) if every else np.zeros(0, np.int32)
        changes = np.zeros((len(self.groups), len(places)), np.int64)
        for row, group in enumerate(self.groups):
            if self._places[group]:
                at = np.searchsorted(places, np.concatenate(self._places[group]))
                changes[row] = np.bincount(at, np.concatenate(self._changes[group]), len(places)).round()
        kept = changes.any(axis=0)
        sums = changes[:, kept].cumsum(axis=1).astype(np.int32)
        yield int(kept.sum()), pa.table([column(places[kept].astype(np.int32)), *(column(row) for row in sums)], schema=self.schema)
