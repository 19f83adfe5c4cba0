"""Regions and variants as people write them on a command line."""

import re
from dataclasses import dataclass

from workflow.cohort_store.model import Variant
from workflow.errors import InputError
from workflow.reference import lengths, plain_name

_REGION = re.compile(r"([A-Za-z0-9_.]+?)(?::([0-9,]+)(?:-([0-9,]+))?)?")
_VARIANT = re.compile(r"([A-Za-z0-9]+)[:\-_ ]+([0-9,]+)[:\-_ ]+([ACGTN]+)[:\-_> ]+([ACGTN]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Region:
    """Positions `start` to `end` of a contig, 1-based, both included; the contig without `chr`."""

    contig: str
    start: int
    end: int


def read_region(text: str, assembly: str) -> Region:
    """Return a region such as `chr7:117,480,000-117,670,000`, `7:117480000` or `7`.

    Raises:
        InputError: it is none, or not inside the assembly.
    """
    match = _REGION.fullmatch(text.strip())
    if not match:
        raise InputError(f"`{text[:60]}` is no region", remedy="write it as 7:117480000-117670000, 1-based, both ends included")
    contig = plain_name(match[1])
    length = lengths(assembly).get(contig)
    if length is None:
        raise InputError(f"{match[1][:40]} is no contig of {assembly}", remedy="use 1 to 22, X, Y or MT, with or without `chr`")
    start = _number(match[2]) if match[2] else 1
    end = _number(match[3]) if match[3] else start if match[2] else length
    if not 1 <= start <= end or start > length:
        raise InputError(f"`{text[:60]}` is empty or not inside of {contig}", remedy=f"{contig} has {length} bases in {assembly}")
    return Region(contig, start, min(end, length))


def read_variant(text: str, assembly: str) -> Variant:
    """Return a variant such as `7-117559590-ATCT-A` or `chr7:117559590:ATCT>A`.

    Raises:
        InputError: it is none, or not inside the assembly.
    """
    match = _VARIANT.fullmatch(text.strip())
    if not match:
        raise InputError(f"`{text[:60]}` is no variant", remedy="write it as 7-117559590-ATCT-A")
    region = read_region(f"{match[1]}:{match[2]}", assembly)
    return Variant(region.contig, region.start, match[3].upper(), match[4].upper())


def _number(text: str) -> int:
    return int(text.replace(",", "") or 0)
