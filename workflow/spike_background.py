"""How hard the ranking of a spiked case is: its gene beside all genes, and beside genes that a whole exome would offer as candidates.

A region of real reads has few candidates. A person's exome has some 400 rare heterozygous changes of a protein, and a quarter of all genes
has a known disease (5,199 of about 20,000 in HPO 2025-01-16), so about 100 of them lie in genes that can compete. `OFFERED` genes with a
disease are therefore drawn for each patient, by a digest, each with one heterozygous change of a protein as the caller would
give it, one in `LOSSES` of them a loss of the product. Variant and model are weighed by the workflow's own code (`workflow/ranking.py`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow.candidates import Hit
from workflow.case_base import SolvedCase
from workflow.family import Family
from workflow.gene_facts import Phenotype
from workflow.hpo_annotations import Annotations, Floats
from workflow.left_out import LeftOut
from workflow.ontology import Ontology
from workflow.ranking import rank_hits
from workflow.variants import AnnotatedVariant, Consequence, Genotype
from workflow.weights import NOT_EVALUATED, Effect, Frequency

OFFERED = 100
LOSSES = 10
_PERSON = [{"sample": "decoy", "role": "proband", "sex": "female", "affected": "yes"}]
_GENOTYPE = Genotype((0, 1), 30, (15, 15), 99, phased=False)


@dataclass(frozen=True)
class GeneRanks:
    """Ranks of one patient's gene; equals share the mean of their places; None where nothing is known of the gene.

    Attributes:
        all_genes: by the terms alone, among every gene with a known disease, the HPO release as it is.
        all_genes_lopo: the same, the patient's own publication left out of the release.
        offered: with variant and model, among the gene and `OFFERED` others; `offered_lopo` likewise. None without a candidate.
    """

    all_genes: float | None
    all_genes_lopo: float | None
    offered: float | None
    offered_lopo: float | None


class Background:
    """All genes with a known disease, each with a decoy variant."""

    def __init__(self, ontology: Ontology, annotations: Annotations, patients: Sequence[SolvedCase]) -> None:
        self.left_out = LeftOut(ontology, annotations, patients, case_base=False)
        self.modes = annotations.modes_by_gene()
        self.symbols = sorted(self.left_out.gene)
        self.weights = {loss: self._weights(Effect.LOSS if loss else Effect.CHANGE) for loss in (True, False)}

    def _weights(self, effect: Effect) -> dict[str, float]:
        """Return what variant and model of a heterozygous change in each gene weigh together."""
        terms, impact = (("stop_gained",), "HIGH") if effect is Effect.LOSS else (("missense_variant",), "MODERATE")
        hits = []
        for symbol in self.symbols:
            names = ("", "", "", "")
            one = Consequence(terms, impact, symbol, symbol, symbol, "protein_coding", "", *names, "", True, True, "+")
            variant = AnnotatedVariant("chr1", 1, "A", "C", 500.0, (), {"decoy": _GENOTYPE}, (one,), "", {})
            hits.append(Hit(variant, one, effect, Frequency(None, NOT_EVALUATED)))
        ranked = rank_hits(hits, Family.of(_PERSON, "decoy"), Phenotype([], modes=self.modes), 10)
        return {one.hit.gene: one.variant_score + one.inheritance_score for one in ranked}

    def offered(self, patient: SolvedCase) -> list[tuple[str, float]]:
        """Return the genes drawn for a patient, each with the weight of its variant and model."""
        digests = {symbol: hashlib.sha256(f"{patient.id} {symbol}".encode()).hexdigest() for symbol in self.symbols}
        drawn = sorted((symbol for symbol in self.symbols if symbol != patient.gene), key=lambda symbol: digests[symbol])
        return [(symbol, self.weights[number % LOSSES == 0][symbol]) for number, symbol in enumerate(drawn[:OFFERED])]

    def ranks(self, patient: SolvedCase, weight: float | None) -> GeneRanks:
        """Return the ranks of a patient's gene; `weight` is that of the variant and model of its candidate, None without one."""
        number = self.left_out.gene.get(patient.gene)
        if number is None or not patient.observed:
            return GeneRanks(None, None, None, None)
        as_it_is, left = (self.left_out.scores(patient, naive=naive)[0] for naive in (True, False))
        offered = self.offered(patient)
        among: list[float | None] = []
        for genes in (as_it_is, left):
            others = [float(genes[self.left_out.gene[symbol]]) + own for symbol, own in offered]
            among.append(None if weight is None else place(float(genes[number]) + weight, others))
        return GeneRanks(place_in(as_it_is, number), place_in(left, number), *among)


def place_in(scores: Floats, number: int) -> float:
    """Return the rank of one of many scores, equals sharing the mean of their places."""
    return float((scores > scores[number]).sum() + ((scores == scores[number]).sum() + 1) / 2)


def place(score: float, others: Iterable[float]) -> float:
    """Return the rank of a score among others, equals sharing the mean of their places."""
    beside = list(others)
    return 1 + sum(one > score for one in beside) + sum(one == score for one in beside) / 2
