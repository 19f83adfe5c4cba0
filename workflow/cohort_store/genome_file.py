"""The files of one genome, `genomes/<token>/{calls,callable}.parquet`: written once, read by window, erased when the person leaves."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workflow.cohort_store.alleles import LONG, allele_of_code
from workflow.cohort_store.calls import Calls, Genome
from workflow.cohort_store.judged import Judged
from workflow.cohort_store.parquet import ParquetIndex, coded, column, numbers, write_groups

CALLS, CALLABLE = "calls.parquet", "callable.parquet"
GROUP_BITS = 24
"""A row group holds calls of so many bits of positions (16.8 Mb), so that a whole genome has some two hundred."""
TEXT = pa.dictionary(pa.int32(), pa.string())
CALLS_SCHEMA = pa.schema(
    [
        ("contig", TEXT), ("pos", pa.int32()), ("ref", TEXT), ("alt", TEXT), ("allele", pa.uint64()), ("alt_copies", pa.uint8()),
        ("copies", pa.uint8()), ("counted", pa.bool_()), ("filter", TEXT),
    ]
)  # fmt: skip
CALLABLE_SCHEMA = pa.schema([("contig", TEXT), ("start", pa.int32()), ("end", pa.int32()), ("copies", pa.uint8())])
Label = tuple[str, int]


def write_genome(folder: Path, genome: Genome) -> None:
    """Write the files of a genome into its folder."""
    folder.mkdir(parents=True)
    write_groups(folder / CALLS, _call_groups(genome), CALLS_SCHEMA)
    write_groups(folder / CALLABLE, _judged_groups(genome.judged), CALLABLE_SCHEMA)


def _call_groups(genome: Genome) -> Iterator[tuple[Label, pa.Table]]:
    for contig, calls in sorted(genome.calls.items()):
        for number, first, last in _stretches((calls.positions - 1) >> GROUP_BITS):
            yield (contig, number), _call_table(contig, calls, slice(first, last), genome.long)


def _stretches(numbers: NDArray[np.integer]) -> Iterator[tuple[int, int, int]]:
    """Give (number, first, last) of each run of equal numbers in an ascending array."""
    found, first = np.unique(numbers, return_index=True)
    ends = [*first[1:].tolist(), len(numbers)][: len(found)]
    return zip(found.tolist(), first.tolist(), ends, strict=True)


def _call_table(contig: str, calls: Calls, rows: slice, long: Mapping[int, tuple[str, str]]) -> pa.Table:
    codes, back = np.unique(calls.codes[rows], return_inverse=True)
    letters = [allele_of_code(code) or long[code] for code in codes.tolist()]
    filters, of_filter = np.unique(calls.filters[rows], return_inverse=True)
    columns = [
        coded(np.zeros(len(back)), [contig]), column(calls.positions[rows]), coded(back, [ref for ref, _ in letters]),
        coded(back, [alt for _, alt in letters]), column(calls.codes[rows]), column(calls.alt_copies[rows]),
        column(calls.copies[rows]), column(calls.counted[rows]), coded(of_filter, filters.tolist()),
    ]  # fmt: skip
    return pa.table(columns, schema=CALLS_SCHEMA)


def _judged_groups(judged: Mapping[str, Judged]) -> Iterator[tuple[Label, pa.Table]]:
    """Give stretches by the row group of their start; one that is longer than a row group is cut at its ends."""
    for contig, one in sorted(judged.items()):
        starts, ends, copies = _cut(one)
        for number, first, last in _stretches(starts >> GROUP_BITS):
            rows = slice(first, last)
            names = coded(np.zeros(last - first), [contig])
            yield (contig, number), pa.table([names, *(column(part[rows]) for part in (starts, ends, copies))], schema=CALLABLE_SCHEMA)


def _cut(one: Judged) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    first, last = one.starts >> GROUP_BITS, (one.ends - 1) >> GROUP_BITS
    times = last - first + 1
    rows = np.repeat(np.arange(len(times)), times)
    number = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times) + first[rows]
    starts = np.maximum(one.starts[rows], number << GROUP_BITS)
    ends = np.minimum(one.ends[rows], (number + 1) << GROUP_BITS)
    return starts.astype(np.int32), ends.astype(np.int32), one.copies[rows]


class GenomeFile:
    """A genome's files, opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _calls(self) -> ParquetIndex:
        return ParquetIndex(self.folder / CALLS)

    @cached_property
    def _callable(self) -> ParquetIndex:
        return ParquetIndex(self.folder / CALLABLE)

    @property
    def contigs(self) -> set[str]:
        """Contigs with a call or a judged base."""
        return {contig for file in (self._calls, self._callable) for contig, _ in file.labels}

    def numbers(self, contig: str) -> list[int]:
        """Row groups of a contig."""
        return sorted({number for file in (self._calls, self._callable) for name, number in file.labels if name == contig})

    @staticmethod
    def _groups(file: ParquetIndex, contig: str, number: int | None) -> list[int]:
        return [at for at, (name, group) in enumerate(file.labels) if name == contig and number in {None, group}]

    def calls(self, contig: str, number: int | None = None, *, filters: bool = False) -> Calls:
        """Return the calls of a contig, or of one of its row groups; their filters only if asked for."""
        names = ["pos", "allele", "alt_copies", "copies", "counted"]
        table = self._calls.rows(self._groups(self._calls, contig, number), names + ["filter"] * filters)
        pos, codes, alt, copies, counted = (numbers(table, name) for name in names)
        words = table["filter"].to_pylist() if filters else []
        return Calls(pos, codes, alt, copies, counted, np.array(words, np.str_))

    def judged(self, contig: str, number: int | None = None) -> Judged:
        """Return where it was judged on a contig, or in one of its row groups."""
        table = self._callable.rows(self._groups(self._callable, contig, number), ["start", "end", "copies"])
        return Judged(*(numbers(table, name) for name in ("start", "end", "copies")))

    def long(self, contig: str, number: int | None = None) -> dict[int, tuple[str, str]]:
        """Return the letters of its long alleles."""
        table = self._calls.rows(self._groups(self._calls, contig, number), ["ref", "alt", "allele"])
        rows = table.filter(column(numbers(table, "allele") >= np.uint64(LONG)))
        refs, alts = rows["ref"].to_pylist(), rows["alt"].to_pylist()
        return {code: (ref, alt) for code, ref, alt in zip(rows["allele"].to_pylist(), refs, alts, strict=True)}

    def genome(self) -> Genome:
        """Return all of it."""
        contigs = sorted(self.contigs)
        long: dict[int, tuple[str, str]] = {}
        for contig in contigs:
            long |= self.long(contig)
        calls = {contig: self.calls(contig, filters=True) for contig in contigs}
        return Genome({contig: one for contig, one in calls.items() if len(one)}, {contig: self.judged(contig) for contig in contigs}, long)
