"""The evidence sheet's rows of one case, matched with the records of its calls."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.classification import Row
from workflow.errors import InputError
from workflow.evidence_places import Places
from workflow.hgvs_place import ContradictionError
from workflow.secondary import in_regions
from workflow.variant_keys import Key
from workflow.variants import AnnotatedVariant


def records_of(rows: Iterable[Row], vcf: str) -> dict[Key, AnnotatedVariant]:
    """Return the record of each row's variant."""
    regions = dict.fromkeys(f"{row['chrom']}:{row['pos']}-{row['pos']}" for row in rows)
    return {one.key: one for one in in_regions(vcf, list(regions))}


def judged_variants(
    judgements: Sequence[Mapping[str, Any]], places: Places, vcf: str, case: str, *, closed: bool
) -> dict[Key, list[Mapping[str, Any]]]:
    """Return the rows of the evidence sheet by the variant of the case that they mean.

    Where some genes are `closed`, rows on variants in them are left out: nothing of them may be told.

    Raises:
        InputError: the case has no such variant.
    """
    found: dict[Key, list[Mapping[str, Any]]] = {}
    for one in judgements:
        try:
            variant = places.find(one["variant"], vcf)
        except ContradictionError as reason:
            raise InputError(f"{reason}, in the evidence of {one['author']} for case {case}", remedy="correct the evidence sheet") from None
        if variant is None:
            what = f"the calls of case {case} have no variant {one['variant']}, of which {one['author']} judges {one['criterion']}"
            raise InputError(what, remedy="correct the evidence sheet, or take the row out")
        if closed and not variant.consequences and not variant.hgvs_g:
            continue
        found.setdefault(variant.key, []).append(one)
    return found
