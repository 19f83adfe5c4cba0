"""What it costs to rank one case by phenotype: `OMP_NUM_THREADS=1 python -m scripts.bench.ranking --hpo FOLDER --cases FILE`.

Loading is timed from the release's compiled form, after a first load that makes it; ranking and explaining are timed case by case, the
best of three each, since a neighbour on the machine can double one; and so is the case with most terms as the first after each load.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workflow.case_base import SolvedCase, read_cases
from workflow.left_out import few_of_each_gene
from workflow.ontology import read_ontology
from workflow.phenotype import PhenotypeModel
from workflow.phenotype_load import load_model
from workflow.term_shares import shares_of

TIMES = 3
EXPLAINED = 50  # genes of a case of which every term's share is told


def timed(work: Callable[..., Any], *given: Any) -> tuple[Any, float, float]:
    """Return what some work gives, its CPU seconds and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work(*given)
    return found, time.process_time() - cpu, time.perf_counter() - wall


def explain(model: PhenotypeModel, ranking: Any, excluded: Sequence[int]) -> None:
    """Tell every term's share of the genes that fit best."""
    for gene in np.argsort(-ranking.genes)[:EXPLAINED].tolist():
        shares_of(model, ranking, excluded, gene)


def load(hpo: Path, solved: Path | None) -> PhenotypeModel:
    """Load a release, with solved cases where they are named."""
    return load_model(hpo, read_ontology(hpo / "hp.obo"), solved)


def cases_of(model: PhenotypeModel, cases: Sequence[SolvedCase], name: str) -> None:
    """Print milliseconds of CPU a case."""
    ranked, explained = [], []
    for one in cases:
        found = [timed(model.rank, one.observed, one.excluded, (one.source, one.id)) for _ in range(TIMES)]
        ranked.append(1000 * min(cpu for _, cpu, _ in found))
        explained.append(1000 * min(timed(explain, model, found[0][0], one.excluded)[1] for _ in range(TIMES)))
    for what, values in (("ranked", ranked), (f"{EXPLAINED} genes explained", explained)):
        median, late, worst = np.median(values), np.percentile(values, 95), max(values)
        print(f"{name}, {what}: median {median:.1f} ms, 95 % below {late:.1f} ms, at most {worst:.1f} ms ({len(values)} cases)")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hpo", type=Path, required=True, help="folder of an HPO release")
    parser.add_argument("--cases", type=Path, required=True, help="published patients")
    options = parser.parse_args()
    cases = few_of_each_gene([one for one in read_cases(options.cases, read_ontology(options.hpo / "hp.obo")) if one.gene and one.observed])
    most = max(cases, key=lambda one: len(one.observed) + len(one.excluded))
    for name, solved in (("release alone", None), ("with solved cases", options.cases)):
        load(options.hpo, solved)
        costs, first = [], []
        for _ in range(5):
            costs.append(timed(load, options.hpo, solved))
            first.append(1000 * timed(costs[-1][0].rank, most.observed, most.excluded, (most.source, most.id))[1])
        print(f"{name}, load: {min(cpu for _, cpu, _ in costs):.2f} CPU s, {min(wall for *_, wall in costs):.2f} s (best of {len(costs)})")
        told = f"{len(most.observed)} observed and {len(most.excluded)} excluded terms"
        print(f"{name}, the case with most terms ({told}) as the first after loading: {min(first):.1f} ms")
        cases_of(costs[-1][0], cases, name)


if __name__ == "__main__":
    main()
