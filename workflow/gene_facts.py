"""What an HPO release says about genes for one patient: score, rank, best disease, share of each term, modes of inheritance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.hpo_annotations import Mode, read_annotations
from workflow.ontology import Ontology, read_ontology
from workflow.phenotype import PhenotypeModel, Ranking

LISTED_GENES = 50


@dataclass(frozen=True)
class GeneFacts:
    """What is known of one gene; `score` (log10 likelihood ratio) and `rank` are None without terms or without a known disease."""

    symbol: str
    score: float | None = None
    rank: int | None = None
    disease: tuple[str, str] | None = None
    terms: tuple[tuple[str, str, float], ...] = ()
    silence: float = 0.0
    modes: frozenset[Mode] = frozenset()

    @property
    def matched(self) -> int:
        """Number of terms that speak for the disease."""
        return sum(ratio > 0 for _, _, ratio in self.terms)

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; `log_lr` and `not_told_log_lr` are shares of the best disease's log10 ratio."""
        return {
            "symbol": self.symbol,
            "phenotype_score": self.score,
            "rank": self.rank,
            "disease": dict(zip(("id", "name"), self.disease, strict=True)) if self.disease else None,
            "terms": [{"id": name, "label": label, "log_lr": round(ratio, 3)} for name, label, ratio in self.terms],
            "not_told_log_lr": round(self.silence, 3),
            "modes": sorted(self.modes),
        }


@dataclass
class Phenotype:
    """A patient's terms held against an HPO release; without one, or without observed terms, only what remains is said.

    Attributes:
        terms: the patient's terms as plain data {id, label, excluded}, with the labels of the release.
        genes: number of genes with a known disease.
    """

    terms: list[dict[str, Any]]
    ontology: Ontology | None = None
    ranking: Ranking | None = None
    modes: Mapping[str, frozenset[Mode]] = field(default_factory=dict)
    number: Mapping[str, int] = field(default_factory=dict)
    ranks: Sequence[int] = ()

    def facts(self, symbol: str) -> GeneFacts:
        """Return what is known of a gene."""
        modes = self.modes.get(symbol, frozenset())
        if self.ranking is None or self.ontology is None or symbol not in self.number:
            return GeneFacts(symbol, modes=modes)
        gene, ranking = self.number[symbol], self.ranking
        best = ranking.best_disease(gene)
        names = [(self.ontology.ids[term], self.ontology.names[term]) for term in ranking.terms]
        terms = tuple((*name, float(ratio)) for name, ratio in zip(names, ranking.by_term[:, best], strict=True))
        disease = ranking.annotations.diseases[best]
        return GeneFacts(
            symbol, round(float(ranking.genes[gene]), 3), self.ranks[gene], disease, terms, float(ranking.silence[best]), modes
        )

    def best_genes(self) -> list[str]:
        """Return the symbols of the genes that fit best, best first; none without observed terms."""
        order = sorted(self.number, key=lambda symbol: (self.ranks[self.number[symbol]], symbol)) if len(self.ranks) else []
        return order[:LISTED_GENES]


def read_phenotype(hpo: Path | None, terms: Sequence[Mapping[str, Any]], file: str | None = None) -> Phenotype:
    """Hold terms {id, label, excluded} against the HPO release in the folder `hpo`.

    Raises:
        InputError: a term is not in the release or is obsolete (`file`, the phenopacket, is named), or a file of the release is wrong.
    """
    if hpo is None:
        return Phenotype([dict(term) for term in terms])
    ontology = read_ontology(hpo / "hp.obo")
    numbers = [ontology.require(term["id"], file=file) for term in terms]
    labelled = [{**term, "label": ontology.names[number]} for term, number in zip(terms, numbers, strict=True)]
    annotations = read_annotations(hpo, ontology)
    found = Phenotype(labelled, ontology, modes=annotations.modes_by_gene())
    if observed := [number for number, term in zip(numbers, terms, strict=True) if not term["excluded"]]:
        found.ranking = PhenotypeModel(ontology, annotations).rank(observed)
        found.ranks = found.ranking.ranks().tolist()
        found.number = {symbol: number for number, symbol in enumerate(annotations.genes)}
    return found
