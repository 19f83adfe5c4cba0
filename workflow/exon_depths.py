"""Depth of each base of some intervals, as mosdepth counts it: no duplicates, mates that overlap once, good mapping quality.

Intervals are 0-based half-open. Reads are asked for once a stretch of intervals near each other, since a CRAM is unpacked in pieces of
10,000 reads.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workflow.covered_calls import without
from workflow.intervals import Interval

Depths = npt.NDArray[np.int32]
GAP = 20_000  # bases between two intervals from which on they are asked for apart
LEFT_OUT = 0x4 | 0x100 | 0x200 | 0x400  # unmapped, secondary, failed, duplicate: mosdepth's own choice


def depths(reads: Any, contig: str, intervals: Sequence[Interval], min_mapping_quality: int) -> dict[Interval, Depths]:
    """Return the depth of every base of each interval of a contig.

    Args:
        reads: an alignment file with an index (`pysam.AlignmentFile`).
        contig: the contig.
        intervals: sorted intervals of it, which may overlap.
        min_mapping_quality: least mapping quality of a read that counts (Phred).
    """
    found: dict[Interval, Depths] = {}
    for group in _near(sorted(set(intervals))):
        first, last = group[0][0], max(end for _, end in group)
        steps = np.zeros(last - first + 1, dtype=np.int32)
        for start, end in _blocks(reads.fetch(contig, first, last), min_mapping_quality):
            start, end = max(start, first), min(end, last)
            if start < end:
                steps[start - first] += 1
                steps[end - first] -= 1
        whole = np.cumsum(steps[:-1], dtype=np.int32)
        found |= {(start, end): whole[start - first : end - first] for start, end in group}
    return found


def _near(intervals: Iterable[Interval]) -> Iterator[list[Interval]]:
    """Give sorted intervals in groups without a gap of GAP bases."""
    group: list[Interval] = []
    for interval in intervals:
        if group and interval[0] > max(end for _, end in group) + GAP:
            yield group
            group = []
        group.append(interval)
    if group:
        yield group


def _blocks(reads: Iterable[Any], min_mapping_quality: int) -> Iterator[Interval]:
    """Give the aligned blocks of reads that count; of a mate, only what the first one of the pair does not cover."""
    waiting: dict[str, list[Interval]] = {}
    for read in reads:
        if read.flag & LEFT_OUT or read.mapping_quality < min_mapping_quality:
            continue
        blocks: list[Interval] = read.get_blocks()
        if (earlier := waiting.pop(read.query_name, None)) is not None:
            blocks = without(blocks, earlier)
        elif read.is_paired and not read.mate_is_unmapped and read.next_reference_id == read.reference_id:
            waiting[read.query_name] = blocks
        yield from blocks
