"""What a gVCF has a record for, and what of a person's callable bases it has none for.

Intervals are 0-based half-open. A gVCF is read once, as bytes; what is kept of it grows with its gaps and not with its records.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflow.intervals import Interval, Intervals

END = re.compile(rb"[\t;]END=(\d+)")


@dataclass
class Covered:
    """The stretches that records cover, and the number of records, by contig."""

    intervals: Intervals = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)


def covered_by(lines: Iterable[bytes]) -> Covered:
    """Return what the records of a sorted gVCF cover: a block to its END, any other record the bases of its REF."""
    covered = Covered()
    contig, start, end, count = b"", 0, 0, 0
    for line in lines:
        if line.startswith(b"#"):
            continue
        name, pos, _, ref, rest = line.split(b"\t", 4)
        first = int(pos) - 1
        block = END.search(rest)
        last = int(block[1]) if block else first + len(ref)
        if name == contig and first <= end:
            end, count = max(end, last), count + 1
            continue
        _keep(covered, contig, start, end, count)
        contig, start, end, count = name, first, last, 1
    _keep(covered, contig, start, end, count)
    return covered


def _keep(covered: Covered, contig: bytes, start: int, end: int, count: int) -> None:
    """Add a finished stretch; there is none before the first record."""
    if count:
        name = contig.decode()
        covered.intervals.setdefault(name, []).append((start, end))
        covered.records[name] = covered.records.get(name, 0) + count


def without(first: Iterable[Interval], second: list[Interval]) -> list[Interval]:
    """Return what sorted, disjoint intervals have beyond a second such list."""
    left, at = [], 0
    for start, end in first:
        while at < len(second) and second[at][1] <= start:
            at += 1
        look = at
        while look < len(second) and second[look][0] < end:
            if start < second[look][0]:
                left.append((start, second[look][0]))
            start = max(start, second[look][1])
            look += 1
        if start < end:
            left.append((start, end))
    return left


def beyond(first: Mapping[str, list[Interval]], second: Mapping[str, list[Interval]]) -> Intervals:
    """Return what a set of intervals has beyond another one; contigs with nothing left are left out."""
    both = {contig: without(intervals, second.get(contig, [])) for contig, intervals in first.items()}
    return {contig: intervals for contig, intervals in both.items() if intervals}
