"""The variants that a query speaks of, among those that may be told."""

from collections.abc import Iterator

import numpy as np

from workflow.beacon.errors import BeaconError
from workflow.beacon.names import Names
from workflow.beacon.query import LONGEST_RANGE, TYPES, Query
from workflow.beacon.table import ToldTable, ToldWindow
from workflow.cohort_store.alleles import trimmed
from workflow.cohort_store.masking import Row
from workflow.cohort_store.model import Variant

IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T", "N": "ACGT", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG",
}  # fmt: skip
Found = tuple[int, Row | None]
"""Variants found, and the row of the only one."""


def find(table: ToldTable, names: Names, query: Query) -> Found:
    """Return how many told variants of the query's group it speaks of.

    Raises:
        BeaconError: a name cannot be read, or its gene is not known.
    """
    asked = query.parameters
    if "genomicAlleleShortForm" in asked:
        return exact(table, names.variant(asked["genomicAlleleShortForm"]), query)
    if "geneId" in asked:
        contig, start, end = names.gene(asked["geneId"])
        if end - start > LONGEST_RANGE:
            raise BeaconError(400, f"That gene has more than {LONGEST_RANGE} bases; ask for a range.")
        return _counted(_overlapping(table, contig, start, end, query), query)
    if not query.contig:
        if set(asked) - {"assemblyId"}:
            raise BeaconError(400, "Name a place too: a position, `geneId` or `genomicAlleleShortForm`.")
        return table.release.told.get(query.group, 0), None
    starts, ends = asked["start"], asked.get("end", [])
    ref, alt = asked.get("referenceBases", ""), asked.get("alternateBases", "")
    if len(starts) == 2:
        return _counted(_bracketed(table, query.contig, starts, ends, query), query)
    if ends:
        return _counted(_overlapping(table, query.contig, starts[0], ends[0], query), query)
    if ref and not set(ref + alt) - set("ACGT"):
        return exact(table, Variant(query.contig, starts[0] + 1, ref, alt), query)
    return _counted(_bracketed(table, query.contig, [starts[0], starts[0] + 1], [starts[0] + 1, 1 << 40], query), query)


def exact(table: ToldTable, variant: Variant, query: Query) -> Found:
    """Return whether one variant is told; it need not be in its shortest form."""
    short = Variant(variant.contig, *trimmed(variant.pos, variant.ref, variant.alt))
    row = table.row(short, query.group)
    fits = row is not None and _fits(short, query, letters=False)
    return int(fits), row if fits else None


def _overlapping(table: ToldTable, contig: str, start: int, end: int, query: Query) -> Iterator[tuple[ToldWindow, int]]:
    for window in table.windows(contig, start, end):
        chosen = (window.starts < end) & (window.ends > start) & window.groups[query.group]
        yield from ((window, at) for at in np.flatnonzero(chosen).tolist())


def _bracketed(table: ToldTable, contig: str, starts: list[int], ends: list[int], query: Query) -> Iterator[tuple[ToldWindow, int]]:
    for window in table.windows(contig, starts[0], starts[1]):
        chosen = (window.starts >= starts[0]) & (window.starts < starts[1]) & window.groups[query.group]
        chosen &= (window.ends >= ends[0]) & (window.ends < ends[1])
        yield from ((window, at) for at in np.flatnonzero(chosen).tolist())


def _counted(places: Iterator[tuple[ToldWindow, int]], query: Query) -> Found:
    found, row = 0, None
    for window, at in places:
        if _fits(window.variants[at], query):
            found, row = found + 1, window.rows[at]
    return found, row if found == 1 else None


def _fits(variant: Variant, query: Query, *, letters: bool = True) -> bool:
    """Say whether bases, type and length are those that are asked for."""
    asked = query.parameters
    if letters and not (_alike(variant.ref, asked.get("referenceBases")) and _alike(variant.alt, asked.get("alternateBases"))):
        return False
    if "variantType" in asked and TYPES[asked["variantType"]] != type_of(variant):
        return False
    return bool(asked.get("variantMinLength", 0) <= length_of(variant) <= asked.get("variantMaxLength", 1 << 40))


def _alike(bases: str, pattern: str | None) -> bool:
    return pattern is None or (len(bases) == len(pattern) and all(base in IUPAC[one] for base, one in zip(bases, pattern, strict=True)))


def type_of(variant: Variant) -> str:
    """Return SNP, MNP, INS, DEL or INDEL."""
    ref, alt = len(variant.ref), len(variant.alt)
    if ref == alt:
        return "SNP" if ref == 1 else "MNP"
    if min(ref, alt) == 1 and variant.ref[0] == variant.alt[0]:
        return "INS" if alt > ref else "DEL"
    return "INDEL"


def length_of(variant: Variant) -> int:
    """Return the bases that come or go, or are exchanged."""
    return abs(len(variant.ref) - len(variant.alt)) or len(variant.ref)
