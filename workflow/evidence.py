"""What reads say about each base of a tile, counted with numpy: reference and other bases, insertions, deletions, clips, depth.

A tile is some territory of a contig (or several), laid end to end: *compact* coordinates, so that gaps cost nothing. Each of its
intervals is widened by MARGIN, so that what happens beside it is seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.intervals import merged
from workflow.read_arrays import MATE_UNMAPPED, PAIRED, REVERSE, SECOND, Ints, Operations, Reads, operations_of

MARGIN = 400
"""Bases beside an interval whose reads are looked at as well."""

MIN_BASE_QUALITY = 10
MIN_CLIP = 5
"""A shorter soft clip is what an aligner does to an error at the end of a read."""

LOW_MAPQ = 20
NEAR_END = 8
"""Bases from the end of a read (or of what is aligned of it) within which a difference is not trusted by itself."""

_CODES = np.array([4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4], dtype=np.uint8)  # BAM's four-bit bases → A 0, C 1, G 2, T 3, else 4
_LETTERS = np.full(256, 4, dtype=np.uint8)
_LETTERS[np.frombuffer(b"ACGT", np.uint8)] = np.arange(4)
_LETTERS[np.frombuffer(b"acgt", np.uint8)] = np.arange(4)

_STEPS = ("depth", "low_mapq", "mapq_square", "starts", "ends")

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def encoded(sequence: str) -> NDArray[np.uint8]:
    """Return bases as numbers: A 0, C 1, G 2, T 3, anything else 4."""
    return _LETTERS[np.frombuffer(sequence.encode(), np.uint8)]


@dataclass(frozen=True)
class Layout:
    """Where the bases of a tile stand: compact coordinate ↔ (contig, position), 0-based half-open.

    Attributes:
        contig: number of the contig of each stretch, in the order of the file.
        start: first position of each stretch.
        end: position behind each stretch.
        at: compact coordinate of its first base.
        owned: for each compact coordinate, whether it belongs to the tile and not to the margin only.
    """

    contig: Ints
    start: Ints
    end: Ints
    at: Ints
    owned: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Return the number of bases."""
        return len(self.owned)

    def stretches(self) -> list[tuple[int, int, int]]:
        """Return (number of the contig, start, end) of each stretch."""
        return list(zip(self.contig.tolist(), self.start.tolist(), self.end.tolist(), strict=True))

    def locate(self, contig: Ints, position: Ints) -> Ints:
        """Return the compact coordinate of each position, -1 where it lies outside."""
        key = contig * (1 << 40) + position
        stretch = np.searchsorted(self.contig * (1 << 40) + self.start, key, side="right") - 1
        inside = (stretch >= 0) & (self.contig[stretch] == contig) & (position < self.end[stretch])
        return np.where(inside, self.at[stretch] + position - self.start[stretch], -1)

    def stretch_of(self, compact: Ints) -> Ints:
        """Return the number of the stretch that each compact coordinate lies in."""
        return np.searchsorted(self.at, compact, side="right") - 1


def lay_out(tile: Sequence[tuple[int, int, int]], lengths: Sequence[int]) -> Layout:
    """Return the layout of a tile.

    Args:
        tile: sorted (number of the contig, start, end).
        lengths: length of each contig of the reference.
    """
    stretches: list[tuple[int, int, int]] = []
    for contig in sorted({one[0] for one in tile}):
        wide = merged((max(0, start - MARGIN), min(lengths[contig], end + MARGIN)) for number, start, end in tile if number == contig)
        stretches += [(contig, start, end) for start, end in wide]
    contigs, starts, ends = (np.array(column, np.int64) for column in zip(*stretches, strict=True))
    at = np.cumsum(ends - starts) - (ends - starts)
    layout = Layout(contigs, starts, ends, at, np.zeros(int((ends - starts).sum()), bool))
    for contig, start, end in tile:
        first = int(layout.locate(np.array([contig]), np.array([start]))[0])
        layout.owned[first : first + end - start] = True
    return layout


