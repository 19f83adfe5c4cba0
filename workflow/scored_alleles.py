"""What a scorer says of each variant, in one form whichever the scorer: one row an alternative allele of a person's genotype.

A record with two alternative alleles (`1/2`) is two rows. A row is true or false; a false one is a *genotype* error if the other side has
the allele in another number of copies, else the allele is *missing* (in the truth's rows) or *extra* (in the calls').
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from sys import intern

import pandas as pd

from workflow.scorable import Record, copies


class Side(StrEnum):
    """Where a variant was read."""

    TRUTH = "truth"
    CALL = "call"


class Label(StrEnum):
    """What became of a variant."""

    TP = "TP"
    FN = "FN"
    FP = "FP"


class Error(StrEnum):
    """What is wrong with a false variant."""

    NONE = ""
    GENOTYPE = "genotype"
    MISSING = "missing allele"
    EXTRA = "extra allele"


@dataclass(frozen=True, slots=True)
class Allele:
    """One alternative allele of a person's genotype.

    Attributes:
        pos: 1-based, of the record.
        ref, alt: as the record has them, equal bases at their ends taken off as long as one base of each is left.
        start, end: reference bases that change, 0-based half-open; for an insertion empty, before base `start`.
        added: bases that stand in their place.
        type: SNV, INSERTION, DELETION or OTHER (several bases replaced).
        zygosity: het, hom or hemi; a half call is het.
    """

    chrom: str
    pos: int
    ref: str
    alt: str
    start: int
    end: int
    added: str
    type: str
    zygosity: str
    genotype: str
    qual: float
    filter: str
    depth: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A scorer's word on an allele; `group` numbers the stretch of the genome that was compared as one."""

    label: Label
    error: Error
    group: int


COLUMNS = [field.name for kind in (Allele, Scored) for field in fields(kind)]
_ALLELE, _SCORED = (attrgetter(*(field.name for field in fields(kind))) for kind in (Allele, Scored))


def alleles_of(record: Record) -> Iterator[Allele]:
    """Yield the alleles of a record, in the order of its genotype, each once; `*` is no allele, it tells of a deletion before it.

    Texts are interned, since a genome has millions of alleles and few different ones.
    """
    numbers = copies(record.genotype)
    zygosity = "hemi" if len(numbers) == 1 else "hom" if len(set(numbers)) == 1 else "het"
    for number in dict.fromkeys(number for number in numbers if number):
        ref, alt = record.ref, record.alts[number - 1]
        if alt == "*":
            continue
        while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        lead = next((at for at, (a, b) in enumerate(zip(ref, alt, strict=False)) if a != b), min(len(ref), len(alt)))
        removed, added = len(ref) - lead, len(alt) - lead
        start = record.pos - 1 + lead
        kind = _type(removed, added)
        qual, depth = float("nan" if record.qual == "." else record.qual), float(record.depth or "nan")
        ref, alt, added_bases, genotype, filters = map(intern, (ref, alt, alt[lead:], record.genotype, record.filters))
        changed = start, start + removed, added_bases
        yield Allele(record.contig, record.pos, ref, alt, *changed, kind, zygosity, genotype, qual, filters, depth)


def _type(removed: int, added: int) -> str:
    if removed == added == 1:
        return "SNV"
    return "INSERTION" if not removed else "DELETION" if not added else "OTHER"


def frame(rows: Iterable[tuple[Allele, Scored]]) -> pd.DataFrame:
    """Return scored alleles as a table with the columns COLUMNS."""
    table = pd.DataFrame([_ALLELE(allele) + _SCORED(scored) for allele, scored in rows], columns=COLUMNS)
    return table.astype({"start": "int32", "end": "int32", "pos": "int32", "group": "int32", "qual": "float64", "depth": "float32"})
