"""Frequencies of terms by disease, pooled over the rows of a release and passed on to every more general term."""

from dataclasses import dataclass

import numpy as np

from workflow.hpo_annotations import Annotations, Floats, Numbers
from workflow.ontology import Ontology

HIGHEST_FREQUENCY = 0.98


@dataclass(frozen=True)
class Shown:
    """Which disease shows each term or a more specific one how often, by term: the rows of term t are offsets[t] to offsets[t + 1].

    Within a term the diseases ascend.
    """

    offsets: Numbers
    disease: Numbers
    frequency: Floats

    def rows(self, term: int) -> slice:
        """Return the rows of a term."""
        return slice(int(self.offsets[term]), int(self.offsets[term + 1]))

    def of(self, term: int, disease: int) -> float:
        """Return the share of patients with a disease who show a term or a more specific one (0 where none is known to)."""
        rows = self.rows(term)
        place = rows.start + int(self.disease[rows].searchsorted(disease))
        return float(self.frequency[place]) if place < rows.stop and self.disease[place] == disease else 0.0


def sum_by(group: Numbers, values: Floats, size: int) -> Floats:
    """Return the sum of the values of each group 0 to size - 1."""
    return np.asarray(np.bincount(group, values, size), dtype=np.float64)


def frequencies(annotations: Annotations, terms: int) -> tuple[Numbers, Numbers, Floats]:
    """Pool the rows of each disease and term: (disease, term, share of examined patients who show it), sorted by disease."""
    keys, row_of = np.unique(annotations.disease * terms + annotations.term, return_inverse=True)
    examined = sum_by(row_of, annotations.examined, len(keys))
    observed = sum_by(row_of, annotations.observed, len(keys))
    frequency = np.divide(observed, examined, out=np.zeros(len(keys)), where=examined > 0)
    return keys // terms, keys % terms, frequency


def propagate(ontology: Ontology, disease: Numbers, term: Numbers, frequency: Floats) -> Shown:
    """Pass frequencies on to every ancestor; who shows two specific terms is counted once, as if they were independent.

    The rows must be sorted by disease.
    """
    size = len(ontology.ids)
    above = {number: np.fromiter(ontology.ancestors(number), np.int64) for number in np.unique(term).tolist()}
    if not above:
        return Shown(np.zeros(size + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    ancestor = np.concatenate([above[number] for number in term.tolist()])
    repeats = np.array([len(above[number]) for number in term.tolist()])
    order = np.argsort(ancestor.astype(np.min_scalar_type(size)), kind="stable")
    ancestor, disease = ancestor[order], np.repeat(disease, repeats)[order]
    absent = np.repeat(np.log1p(-np.minimum(frequency, HIGHEST_FREQUENCY)), repeats)[order]
    first = np.flatnonzero((np.diff(ancestor, prepend=-1) != 0) | (np.diff(disease, prepend=-1) != 0))
    offsets = np.searchsorted(ancestor[first], np.arange(size + 1))
    return Shown(offsets, disease[first], -np.expm1(np.add.reduceat(absent, first)))
