"""The description of a change as HGVS words it, on any numbered sequence (https://hgvs-nomenclature.org, version 21)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from workflow.bases import Bases, reverse_complement

_STEP = 64


class NotNamedError(Exception):
    """A name cannot be given; the text says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change on a contig, trimmed: bases [start, end), 0-based half-open, equal `ref` and become `alt` (both forward strand)."""

    contig: str
    start: int
    end: int
    ref: str
    alt: str


def trimmed_change(contig: str, pos: int, ref: str, alt: str) -> Change:
    """Return the smallest change that a VCF record (1-based `pos`) stands for, shared bases cut from the right first."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    start = pos - 1
    while ref and alt and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    return Change(contig, start, start + len(ref), ref, alt)


def shifted(change: Change, bases: Bases, *, forward: bool) -> Change:
    """Return a pure deletion or insertion moved as far right (`forward`) or left on the contig as the sequence allows.

    Raises:
        NotNamedError: unknown bases (N) are deleted or stop the shift, so that the furthest place is not known.
    """
    if bool(change.ref) == bool(change.alt):
        return change
    unit = change.ref or change.alt
    if "N" in unit:
        raise NotNamedError("the variant holds unknown bases")
    moved = _moves(change, unit, bases, forward=forward)
    turn = moved % len(unit) if forward else -moved % len(unit)
    unit = unit[turn:] + unit[:turn]
    step = moved if forward else -moved
    start, end = change.start + step, change.end + step
    return replace(change, start=start, end=end, ref=unit if change.ref else "", alt=unit if change.alt else "")


def _moves(change: Change, unit: str, bases: Bases, *, forward: bool) -> int:
    """Count the bases beside a change that repeat `unit` cyclically."""
    moved = 0
    while True:
        if forward:
            beside = bases.get(change.contig, change.end + moved, change.end + moved + _STEP)
        else:
            beside = bases.get(change.contig, change.start - moved - _STEP, change.start - moved)[::-1]
        for base in beside:
            if base != (unit[moved % len(unit)] if forward else unit[-1 - moved % len(unit)]):
                if base == "N":
                    raise NotNamedError("the reference has unknown bases beside the variant")
                return moved
            moved += 1
        if len(beside) < _STEP:
            return moved


def describe(change: Change, bases: Bases, *, forward: bool, number: Callable[[int], str]) -> str:
    """Return the HGVS description of a trimmed, shifted change: `746G>A`, `12_14del`, `5dup`, `5_6insA`, `3_4inv`, `3_5delinsT`.

    Args:
        change: the change, on the forward strand.
        bases: the reference.
        forward: the description is on the forward strand of the contig.
        number: gives the written position of a genomic base (0-based).
    """
    ref, alt = (change.ref, change.alt) if forward else (reverse_complement(change.ref), reverse_complement(change.alt))
    if not ref:
        return _describe_insertion(change, alt, bases, forward=forward, number=number)
    place = _span(change.start, change.end, forward=forward, number=number)
    if not alt:
        return f"{place}del"
    if len(ref) == len(alt) == 1:
        return f"{place}{ref}>{alt}"
    return f"{place}inv" if ref == reverse_complement(alt) else f"{place}delins{alt}"


def _describe_insertion(change: Change, alt: str, bases: Bases, *, forward: bool, number: Callable[[int], str]) -> str:
    size, at = len(alt), change.start
    start, end = (at - size, at) if forward else (at, at + size)
    before = bases.get(change.contig, start, end)
    if before == change.alt:
        return f"{_span(start, end, forward=forward, number=number)}dup"
    if len(before) == size and "N" in before and all(known in {"N", new} for known, new in zip(before, change.alt, strict=True)):
        raise NotNamedError("the reference has unknown bases beside the variant")
    return f"{_span(at - 1, at + 1, forward=forward, number=number)}ins{alt}"


def _span(start: int, end: int, *, forward: bool, number: Callable[[int], str]) -> str:
    first, last = (start, end - 1) if forward else (end - 1, start)
    return number(first) if first == last else f"{number(first)}_{number(last)}"
