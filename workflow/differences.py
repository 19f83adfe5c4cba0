"""Where a read differs from the reference: substitutions, insertions and deletions within a window (0-based half-open)."""

from dataclasses import dataclass

import pysam

WEAK_BASE_QUALITY = 20  # Phred; a substitution below this is drawn faintly
ALIGNED = {pysam.CMATCH, pysam.CEQUAL, pysam.CDIFF}
SKIPS_REFERENCE = {pysam.CDEL, pysam.CREF_SKIP}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of a read.

    Attributes:
        kind: "mismatch", "insertion" or "deletion".
        start, end: the reference bases it replaces; empty (start == end) for an insertion before `start`.
        bases: the read's bases, upper case; empty for a deletion.
        reference: the reference's bases, upper case; empty for an insertion.
        weak: a substitution whose base quality is below 20.
    """

    kind: str
    start: int
    end: int
    bases: str
    reference: str
    weak: bool = False

    @property
    def cs(self) -> str:
        """The difference in minimap2's `cs` notation."""
        sign = {"mismatch": "*", "insertion": "+", "deletion": "-"}[self.kind]
        return sign + (self.reference + self.bases).lower()


def differences(read: pysam.AlignedSegment, sequence: str, start: int) -> list[Difference]:
    """Return the differences of a mapped read to `sequence`, the upper-case reference that begins at `start`, in order.

    What lies outside the sequence is not looked at; deletions are cut at its ends.
    """
    found: list[Difference] = []
    end = start + len(sequence)
    for operation, length, at_reference, at_read in _walk(read):
        if operation in ALIGNED:
            found += _mismatches(read, sequence, start, at_reference, at_reference + length, at_read)
        elif operation in SKIPS_REFERENCE:
            low, high = max(at_reference, start), min(at_reference + length, end)
            found += [Difference("deletion", low, high, "", sequence[low - start : high - start])] if low < high else []
        elif operation == pysam.CINS and start < at_reference < end:
            bases = (read.query_sequence or "")[at_read : at_read + length].upper()
            found.append(Difference("insertion", at_reference, at_reference, bases, ""))
    return found


def bases_between(read: pysam.AlignedSegment, start: int, end: int) -> str:
    """Return the read's bases over the reference stretch [start, end), with what is inserted inside it; deleted bases are missing."""
    bases = (read.query_sequence or "").upper()
    parts = []
    for operation, length, at_reference, at_read in _walk(read):
        if operation in ALIGNED:
            low, high = max(at_reference, start), min(at_reference + length, end)
            parts.append(bases[at_read + low - at_reference : at_read + high - at_reference] if low < high else "")
        elif operation == pysam.CINS and start < at_reference < end:
            parts.append(bases[at_read : at_read + length])
    return "".join(parts)


def _walk(read: pysam.AlignedSegment) -> list[tuple[int, int, int, int]]:
    """Return (operation, length, reference position, read position) of each CIGAR operation."""
    steps, at_reference, at_read = [], read.reference_start, 0
    for operation, length in read.cigartuples or []:
        steps.append((operation, length, at_reference, at_read))
        at_reference += length if operation in ALIGNED | SKIPS_REFERENCE else 0
        at_read += length if operation in ALIGNED | {pysam.CINS, pysam.CSOFT_CLIP} else 0
    return steps


def _mismatches(read: pysam.AlignedSegment, sequence: str, start: int, low: int, high: int, at_read: int) -> list[Difference]:
    """Return the substitutions of one aligned block [low, high) whose first base is base `at_read` of the read."""
    bases, qualities = read.query_sequence or "", read.query_qualities
    found = []
    for place in range(max(low, start), min(high, start + len(sequence))):
        base, expected = bases[at_read + place - low].upper(), sequence[place - start]
        if base != expected:
            weak = qualities is not None and qualities[at_read + place - low] < WEAK_BASE_QUALITY
            found.append(Difference("mismatch", place, place + 1, base, expected, weak))
    return found
