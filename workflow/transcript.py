"""A transcript and its coordinates: blocks on a contig, and the numbering along the spliced sequence."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

Blocks = tuple[tuple[int, int], ...]
"""Intervals on one contig, 0-based half-open, ascending and disjoint unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transcript.

    Attributes:
        gene: symbol, or the gene's identifier where the file has no symbol.
        gene_id: identifier of the gene without `gene:`.
        id: accession with version where the file has one (`NM_170707.4`).
        source_id: the identifier as it stands in the file, without `transcript:`.
        strand: `+` or `-`.
        exons, cds: blocks on the contig in ascending order, whatever the strand; `cds` is empty for non-coding transcripts.
        phase: bases before the first complete codon of the coding sequence (0 unless its start is not known).
        is_mane: MANE Select.
        is_canonical: named canonical in the file; the longest coding sequence of a gene where the file names none.
        is_plus_clinical: MANE Plus Clinical: known pathogenic variants of the gene lie on this transcript and not on MANE Select.
    """

    gene: str
    gene_id: str
    id: str
    source_id: str
    biotype: str
    contig: str
    strand: str
    exons: Blocks
    cds: Blocks
    phase: int
    is_mane: bool
    is_canonical: bool
    is_plus_clinical: bool = False

    @property
    def start(self) -> int:
        """First base, 0-based."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """One past the last base, 0-based."""
        return self.exons[-1][1]

    @property
    def exons_in_order(self) -> Blocks:
        """Exons from 5' to 3', so that number 1 stands first."""
        return self.exons if self.strand == "+" else self.exons[::-1]

    @property
    def cds_length(self) -> int:
        """Bases of coding sequence, the stop codon included."""
        return sum(end - start for start, end in self.cds)


def chosen_transcript(transcripts: Iterable[Transcript]) -> Transcript:
    """Return the transcript that stands for a gene: MANE Select, else canonical, else the longest coding sequence."""
    return min(transcripts, key=lambda item: (not item.is_mane, not item.is_canonical, -item.cds_length, item.id))


@dataclass(frozen=True, slots=True)
class Position:
    """A base of the genome seen from a transcript.

    Attributes:
        index: 0-based index along the spliced transcript, 5' to 3'; inside an intron that of the nearest exon base.
        offset: 0 in an exon; +n or -n bases away from `index` inside an intron (the middle base of an odd intron counts as +).
    """

    index: int
    offset: int


class TranscriptMap:
    """Translates between the genome and one transcript (HGVS numbering: https://hgvs-nomenclature.org/stable/background/numbering/)."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._forward = transcript.strand == "+"
        self._starts = [start for start, _ in transcript.exons]
        self._before = [0]
        for start, end in transcript.exons:
            self._before.append(self._before[-1] + end - start)
        self.length = self._before[-1]

    def position(self, base: int) -> Position | None:
        """Return where a genomic base (0-based) lies, None outside the transcript."""
        block = bisect_right(self._starts, base) - 1
        if block < 0 or base >= self.transcript.end:
            return None
        start, end = self.transcript.exons[block]
        if base < end:
            return Position(self._oriented(self._before[block] + base - start), 0)
        left, right = base - end + 1, self._starts[block + 1] - base
        boundary = self._before[block + 1]
        near_left = left <= right if self._forward else left < right
        index = self._oriented(boundary - 1 if near_left else boundary)
        offset = left if near_left else -right
        return Position(index, offset if self._forward else -offset)

    def _oriented(self, index: int) -> int:
        return index if self._forward else self.length - 1 - index

    @cached_property
    def coding(self) -> tuple[int, int]:
        """Start and end of the coding sequence along the spliced transcript, 0-based half-open; (0, 0) without one."""
        cds = self.transcript.cds
        if not cds:
            return 0, 0
        ends = [self.position(base) for base in (cds[0][0], cds[-1][1] - 1)]
        indexes = sorted(end.index for end in ends if end is not None)
        return indexes[0], indexes[1] + 1

    def number(self, base: int) -> tuple[str, int]:
        """Return (`exon` or `intron`, its number from 5', 1-based) of a genomic base inside the transcript."""
        block = bisect_right(self._starts, base) - 1
        count = len(self._starts)
        if base < self.transcript.exons[block][1]:
            return "exon", block + 1 if self._forward else count - block
        return "intron", block + 1 if self._forward else count - block - 1
