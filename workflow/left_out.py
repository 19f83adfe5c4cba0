"""Published patients ranked without the publication that tells of them: what was known before it, and no more.

Leave one publication out: a row of `phenotype.hpoa` that rests on the patient's publication alone is dropped; from a row that rests on
several, that publication's part is taken away: its patients in the file with the term, and at least one part in as many as there are
publications. No solved case of the same publication counts, whoever it is of. A gene of which nothing is left is a miss.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from workflow.case_base import CaseBase, SolvedCase, with_cases
from workflow.hpo_annotations import Annotations, Floats
from workflow.ontology import Ontology
from workflow.phenotype import PhenotypeModel, posterior_of

MOST_A_GENE = 3
FOLDS = 2


@dataclass(frozen=True)
class Outcome:
    """How the gene of one patient ranked.

    Attributes:
        rank: its rank (the mean among equals), infinite for a miss.
        posterior: its probability; `first` that of the best gene; `right` whether the best gene is the patient's.
        terms: observed terms used; `solved` whether other publications' solved cases of the gene counted.
        fold: 0 for genes that weights were fitted on, 1 for the others.
    """

    case: str
    gene: str
    rank: float
    posterior: float
    first: float
    right: bool
    terms: int
    solved: bool
    known: bool
    fold: int


def fold_of(symbol: str) -> int:
    """Return the half that a gene belongs to, by a digest of its symbol: 0 = weights were fitted on it, 1 = held out."""
    return int(hashlib.sha256(f"fold{symbol}".encode()).hexdigest(), 16) % FOLDS


def few_of_each_gene(patients: Iterable[SolvedCase]) -> list[SolvedCase]:
    """Return at most three patients of each gene, drawn by a digest of their identifiers."""
    by_gene: dict[str, list[SolvedCase]] = defaultdict(list)
    for one in sorted(patients, key=lambda one: hashlib.sha256(one.id.encode()).hexdigest()):
        by_gene[one.gene].append(one)
    return [one for gene in sorted(by_gene) for one in by_gene[gene][:MOST_A_GENE]]


class LeftOut:
    """A release, with or without the patients themselves as solved cases, from which one publication at a time is left out."""

    def __init__(self, ontology: Ontology, annotations: Annotations, patients: Sequence[SolvedCase], *, case_base: bool) -> None:
        self.patients = [one for one in patients if one.gene and one.observed]
        self.in_release = frozenset(annotations.genes)
        cases = CaseBase(ontology, self.patients) if case_base else None
        self.model = PhenotypeModel(ontology, with_cases(annotations, cases.cases) if cases else annotations, cases=cases)
        self.gene = {symbol: number for number, symbol in enumerate(self.model.annotations.genes)}
        self._told: dict[str, Counter[tuple[int, bool]]] = defaultdict(Counter)
        for one in patients:
            self._told[one.source].update((term, True) for term in one.observed)
            self._told[one.source].update((term, False) for term in one.excluded)

    @cached_property
    def rows_of(self) -> dict[str, list[int]]:
        """Rows of the annotations by publication."""
        rows = defaultdict(list)
        for row, references in enumerate(self.model.annotations.references):
            for reference in re.split("[;,]", references):
                rows[reference].append(row)
        return rows

    def without(self, publication: str) -> Annotations:
        """Return the annotations of the diseases that a publication describes, without what it adds."""
        whole = self.model.annotations
        observed, examined = whole.observed.copy(), whole.examined.copy()
        for row in self.rows_of[publication]:
            share = 1 / len(re.split("[;,]", whole.references[row]))
            told = self._told[publication][whole.term[row], True], self._told[publication][whole.term[row], False]
            observed[row] = max(0.0, observed[row] - max(told[0], observed[row] * share))
            examined[row] = max(observed[row], examined[row] - max(sum(told), examined[row] * share))
        touched = np.isin(whole.disease, whole.disease[self.rows_of[publication]])
        return replace(
            whole, disease=whole.disease[touched], term=whole.term[touched], observed=observed[touched], examined=examined[touched]
        )

    def scores(self, one: SolvedCase, *, naive: bool = False) -> tuple[Floats, bool]:
        """Return the score of every gene for a patient, and whether solved cases of the patient's gene counted.

        With `naive` the publication stays in; of the solved cases, the patient alone is left out.
        """
        ranking = self.model.rank(one.observed, one.excluded, (one.id,) if naive else (one.source, one.id))
        number = self.gene.get(one.gene)
        solved = number is not None and bool(ranking.solved_cases[number] > 0)
        if naive or not self.rows_of.get(one.source):
            return ranking.genes, solved
        rest = self.without(one.source)
        touched, diseases = np.unique(rest.disease), ranking.diseases.copy()
        part = PhenotypeModel(self.model.ontology, rest, self.model.background)
        part.weights = self.model.weights
        diseases[touched] = part.rank(one.observed, one.excluded).diseases[touched]
        return self.model.gene_scores(diseases, ranking.solved, ranking.solved_cases), solved

    def outcome(self, one: SolvedCase, *, naive: bool = False) -> Outcome:
        """Return how a patient's gene ranks among all genes; unknown to the release and to the solved cases left = a miss."""
        genes, solved = self.scores(one, naive=naive)
        number = self.gene.get(one.gene)
        known = number is not None and (solved or naive or one.gene in self.in_release)
        probability = posterior_of(genes)
        rank, own = float("inf"), 0.0
        if number is not None and known:
            better, equal = (genes > genes[number]).sum(), (genes == genes[number]).sum()
            rank, own = float(better + (equal + 1) / 2), float(probability[number])
        terms = len(one.observed)
        return Outcome(one.id, one.gene, rank, own, float(probability.max()), rank == 1.0, terms, solved, known, fold_of(one.gene))
