"""Sorted, disjoint genomic intervals: 0-based half-open, a list a contig."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from workflow.files import atomic
from workflow.text import open_text

Interval = tuple[int, int]
Intervals = dict[str, list[Interval]]


def read_bed(path: str | Path, *, label: str | None = None) -> Intervals:
    """Return the merged intervals of a BED file (plain or gzip), contigs in order of appearance.

    Args:
        path: the BED file.
        label: keep only lines whose fourth column is this.
    """
    found: Intervals = {}
    for contig, start, end, name in bed_lines(path):
        if label is None or name == label:
            found.setdefault(contig, []).append((start, end))
    return {contig: merged(intervals) for contig, intervals in found.items()}


def bed_lines(path: str | Path) -> Iterator[tuple[str, int, int, str]]:
    """Yield (contig, start, end, fourth column or empty) of each line of a BED file; comments and track lines are passed over."""
    with open_text(path) as handle:
        for line in handle:
            fields = line.rstrip("\r\n").split("\t")
            if len(fields) >= 3 and not line.startswith(("#", "track", "browser")):
                yield fields[0], int(fields[1]), int(fields[2]), fields[3] if len(fields) > 3 else ""


def write_bed(path: str | Path, lines: Iterable[tuple[str | int, ...]]) -> None:
    """Write lines (contig, start, end and more columns) as a BED file, whole or not at all."""
    with atomic(path) as part:
        part.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Return intervals sorted, with overlapping and adjacent ones joined."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif start < end:
            joined.append((start, end))
    return joined


def intersection(first: list[Interval], second: list[Interval]) -> list[Interval]:
    """Return what two sorted, disjoint lists of intervals share."""
    shared, i, j = [], 0, 0
    while i < len(first) and j < len(second):
        start, end = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if start < end:
            shared.append((start, end))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return shared


def shared_by(first: Mapping[str, list[Interval]], second: Mapping[str, list[Interval]]) -> Intervals:
    """Return what two sets of intervals share, contigs in the order of the first; contigs that share nothing are left out."""
    both = {contig: intersection(intervals, second.get(contig, [])) for contig, intervals in first.items()}
    return {contig: intervals for contig, intervals in both.items() if intervals}


def outside(intervals: Iterable[tuple[str, int, int]], taken: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return those of `intervals` that do not lie inside one of `taken`."""
    return [
        (contig, start, end)
        for contig, start, end in intervals
        if not any(contig == name and first <= start and end <= last for name, first, last in taken)
    ]


def present(chunk: str | Path, absent: str | Path) -> list[tuple[str, int, int]]:
    """Return the intervals of a BED file that do not lie inside an interval of another one: what a person has of a chunk."""
    owed, taken = ([(contig, start, end) for contig, start, end, _ in bed_lines(path)] for path in (chunk, absent))
    return outside(owed, taken)


def split_at(intervals: Iterable[Interval], cuts: Iterable[int]) -> list[Interval]:
    """Return intervals cut at the positions given, nothing lost."""
    marks = sorted(cuts)
    pieces: list[Interval] = []
    for start, end in intervals:
        edges = [start, *(mark for mark in marks if start < mark < end), end]
        pieces += itertools.pairwise(edges)
    return pieces


def total_length(intervals: Mapping[str, Iterable[Interval]]) -> int:
    """Return the number of bases in a set of disjoint intervals."""
    return sum(end - start for stretch in intervals.values() for start, end in stretch)


def equal_parts(intervals: Mapping[str, list[Interval]], parts: int) -> list[list[tuple[str, int, int]]]:
    """Return the intervals dealt into `parts` runs of equal length (or one base more), in order; intervals are cut where they must be.

    Every part gets at least one base, unless there are fewer bases than parts.
    """
    total = total_length(intervals)
    dealt: list[list[tuple[str, int, int]]] = [[] for _ in range(parts)]
    part, done = 0, 0
    for contig, stretch in intervals.items():
        for start, end in stretch:
            while start < end:
                while done >= (part + 1) * total // parts:
                    part += 1
                step = min((part + 1) * total // parts - done, end - start)
                dealt[part].append((contig, start, start + step))
                start, done = start + step, done + step
    return dealt
