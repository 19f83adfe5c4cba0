"""What could hide where a gene was not seen: known pathogenic variants there, and the second variant of a recessive candidate."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.clinvar import ClinVar, severity_of
from workflow.coverage_gaps import CallableBed
from workflow.intervals import Interval

Data = Mapping[str, Any]


def add_hidden(
    genes: Sequence[Data], candidates: Iterable[Data], bed: CallableBed, clinvar: ClinVar | None, recessive: frozenset[str]
) -> list[dict[str, Any]]:
    """Return genes with `hides` and exons with `unseen` (0-based half-open) and `known` in them.

    `known` counts the (likely) pathogenic records of the ClinVar release in what was not seen of an exon in the proband; None where no
    release is configured. `hides` says in words what may have been missed.

    Args:
        genes: as `workflow.coverage_gaps.gene_coverage` gives them.
        candidates: rows with gene and zygosity.
        bed: callable regions of the proband.
        clinvar: the release, None for none.
        recessive: genes that cause a recessive disease, as far as is known.
    """
    single = {one["gene"] for one in candidates if one["zygosity"] == "heterozygous"} & recessive
    return [_with_hidden(gene, bed, clinvar, second=gene["gene"] in single) for gene in genes]


def _with_hidden(gene: Data, bed: CallableBed, clinvar: ClinVar | None, *, second: bool) -> dict[str, Any]:
    exons = [_exon(exon, bed, clinvar) for exon in gene["exons"]]
    unseen = any(exon["unseen"] for exon in exons)
    told = []
    if second and unseen:
        told.append("the second variant of a recessive disease, of which one is among the candidates, may lie here")
    if unseen and clinvar:
        number = sum(exon["known"] or 0 for exon in exons)
        told.append(f"{number:,} (likely) pathogenic variants of ClinVar {clinvar.release} lie in what was not seen")
    elif unseen:
        told.append("known pathogenic variants here: not evaluated, no ClinVar release is configured")
    return {**gene, "exons": exons, "hides": told}


def _exon(exon: Data, bed: CallableBed, clinvar: ClinVar | None) -> dict[str, Any]:
    place = exon["contig"], exon["start"], exon["end"]
    unseen = unseen_parts(exon["start"], exon["end"], bed.within(*place))
    return {**exon, "unseen": [list(part) for part in unseen], "known": _known(exon["contig"], unseen, clinvar)}


def unseen_parts(start: int, end: int, seen: Iterable[Interval]) -> list[Interval]:
    """Return what is left of [start, end) without `seen`, which is sorted and disjoint."""
    left, at = [], start
    for first, last in seen:
        if first > at:
            left.append((at, first))
        at = last
    return [*left, (at, end)] if at < end else left


def _known(contig: str, unseen: Sequence[Interval], clinvar: ClinVar | None) -> int | None:
    if clinvar is None:
        return None
    return sum(bool(severity_of(fields.get("CLNSIG", ""))) for start, end in unseen for _, fields in clinvar.records(contig, start, end))
