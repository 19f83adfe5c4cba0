"""Findings outside of the question, for a proband who consents: variants in the genes of the list, wherever they rank."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflow.candidate_rows import candidate_row
from workflow.candidates import Sieve
from workflow.family import Family
from workflow.gene_facts import Phenotype
from workflow.ranking import Evidence, rank_hits
from workflow.transcript import Transcript
from workflow.variants import AnnotatedVariant, read_annotated

Complete = Callable[[dict[str, Any], AnnotatedVariant], dict[str, Any]]


def spans_of(transcripts: Sequence[Transcript]) -> list[str]:
    """Return one region a gene (`chr1:101-200`, 1-based), over all its transcripts."""
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for one in transcripts:
        start, end = spans.get((one.contig, one.gene_id), (one.start, one.end))
        spans[one.contig, one.gene_id] = min(start, one.start), max(end, one.end)
    return [f"{contig}:{start + 1}-{end}" for (contig, _), (start, end) in sorted(spans.items())]


def in_regions(vcf: str, regions: Sequence[str]) -> Iterator[AnnotatedVariant]:
    """Give the records of some regions, each once."""
    seen = set()
    for variant in read_annotated(vcf, *regions) if regions else ():
        if variant.key not in seen:
            seen.add(variant.key)
            yield variant


def secondary_rows(
    vcf: str,
    transcripts: Sequence[Transcript],
    outside: frozenset[str],
    case: str,
    family: Family,
    evidence: Evidence,
    limits: Mapping[str, Any],
    missing: Mapping[str, str],
) -> list[tuple[dict[str, Any], AnnotatedVariant]]:
    """Return rows of the proband's variants in the genes `outside` of the question, each with its record.

    Args:
        vcf: the annotated calls.
        transcripts: of these genes.
        outside: their symbols.
        case: name of the case.
        family: its people with what else is known of them.
        evidence: what the reads say of parents and phase.
        limits: max_frequency and min_depth.
        missing: what was not looked at.
    """
    sieve = Sieve(family.proband.sample, limits["max_frequency"], frequencies="gnomad" not in missing)
    hits = [hit for hit in sieve.hits(in_regions(vcf, spans_of(transcripts))) if hit.gene in outside]
    ranked = rank_hits(hits, family, Phenotype([]), limits["min_depth"], evidence)
    return [(candidate_row(rank, case, one, missing), one.hit.variant) for rank, one in enumerate(ranked, start=1)]
