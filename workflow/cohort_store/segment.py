"""Genomes compacted by variant: a folder of immutable Parquet files, two a window of 1,048,576 bases.

    segments/<id>/manifest.json                     format, genomes, groups, SHA-256 of each file
    segments/<id>/members.parquet                   token, karyotype and groups by ordinal
    segments/<id>/<contig>.<window>.calls.parquet   a row a variant: counts of all, and who carries it (ordinals as gaps, copies)
    segments/<id>/<contig>.<window>.copies.parquet  from this base on: copies that could be judged, of all and of each group

Copies are running sums, so that the denominator of a site is one binary search however many genomes are in it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workflow.cohort_store.alleles import LONG, Keys, keys_of
from workflow.cohort_store.errors import DamagedStoreError, VersionGoneError
from workflow.cohort_store.model import ALL, GenomeEntry, Member
from workflow.cohort_store.parquet import ParquetIndex, column, numbers, plain

MANIFEST, MEMBERS = "manifest.json", "members.parquet"
COUNTS = ("ac", "hom", "hemi", "people", "seen")
LISTS = {
    "gaps": pa.list_(pa.field("element", pa.uint32(), nullable=False)),
    "calls": pa.list_(pa.field("element", pa.uint8(), nullable=False)),
}
TEXT = pa.dictionary(pa.int32(), pa.string())
CALLS_SCHEMA = pa.schema(
    [("pos", pa.int32()), ("ref", TEXT), ("alt", TEXT), ("allele", pa.uint64()), *((name, pa.int32()) for name in COUNTS), *LISTS.items()]
)
MEMBERS_SCHEMA = pa.schema(
    [("token", pa.string()), ("karyotype", TEXT), ("groups", TEXT), ("calls", pa.string()), ("callable", pa.string())]
)
_FILE = re.compile(rf"(?:[0-9XYMT]+\.[0-9]+\.(?:calls|copies)\.parquet|{re.escape(MEMBERS)})")
Ints = NDArray[np.int64]
Window = tuple[str, int]


@dataclass(frozen=True)
class Carriers:
    """Who carries some variants: a row an entry.

    Attributes:
        rows: index of the variant.
        ordinals: place of the genome in the segment.
        calls: copies with the allele + 8 x copies there; 0 for a call that is not counted.
    """

    rows: Ints
    ordinals: Ints
    calls: NDArray[np.uint8]


class SegmentWindow:
    """One window of a segment, its keys and counts in memory."""

    def __init__(self, folder: Path, window: Window) -> None:
        self._calls = ParquetIndex(folder / file_name(window, "calls"))
        self._copies_file = folder / file_name(window, "copies")
        self._first = np.cumsum([0, *self._calls.labels])
        self._lists: dict[int, _Lists] = {}
        self._by_group: dict[str, NDArray[np.int32]] = {}

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return 32 * int(self._first[-1]) + 5 * sum(len(one.gaps) for one in self._lists.values()) + 4096

    @cached_property
    def keys(self) -> Keys:
        """Its variants, ascending."""
        return self._read_variants(())

    @cached_property
    def counts(self) -> dict[str, NDArray[np.int32]]:
        """Counts of all, by name as in `COUNTS`."""
        found: dict[str, NDArray[np.int32]] = {}
        self.__dict__["keys"] = self._read_variants(COUNTS, found)
        return found

    def _read_variants(self, names: Sequence[str], found: dict[str, NDArray[np.int32]] | None = None) -> Keys:
        table = self._calls.rows(range(len(self._calls.labels)), ["pos", "allele", *names])
        if found is not None:
            found |= {name: numbers(table, name) for name in names}
        return keys_of(numbers(table, "pos"), numbers(table, "allele"))

    @cached_property
    def _copies(self) -> ParquetIndex:
        return ParquetIndex(self._copies_file)

    @property
    def breaks(self) -> NDArray[np.int32]:
        """0-based positions from which the copies of the same row hold."""
        return self._column("pos")

    @property
    def groups(self) -> list[str]:
        """Groups of which there are copies."""
        return [name for name in self._copies.columns if name != "pos"]

    def copies(self, group: str) -> NDArray[np.int32]:
        """Return the copies of a group from each of `breaks` on; zeros of a group that is not here."""
        return self._column(group) if group in self._copies.columns else np.zeros(len(self.breaks), np.int32)

    def _column(self, name: str) -> NDArray[np.int32]:
        if name not in self._by_group:
            names = [name] if "pos" in self._by_group or name == "pos" else ["pos", name]
            table = self._copies.rows(range(len(self._copies.labels)), names)
            self._by_group |= {one: numbers(table, one) for one in names}
        return self._by_group[name]

    def copies_at(self, positions: NDArray[np.integer], group: str) -> Ints:
        """Return the copies judged at 0-based positions."""
        values = self.copies(group)
        at = np.searchsorted(self.breaks, positions, "right") - 1
        return np.where(at >= 0, values[np.maximum(at, 0)] if len(values) else 0, 0).astype(np.int64)

    def long(self) -> dict[int, tuple[str, str]]:
        """Return the letters of the long alleles."""
        table = self._calls.rows(range(len(self._calls.labels)), ["ref", "alt", "allele"])
        rows = table.filter(column(numbers(table, "allele") >= np.uint64(LONG)))
        refs, alts = rows["ref"].to_pylist(), rows["alt"].to_pylist()
        return {code: (ref, alt) for code, ref, alt in zip(rows["allele"].to_pylist(), refs, alts, strict=True)}

    def carriers(self, rows: NDArray[np.integer]) -> Carriers:
        """Return who carries some variants; `rows` ascending, those of the answer are indexes into `rows`."""
        group = np.searchsorted(self._first, rows, "right") - 1
        parts = []
        for number in np.unique(group).tolist():
            mine = np.flatnonzero(group == number)
            parts.append(_picked(self._list(number), np.asarray(rows[mine] - self._first[number]), mine))
        return joined(parts)

    def all_carriers(self) -> Carriers:
        """Return who carries each variant, without keeping it."""
        parts = []
        for number, first in enumerate(self._first[:-1].tolist()):
            one = self._read(number)
            rows = np.arange(len(one.offsets) - 1)
            parts.append(_picked(one, rows, rows + first))
        return joined(parts)

    def _list(self, number: int) -> "_Lists":
        if number not in self._lists:
            self._lists[number] = self._read(number)
        return self._lists[number]

    def _read(self, number: int) -> "_Lists":
        table = self._calls.rows([number], list(LISTS))
        gaps, calls = (table[name].chunk(0) for name in LISTS)
        return _Lists(plain(gaps.offsets), plain(gaps.values), plain(calls.values))


@dataclass(frozen=True)
class _Lists:
    """The carriers of a row group's variants, one list behind the other; a list begins with its first ordinal, then differences."""

    offsets: NDArray[np.int32]
    gaps: NDArray[np.uint32]
    calls: NDArray[np.uint8]


