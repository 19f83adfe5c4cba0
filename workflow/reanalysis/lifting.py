"""How much of a gene's new score is owed to what is new about the gene itself, and how much to everything else that the release changed.

The gene's diseases are described as the old release had them, and scored against the new one: its terms, their frequencies over all
diseases, all other genes. What remains of the gain then is not the gene's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from workflow.hpo_annotations import Annotations, Numbers
from workflow.ontology import Ontology
from workflow.phenotype import PhenotypeModel, Ranking
from workflow.ranking import NO_DISEASE_WEIGHT
from workflow.reanalysis.difference import Row

NOT_USED = -1


class Lifting:
    """Two releases side by side: the old one's descriptions of diseases, and the new one as it ranks.

    Args:
        old, new: the models of the releases.
    """

    def __init__(self, old: PhenotypeModel, new: PhenotypeModel) -> None:
        self.old, self.new = old, new
        self._gene = {symbol: number for number, symbol in enumerate(old.annotations.genes)}
        self._gene_now = {symbol: number for number, symbol in enumerate(new.annotations.genes)}

    def own(self, gene: str, terms: Sequence[Mapping[str, Any]]) -> float | None:
        """Return by how much (log10) the gene scores higher than with its old description; None where it has no score to compare.

        Args:
            gene: its symbol.
            terms: the patient's in the new release, {id, excluded}.
        """
        if gene not in self._gene_now:
            return None
        observed, excluded = _numbers(terms, self.new.ontology)
        if not observed:
            return None
        ranking = self._ranked(observed, excluded)
        number = self._gene_now[gene]
        if gene not in self._gene:
            return float(ranking.genes[number]) - NO_DISEASE_WEIGHT
        now = float(ranking.diseases[self.new.annotations.disease_of[self.new.annotations.gene_of == number]].max())
        return now - self._as_before(self._gene[gene], observed, excluded)

    @lru_cache(maxsize=1)  # noqa: B019 - one case after the other
    def _ranked(self, observed: tuple[int, ...], excluded: tuple[int, ...]) -> Ranking:
        return self.new.rank(observed, excluded)

    def _as_before(self, gene: int, observed: tuple[int, ...], excluded: tuple[int, ...]) -> float:
        """Return the score of a gene's best disease as the old release describes it, on the scale of the new one."""
        whole = self.old.annotations
        own = whole.disease_of[whole.gene_of == gene]
        part = PhenotypeModel(self.new.ontology, self._described(whole, own), self.new.background)
        part.weights = self.new.weights
        return float(part.rank(observed, excluded).diseases[own].max())

    def _described(self, whole: Annotations, diseases: Numbers) -> Annotations:
        """Return the old annotations of some diseases with the new release's numbers of their terms."""
        rows = np.flatnonzero(np.isin(whole.disease, diseases))
        terms = self._renumbered[whole.term[rows]]
        rows, terms = rows[terms != NOT_USED], terms[terms != NOT_USED]
        return replace(whole, disease=whole.disease[rows], term=terms, observed=whole.observed[rows], examined=whole.examined[rows])

    @property
    def _renumbered(self) -> Numbers:
        return renumbered(self.old.ontology, self.new.ontology)


@lru_cache(maxsize=2)
def renumbered(old: Ontology, new: Ontology) -> Numbers:
    """Return by number of a term in the old release its number in the new one, NOT_USED where the new one has none."""
    names = (new.current(name) for name in old.ids)
    return np.array([new.index.get(name or "", NOT_USED) for name in names], dtype=np.int64)


def _numbers(terms: Sequence[Mapping[str, Any]], ontology: Ontology) -> tuple[tuple[int, ...], tuple[int, ...]]:
    known = [(ontology.index[one["id"]], bool(one["excluded"])) for one in terms if one["id"] in ontology.index]
    return tuple(number for number, excluded in known if not excluded), tuple(number for number, excluded in known if excluded)


def rank_without(row: Row, rows: Sequence[Row], own: float) -> int:
    """Return the rank that a candidate would have among `rows` if its gene scored `own` less; each gene's other variants likewise."""
    others = [other["score"] for other in rows if other["gene"] != row["gene"]]
    before = [other["rank"] for other in rows if other["gene"] == row["gene"] and other["rank"] < row["rank"]]
    return 1 + len(before) + sum(1 for score in others if score > row["score"] - own)
