"""How much more likely a patient's HPO terms are under each disease, and so under each gene, than in any patient: a likelihood ratio.

The idea is LIRICAL's (Robinson et al., Am J Hum Genet 2020;107:403); the model and its parameters are our own, chosen on half of the
genes of published patients and measured on the other half (docs/decisions, `scripts/evaluate_phenotypes.py`). For an observed term t
and a disease d,

    LR(t, d) = max(f(t, d)^POWER / b(t),
                   BACK_OFF * max over ancestors a of f(a, d)^POWER / (b(a)^SHARE * b(t)^(1 - SHARE)),
                   FLOOR)

f(t, d) is the share of patients with d who show t or a more specific term, b(t) its mean over all diseases. The back-off lets a
disease that shows a more general term explain part of t; the floor is for terms that have another cause. What is *not* told weighs a
little too: a disease with many frequent features is less likely when few of them are reported,

    silence(d) = product over the annotated terms of (1 - REPORTING * f) / (1 - REPORTING * b)

A disease's ratio is silence(d) * product of LR(t, d). A gene's is the sum over its diseases, each disease being equally likely
beforehand. Excluded terms are not used: they did not improve the ranking.
"""

from dataclasses import dataclass

import numpy as np

from workflow.hpo_annotations import Annotations, Floats, Numbers
from workflow.ontology import Ontology

POWER = 0.6
BACK_OFF = 0.2
SHARE = 0.9
FLOOR = 0.3
REPORTING = 0.2
GENERAL = 0.5  # an ancestor that more than this share of diseases shows explains nothing
HIGHEST_FREQUENCY = 0.98


@dataclass(frozen=True)
class Ranking:
    """What the observed terms say, for every disease and gene of an HPO release (logarithms to base 10).

    Attributes:
        annotations: the release.
        terms: numbers of the terms that were used, in the order given.
        by_term: log LR of each term (row) under each disease (column).
        silence: log ratio of what was not told, by disease.
        genes: log ratio by gene.
    """

    annotations: Annotations
    terms: tuple[int, ...]
    by_term: Floats
    silence: Floats
    genes: Floats

    @property
    def diseases(self) -> Floats:
        """Log ratio by disease."""
        return np.asarray(self.by_term.sum(axis=0) + self.silence)

    def best_disease(self, gene: int) -> int:
        """Return the number of the disease of a gene that the terms fit best."""
        own = self.annotations.disease_of[self.annotations.gene_of == gene]
        return int(own[self.diseases[own].argmax()])

    def ranks(self) -> Numbers:
        """Return the rank of each gene among all: 1 and the number of genes that are better."""
        return np.asarray(1 + np.searchsorted(np.sort(-self.genes), -self.genes), dtype=np.int64)


@dataclass(frozen=True)
class Background:
    """What is usual over all diseases: `share` b(t) of each term, and log10 of the silence of the average disease."""

    share: Floats
    silence: float


