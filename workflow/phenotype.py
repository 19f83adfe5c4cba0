"""How well a patient's HPO terms fit each disease and gene of a release, as a score whose parts add up and a calibrated probability.

Three parts, all log10. The first is a likelihood ratio after LIRICAL's idea (Robinson et al., Am J Hum Genet 2020;107:403). For an
observed term t and a disease d,

    LR(t, d) = max(f(t, d)^POWER / b(t),
                   BACK_OFF * max over ancestors a of f(a, d)^POWER / (b(a)^SHARE * b(t)^(1 - SHARE)),
                   FLOOR)

f(t, d) is the share of patients with d who show t or a more specific term, b(t) its mean over all diseases. The back-off lets a
disease that shows a more general term explain part of t; the floor is for terms that have another cause. What is *not* told weighs a
little too, silence(d) = product over the annotated terms of (1 - REPORTING * f) / (1 - REPORTING * b), and so does an excluded term,
1 - SURE * f. The second part, likeness, is the cosine between patient and disease over all terms and ancestors, each weighted by its
information i(t) = -log10 of the share of diseases that show it. The third is what solved cases say (`workflow/case_base.py`).

    score(d) = ratio / sqrt(number of terms) * (sum of log10 LR + log10 silence + EXCLUDED * sum of log10 (1 - SURE * f))
               + likeness * cosine(d)
    solved(g) = TEMPER / sqrt(number of terms) * sum of log10 LR(t, g), less log10 of the mean of its antilogarithm over genes with cases
    score(g) = highest score of the gene's diseases + weight * solved(g), less log10 of the mean of its antilogarithm over all genes

Every gene with a known disease is equally likely beforehand, and with probability OUTSIDE the knowledge does not describe the cause at
all, so the probability of g is (1 - OUTSIDE) * 10^score(g) / genes, and OUTSIDE is shared by all. The square root allows for terms that
say the same thing twice. Weights were fitted on half of the genes of published patients by maximum likelihood and measured on the other
half (docs/decisions/021-phenotype-evidence.md, `make evaluate-phenotypes`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from workflow.case_base import CaseBase
from workflow.hpo_annotations import Annotations, Floats, Numbers
from workflow.ontology import Ontology
from workflow.propagation import Shown, frequencies, propagate, sum_by

POWER = 0.6
BACK_OFF = 0.2
SHARE = 0.9
FLOOR = 0.3
REPORTING = 0.2
GENERAL = 0.5  # an ancestor that more than this share of diseases shows explains nothing
SURE = 0.9
EXCLUDED = 0.1
SPARSE = 3.0  # added to the length of a disease's vector, so that a disease with two features is not a perfect match of one
TEMPER = 0.35
OUTSIDE = 0.3  # share of published patients whose gene the knowledge of their day did not describe (decision 021)


@dataclass(frozen=True)
class Weights:
    """Weights of the three parts, log10."""

    ratio: float
    likeness: float
    solved: float


RELEASE_ALONE = Weights(0.7, 2.8, 0.0)
WITH_CASES = Weights(0.51, 4.1, 2.3)


@dataclass(frozen=True)
class Background:
    """What is usual over all diseases: share b(t) and information i(t) of each term, and log10 of the silence of the average disease."""

    share: Floats
    information: Floats
    silence: float


@dataclass(frozen=True)
class Ranking:
    """What a patient's terms say, for every disease and gene of a release (logarithms to base 10).

    Attributes:
        annotations: the release.
        terms: numbers of the observed terms that were used, in the order given.
        by_term: log LR of each term (row) under each disease (column).
        against: sum over the excluded terms of log10 (1 - SURE * f), by disease.
        silence, likeness: log ratio of what was not told, and cosine, by disease.
        solved: TEMPER / sqrt(number of terms) * log LR of each term (row) by the solved cases of each gene (column), before division.
        solved_cases: how many solved cases of each gene were used.
        genes: score by gene.
        weights: of the parts.
    """

    annotations: Annotations
    terms: tuple[int, ...]
    by_term: Floats
    against: Floats
    silence: Floats
    likeness: Floats
    solved: Floats
    solved_cases: Numbers
    genes: Floats
    weights: Weights

    @property
    def scale(self) -> float:
        """Weight of one term's log LR: the weight of the ratio over the square root of the number of terms."""
        return self.weights.ratio / float(np.sqrt(max(1, len(self.terms))))

    @cached_property
    def diseases(self) -> Floats:
        """Score by disease, without what solved cases say and not divided by its mean."""
        ratio = self.by_term.sum(axis=0) + self.silence + EXCLUDED * self.against
        return np.asarray(self.scale * ratio + self.weights.likeness * self.likeness)

    @property
    def posterior(self) -> Floats:
        """Probability of each gene."""
        return posterior_of(self.genes)

    def best_disease(self, gene: int) -> int:
        """Return the number of the disease of a gene that the terms fit best."""
        own = self.annotations.disease_of[self.annotations.gene_of == gene]
        return int(own[self.diseases[own].argmax()])

    def ranks(self) -> Numbers:
        """Return the rank of each gene among all: 1 and the number of genes that are better."""
        return np.asarray(1 + np.searchsorted(np.sort(-self.genes), -self.genes), dtype=np.int64)


