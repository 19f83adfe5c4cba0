"""Who is who in the whole run: every pair's kinship, the relations of the order, and each finding once."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from workflow.files import read_json, write_json
from workflow.matching import screen
from workflow.receipts.members import of_each
from workflow.run_fingerprints import Run, read_run

MOST_IN_MATRIX = 200
"""Samples of the matrix, at most; larger runs have pairs and findings only."""


def matrix(run: Run) -> dict[str, Any] | None:
    """Return KING's robust kinship of every pair (None where it cannot be had), None for a run that is too large."""
    if len(run.people) > MOST_IN_MATRIX:
        return None
    rows = []
    for mine in run.bits:
        kinship = screen(np.asarray(mine), np.asarray(run.bits)).kinship
        rows.append([None if np.isnan(value) else round(value, 3) for value in kinship.tolist()])
    return {"samples": list(run.people), "kinship": rows}


def each_once(checks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings of all samples, those that two samples have once."""
    found: dict[tuple[str, frozenset[str]], dict[str, Any]] = {}
    for check in checks:
        for one in check["findings"]:
            found.setdefault((one["kind"], frozenset(one["samples"])), {**one, "of": check["sample"]})
    return list(found.values())


def pairs(checks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return expected pairs with what was found, each once."""
    found = {frozenset({check["sample"], one["sample"]}): {"of": check["sample"], **one} for check in checks for one in check["expected"]}
    return list(found.values())


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write `release/relations.json`."""
    run = read_run({"json": input.json, "sites": input.sites, "quality": input.quality, "planes": input.planes})
    checks = [read_json(path) for path in of_each(params.results, "samples/{name}/relations.json", run.people)]
    record = {key: value for key, value in run.facts.items() if key != "people"}
    people = [vars(one) for one in run.people.values()]
    listed = {"people": people, "findings": each_once(checks), "expected": pairs(checks), "matrix": matrix(run)}
    not_told = {check["sample"]: check["not_evaluated"] for check in checks if check["not_evaluated"]}
    write_json(output[0], {**record, **listed, "not_evaluated": not_told})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
