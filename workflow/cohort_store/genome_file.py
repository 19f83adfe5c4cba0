"""The files of one genome, `genomes/<token>/{calls,callable}.parquet`: written once, read by window, erased when the person leaves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workflow.cohort_store.alleles import LONG, allele_of_code
from workflow.cohort_store.calls import Calls, Genome
from workflow.cohort_store.judged import Judged
from workflow.cohort_store.parquet import ParquetIndex, coded, column, numbers, write_groups

CALLS, CALLABLE = "calls.parquet", "callable.parquet"
GROUP_BITS = 24
"""Stretches of so many bits of positions (16.8 Mb) are read at once; a whole genome has some two hundred."""
LEAST_ROWS = 8192
"""Rows that a row group has at least: small stretches share one."""
TEXT = pa.dictionary(pa.int32(), pa.string())
CALLS_SCHEMA = pa.schema(
    [
        ("contig", TEXT), ("pos", pa.int32()), ("ref", TEXT), ("alt", TEXT), ("allele", pa.uint64()), ("alt_copies", pa.uint8()),
        ("copies", pa.uint8()), ("counted", pa.bool_()), ("filter", TEXT),
    ]
)  # fmt: skip
CALLABLE_SCHEMA = pa.schema([("contig", TEXT), ("start", pa.int32()), ("end", pa.int32()), ("copies", pa.uint8())])
Label = tuple[str, int]
Part = tuple[str, int, int]
"""Contig, number and rows of a stretch in a row group."""


def write_genome(folder: Path, genome: Genome) -> None:
    """Write the files of a genome into its folder."""
    folder.mkdir(parents=True)
    write_groups(folder / CALLS, _call_groups(genome), CALLS_SCHEMA)
    write_groups(folder / CALLABLE, _judged_groups(genome.judged), CALLABLE_SCHEMA)


def _call_groups(genome: Genome) -> Iterator[tuple[list[Part], pa.Table]]:
    parts = [
        (contig, number, slice(first, last))
        for contig, calls in sorted(genome.calls.items())
        for number, first, last in _stretches((calls.positions - 1) >> GROUP_BITS)
    ]
    for pack in _packs(parts):
        names = ("positions", "codes", "alt_copies", "copies", "counted", "filters")
        columns = [np.concatenate([getattr(genome.calls[contig], name)[rows] for contig, _, rows in pack]) for name in names]
        yield _labels(pack), _call_table(_contigs(pack), columns, genome.long)


def _stretches(numbers: NDArray[np.integer]) -> Iterator[tuple[int, int, int]]:
    """Give (number, first, last) of each run of equal numbers in an ascending array."""
    found, first = np.unique(numbers, return_index=True)
    ends = [*first[1:].tolist(), len(numbers)][: len(found)]
    return zip(found.tolist(), first.tolist(), ends, strict=True)


def _packs(parts: Sequence[tuple[str, int, slice]]) -> Iterator[list[tuple[str, int, slice]]]:
    """Give what goes into one row group: a stretch alone, or many small ones."""
    pack: list[tuple[str, int, slice]] = []
    for part in parts:
        pack.append(part)
        if sum(rows.stop - rows.start for _, _, rows in pack) >= LEAST_ROWS:
            yield pack
            pack = []
    if pack:
        yield pack


def _labels(pack: Sequence[tuple[str, int, slice]]) -> list[Part]:
    return [(contig, number, rows.stop - rows.start) for contig, number, rows in pack]


def _contigs(pack: Sequence[tuple[str, int, slice]]) -> pa.DictionaryArray:
    names = sorted({contig for contig, _, _ in pack})
    counts = [rows.stop - rows.start for _, _, rows in pack]
    return coded(np.repeat([names.index(contig) for contig, _, _ in pack], counts), names)


def _call_table(contigs: pa.DictionaryArray, columns: Sequence[NDArray[Any]], long: Mapping[int, tuple[str, str]]) -> pa.Table:
    positions, codes, alt_copies, copies, counted, filters = columns
    different, back = np.unique(codes, return_inverse=True)
    letters = [allele_of_code(code) or long[code] for code in different.tolist()]
    words, of_filter = np.unique(filters, return_inverse=True)
    sides = [coded(back, [ref for ref, _ in letters]), coded(back, [alt for _, alt in letters])]
    numbers = [column(part) for part in (codes, alt_copies, copies, counted)]
    return pa.table([contigs, column(positions), *sides, *numbers, coded(of_filter, words.tolist())], schema=CALLS_SCHEMA)


def _judged_groups(judged: Mapping[str, Judged]) -> Iterator[tuple[list[Part], pa.Table]]:
    """Give stretches by the row group of their start; one that is longer than a row group is cut at its ends."""
    cut = {contig: _cut(one) for contig, one in sorted(judged.items())}
    parts = [
        (contig, number, slice(first, last))
        for contig, (starts, _, _) in cut.items()
        for number, first, last in _stretches(starts >> GROUP_BITS)
    ]
    for pack in _packs(parts):
        columns = [column(np.concatenate([cut[contig][at][rows] for contig, _, rows in pack])) for at in range(3)]
        yield _labels(pack), pa.table([_contigs(pack), *columns], schema=CALLABLE_SCHEMA)


def _cut(one: Judged) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    first, last = one.starts >> GROUP_BITS, (one.ends - 1) >> GROUP_BITS
    times = last - first + 1
    rows = np.repeat(np.arange(len(times)), times)
    number = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times) + first[rows]
    starts = np.maximum(one.starts[rows], number << GROUP_BITS)
    ends = np.minimum(one.ends[rows], (number + 1) << GROUP_BITS)
    return starts.astype(np.int32), ends.astype(np.int32), one.copies[rows]


class _Packed:
    """One file of a genome: rows of a stretch out of the row group that it shares with others; the last one read is kept."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file, self._columns = ParquetIndex(path), list(columns)
        self.places: dict[Label, tuple[int, slice]] = {}
        for at, parts in enumerate(self._file.labels):
            first = 0
            for contig, number, count in parts:
                self.places[contig, number] = at, slice(first, first + count)
                first += count
        self._held: tuple[int, dict[str, NDArray[Any]]] = (-1, {})

    def rows(self, contig: str, number: int) -> dict[str, NDArray[Any]]:
        """Return the columns of a stretch of 16.8 Mb; empty ones where it has nothing."""
        at, rows = self.places.get((contig, number), (-2, slice(0, 0)))
        if at == -2:
            table = self._file.rows([], self._columns)
            return {name: numbers(table, name) for name in self._columns}
        if self._held[0] != at:
            table = self._file.rows([at], self._columns)
            self._held = at, {name: numbers(table, name) for name in self._columns}
        return {name: values[rows] for name, values in self._held[1].items()}

    def words(self, contig: str, number: int, names: Sequence[str]) -> dict[str, list[str]]:
        """Return columns of text of a stretch."""
        at, rows = self.places.get((contig, number), (-1, slice(0, 0)))
        table = self._file.rows([at] if at >= 0 else [], names).slice(rows.start, rows.stop - rows.start)
        return {name: table[name].to_pylist() for name in names}


