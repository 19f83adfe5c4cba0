"""Where an HGVS name of a small variant lies on the genome, and whether it contradicts the bases there."""

import re
from dataclasses import dataclass

from workflow.bases import Bases, reverse_complement
from workflow.hgvs_names import TranscriptNamer

_NAME = re.compile(r"^([^\s:]+):([cgmn])\.(\S+)$")
_POSITION = r"([-*]?)(\d+)([+-]\d+)?"
_CHANGE = re.compile(rf"^{_POSITION}(?:_{_POSITION})?(?:([ACGT]+)>([ACGT]+)|(delins|del|dup|inv|ins)([ACGT]*)|=)$")


class ContradictionError(Exception):
    """A name that cannot be true; the text says why, without a full stop."""


@dataclass(frozen=True)
class Name:
    """An HGVS name taken apart: `kind` is c, g, m or n; `rest` the description behind it."""

    accession: str
    kind: str
    rest: str

    @classmethod
    def of(cls, text: str) -> "Name":
        """Take a name apart.

        Raises:
            ContradictionError: it is no name with an accession, or a description of a kind that is not known here.
        """
        match = _NAME.match(text)
        if not match or not _CHANGE.match(match[3]):
            raise ContradictionError(f"{text} is no HGVS name of a small variant that can be read")
        return cls(match[1], match[2], match[3])


def genomic_base(namer: TranscriptNamer, mark: str, number: int, offset: int) -> int:
    """Return the base of the genome (0-based) that a position of a transcript stands for: `mark` is `-`, `*` or nothing.

    Raises:
        ContradictionError: the transcript has no such position.
    """
    first, last = namer.map.coding if namer.transcript.cds else (0, namer.map.length)
    index = first - number if mark == "-" else last + number - 1 if mark == "*" else first + number - 1
    if not 0 <= index < namer.map.length or (not mark and not first <= index < last):
        raise ContradictionError(f"{namer.transcript.id} has no position {mark}{number}")
    before = 0
    for start, end in namer.transcript.exons_in_order:
        within = index - before
        if within < end - start:
            if offset and within != (end - start - 1 if offset > 0 else 0):
                raise ContradictionError(f"position {mark}{number} of {namer.transcript.id} is not beside an intron")
            base = start + within + offset if namer.forward else end - 1 - within - offset
            if offset and namer.map.number(base)[0] != "intron":
                raise ContradictionError(f"the intron beside {mark}{number} of {namer.transcript.id} is shorter than that")
            return base
        before += end - start
    raise ContradictionError(f"{namer.transcript.id} has no position {mark}{number}")


@dataclass(frozen=True)
class Place:
    """Bases [start, end), 0-based half-open, that a name speaks of; REF and ALT (forward strand) where it is a substitution, else None."""

    contig: str
    start: int
    end: int
    alleles: tuple[str, str] | None


def place_on_transcript(name: Name, namer: TranscriptNamer) -> Place:
    """Return where a c. or n. name lies.

    Raises:
        ContradictionError: the transcript has no such position, or other bases there.
    """
    mark, number, offset, mark_2, number_2, offset_2, ref, alt, edit, bases = _parts(name)
    ends = [genomic_base(namer, mark, int(number), int(offset or 0))]
    ends.append(genomic_base(namer, mark_2, int(number_2), int(offset_2 or 0)) if number_2 else ends[0])
    if (ends[0] > ends[1]) == namer.forward and ends[0] != ends[1]:
        raise ContradictionError(f"{name.rest} ends before it begins")
    turned = (lambda text: text) if namer.forward else reverse_complement
    return _checked(name, namer.bases, namer.transcript.contig, min(ends), max(ends) + 1, turned, (ref, alt, edit, bases))


def place_on_genome(name: Name, contig: str, bases: Bases) -> Place:
    """Return where a g. or m. name lies on a contig.

    Raises:
        ContradictionError: the contig has no such position, or other bases there.
    """
    mark, number, offset, _, number_2, _, ref, alt, edit, told = _parts(name)
    start, end = int(number) - 1, int(number_2 or number)
    if mark or offset or start >= end or end > bases.lengths[contig]:
        raise ContradictionError(f"{contig} has no such position")
    return _checked(name, bases, contig, start, end, lambda text: text, (ref, alt, edit, told))


def _parts(name: Name) -> tuple[str, ...]:
    match = _CHANGE.match(name.rest)
    assert match
    return tuple(text or "" for text in match.groups())


def _checked(name: Name, bases: Bases, contig: str, start: int, end: int, turned, told) -> Place:  # type: ignore[no-untyped-def]
    """Compare the bases that a name removes with those of the reference."""
    ref, alt, edit, listed = told
    removed = ref or (listed if edit in {"del", "dup"} else "")
    known = turned(bases.get(contig, start, end))
    if removed and "N" not in known and removed != known:
        raise ContradictionError(f"{name.accession}:{name.kind}.{name.rest} says {removed} where the reference has {known}")
    return Place(contig, start, end, (turned(ref), turned(alt)) if ref else None)
