"""Identifiers of alleles by the GA4GH Variation Representation Specification 2.0 (vrs.ga4gh.org), computed from a reference sequence.

A digest is SHA-512 of the canonical JSON, cut to 24 bytes, as base64url; normalisation is the fully-justified form, and what is made of the
reference's own bases (deletions, repeats) is a ReferenceLengthExpression. Intervals are inter-residue: 0-based, half-open.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

Bases = Callable[[int, int], str]
"""Gives the upper-case bases of a contig from start to end (0-based, half-open), fewer at its ends."""
STEP = 64
"""Bases that are looked at at a time while an indel is rolled."""


def sha512t24u(blob: bytes) -> str:
    """Return the digest of the specification: 32 characters of base64url."""
    return base64.urlsafe_b64encode(hashlib.sha512(blob).digest()[:24]).decode("ascii")


def refget_accession(sequence: str) -> str:
    """Return the refget accession of a whole sequence (`SQ.…`), upper-case letters."""
    return f"SQ.{sha512t24u(sequence.upper().encode('ascii'))}"


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON of plain data: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("utf-8")


@dataclass(frozen=True)
class Span:
    """A part of a contig and what stands there: `start`, `end` inter-residue, `sequence` in their place."""

    start: int
    end: int
    sequence: str


def trimmed(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Return start and both alleles without the bases that they share at their ends."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


def _rolls(unit: str, take: Callable[[int], str], direction: int) -> str:
    """Return the bases that go on repeating a unit, by which it can be rolled; `take(i)` gives the i-th neighbour, empty at the end."""
    found = ""
    size = len(unit)
    while True:
        at = len(found)
        base = take(at)
        wanted = unit[at % size] if direction > 0 else unit[-1 - at % size]
        if not base or base != wanted:
            return found if direction > 0 else found[::-1]
        found += base


def _neighbours(bases: Bases, at: int, direction: int) -> Callable[[int], str]:
    """Return a look-up of the i-th base after `at`, or before it, read STEP bases at a time."""
    blocks: dict[int, str] = {}

    def take(index: int) -> str:
        block = index // STEP
        if block not in blocks:
            if direction > 0:
                blocks[block] = bases(at + block * STEP, at + (block + 1) * STEP)
            else:
                blocks[block] = bases(max(0, at - (block + 1) * STEP), max(0, at - block * STEP))[::-1]
        return blocks[block][index % STEP : index % STEP + 1]

    return take


def allele(accession: str, pos: int, ref: str, alt: str, bases: Bases) -> dict[str, Any]:
    """Return the normalised VRS Allele of a variant, with its identifiers.

    Args:
        accession: refget accession of the contig.
        pos: 1-based position of REF, as in a VCF.
        ref: the bases there, upper case.
        alt: the bases in their place, upper case.
        bases: the contig.
    """
    start, short_ref, short_alt = trimmed(pos - 1, ref, alt)
    unit = short_ref or short_alt
    if bool(short_ref) == bool(short_alt):  # a substitution, several bases for others, or no change at all
        state = {"type": "LiteralSequenceExpression", "sequence": short_alt} if unit else _repeat(len(ref), len(ref), ref)
        span = Span(start, start + len(short_ref), short_alt) if unit else Span(pos - 1, pos - 1 + len(ref), ref)
        return _identified(accession, span, state)
    end = start + len(short_ref)
    left = _rolls(unit, _neighbours(bases, start, -1), -1)
    right = _rolls(unit, _neighbours(bases, end, 1), 1)
    span = Span(start - len(left), end + len(right), left + short_alt + right)
    if span.start == span.end or (span.sequence and _derived(bases, span, len(unit)) != span.sequence):
        return _identified(accession, span, {"type": "LiteralSequenceExpression", "sequence": span.sequence})
    return _identified(accession, span, _repeat(len(span.sequence), len(unit), span.sequence))


def _repeat(length: int, unit: int, sequence: str) -> dict[str, Any]:
    return {"type": "ReferenceLengthExpression", "length": length, "repeatSubunitLength": unit, "sequence": sequence}


def _derived(bases: Bases, span: Span, unit: int) -> str:
    """Return the sequence that the reference's first `unit` bases of a span make when repeated to the length of its sequence."""
    return "".join(islice(cycle(bases(span.start, span.start + unit)), len(span.sequence)))


def identify(accession: str, start: int, end: int, state: Mapping[str, Any]) -> tuple[str, str]:
    """Return the digests of an allele's location and of the allele itself; the sequence of a ReferenceLengthExpression is no part of it."""
    place = {"type": "SequenceReference", "refgetAccession": accession}
    location = sha512t24u(canonical({"type": "SequenceLocation", "sequenceReference": place, "start": start, "end": end}))
    counted = {name: value for name, value in state.items() if not (name == "sequence" and state["type"] == "ReferenceLengthExpression")}
    return location, sha512t24u(canonical({"type": "Allele", "location": location, "state": counted}))


def _identified(accession: str, span: Span, state: Mapping[str, Any]) -> dict[str, Any]:
    location, digest = identify(accession, span.start, span.end, state)
    place = {"type": "SequenceReference", "refgetAccession": accession}
    where = {"id": f"ga4gh:SL.{location}", "type": "SequenceLocation", "sequenceReference": place, "start": span.start, "end": span.end}
    return {"id": f"ga4gh:VA.{digest}", "type": "Allele", "location": where, "state": dict(state)}
