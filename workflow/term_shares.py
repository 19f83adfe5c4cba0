"""What each term of a patient adds to the score of one gene, and why: the parts add up to the score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.phenotype import EXCLUDED, GENERAL, PhenotypeModel, Ranking
from workflow.propagation import HIGHEST_FREQUENCY


@dataclass(frozen=True)
class Shares:
    """The score of a gene in parts (log10).

    Attributes:
        terms: share of each observed term and then of each excluded one; `because` says in words what it rests on.
        not_told: what features of the disease that nobody told of take away.
        usual: what an average gene would get from the same terms, with its sign turned.
    """

    terms: tuple[float, ...]
    because: tuple[str, ...]
    not_told: float
    usual: float


def shares_of(model: PhenotypeModel, ranking: Ranking, excluded: Sequence[int], gene: int) -> Shares:
    """Return the parts of a gene's score, held against the disease of the gene that fits best."""
    best = ranking.best_disease(gene)
    likeness = model.likeness_by_term(ranking.terms, best)
    weights = ranking.weights
    parts = ranking.scale * ranking.by_term[:, best] + weights.likeness * likeness + weights.solved * ranking.solved[:, gene]
    observed = [float(one) for one in parts]
    against = [ranking.scale * EXCLUDED * model.log_absence(term, best) for term in excluded]
    not_told = ranking.scale * float(ranking.silence[best])
    usual = float(ranking.genes[gene]) - sum(observed) - sum(against) - not_told
    words = [_because(model, term, best) for term in ranking.terms]
    words += [_because_absent(model, term, best) for term in excluded]
    return Shares(tuple(observed + against), tuple(words), not_told, usual)


def _percent(share: float) -> str:
    if share >= HIGHEST_FREQUENCY:
        return f"{100 * HIGHEST_FREQUENCY:.0f} % or more"
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"


def _because(model: PhenotypeModel, term: int, disease: int) -> str:
    """Say how often a disease shows a term, or the most telling more general term, against all diseases."""
    usual = model.background.share
    if frequency := model.shown.of(term, disease):
        return f"shown by {_percent(frequency)} of patients with the disease, by {_percent(float(usual[term]))} over all diseases"
    above = [
        (usual[one], one)
        for one in model.ontology.ancestors(term)
        if one != term and usual[one] <= GENERAL and model.shown.of(one, disease)
    ]
    if not above:
        return "not known in the disease"
    share, nearest = min(above)
    often = _percent(model.shown.of(nearest, disease))
    return f"not known in the disease, but {model.ontology.names[nearest]} is: {often}, {_percent(float(share))} over all diseases"


def _because_absent(model: PhenotypeModel, term: int, disease: int) -> str:
    frequency = model.shown.of(term, disease)
    return "absent here; " + (f"shown by {_percent(frequency)} of patients with the disease" if frequency else "not known in the disease")


def onset_of(model: PhenotypeModel, disease: int, terms: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the ages of onset of a disease and of the patient's features, and whether one is a kind of the other.

    `fits` is None where one of the two is not known. It is shown and not counted: published cases without onset cannot weigh it.
    """
    ontology = model.ontology
    stated = model.annotations.onsets.get(disease, ())
    given = [now for term in terms if (now := ontology.current(term.get("onset", ""))) and not term["excluded"]]
    fits = None
    if stated and given:
        kinds = [(ontology.index[one], ontology.index[other]) for one in stated for other in given]
        fits = any(one in ontology.ancestors(other) or other in ontology.ancestors(one) for one, other in kinds)
    return {"disease": [ontology.name(one) for one in stated], "patient": sorted({ontology.name(one) for one in given}), "fits": fits}
