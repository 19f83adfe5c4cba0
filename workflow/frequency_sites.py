"""Common single-nucleotide variants of a population VCF, thinned: sites that extend or make a panel."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pysam

from workflow.accessions import aliases
from workflow.errors import InputError
from workflow.intervals import Intervals, total_length
from workflow.site_panel import BASES, Row

LOWEST, HIGHEST = 0.05, 0.95
"""Frequencies of the alternative allele between which a site is common enough to tell people apart."""
MOST_SITES = 20_000
LEAST_SPACING = 100
"""Bases between two sites, at least: closer ones are inherited together and say the same twice."""
OTHER_ALLELE = 0.001
"""Frequency from which another allele of the same place spoils a site."""


def frequency(record: pysam.VariantRecord, fields: Iterable[str]) -> float | None:
    """Return the frequency of a record's first alternative allele: INFO/AF (or one of `fields`), AC/AN, or counted from genotypes."""
    for name in fields:
        if name in record.info:
            value: Any = record.info[name]
            value = value[0] if isinstance(value, tuple) else value
            return None if value is None else float(value)
    if "AC" in record.info and record.info.get("AN"):
        return float(record.info["AC"][0]) / float(record.info["AN"])
    alleles = [allele for sample in record.samples.values() for allele in sample.allele_indices or () if allele is not None]
    return sum(allele == 1 for allele in alleles) / len(alleles) if alleles else None


def common_site(contig: str, records: list[pysam.VariantRecord], fields: Iterable[str]) -> Row | None:
    """Return the site of all the records at one position, None unless it has one common alternative base, passed by its source, alone."""
    known = [(record, frequency(record, fields)) for record in records]
    wanted = [(record, value) for record, value in known if value is not None and LOWEST <= value <= HIGHEST]
    if len(wanted) != 1 or sum(value or 0 for record, value in known) - (wanted[0][1] or 0) > OTHER_ALLELE:
        return None
    record, value = wanted[0]
    alleles = record.alleles or ()
    if len(alleles) != 2 or not set(alleles) <= BASES or not set(record.filter.keys()) <= {"PASS", "."}:
        return None
    return contig, record.start, alleles[0], alleles[1], float(value or 0)


def spacing_of(territory: Intervals) -> int:
    """Return the distance in bases at which a territory gets no more than MOST_SITES sites."""
    return max(LEAST_SPACING, -(-total_length(territory) // MOST_SITES))


def thinned_sites(vcf: Path, territory: Intervals, spacing: int, fields: Iterable[str] = ("AF",)) -> Iterator[Row]:
    """Yield common sites of an indexed VCF inside a territory, `spacing` bases apart or more, under the territory's contig names.

    Raises:
        InputError: the VCF cannot be read or has no index.
    """
    try:
        source = pysam.VariantFile(str(vcf))
        own = set(source.index or ())
    except (OSError, ValueError):
        own = set()
    if not own:
        remedy = "compress it with `bgzip` and index it with `tabix -p vcf`"
        raise InputError("the frequencies cannot be read as VCF, or have no index", file=vcf, remedy=remedy)
    with source:
        for contig, intervals in territory.items():
            name = next((name for name in (contig, *aliases(contig)) if name in own), None)
            if name is not None:
                yield from _along(source, contig, name, intervals, spacing, tuple(fields))


def _along(
    source: pysam.VariantFile, contig: str, name: str, intervals: Iterable[tuple[int, int]], spacing: int, fields: tuple[str, ...]
) -> Iterator[Row]:
    """Yield the sites of one contig: the first common one of each stretch of `spacing` bases behind the last."""
    free = 0
    for start, end in intervals:
        at = max(start, free)
        while at < end:
            site = _first(source, contig, name, (at, end), fields)
            if site is None:
                break
            yield site
            at = free = site[1] + spacing


def _first(source: pysam.VariantFile, contig: str, name: str, stretch: tuple[int, int], fields: tuple[str, ...]) -> Row | None:
    records = (record for record in source.fetch(name, *stretch) if record.start >= stretch[0])
    for _, same in groupby(records, key=lambda record: record.start):
        if site := common_site(contig, list(same), fields):
            return site
    return None


def outside_of(rows: Iterable[Row], taken: Iterable[tuple[str, int]], distance: int) -> list[Row]:
    """Return the sites that are `distance` bases or more away from every one of `taken` (contig, position)."""
    places: dict[str, list[int]] = {}
    for contig, position in taken:
        places.setdefault(contig, []).append(position)
    arrays = {contig: np.array(sorted(positions)) for contig, positions in places.items()}
    return [row for row in rows if not _near(arrays.get(row[0]), row[1], distance)]


def _near(positions: Any, position: int, distance: int) -> bool:
    if positions is None:
        return False
    at = int(np.searchsorted(positions, position))
    return any(abs(int(positions[index]) - position) < distance for index in (at - 1, at) if 0 <= index < len(positions))
