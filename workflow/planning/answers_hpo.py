"""What another HPO release does to the candidates of a case: their order under it, worked out from what the interpretation holds.

The score of a candidate is that of the variant (which HPO does not enter), of the inheritance (the best of its models, given how the
gene's diseases are inherited) and of the gene under the patient's terms. The first stands in the interpretation, the others are computed
with the new release: so the new order is what ranking will give, unless a list was cut at its longest or other things differ as well.
"""

from collections.abc import Mapping
from typing import Any

from workflow.cohort import Case
from workflow.hpo_annotations import Mode
from workflow.inheritance import Fit
from workflow.ontology import read_ontology
from workflow.phenotype import PhenotypeModel, Ranking
from workflow.phenotype_load import load_model
from workflow.ranking import DE_NOVO_WEIGHT, FIT_WEIGHT, NO_DISEASE_WEIGHT, OTHER_MODE_WEIGHT
from workflow.settings import Settings

CUT = "candidates below the first"
Row = Mapping[str, Any]
Told = tuple[list[Mapping[str, str]], list[str]]


class HpoAnswers:
    """The configured HPO release, read once for all cases."""

    def __init__(self, settings: Settings) -> None:
        hpo, solved = settings.knowledge["hpo"].path, settings.knowledge.get("solved_cases")
        self.ontology = read_ontology(hpo / "hp.obo")
        self.model: PhenotypeModel = load_model(hpo, self.ontology, solved.path if solved else None)
        self.number = {symbol: at for at, symbol in enumerate(self.model.annotations.genes)}
        self.modes = self.model.annotations.modes_by_gene()

    def of(self, interpretation: Mapping[str, Any], case: Case) -> Told | None:
        """Return (candidates that are touched, why the answer may change); None where terms of the case are not in the release."""
        rows = interpretation["candidates"]
        if "gene_models" in interpretation["not_evaluated"] or not any(not one["excluded"] for one in interpretation["terms"]):
            return [], []  # ranked by variant alone
        ranking = self.ranking(interpretation, case)
        if ranking is None:
            return None
        scores = [self.score(row, ranking) for row in rows]
        touched = [told for row, score in zip(rows, scores, strict=True) if (told := self._told(row, ranking, score))]
        order = sorted(
            range(len(rows)), key=lambda at: (-scores[at], rows[at]["chrom"], rows[at]["pos"], rows[at]["alt"], rows[at]["gene"])
        )
        return touched, self._whys(rows, order, interpretation)

    def ranking(self, interpretation: Mapping[str, Any], case: Case) -> Ranking | None:
        """Return what the case's terms say under this release; None where it does not have them all, under any name."""
        numbers: dict[bool, list[int]] = {False: [], True: []}
        for one in interpretation["terms"]:
            term = self.ontology.current(one["id"])
            if term is None:
                return None
            numbers[bool(one["excluded"])].append(self.ontology.index[term])
        question = case.question
        names = [case.name, *((question.id, question.subject) if question else ())]
        return self.model.rank(numbers[False], numbers[True], names)

    @staticmethod
    def _whys(rows: list[Row], order: list[int], interpretation: Mapping[str, Any]) -> list[str]:
        moved = [(at, new) for new, at in enumerate(order) if new != at]
        whys = []
        if moved:
            at, new = min(moved, key=lambda pair: min(pair))
            whys.append(f"{len(moved)} of {len(rows)} candidates change places; the first: {rows[at]['gene']} from {at + 1} to {new + 1}")
        if any(name.startswith(CUT) for name in interpretation.get("counts", {})):
            whys.append("its list was cut at the longest length: candidates below may come into it")
        return whys

    def gene_score(self, symbol: str, ranking: Ranking) -> float | None:
        """Return the score of a gene under the patient's terms, None without a known disease."""
        return round(float(ranking.genes[self.number[symbol]]), 3) if symbol in self.number else None

    def score(self, row: Row, ranking: Ranking) -> float:
        """Return the whole score of a candidate under this release."""
        gene = self.gene_score(row["gene"], ranking)
        inheritance = inheritance_weight(row, self.modes.get(row["gene"], frozenset()))
        return round(float(row["variant_score"]) + inheritance + (NO_DISEASE_WEIGHT if gene is None else gene), 3)

    def _told(self, row: Row, ranking: Ranking, score: float) -> Mapping[str, str] | None:
        """Return what is told of a candidate whose score changes."""
        if abs(score - row["score"]) < 0.0005:
            return None
        gene, before = self.gene_score(row["gene"], ranking), row["phenotype_score"]
        of_gene = f"phenotype score {before} → {'no known disease' if gene is None else gene}"
        variant = f"{row['chrom']}:{row['pos']} {row['ref']}>{row['alt']}"
        return {"gene": row["gene"], "variant": variant, "what": f"score {row['score']} → {score} ({of_gene})"}


def inheritance_weight(row: Row, modes: frozenset[Mode]) -> float:
    """Return the log10 weight of the best model of a candidate, given how the gene's diseases are inherited; as ranking weighs them."""
    if not row["models"]:
        return float(row["inheritance_score"])
    return max(_weight(model, modes) for model in row["models"])


def _weight(model: Row, modes: frozenset[Mode]) -> float:
    weight: float = FIT_WEIGHT[Fit(model["fit"])]
    if model["fit"] == Fit.FITS and model["name"].startswith("de novo"):
        weight += DE_NOVO_WEIGHT
    return round(weight + (OTHER_MODE_WEIGHT if modes and Mode(model["mode"]) not in modes else 0.0), 3)
