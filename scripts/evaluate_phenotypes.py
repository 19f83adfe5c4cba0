"""Rank published patients by their HPO terms alone, each without the publication that describes them.

`python -m scripts.evaluate_phenotypes --hpo FOLDER --cases FILE [--against FOLDER] [--output FOLDER]`, where FILE is JSON, gzipped or
not: a list of patients `{id, obs: [HPO], exc: [HPO], genes: [symbol], dis: [disease], pmid}`. Written: phenotypes.json (percentages) and
phenotypes.html. `lopo_max3` ranks with the HPO release and, as solved cases, the patients of FILE that *other* publications tell of;
`lopo_max3_hpo_only` with the release alone. `naive` leaves the patient's own publication in. With `--against`, the same patients are
ranked with a second release too, and who gained and who lost is listed.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.calibration import by_group, calibration, margins, shares
from workflow.case_base import SolvedCase, read_cases
from workflow.errors import InputError
from workflow.evaluation_page import evaluation_page
from workflow.files import atomic, write_json
from workflow.hpo_annotations import read_annotations
from workflow.left_out import LeftOut, Outcome, few_of_each_gene
from workflow.ontology import Ontology, read_ontology

TOP = 10
UNITS = "top1, top5 and top10 in per cent of n; margin95 in percentage points, genes as clusters; calibration in fractions"
KNOWLEDGE = {
    "lopo_max3": "HPO release and solved cases of other publications",
    "lopo_max3_hpo_only": "HPO release alone",
    "naive": "HPO release and all other patients, the patient's own publication left in",
    "naive_hpo_only": "HPO release alone, the patient's own publication left in",
}


def outcomes_by(hpo: Path, ontology: Ontology, patients: Sequence[SolvedCase]) -> dict[str, list[Outcome]]:
    """Return the outcome of at most three patients a gene, by kind of knowledge."""
    annotations = read_annotations(hpo, ontology)
    found = {}
    for suffix, case_base in (("", True), ("_hpo_only", False)):
        tried = LeftOut(ontology, annotations, patients, case_base=case_base)
        few = few_of_each_gene(tried.patients)
        found[f"lopo_max3{suffix}"] = [tried.outcome(one) for one in few]
        found[f"naive{suffix}"] = [tried.outcome(one, naive=True) for one in few]
    return {name: found[name] for name in KNOWLEDGE}


def table_of(release: str, outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, Any]:
    """Return the content of phenotypes.json for one release."""
    rows = {
        name: {**shares(one.rank for one in found), "margin95": margins(found), "knowledge": KNOWLEDGE[name]}
        for name, found in outcomes.items()
    }
    return {
        "hpo_release": release,
        "units": UNITS,
        "candidates": "all genes with a disease in the release or a solved case; a gene of which nothing is known is a miss",
        **rows,
        "calibration": calibration(outcomes["lopo_max3"]),
        "calibration_hpo_only": calibration(outcomes["lopo_max3_hpo_only"]),
        "groups": by_group(outcomes["lopo_max3"]),
        "groups_hpo_only": by_group(outcomes["lopo_max3_hpo_only"]),
    }


def changes(before: Sequence[Outcome], after: Sequence[Outcome]) -> dict[str, Any]:
    """Return who entered and who left the first ten from one release to another, losses first, both by name."""
    pairs = {one.case: one for one in before}
    moved = [(pairs[one.case], one) for one in after if one.case in pairs]
    named = [
        {"case": new.case, "gene": new.gene, "before": _finite(old.rank), "after": _finite(new.rank)}
        for old, new in moved
        if (old.rank <= TOP) != (new.rank <= TOP)
    ]
    lost = [one for one in named if pairs[str(one["case"])].rank <= TOP]
    return {"patients": len(moved), "lost": lost, "gained": [one for one in named if one not in lost]}


def _finite(rank: float) -> float | None:
    return rank if math.isfinite(rank) else None


def lines(table: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of the table for people."""
    yield f"{'':58}{'patients':>9}{'top 1':>8}{'top 5':>8}{'top 10':>8}   (HPO {table['hpo_release']}, per cent)"
    rows = {f"{name}: {knowledge}"[:57]: table[name] for name, knowledge in KNOWLEDGE.items()}
    for group in ("groups", "groups_hpo_only"):
        rows |= {f"  {'lopo_max3' if group == 'groups' else 'HPO only'}, {name}"[:57]: row for name, row in table[group].items()}
    for name, row in rows.items():
        yield f"{name:58}{row['n']:9}" + "".join(f"{row.get(f'top{k}', float('nan')):8.1f}" for k in (1, 5, 10))
    if margin := table["lopo_max3"]["margin95"]:
        yield "lopo_max3: 95 % margins, genes as clusters, " + ", ".join(f"{name} ±{value:.1f}" for name, value in margin.items())
    for name in ("calibration", "calibration_hpo_only"):
        found = table[name]
        yield f"{name}: mean |stated - true| {found['error']:.3f} ({found['by_chance']:.3f} by chance alone), Brier {found['brier']:.3f}"


def main(hpo: Path, cases: Path, against: Path | None, output: Path) -> None:
    """Print the table, and write it as JSON and as a page."""
    ontology = read_ontology(hpo / "hp.obo")
    found = outcomes_by(hpo, ontology, read_cases(cases, ontology))
    if not found["lopo_max3"]:
        raise InputError("no patient in it has a gene and a term of the release", file=cases, remedy="give published patients")
    table = table_of(ontology.release, found)
    if against:
        other = read_ontology(against / "hp.obo")
        second = outcomes_by(against, other, read_cases(cases, other))
        table["compared_with"] = table_of(other.release, second)
        table["changes"] = {name: changes(found[name], second[name]) for name in ("lopo_max3", "lopo_max3_hpo_only")}
    print("\n".join(lines(table)))
    if against:
        print("\n".join(["", *lines(table["compared_with"])]))
        for name, change in table["changes"].items():
            counts = f"{len(change['gained'])} entered the first ten, {len(change['lost'])} left"
            print(f"{name}, {ontology.release} to {other.release}: {counts}")
    write_json(output / "phenotypes.json", table)
    with atomic(output / "phenotypes.html") as part:
        part.write_text(evaluation_page(table), encoding="utf-8")
    print(f"written: {output / 'phenotypes.json'} and phenotypes.html")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hpo", type=Path, required=True, help="folder of an HPO release")
    parser.add_argument("--cases", type=Path, required=True, help="published patients")
    parser.add_argument("--against", type=Path, help="folder of a second HPO release, to compare with")
    parser.add_argument("--output", type=Path, default=Path("results/evaluation"), help="folder to write into")
    options = parser.parse_args()
    try:
        main(options.hpo, options.cases, options.against, options.output)
    except InputError as error:
        sys.exit(f"error: {error}")
