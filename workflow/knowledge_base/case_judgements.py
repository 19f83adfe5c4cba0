"""Earlier judgements on the page of a case that has the variant: as the knowledge base was after a number of classifications.

The base is only appended to, so its first N lines never change: a page that names N and the hash of the last line says what it knew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import pysam

from workflow.family import Seen, seen
from workflow.knowledge_base.entries import Base, Entry
from workflow.knowledge_base.judgements import conflicts, in_force
from workflow.reference import plain_name
from workflow.variant_keys import Key, key_of
from workflow.variants import AnnotatedVariant, read_annotated

TOLD = ("category", "condition", "criteria", "evidence", "reference", "author", "date", "centre")
Data = Mapping[str, Any]
Judged = dict[Key, list[dict[str, Any]]]


def judged_in(base: Base, vcf: str, proband: str, case: str, *, closed: bool) -> Judged:
    """Return what was said before of each variant that the proband carries, by variant, the newest first.

    Args:
        base: the knowledge base.
        vcf: the annotated calls of the case, indexed.
        proband: the sample.
        case: its name; its own classifications say so, other cases are not named.
        closed: some genes may not be told of; their records have no name, and are left out.
    """
    by_variant: dict[str, list[Entry]] = {}
    for one in base.entries:
        by_variant.setdefault(one.variant, []).append(one)
    force, disputed = in_force(base.entries), conflicts(base.entries)
    found: Judged = {}
    for variant in _carried(by_variant, vcf, proband, closed=closed):
        those = sorted(by_variant[_name(variant)], key=lambda one: one.date, reverse=True)
        found[variant.key] = [_told(one, case, one in force.values(), one.about in disputed) for one in those]
    return found


def _told(one: Entry, case: str, in_force_now: bool, disputed: bool) -> dict[str, Any]:
    told = {name: value for name, value in asdict(one).items() if name in TOLD}
    return {**told, "in_force": in_force_now, "conflict": disputed and in_force_now, "this_case": one.case == case}


def _carried(by_variant: Mapping[str, Any], vcf: str, proband: str, *, closed: bool) -> Iterable[AnnotatedVariant]:
    """Give the records of the base's variants that the proband carries."""
    with pysam.VariantFile(vcf) as calls:
        names = {plain_name(str(name)): str(name) for name in calls.header.contigs}
    places = sorted({(names[contig], int(pos)) for contig, pos, *_ in (name.split("-") for name in by_variant) if contig in names})
    for one in read_annotated(vcf, *(f"{contig}:{pos}-{pos}" for contig, pos in places)) if places else ():
        hidden = closed and not one.consequences and not one.hgvs_g
        if _name(one) in by_variant and not hidden and seen(one.genotypes.get(proband)) not in {Seen.ABSENT, Seen.NOT_KNOWN}:
            yield one


def _name(one: AnnotatedVariant) -> str:
    return f"{plain_name(one.contig)}-{one.pos}-{one.ref}-{one.alt}"


def with_judgements(candidates: Iterable[Data], judged: Judged) -> list[dict[str, Any]]:
    """Return candidates, each with `judged_before`."""
    return [{**one, "judged_before": judged.get(key_of(one), [])} for one in candidates]


def as_record(base: Base | None, judged: Judged, candidates: Iterable[Data]) -> dict[str, Any] | None:
    """Return what the report holds of the knowledge base, with variants that are no candidates; None where none is configured."""
    if base is None:
        return None
    listed = {key_of(one) for one in candidates}
    others = [{"variant": f"{contig}-{pos}-{ref}-{alt}", "judged_before": said} for (contig, pos, ref, alt), said in judged.items()
              if (contig, pos, ref, alt) not in listed]  # fmt: skip
    return {"centre": base.centre, "entries": len(base.entries), "digest": base.digest, "elsewhere": others}
