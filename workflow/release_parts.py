"""Everything that the page of a release shows, put together from the files of a results folder; what is not there is told, not guessed.

A run that failed has its page too: then most of these files may be missing.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workflow import identity_parts, release_index
from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.files import read_json
from workflow.metric_history import Entry, assay_of, comparable, read_history
from workflow.release_seal import seal_of
from workflow.release_waiting import waiting
from workflow.run_record import version
from workflow.settings import Settings

Data = Mapping[str, Any]


def read_optional(path: Path) -> Any:
    """Return the content of a JSON file, None if it is not there or was left unfinished by a run that failed."""
    try:
        return read_json(path)
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, UnicodeDecodeError):
        return None


def read_each(results: Path, pattern: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the content of one file a sample or case, by name (`{name}` in the pattern); what is not there is left out."""
    found = {name: read_optional(results / pattern.format(name=name)) for name in names}
    return {name: content for name, content in found.items() if content is not None}


def read_grid(path: Path) -> list[dict[str, str]]:
    """Return the rows of completeness.tsv, none if it is not there."""
    if not path.is_file():
        return []
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def earlier(store: Path, samples: Mapping[str, Data], assembly: str) -> tuple[list[Entry], dict[str, Any]]:
    """Return the entries of the history that the run may be compared with, and what the page says of the history.

    A run whose samples are of several assays is compared with all of these.
    """
    try:
        history = read_history(store)
    except InputError as error:
        return [], {"samples": 0, "all": 0, "damaged": [], "because": str(error)}
    assays = sorted({assay_of(release, assembly) for release in samples.values()})
    entries = [one for assay in assays for one in comparable(history, assay, samples)]
    because = "" if entries else f"the history has no other sample of this kind ({'; '.join(assays) or 'nothing was decided'})"
    told = {"samples": len(entries), "all": len(history.entries), "damaged": list(history.damaged), "because": because}
    return entries, told | {"assays": assays}


def collect(results: Path, given: Data, now: datetime) -> dict[str, Any]:
    """Return the content of release/index.json (schema: workflow/schemas/release_index.schema.yaml).

    Args:
        results: the results folder.
        given: samples `{name: {case, role, sex, order}}`, cases `{name: [members]}`, `limits`, `assembly`, `store`; of a failed run
            also `causes`, log and last words of the failed job by missing file, and `stopped`, what each of these jobs said.
        now: the time of making.
    """
    samples = read_each(results, "samples/{name}/release.json", given["samples"])
    cases = read_each(results, "cases/{name}/release.json", given["cases"])
    identities = read_each(results, "samples/{name}/identity.json", given["samples"])
    checked = read_each(results, "samples/{name}/completeness.json", given["samples"])
    cells = read_grid(results / "release" / "completeness.tsv")
    history, told = earlier(Path(given["store"]), samples, given["assembly"])
    decided = {
        "samples": release_index.decisions("sample", given["samples"], samples, cells),
        "cases": release_index.decisions("case", given["cases"], cases, cells),
    }
    places = {name: f"{one['role']} · {one['case']}" for name, one in given["samples"].items()}
    members = {name: ", ".join(of_case) for name, of_case in given["cases"].items()}
    parts = {
        "made": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "genvej": version(),
        "assembly": given["assembly"],
        "limits": {key: given["limits"][key] for key in ("name", "title", "date")},
        "change": read_optional(results / "release" / "change.json"),
        "seal": seal_of(results, cells, failed=bool(given["stopped"])),
        "counts": {kind: release_index.count(records) for kind, records in decided.items()},
        **decided,
        "grids": {
            "sample": release_index.grid("sample", cells, decided["samples"], given["causes"], places),
            "case": release_index.grid("case", cells, decided["cases"], given["causes"], members),
        },
        "metrics": release_index.metrics(samples.values(), given["limits"], history),
        "history": told,
        "signed": release_index.signed([*samples.values(), *cases.values()], cells),
        "findings": release_index.findings(checked, cases, given["stopped"]),
        "contamination": identity_parts.contamination(identities),
        "sex": identity_parts.sexes(read_each(results, "coverage/{name}.karyotype.json", given["samples"])),
        "lanes": identity_parts.lanes(identities),
        "relations": identity_parts.relations(read_optional(results / "release" / "relations.json")),
    }
    return parts | {"waiting": waiting(parts, now.date())}


def page_params(settings: Settings, cohort: Cohort, limits: Data) -> dict[str, Any]:
    """Return what `collect` is given of config and sheets, as plain data."""
    samples = {name: {"case": one.case, "role": one.role, "sex": one.sex, "order": one.order} for name, one in cohort.samples.items()}
    return {
        "samples": samples,
        "cases": {name: [member.name for member in case.members] for name, case in cohort.cases.items()},
        "limits": dict(limits),
        "assembly": settings.reference.name,
        "store": str(settings.identity.store),
    }
