"""Rare variants of genes that matter to a case which nobody assessed for an effect: untranslated, intronic, silent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.candidates import chosen_consequences, named_record
from workflow.effect_words import effect_record
from workflow.family import seen
from workflow.population import population_of
from workflow.secondary import in_regions, spans_of
from workflow.transcript import Transcript
from workflow.variants import AnnotatedVariant, Consequence
from workflow.weights import effect_of

MOST_GENES, MOST_VARIANTS = 20, 200


def genes_of_interest(ordered: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ordered genes and those of the candidates, the first MOST_GENES of each."""
    of_candidates = dict.fromkeys(row["gene"] for row in rows)
    return list(dict.fromkeys([*ordered[:MOST_GENES], *list(of_candidates)[:MOST_GENES]]))


def unassessed_variants(
    vcf: str, transcripts: Sequence[Transcript], genes: Sequence[str], proband: str, max_frequency: float, frequencies: bool
) -> dict[str, Any]:
    """Return `{genes, found, variants}`: what the proband carries there, passed by the caller and not known to be frequent.

    `found` counts them all; `variants` names the first MOST_VARIANTS in the order of the genome, each with `category` and `population`.

    Args:
        vcf: the annotated calls.
        transcripts: of these genes.
        genes: symbols.
        proband: name of the sample.
        max_frequency: highest frequency (fraction).
        frequencies: whether a population source was looked at.
    """
    wanted, found = frozenset(genes), 0
    variants: list[dict[str, Any]] = []
    for variant in in_regions(vcf, spans_of([one for one in transcripts if one.gene in wanted])):
        told = population_of(variant)
        if variant.filters or not seen(variant.genotypes.get(proband)).present or (told.highest or 0) > max_frequency:
            continue
        for one in _without_effect(variant, wanted):
            found += 1
            if len(variants) < MOST_VARIANTS:
                category = effect_record(one, None, None)["category"]
                population = told.in_words if frequencies else "not evaluated"
                variants.append(named_record(variant, one) | {"category": category, "population": population})
    return {"genes": list(genes), "found": found, "variants": variants}


def _without_effect(variant: AnnotatedVariant, genes: frozenset[str]) -> list[Consequence]:
    return [one for one in chosen_consequences(variant) if (one.symbol or one.gene) in genes and effect_of(one) is None]
