"""Phenotype, variant and inheritance joined: score = log10 likelihood ratio of the gene + log10 weights of variant and inheritance.

The weights of inheritance, like those of variants (`weights`), are set by judgement and not fitted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow.candidates import Hit
from workflow.family import Carriers, Family, Seen, carriers, contig_kind
from workflow.gene_facts import GeneFacts, Phenotype
from workflow.hpo_annotations import Mode
from workflow.inheritance import Fit, Model, compound_heterozygous, fitting_models
from workflow.weights import variant_weight

FIT_WEIGHT = {Fit.FITS: 0.0, Fit.POSSIBLE: -0.7, Fit.DOES_NOT_FIT: -2.0}
DE_NOVO_WEIGHT = 1.0
OTHER_MODE_WEIGHT = -1.5  # no disease of the gene is inherited like this
NO_DISEASE_WEIGHT = -1.0  # the gene has no known disease, so that nothing speaks for or against it


@dataclass(frozen=True)
class Ranked:
    """A candidate with all that its place rests on; scores are log10.

    Attributes:
        models: every model it was held against, the best first; none in a tumour.
        pair: the second heterozygous variant of the gene, if there is one, and how the two fit together.
    """

    hit: Hit
    who: Carriers
    gene: GeneFacts
    models: tuple[Model, ...]
    pair: tuple[Model, Hit] | None
    variant_score: float
    inheritance_score: float
    by_phenotype: bool

    @property
    def score(self) -> float:
        """The sum that candidates are ordered by."""
        phenotype = self.gene.score if self.gene.score is not None else NO_DISEASE_WEIGHT
        return round(self.variant_score + self.inheritance_score + (phenotype if self.by_phenotype else 0.0), 3)


def model_weight(model: Model, modes: frozenset[Mode]) -> float:
    """Return the log10 weight of a model, given how the gene's diseases are inherited (empty = not known)."""
    weight = FIT_WEIGHT[model.fit]
    if model.fit is Fit.FITS and model.name.startswith("de novo"):
        weight += DE_NOVO_WEIGHT
    return weight + (OTHER_MODE_WEIGHT if modes and model.mode not in modes else 0.0)


def rank_hits(hits: Iterable[Hit], family: Family, phenotype: Phenotype, min_depth: int) -> list[Ranked]:
    """Return the candidates, the best first; `min_depth` reads are needed to say that a relative lacks a variant."""
    by_gene: dict[str, list[tuple[Hit, Carriers]]] = defaultdict(list)
    for hit in hits:
        by_gene[hit.gene].append((hit, carriers(family, hit.variant.genotypes, hit.variant.contig, min_depth)))
    ranked = [one for symbol, found in by_gene.items() for one in _rank_gene(phenotype.facts(symbol), found, phenotype.ranking is not None)]
    return sorted(ranked, key=lambda one: (-one.score, one.hit.variant.contig, one.hit.variant.pos, one.hit.variant.alt, one.hit.gene))


def _rank_gene(gene: GeneFacts, found: Sequence[tuple[Hit, Carriers]], by_phenotype: bool) -> list[Ranked]:
    pairs = _best_pairs(found)
    return [_rank(hit, who, gene, pairs.get(number), by_phenotype) for number, (hit, who) in enumerate(found)]


def _best_pairs(found: Sequence[tuple[Hit, Carriers]]) -> dict[int, tuple[Model, Hit]]:
    """Return, by position in `found`, the best second heterozygous variant of the gene and how the two fit together.

    Variants that the same people carry are alike as partners, so that a gene with many variants takes no longer than it must.
    """
    alike: dict[tuple[Seen, ...], list[int]] = defaultdict(list)
    for number, (hit, who) in enumerate(found):
        if who.zygosity == "heterozygous" and contig_kind(hit.variant.contig) == "autosome":
            alike[tuple(who.seen.values())].append(number)
    best: dict[int, tuple[Model, Hit]] = {}
    for own in alike.values():
        partners = [(compound_heterozygous(found[own[0]][1], found[others[0]][1]), others) for others in alike.values()]
        partners.sort(key=lambda pair: -FIT_WEIGHT[pair[0].fit])
        for number in own:
            choice = ((model, other) for model, others in partners for other in others[:2] if other != number)
            if pair := next(choice, None):
                best[number] = (pair[0], found[pair[1]][0])
    return best


def _rank(hit: Hit, who: Carriers, gene: GeneFacts, pair: tuple[Model, Hit] | None, by_phenotype: bool) -> Ranked:
    genotype = hit.variant.genotypes[who.family.proband.sample]
    weight = round(variant_weight(hit.effect, hit.frequency, genotype), 3)
    if who.family.proband.role == "tumour":
        return Ranked(hit, who, gene, (), None, weight, 0.0, by_phenotype)
    models = fitting_models(who, hit.variant.contig) + ([pair[0]] if pair else [])
    models.sort(key=lambda model: -model_weight(model, gene.modes))
    return Ranked(hit, who, gene, tuple(models), pair, weight, round(model_weight(models[0], gene.modes), 3), by_phenotype)
