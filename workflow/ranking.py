"""Phenotype, variant and inheritance joined: score = log10 likelihood ratio of the gene + log10 weights of variant and inheritance.

The weights of inheritance, like those of variants (`weights`), are set by judgement and not fitted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workflow.candidates import Hit
from workflow.cohort_store.case_counts import inhouse_counts
from workflow.family import Carriers, Family, Seen, carriers
from workflow.gene_facts import GeneFacts, Phenotype
from workflow.hpo_annotations import Mode
from workflow.imprinting import expressed_copies
from workflow.inheritance import Fit, Model, fitting_models
from workflow.parental_reads import AlleleReads
from workflow.phase import Phase, ReadPhase, compound_heterozygous, phase_of
from workflow.segregation import Segregation, segregation
from workflow.variant_keys import Key
from workflow.weights import variant_weight

FIT_WEIGHT = {Fit.FITS: 0.0, Fit.POSSIBLE: -0.7, Fit.DOES_NOT_FIT: -2.0}
DE_NOVO_WEIGHT = 1.0
OTHER_MODE_WEIGHT = -1.5  # no disease of the gene is inherited like this
MOST_PAIRED = 60  # heterozygous candidates of a gene up to which each pair is looked at; above it, by what the parents carry alone
NO_DISEASE_WEIGHT = -1.0  # the gene has no known disease, so that nothing speaks for or against it


@dataclass(frozen=True)
class Pair:
    """The second heterozygous variant of a gene, how the two fit together, and their phase."""

    model: Model
    hit: Hit
    who: Carriers
    phase: Phase


@dataclass(frozen=True)
class Evidence:
    """What the reads say of the candidates: parents' fragments by variant and sample, and the proband's phase."""

    reads: Mapping[Key, Mapping[str, AlleleReads]] = field(default_factory=dict)
    phase: ReadPhase = field(default_factory=dict)


@dataclass(frozen=True)
class Ranked:
    """A candidate with all that its place rests on; scores are log10.

    Attributes:
        models: every model it was held against, the best first; none in a tumour.
        pair: the second heterozygous variant of the gene, if there is one.
        segregation: how it goes with the disease under the best model.
    """

    hit: Hit
    who: Carriers
    gene: GeneFacts
    models: tuple[Model, ...]
    pair: Pair | None
    variant_score: float
    inheritance_score: float
    by_phenotype: bool
    segregation: Segregation | None = None

    @property
    def score(self) -> float:
        """The sum that candidates are ordered by."""
        phenotype = self.gene.score if self.gene.score is not None else NO_DISEASE_WEIGHT
        return round(self.variant_score + self.inheritance_score + (phenotype if self.by_phenotype else 0.0), 3)


def model_weight(model: Model, modes: frozenset[Mode]) -> float:
    """Return the log10 weight of a model, given how the gene's diseases are inherited (empty = not known)."""
    weight = FIT_WEIGHT[model.fit]
    if model.fit is Fit.FITS and model.is_new:
        weight += DE_NOVO_WEIGHT
    return weight + (OTHER_MODE_WEIGHT if modes and model.mode not in modes else 0.0)


def rank_hits(hits: Iterable[Hit], family: Family, phenotype: Phenotype, min_depth: int, evidence: Evidence | None = None) -> list[Ranked]:
    """Return the candidates, the best first; `min_depth` reads are needed to say that a relative lacks a variant."""
    evidence = evidence or Evidence()
    by_gene: dict[str, list[tuple[Hit, Carriers]]] = defaultdict(list)
    for hit in hits:
        variant, counted = hit.variant, evidence.reads.get(hit.variant.key)
        by_gene[hit.gene].append((hit, carriers(family, variant.genotypes, variant.contig, min_depth, pos=variant.pos, reads=counted)))
    ranked = [
        one
        for symbol, found in by_gene.items()
        for one in _rank_gene(phenotype.facts(symbol), found, phenotype.ranking is not None, evidence.phase)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.hit.variant.contig, one.hit.variant.pos, one.hit.variant.alt, one.hit.gene))


def _rank_gene(gene: GeneFacts, found: Sequence[tuple[Hit, Carriers]], by_phenotype: bool, phase: ReadPhase) -> list[Ranked]:
    pairs = _best_pairs(found, phase)
    return [_rank(hit, who, gene, pairs.get(number), by_phenotype) for number, (hit, who) in enumerate(found)]


def _best_pairs(found: Sequence[tuple[Hit, Carriers]], phase: ReadPhase) -> dict[int, Pair]:
    """Return, by position in `found`, the best second heterozygous variant of the gene and how the two fit together."""
    single = [number for number, (_, who) in enumerate(found) if who.zygosity == "heterozygous" and who.kind == "autosome"]
    if len(single) > MOST_PAIRED:
        return _best_of_many(found, single)
    best: dict[int, Pair] = {}
    for number in single:
        pairs = [_pair(found[number], found[other], phase) for other in single if other != number]
        if pairs:
            best[number] = max(pairs, key=lambda pair: FIT_WEIGHT[pair.model.fit])
    return best


def _pair(first: tuple[Hit, Carriers], second: tuple[Hit, Carriers], by_reads: ReadPhase) -> Pair:
    phase = phase_of((first[0].variant, first[1]), (second[0].variant, second[1]), by_reads)
    return Pair(compound_heterozygous(first[1], second[1], phase), second[0], second[1], phase)


def _best_of_many(found: Sequence[tuple[Hit, Carriers]], single: Sequence[int]) -> dict[int, Pair]:
    """Pair the variants of a gene with very many: those that the same people carry are alike as partners, which saves most of the pairs."""
    alike: dict[tuple[Seen, ...], list[int]] = defaultdict(list)
    for number in single:
        alike[tuple(found[number][1].seen.values())].append(number)
    best: dict[int, Pair] = {}
    for own in alike.values():
        partners = [(_pair(found[own[0]], found[others[0]], {}), others) for others in alike.values()]
        partners.sort(key=lambda pair: -FIT_WEIGHT[pair[0].model.fit])
        for number in own:
            choice = ((pair, other) for pair, others in partners for other in others[:2] if other != number)
            if chosen := next(choice, None):
                best[number] = Pair(chosen[0].model, *found[chosen[1]], chosen[0].phase)
    return best


def _rank(hit: Hit, who: Carriers, gene: GeneFacts, pair: Pair | None, by_phenotype: bool) -> Ranked:
    genotype = hit.variant.genotypes[who.family.proband.sample]
    recurrent = inhouse_counts(hit.variant).recurrent
    weight = round(variant_weight(hit.effect, hit.frequency, genotype, recurrent=recurrent), 3)
    if who.family.proband.role == "tumour":
        return Ranked(hit, who, gene, (), None, weight, 0.0, by_phenotype)
    models = fitting_models(who, expressed_copies().get(hit.gene, "")) + ([pair.model] if pair else [])
    models.sort(key=lambda model: -model_weight(model, gene.modes))
    counted = segregation(who, models[0], pair.who if pair and models[0] is pair.model else None)
    score = round(model_weight(models[0], gene.modes), 3)
    return Ranked(hit, who, gene, tuple(models), pair, weight, score, by_phenotype, counted)