class PhenotypeModel:
    """An ontology and its annotations, made ready to rank patients; loaded once, it ranks one in milliseconds.

    Args:
        background: what is usual, where the annotations are only a part of a release (None = computed from them).
    """

    def __init__(self, ontology: Ontology, annotations: Annotations, background: Background | None = None) -> None:
        self.ontology = ontology
        self.annotations = annotations
        size, terms = len(annotations.diseases), len(ontology.ids)
        disease, term, frequency = _frequencies(annotations, terms)
        self._offsets, self._diseases, shown = _propagate(ontology, disease, term, frequency)
        self._powered = shown**POWER
        self.background = background or _background(self._offsets, shown, _sum_by(term, frequency, terms) / size, size)
        self._silence = _sum_by(disease, np.log10(1 - REPORTING * frequency), size) - self.background.silence

    def rank(self, terms: list[int]) -> Ranking:
        """Rank every disease and gene by observed terms (numbers in the ontology, each once)."""
        by_term = np.array([self._log_ratio(term) for term in terms]).reshape(len(terms), len(self._silence))
        total = by_term.sum(axis=0) + self._silence
        genes = log_sum_by(self.annotations.gene_of, total[self.annotations.disease_of], len(self.annotations.genes))
        return Ranking(self.annotations, tuple(terms), by_term, self._silence, genes)

    def _shown(self, term: int) -> tuple[Numbers, Floats]:
        """Return the diseases that show a term or a more specific one, and f^POWER for each."""
        own = slice(self._offsets[term], self._offsets[term + 1])
        return self._diseases[own], self._powered[own]

    def _log_ratio(self, term: int) -> Floats:
        """Return log10 LR of one observed term under each disease."""
        share = self.background.share
        ratio = np.full(len(self._silence), FLOOR)
        for ancestor in self.ontology.ancestors(term):
            if share[ancestor] <= GENERAL:
                diseases, powered = self._shown(ancestor)
                weight = 1 / share[term] if ancestor == term else BACK_OFF / (share[ancestor] ** SHARE * share[term] ** (1 - SHARE))
                ratio[diseases] = np.maximum(ratio[diseases], powered * weight)
        return np.asarray(np.log10(ratio), dtype=np.float64)


def _sum_by(group: Numbers, values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(group, values, size), dtype=np.float64)


def log_sum_by(group: Numbers, logs: Floats, size: int) -> Floats:
    """Return log10 of the sum of 10^logs in each group; -inf for an empty one."""
    highest = np.full(size, -np.inf)
    np.maximum.at(highest, group, logs)
    with np.errstate(divide="ignore"):
        return np.asarray(highest + np.log10(_sum_by(group, 10 ** (logs - highest[group]), size)))


def _background(offsets: Numbers, shown: Floats, usual: Floats, size: int) -> Background:
    """Average propagated frequencies (`shown`, by term) and stated ones (`usual`) over all diseases; one more disease shows everything."""
    total = np.diff(np.concatenate(([0.0], np.cumsum(shown)))[offsets])
    return Background((total + 1) / (size + 1), float(np.log10(1 - REPORTING * usual).sum()))


def _frequencies(annotations: Annotations, terms: int) -> tuple[Numbers, Numbers, Floats]:
    """Pool the rows of each disease and term: (disease, term, share of examined patients who show it), sorted by disease."""
    keys, row_of = np.unique(annotations.disease * terms + annotations.term, return_inverse=True)
    examined = _sum_by(row_of, annotations.examined, len(keys))
    observed = _sum_by(row_of, annotations.observed, len(keys))
    frequency = np.divide(observed, examined, out=np.zeros(len(keys)), where=examined > 0)
    return keys // terms, keys % terms, frequency


def _propagate(ontology: Ontology, disease: Numbers, term: Numbers, frequency: Floats) -> tuple[Numbers, Numbers, Floats]:
    """Pass frequencies on to every ancestor; who shows two specific terms is counted once, as if they were independent.

    The rows must be sorted by disease. Returns (offsets, diseases, frequencies): the rows of term t are offsets[t] to offsets[t + 1].
    """
    size = len(ontology.ids)
    above = {number: np.fromiter(ontology.ancestors(number), np.int64) for number in np.unique(term).tolist()}
    ancestor = np.concatenate([above[number] for number in term.tolist()])
    repeats = np.array([len(above[number]) for number in term.tolist()])
    order = np.argsort(ancestor.astype(np.min_scalar_type(size)), kind="stable")
    ancestor, disease = ancestor[order], np.repeat(disease, repeats)[order]
    absent = np.repeat(np.log1p(-np.minimum(frequency, HIGHEST_FREQUENCY)), repeats)[order]
    first = np.flatnonzero((np.diff(ancestor, prepend=-1) != 0) | (np.diff(disease, prepend=-1) != 0))
    return np.searchsorted(ancestor[first], np.arange(size + 1)), disease[first], -np.expm1(np.add.reduceat(absent, first))