class PhenotypeModel:
    """An ontology and its annotations, made ready to rank patients; loaded once, it ranks one in milliseconds.

    Args:
        background: what is usual, where the annotations are only a part of a release (None = computed from them).
        cases: solved cases, or None.
        shown: frequencies passed on to all ancestors, where they were kept from an earlier load.
    """

    def __init__(
        self,
        ontology: Ontology,
        annotations: Annotations,
        background: Background | None = None,
        cases: CaseBase | None = None,
        shown: Shown | None = None,
    ) -> None:
        self.ontology, self.annotations, self.cases = ontology, annotations, cases
        self.weights = WITH_CASES if cases else RELEASE_ALONE
        size, terms = len(annotations.diseases), len(ontology.ids)
        disease, term, frequency = frequencies(annotations, terms)
        self.shown = shown or propagate(ontology, disease, term, frequency)
        self._powered = self.shown.frequency**POWER
        self.background = background or _background(self.shown, sum_by(term, frequency, terms) / size, size)
        self._silence = sum_by(disease, np.log10(1 - REPORTING * frequency), size) - self.background.silence
        self._length = np.sqrt(sum_by(self.shown.disease, (self.shown.frequency * self._information_of_rows()) ** 2, size)) + SPARSE
        number = {symbol: position for position, symbol in enumerate(annotations.genes)}
        self._columns = (
            np.array([number[symbol] for symbol in cases.genes if symbol in number], dtype=np.int64) if cases else np.zeros(0, int)
        )

    def _information_of_rows(self) -> Floats:
        return np.repeat(self.background.information, np.diff(self.shown.offsets))

    def rank(self, terms: Sequence[int], excluded: Sequence[int] = (), without: Iterable[str] = ()) -> Ranking:
        """Rank every disease and gene by observed and excluded terms (numbers in the ontology, each once).

        Solved cases from a source or with an identifier in `without` do not count: the patient's own.
        """
        by_term, against = self._log_ratios(terms), self._over_diseases(excluded, lambda shown, _: np.log10(1 - SURE * shown))
        solved, used = self._solved(terms, without)
        ranking = Ranking(
            self.annotations, tuple(terms), by_term, against, self._silence, self._likeness(terms), solved, used, np.zeros(0), self.weights
        )
        object.__setattr__(ranking, "genes", self.gene_scores(ranking.diseases, solved, used))
        return ranking

    def gene_scores(self, diseases: Floats, solved: Floats, used: Numbers) -> Floats:
        """Return the score by gene from scores by disease and what solved cases say (log10 by term and gene; cases used by gene)."""
        starts = np.flatnonzero(np.diff(self.annotations.gene_of, prepend=-1))
        total = np.maximum.reduceat(diseases[self.annotations.disease_of], starts) if len(starts) else np.zeros(0)
        total = total + self.weights.solved * (solved.sum(axis=0) - solved_mean(solved, used)) * (used > 0)
        return np.asarray(total - log_mean(total))

    def likeness_by_term(self, terms: Sequence[int], disease: int) -> Floats:
        """Return the part of each term in the cosine with one disease; an ancestor of several terms is shared among them."""
        above, weights, length = self._patient(tuple(terms))
        shown = np.array([self.shown.of(ancestor, disease) for ancestor in above])
        return np.asarray(weights @ shown / (self._length[disease] * length))

    @lru_cache(maxsize=4)  # noqa: B019 - a model lives as long as the process
    def _patient(self, terms: tuple[int, ...]) -> tuple[tuple[int, ...], Floats, float]:
        """Return all ancestors of a patient's terms, their squared information shared among the terms (rows) below, and the length."""
        own = [self.ontology.ancestors(term) for term in terms]
        above = tuple(sorted(frozenset().union(*own)))
        below = np.array([[ancestor in one for ancestor in above] for one in own], dtype=np.float64).reshape(len(terms), len(above))
        return above, below / below.sum(axis=0) * self.background.information[list(above)] ** 2, self._patient_length(frozenset(above))

    def _patient_length(self, above: frozenset[int]) -> float:
        return float(np.sqrt((self.background.information[list(above)] ** 2).sum())) or 1.0

    def _likeness(self, terms: Sequence[int]) -> Floats:
        above = frozenset().union(*(self.ontology.ancestors(term) for term in terms))
        squared = self.background.information**2
        dot = self._over_diseases([one for one in above if squared[one]], lambda shown, ancestor: squared[ancestor] * shown)
        return np.asarray(dot / (self._length * self._patient_length(above)))

    def _solved(self, terms: Sequence[int], without: Iterable[str]) -> tuple[Floats, Numbers]:
        rows, used = np.zeros((len(terms), len(self.annotations.genes))), np.zeros(len(self.annotations.genes), dtype=np.int64)
        if self.cases and terms:
            ratios, size = self.cases.log_ratios(terms, without)
            rows[:, self._columns] = np.where(size > 0, TEMPER / np.sqrt(len(terms)) * ratios, 0)
            used[self._columns] = size
        return rows, used

    def _over_diseases(self, terms: Sequence[int], value: Callable[[Floats, int], Floats]) -> Floats:
        """Return by disease the sum of a value of each term that it shows; `value` is given how often each disease does, and the term."""
        places = [self.shown.rows(term) for term in terms]
        diseases = [self.shown.disease[rows] for rows in places]
        values = [value(self.shown.frequency[rows], term) for rows, term in zip(places, terms, strict=True)]
        if not terms:
            return np.zeros(len(self._silence))
        return sum_by(np.concatenate(diseases), np.concatenate(values), len(self._silence))

    def log_absence(self, term: int, disease: int) -> float:
        """Return log10 (1 - SURE * f) of one excluded term under one disease."""
        return float(np.log10(1 - SURE * self.shown.of(term, disease)))

    def _log_ratios(self, terms: Sequence[int]) -> Floats:
        """Return log10 LR of each observed term (row) under each disease (column)."""
        share = self.background.share
        ratios = np.full((len(terms), len(self._silence)), FLOOR)
        for term, said in self._said_above(terms):
            row = ratios[terms.index(term)]
            np.maximum(row, said * (BACK_OFF / share[term] ** (1 - SHARE)), out=row)
        for row, term in zip(ratios, terms, strict=True):
            if share[term] <= GENERAL:
                self._raise(row, term, 1 / share[term])
        return np.asarray(np.log10(ratios, out=ratios))

    def _said_above(self, terms: Sequence[int]) -> Iterator[tuple[int, Floats]]:
        """Yield each term with the highest f^POWER / b^SHARE of its ancestors, by disease, if it has any to speak of.

        An ancestor of several terms is looked at once. What it says is handed down, and copied only where it goes more than one way.
        """
        share, size = self.background.share, len(self._silence)
        above = frozenset().union(*map(self.ontology.ancestors, terms))
        telling = sorted((one for one in above if share[one] <= GENERAL), key=lambda one: len(self.ontology.ancestors(one)))
        parents = {one: [parent for parent in self.ontology.parents[one] if share[parent] <= GENERAL] for one in telling}
        ways = Counter(parent for some in parents.values() for parent in some)
        said: dict[int, Floats] = {}
        for one in telling:
            own = _highest(parents[one], ways, said)
            if own is not None and one in terms:
                yield one, own
            if ways[one]:
                said[one] = np.zeros(size) if own is None else own
                self._raise(said[one], one, share[one] ** -SHARE)

    def _raise(self, values: Floats, term: int, weight: float) -> None:
        """Raise values by disease, in place, to the weighted f^POWER of one term where they are below it."""
        rows = self.shown.rows(term)
        diseases = self.shown.disease[rows]
        values[diseases] = np.maximum(values[diseases], self._powered[rows] * weight)


