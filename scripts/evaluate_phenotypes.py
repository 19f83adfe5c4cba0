"""Rank published patients by their HPO terms alone, each without the publication that describes them.

`python scripts/evaluate_phenotypes.py --hpo FOLDER --cases FILE [--out FILE]`, where FILE is gzipped JSON: a list of patients
`{id, obs: [HPO], exc: [HPO], genes: [symbol], pmid}`. A gene that the HPO release does not know counts as missed.

Leave one publication out: a row of `phenotype.hpoa` that rests on the patient's publication alone is dropped; from a row that rests
on several, that publication's part is taken away: its patients in FILE with the term, and at least one part in as many as there are
publications.
"""

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workflow.files import write_json
from workflow.hpo_annotations import Annotations, Floats, read_annotations
from workflow.ontology import read_ontology
from workflow.phenotype import PhenotypeModel, log_sum_by

Patient = dict[str, Any]
MOST_A_GENE = 3


class Evaluation:
    """A model, and the published patients that it is tried on."""

    def __init__(self, model: PhenotypeModel, patients: list[Patient]) -> None:
        self.model = model
        self.patients = [one for one in patients if one["genes"] and self.terms(one)]
        self.gene = {symbol: number for number, symbol in enumerate(model.annotations.genes)}
        self._told: dict[str, Counter[tuple[int, bool]]] = defaultdict(Counter)
        for one in patients:
            self._told[one["pmid"]].update((term, True) for term in self.terms(one))
            self._told[one["pmid"]].update((term, False) for term in self.terms(one, "exc"))

    def terms(self, patient: Patient, key: str = "obs") -> list[int]:
        """Return the numbers of a patient's terms in the release."""
        ontology = self.model.ontology
        return sorted({ontology.index[now] for name in patient[key] if (now := ontology.current(name))})

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

    def left_out(self, patient: Patient) -> Floats:
        """Return the log ratio of every gene when the patient's publication is left out."""
        whole = self.model.annotations
        ranking = self.model.rank(self.terms(patient))
        if not self.rows_of.get(patient["pmid"]):
            return ranking.genes
        rest = self.without(patient["pmid"])
        touched, diseases = np.unique(rest.disease), ranking.diseases
        diseases[touched] = PhenotypeModel(self.model.ontology, rest, self.model.background).rank(self.terms(patient)).diseases[touched]
        return log_sum_by(whole.gene_of, diseases[whole.disease_of], len(whole.genes))

    def naive(self, patient: Patient) -> Floats:
        """Return the log ratio of every gene, the patient's own publication included."""
        return self.model.rank(self.terms(patient)).genes

    def rank(self, patient: Patient, score: Callable[[Patient], Floats]) -> float:
        """Return the rank of the patient's gene (mean rank among equals), infinite if the release does not know it."""
        number = self.gene.get(patient["genes"][0])
        if number is None:
            return float("inf")
        genes = score(patient)
        return float((genes > genes[number]).sum() + ((genes == genes[number]).sum() + 1) / 2)


def few_of_each_gene(patients: Iterable[Patient]) -> list[Patient]:
    """Return at most three patients of each gene, drawn by a digest of their identifiers."""
    by_gene: dict[str, list[Patient]] = defaultdict(list)
    for one in sorted(patients, key=lambda one: hashlib.sha256(one["id"].encode()).hexdigest()):
        by_gene[one["genes"][0]].append(one)
    return [one for gene in sorted(by_gene) for one in by_gene[gene][:MOST_A_GENE]]


def shares(ranks: Iterable[float]) -> dict[str, float]:
    """Return how many there are, and the percentage of them at rank 1, 5 and 10 or better."""
    table = np.array(list(ranks))
    return {"n": len(table)} | {f"top{k}": round(100 * float((table <= k).mean()), 1) for k in (1, 5, 10)} if len(table) else {"n": 0}


def evaluate(model: PhenotypeModel, patients: list[Patient]) -> dict[str, dict[str, float]]:
    """Return the shares for several ways of asking, by name."""
    evaluation = Evaluation(model, patients)
    few = few_of_each_gene(evaluation.patients)
    ranks = [evaluation.rank(one, evaluation.left_out) for one in few]
    table = {"lopo_max3": shares(ranks), "lopo_max3_gene_known": shares(rank for rank in ranks if rank < np.inf)}
    for name, low, high in (("1-2", 1, 2), ("3-5", 3, 5), ("6-10", 6, 10), ("11+", 11, 10**6)):
        counted = (rank for rank, one in zip(ranks, few, strict=True) if low <= len(evaluation.terms(one)) <= high)
        table[f"lopo_max3_{name}_terms"] = shares(counted)
    return table | {"naive_max3": shares(evaluation.rank(one, evaluation.naive) for one in few)}


def main(hpo: Path, cases: Path, out: Path | None) -> None:
    """Print the table, and write it as JSON if asked to."""
    ontology = read_ontology(hpo / "hp.obo")
    with gzip.open(cases, "rt", encoding="utf-8") as handle:
        table = evaluate(PhenotypeModel(ontology, read_annotations(hpo, ontology)), json.load(handle))
    print(f"{'':26}{'patients':>9}{'top 1':>8}{'top 5':>8}{'top 10':>8}   (HPO {ontology.release})")
    for name, row in table.items():
        print(f"{name:26}" + f"{row['n']:9}" + "".join(f"{row.get(f'top{k}', float('nan')):8.1f}" for k in (1, 5, 10)))
    if out:
        write_json(out, {"hpo_release": ontology.release, **table})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hpo", type=Path, required=True, help="folder of an HPO release")
    parser.add_argument("--cases", type=Path, required=True, help="published patients")
    parser.add_argument("--out", type=Path, help="JSON file for the table")
    options = parser.parse_args()
    main(options.hpo, options.cases, options.out)
