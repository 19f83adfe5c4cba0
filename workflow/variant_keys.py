"""What names a variant in a row, and its record in the calls."""

from collections.abc import Mapping
from typing import Any

import pysam

Key = tuple[str, int, str, str]
"""Contig, 1-based position, REF, ALT."""


def key_of(row: Mapping[str, Any]) -> Key:
    """Return what names the variant of a row."""
    return row["chrom"], row["pos"], row["ref"], row["alt"]


def record_of(calls: pysam.VariantFile, row: Mapping[str, Any]) -> pysam.VariantRecord | None:
    """Return the record of a row's variant in split calls with an index, None where they have none."""
    contig, pos, ref, alt = key_of(row)
    if contig not in calls.header.contigs:
        return None
    records = calls.fetch(contig, pos - 1, pos)
    return next((record for record in records if (record.pos, record.ref, record.alts) == (pos, ref, (alt,))), None)