def _picked(lists: _Lists, rows: Ints, names: Ints) -> Carriers:
    """Return some lists; `names` are what their variants are called in the answer."""
    first, last = lists.offsets[rows].astype(np.int64), lists.offsets[rows + 1].astype(np.int64)
    count = last - first
    starts = np.cumsum(count) - count
    at = np.repeat(first - starts, count) + np.arange(int(count.sum()))
    total = np.cumsum(lists.gaps[at].astype(np.int64))
    before = np.where(starts > 0, total[np.maximum(starts - 1, 0)], 0) if len(total) else starts
    return Carriers(np.repeat(names, count), total - np.repeat(before, count), lists.calls[at])


def joined(parts: list[Carriers]) -> Carriers:
    """Return several lists as one."""
    if not parts:
        return Carriers(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))
    return Carriers(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "ordinals", "calls")))


def file_name(window: Window, kind: str) -> str:
    """Return the name of a window's file."""
    return f"{window[0]}.{window[1]:04d}.{kind}.parquet"


class Segment:
    """A segment, opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What the segment says of itself."""
        try:
            read = dict(json.loads((self.folder / MANIFEST).read_text(encoding="utf-8")))
            if not all(_FILE.fullmatch(name) for name in read["files"]):
                raise ValueError("a file's name")
        except FileNotFoundError:
            raise VersionGoneError(self.folder / MANIFEST) from None
        except (ValueError, KeyError, TypeError):
            raise DamagedStoreError(self.folder / MANIFEST, "its manifest cannot be read") from None
        return read

    @cached_property
    def windows(self) -> frozenset[Window]:
        """Windows in which it has anything."""
        names = (name.split(".") for name in self.manifest["files"] if name.endswith(".copies.parquet"))
        return frozenset((contig, int(number)) for contig, number, *_ in names)

    @cached_property
    def _members(self) -> ParquetIndex:
        return ParquetIndex(self.folder / MEMBERS)

    @cached_property
    def tokens(self) -> list[str]:
        """Tokens of its genomes, by ordinal."""
        return list(self._members.rows([0], ["token"])["token"].to_pylist())

    def find(self, token: str) -> int | None:
        """Return the ordinal of a genome, None if it is not here."""
        at = pc.index(self._members.rows([0], ["token"])["token"], token).as_py()
        return None if at < 0 else int(at)

    @cached_property
    def entries(self) -> list[GenomeEntry]:
        """Its genomes, by ordinal."""
        return [_entry(one) for one in self._members.rows([0], MEMBERS_SCHEMA.names).to_pylist()]

    def entry(self, ordinal: int) -> GenomeEntry:
        """Return one of its genomes."""
        return _entry(self._members.rows([0], MEMBERS_SCHEMA.names).slice(ordinal, 1).to_pylist()[0])

    @cached_property
    def _groups(self) -> tuple[NDArray[np.int32], list[str]]:
        column = self._members.rows([0], ["groups"])["groups"].chunk(0)
        return plain(column.indices), column.dictionary.to_pylist()

    def in_group(self, group: str) -> NDArray[np.bool_]:
        """Return of each genome whether it is in a group, or in each of several (`a&b`)."""
        indices, texts = self._groups
        wanted = set(group.split("&"))
        return np.array([wanted <= {ALL, *text.split(";")} for text in texts], bool)[indices]

    def open(self, window: Window) -> SegmentWindow:
        """Open one of its windows."""
        return SegmentWindow(self.folder, window)


def groups_of(text: str) -> tuple[tuple[str, str], ...]:
    """Read groups as the members' table has them: `ancestry=EUR;sex=female`."""
    return tuple((name, value) for name, _, value in (one.partition("=") for one in text.split(";") if one))


def groups_as_text(member: Member) -> str:
    """Return groups as the members' table has them."""
    return ";".join(f"{name}={value}" for name, value in member.groups)


def _entry(row: Mapping[str, str]) -> GenomeEntry:
    return GenomeEntry(Member(row["token"], row["karyotype"], groups_of(row["groups"])), row["calls"], row["callable"])