class GenomeFile:
    """A genome's files, opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _calls(self) -> _Packed:
        return _Packed(self.folder / CALLS, ("pos", "allele", "alt_copies", "copies", "counted"))

    @cached_property
    def _callable(self) -> _Packed:
        return _Packed(self.folder / CALLABLE, ("start", "end", "copies"))

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """Contigs and numbers of the stretches of 16.8 Mb with a call or a judged base."""
        return tuple(sorted({*self._calls.places, *self._callable.places}))

    @property
    def contigs(self) -> list[str]:
        """Contigs with a call or a judged base."""
        return sorted({contig for contig, _ in self.labels})

    def calls(self, contig: str, number: int) -> Calls:
        """Return the calls of a stretch, without their filters."""
        rows = self._calls.rows(contig, number)
        return Calls(rows["pos"], rows["allele"], rows["alt_copies"], rows["copies"], rows["counted"], np.zeros(0, np.str_))

    def judged(self, contig: str, number: int) -> Judged:
        """Return where it was judged in a stretch."""
        return Judged(*self._callable.rows(contig, number).values())

    def long(self, contig: str, number: int) -> dict[int, tuple[str, str]]:
        """Return the letters of the long alleles of a stretch."""
        codes = self._calls.rows(contig, number)["allele"]
        rows = np.flatnonzero(codes >= np.uint64(LONG)).tolist()
        words = self._calls.words(contig, number, ("ref", "alt")) if rows else {}
        return {int(codes[row]): (words["ref"][row], words["alt"][row]) for row in rows}

    def genome(self) -> Genome:
        """Return all of it."""
        calls: dict[str, list[Calls]] = {}
        judged: dict[str, list[Judged]] = {}
        long: dict[int, tuple[str, str]] = {}
        for contig, number in self.labels:
            filters = np.array(self._calls.words(contig, number, ("filter",))["filter"], np.str_)
            calls.setdefault(contig, []).append(replace(self.calls(contig, number), filters=filters))
            judged.setdefault(contig, []).append(self.judged(contig, number))
            long |= self.long(contig, number)
        whole = {contig: Calls(*_together(parts)) for contig, parts in calls.items()}
        everywhere = {contig: Judged(*_together(parts)) for contig, parts in judged.items()}
        return Genome({contig: one for contig, one in whole.items() if len(one)}, everywhere, long)


def _together(parts: Sequence[Calls] | Sequence[Judged]) -> list[NDArray[Any]]:
    return [np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])]
