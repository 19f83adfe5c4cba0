"""HGVS names of small variants: g. (m. on the mitochondrion), c., n. and p. (https://hgvs-nomenclature.org, version 21).

Names follow the 3' rule in the direction of the sequence that they are on. A name that cannot be given safely is not given:
`NotNamedError` says why. Why this is our own code, and its limits: docs/decisions (HGVS names).
"""

from dataclasses import dataclass
from functools import cached_property

from workflow.bases import Bases, reverse_complement
from workflow.hgvs_edits import Change, NotNamedError, describe, shifted
from workflow.protein_names import MITOCHONDRIAL_CODE, STANDARD_CODE, CodingSequence, protein_name
from workflow.transcript import Position, Transcript, TranscriptMap

MITOCHONDRIA = frozenset({"MT", "M", "chrM", "chrMT", "NC_012920.1"})


@dataclass(frozen=True, slots=True)
class TranscriptNames:
    """Names on one transcript, without accession (`c.746G>A`, `p.Arg249Gln`); empty with a note where one cannot be given."""

    coding: str
    protein: str
    note: str


def genomic_name(change: Change, bases: Bases) -> str:
    """Return the g. or m. name without accession, such as `g.156137204G>A`; `change` is trimmed."""
    kind = "m" if change.contig in MITOCHONDRIA else "g"
    if len(change.ref) == len(change.alt) == 1:
        return f"{kind}.{change.start + 1}{change.ref}>{change.alt}"
    moved = shifted(change, bases, forward=True)
    return f"{kind}.{describe(moved, bases, forward=True, number=lambda base: str(base + 1))}"


class TranscriptNamer:
    """Names changes on one transcript; keeps the spliced sequence once it was needed."""

    def __init__(self, transcript: Transcript, bases: Bases) -> None:
        self.transcript, self.bases = transcript, bases
        self.map = TranscriptMap(transcript)
        self.forward = transcript.strand == "+"

    def names(self, change: Change) -> TranscriptNames:
        """Return the names of a trimmed change on this transcript."""
        try:
            moved = shifted(change, self.bases, forward=self.forward)
            kind = "c" if self.transcript.cds else "n"
            coding = f"{kind}.{describe(moved, self.bases, forward=self.forward, number=self.number)}"
        except NotNamedError as reason:
            return TranscriptNames("", "", str(reason))
        if not self.transcript.cds:
            return TranscriptNames(coding, "", "")
        try:
            return TranscriptNames(coding, self._protein(moved), "")
        except NotNamedError as reason:
            return TranscriptNames(coding, "", f"protein: {reason}")

    def _position(self, base: int) -> Position:
        position = self.map.position(base)
        if position is None:
            raise NotNamedError("the variant reaches outside the transcript")
        return position

    def number(self, base: int) -> str:
        """Write a genomic base in the transcript's numbering: `-14`, `357-3`, `*32`."""
        position = self._position(base)
        start, end = self.map.coding if self.transcript.cds else (0, self.map.length)
        if position.index < start:
            text = str(position.index - start)
        elif position.index >= end:
            text = f"*{position.index - end + 1}"
        else:
            text = str(position.index - start + 1)
        return f"{text}{position.offset:+d}" if position.offset else text

    def _protein(self, change: Change) -> str:
        """Return the protein name of a shifted change, empty where it leaves the coding sequence alone.

        An insertion is judged by the two bases beside it.
        """
        first, last = (change.start, change.end - 1) if change.ref else (change.start - 1, change.start)
        start, end = (self._position(base) for base in ((first, last) if self.forward else (last, first)))
        coding_start, coding_end = self.map.coding
        from_start = start.index + (not change.ref) - coding_start
        to_end = end.index + bool(change.ref) - coding_start
        if to_end <= 0 or from_start >= coding_end - coding_start or self._within_intron(first, last):
            return ""
        if start.offset or end.offset or end.index - start.index != last - first or self._copies_intron(change):
            raise NotNamedError("the variant reaches over a splice site")
        if self.transcript.phase or (self._coding.length % 3 and self._coding.code is not MITOCHONDRIAL_CODE):
            raise NotNamedError("the coding sequence of the transcript is not complete")
        return protein_name(self._coding, from_start, to_end, change.alt if self.forward else reverse_complement(change.alt))

    def _within_intron(self, first: int, last: int) -> bool:
        kind, number = self.map.number(first)
        return kind == "intron" and self.map.number(last) == (kind, number)

    def _copies_intron(self, change: Change) -> bool:
        """Tell whether an insertion duplicates a stretch that reaches into an intron."""
        size = len(change.alt) if not change.ref else 0
        start, end = (change.start - size, change.start) if self.forward else (change.start, change.start + size)
        if not size or self.bases.get(change.contig, start, end) != change.alt:
            return False
        return any(position is None or position.offset for position in map(self.map.position, (start, end - 1)))

    @cached_property
    def _coding(self) -> CodingSequence:
        contig = self.transcript.contig
        spliced = "".join(self.bases.get(contig, start, end) for start, end in self.transcript.exons)
        spliced = spliced if self.forward else reverse_complement(spliced)
        start, end = self.map.coding
        return CodingSequence(spliced[start:], end - start, MITOCHONDRIAL_CODE if contig in MITOCHONDRIA else STANDARD_CODE)