def _highest(names: Sequence[int], ways: Counter[int], said: dict[int, Floats]) -> Floats | None:
    """Return the highest of what some terms say, as an array that may be changed; None of no term. `ways` counts who still asks each."""
    highest = None
    for name in names:
        ways[name] -= 1
        told = said[name] if ways[name] else said.pop(name)
        if highest is not None:
            np.maximum(highest, told, out=highest)
        else:
            highest = told.copy() if ways[name] else told
    return highest


def posterior_of(scores: Floats) -> Floats:
    """Return the probability of each gene from its score."""
    return np.asarray(((1 - OUTSIDE) * 10**scores + OUTSIDE) / max(1, len(scores)))


def log_mean(logs: Floats) -> float:
    """Return log10 of the mean of 10^logs; 0 of nothing."""
    if not len(logs):
        return 0.0
    highest = float(logs.max())
    return highest + float(np.log10((10 ** (logs - highest)).mean()))


def solved_mean(solved: Floats, used: Numbers) -> float:
    """Return log10 of the mean, over the genes with solved cases, of what those cases say; 0 without any."""
    return log_mean(solved.sum(axis=0)[used > 0])


def _background(shown: Shown, usual: Floats, size: int) -> Background:
    """Average propagated frequencies (`shown`) and stated ones (`usual`) over all diseases; one more disease shows everything."""
    total = np.diff(np.concatenate(([0.0], np.cumsum(shown.frequency)))[shown.offsets])
    counted = np.diff(np.concatenate(([0], np.cumsum(shown.frequency > 0)))[shown.offsets])
    information = -np.log10((counted + 1) / (size + 1))
    return Background((total + 1) / (size + 1), information, float(np.log10(1 - REPORTING * usual).sum()))