@dataclass
class Evidence:
    """Counts over a tile; each array has one element a compact coordinate unless said otherwise.

    Attributes:
        reference: bases of the reference, encoded.
        depth: aligned bases.
        ref_count, ref_quality: bases equal to the reference that count, and the sum of their qualities. One base a fragment counts.
        alt_*: the same for the other bases: element 4 * coordinate + base.
        indels, clips: insertions and deletions (at the base before them), ends of soft clips.
        ref_reverse, alt_reverse: of the bases that count, those of the reverse strand.
        low_mapq: aligned bases of reads below LOW_MAPQ.
        mapq_square: sum of the squared mapping qualities of all aligned bases.
        starts, ends: reads that begin at, or whose alignment ends before, this base.
    """

    layout: Layout
    reference: NDArray[np.uint8]
    depth: Counts = field(init=False)
    low_mapq: Counts = field(init=False)
    mapq_square: Counts = field(init=False)
    ref_count: Counts = field(init=False)
    ref_quality: Floats = field(init=False)
    ref_reverse: Counts = field(init=False)
    alt_count: Counts = field(init=False)
    alt_quality: Floats = field(init=False)
    alt_reverse: Counts = field(init=False)
    alt_low_mapq: Counts = field(init=False)
    alt_near_end: Counts = field(init=False)
    indels: Counts = field(init=False)
    clips: Counts = field(init=False)
    starts: Counts = field(init=False)
    ends: Counts = field(init=False)

    def __post_init__(self) -> None:
        size = self.layout.size
        for name in _STEPS:
            setattr(self, name, np.zeros(size + 1, np.int64))
        for name in ("ref_count", "ref_reverse", "indels", "clips"):
            setattr(self, name, np.zeros(size, np.int64))
        self.ref_quality = np.zeros(size)
        self.alt_quality = np.zeros(4 * size)
        for name in ("alt_count", "alt_reverse", "alt_low_mapq", "alt_near_end"):
            setattr(self, name, np.zeros(4 * size, np.int64))

    def add(self, reads: Reads) -> None:
        """Count some reads."""
        operations = operations_of(reads)
        segments, at = self._placed(reads, operations.matches)
        self._add_depth(reads, segments, at)
        self._add_bases(reads, segments, at)
        self._add_events(reads, operations)

    def finish(self) -> None:
        """Turn what was counted as steps (+1 where a read begins, -1 where it ends) into depths."""
        for name in _STEPS:
            setattr(self, name, np.cumsum(getattr(self, name))[:-1])

    def _placed(self, reads: Reads, segments: Operations) -> tuple[Operations, Ints]:
        """Return the aligned segments cut to the tile, and the compact coordinate each begins at."""
        contig = reads.fields["contig"].astype(np.int64)[segments.read]
        last = self.layout.locate(contig, segments.start + segments.length - 1)
        first = self.layout.locate(contig, segments.start)
        whole = (first >= 0) & (last >= 0) & (last - first == segments.length - 1)
        kept = segments.chosen(whole)
        return kept, first[whole]

    def _add_depth(self, reads: Reads, segments: Operations, at: Ints) -> None:
        mapq = reads.fields["mapq"][segments.read].astype(np.int64)
        behind = at + segments.length
        for steps, weight in ((self.depth, None), (self.low_mapq, mapq < LOW_MAPQ), (self.mapq_square, mapq**2)):
            _tally(steps, at, weight)
            _tally(steps, behind, weight, sign=-1)
        # What an indel would leave unseen: reads by where they begin and end, whatever lies between.
        first = np.ones(len(at), bool)
        first[1:] = segments.read[1:] != segments.read[:-1]
        last = np.roll(first, -1)
        _tally(self.starts, at[first])
        _tally(self.ends, behind[last])

    def _add_bases(self, reads: Reads, segments: Operations, at: Ints) -> None:
        lengths = segments.length
        total = int(lengths.sum())
        if not total:
            return
        before = np.cumsum(lengths) - lengths
        index = np.arange(total)
        quality = reads.data[index + np.repeat(reads.qualities_at[segments.read] + segments.offset - before, lengths)]
        nibble = index + np.repeat(2 * reads.bases_at[segments.read] + segments.offset - before, lengths)
        packed = reads.data[nibble >> 1]
        base = _CODES[np.where(nibble & 1, packed & 15, packed >> 4)]
        place = index + np.repeat(at - before, lengths)
        low, high = self._trusted(reads, segments, at)
        counts = (quality >= MIN_BASE_QUALITY) & (base < 4) & (place >= np.repeat(low, lengths)) & (place < np.repeat(high, lengths))
        same = base == self.reference[place]
        matching, other = counts & same, np.flatnonzero(counts & ~same)
        _tally(self.ref_count, place[matching])
        _tally(self.ref_quality, place[matching], quality[matching])
        reverse = np.repeat(reads.fields["flag"][segments.read] & REVERSE > 0, lengths)
        _tally(self.ref_reverse, place[matching & reverse])
        self._add_others(reads, segments, other, place[other], base[other], quality[other])

    def _trusted(self, reads: Reads, segments: Operations, at: Ints) -> tuple[Ints, Ints]:
        """Return the compact stretch of each segment whose bases count: not what the mate shows too, not what lies behind the fragment."""
        fields = reads.fields[segments.read]
        start, mate = segments.start, fields["mate_start"].astype(np.int64)
        length, template = fields["length"].astype(np.int64), np.abs(fields["template"].astype(np.int64))
        together = (fields["flag"] & PAIRED > 0) & (fields["flag"] & MATE_UNMAPPED == 0) & (fields["mate_contig"] == fields["contig"])
        read_start = fields["start"].astype(np.int64)
        right = together & ((mate < read_start) | ((mate == read_start) & (fields["flag"] & SECOND > 0)))
        low, high = at.copy(), at + segments.length
        low = np.where(right, np.maximum(low, at + mate + length - start), low)
        through = together & (template > 0) & (template < length)
        reverse = fields["flag"] & REVERSE > 0
        low = np.where(through & reverse, np.maximum(low, at + mate - start), low)
        high = np.where(through & ~reverse, np.minimum(high, at + read_start + template - start), high)
        return low, high

    def _add_others(self, reads: Reads, segments: Operations, other: Ints, place: Ints, base: Ints, quality: Ints) -> None:
        """Count the bases that differ from the reference; `other` are their indexes among all bases of the segments."""
        ends = np.cumsum(segments.length)
        segment = np.searchsorted(ends, other, side="right")
        within = np.minimum(other - (ends[segment] - segments.length[segment]), ends[segment] - 1 - other)
        fields = reads.fields[segments.read[segment]]
        allele = 4 * place + base
        _tally(self.alt_count, allele)
        _tally(self.alt_quality, allele, np.minimum(quality, fields["mapq"]))
        for counts, which in (
            (self.alt_reverse, fields["flag"] & REVERSE > 0),
            (self.alt_low_mapq, fields["mapq"] < LOW_MAPQ),
            (self.alt_near_end, within < NEAR_END),
        ):
            _tally(counts, allele[which])

    def _add_events(self, reads: Reads, operations: Operations) -> None:
        indels, clips = operations.indels, operations.clips
        clips = clips.chosen(clips.length >= MIN_CLIP)
        for counts, events, shift in ((self.indels, indels, -1), (self.clips, clips, 0)):
            contig = reads.fields["contig"].astype(np.int64)[events.read]
            place = self.layout.locate(contig, np.maximum(events.start + shift, 0))
            _tally(counts, place[place >= 0])


def _tally(counts: NDArray[Any], at: Ints, weights: NDArray[Any] | None = None, *, sign: int = 1) -> None:
    """Add 1 (or a weight) to `counts` at each index; the indexes of some reads lie close together, and only there is counted."""
    if not len(at):
        return
    low = int(at.min())
    found = np.bincount(at - low, weights).astype(counts.dtype)
    counts[low : low + len(found)] += found if sign > 0 else -found


def gather(evidence: Evidence, batches: Iterable[Reads]) -> Evidence:
    """Return the evidence with all reads counted."""
    for reads in batches:
        evidence.add(reads)
    evidence.finish()
    return evidence
