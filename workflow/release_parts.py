"""Everything that the page of a release shows, put together from the files of a results folder; what is not there is told, not guessed.

A run that failed has its page too: then most of these files may be missing.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from workflow import identity_parts, release_index
from workflow.cohort import Cohort
from workflow.decisions import Decision as SignedDecision
from workflow.deliverables import EXPECTED
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


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a TSV with header, none if it is not there."""
    if not path.is_file():
        return []
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def earlier(store: Path, samples: Mapping[str, Data], assembly: str) -> tuple[dict[str, list[Entry]], dict[str, Any]]:
    """Return the entries of the history that the samples may be compared with, by limit set, and what the page says of the history."""
    try:
        history = read_history(store)
    except InputError as error:
        return {}, {"samples": 0, "all": 0, "damaged": [], "because": str(error)}
    found: dict[str, list[Entry]] = {}
    for assay, chosen in sorted({(assay_of(one, assembly), one["limits"]["name"]) for one in samples.values()}):
        found.setdefault(chosen, []).extend(comparable(history, assay, samples))
    number = sum(map(len, found.values()))
    because = "" if number else f"no other sample of this kind was sealed before ({', '.join(found) or 'nothing was decided'})"
    return found, {"samples": number, "all": len(history.entries), "damaged": list(history.damaged), "because": because}


def collect(results: Path, given: Data, now: datetime) -> dict[str, Any]:
    """Return the content of release/index.json (schema: workflow/schemas/release_index.schema.yaml).

    Args:
        results: the results folder.
        given: what `page_params` gives; also `causes`, log and last words of the failed job by missing file, and `stopped`, what each of
            these jobs said: both empty after a run that did not fail.
        now: the time of making.
    """
    samples = read_each(results, "samples/{name}/release.json", given["samples"])
    cases = read_each(results, "cases/{name}/release.json", given["cases"])
    cells = read_table(results / "release" / "completeness.tsv")
    history, told = earlier(Path(given["store"]), samples, given["assembly"])
    used = {one["limits"]["name"] for one in samples.values()}
    sets = [one for one in limit_sets(given["limits"]) if one["name"] in used or not used]
    about = {("sample", name): one for name, one in samples.items()} | {("case", name): one for name, one in cases.items()}
    checked = read_each(results, "samples/{name}/completeness.json", given["samples"])
    decided = {
        "samples": release_index.decisions("sample", given["samples"], samples, cells),
        "cases": release_index.decisions("case", given["cases"], cases, cells),
    }
    parts = {
        "made": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "genvej": version(),
        "assembly": given["assembly"],
        "limits": [{key: one[key] for key in ("name", "title", "date")} for one in sets],
        "change": read_optional(results / "release" / "change.json"),
        "seal": seal_of(results, cells, given["key"], failed=bool(given["stopped"])),
        "counts": {kind: release_index.count(records) for kind, records in decided.items()},
        **decided,
        "grids": _grids(results, given, cells, decided),
        "metrics": release_index.metrics(samples.values(), sets, history),
        "history": told,
        "signed": release_index.signed(given["decisions"], about),
        "findings": release_index.findings(checked, cases, given["stopped"]),
        **_who_is_who(results, given["samples"]),
    }
    return parts | {"waiting": waiting(parts, now.date())}


def _grids(results: Path, given: Data, cells: Sequence[Data], decided: Data) -> dict[str, Any]:
    """Return the grids of samples and cases, with why each deliverable is owed as release/expected.tsv has it."""
    why = {one["deliverable"]: one["why"] for one in read_table(results / EXPECTED) if one["owed"] == "yes"}
    places = {
        "sample": {name: f"{one['role']} · {one['case']}" for name, one in given["samples"].items()},
        "case": {name: ", ".join(members) for name, members in given["cases"].items()},
    }
    grids = {kind: release_index.grid(kind, cells, decided[f"{kind}s"], given["causes"], places[kind]) for kind in places}
    return {kind: one | {"why": [why.get(name, "") for name in one["deliverables"]]} for kind, one in grids.items()}


def _who_is_who(results: Path, samples: Iterable[str]) -> dict[str, Any]:
    """Return what is known of contamination, sex, lanes and relations."""
    names = list(samples)
    identities = read_each(results, "samples/{name}/identity.json", names)
    checks = read_each(results, "samples/{name}/relations.json", names)
    return {
        "contamination": identity_parts.contamination(identities, read_optional(results / "identity" / "sources.json")),
        "sex": identity_parts.sexes(read_each(results, "coverage/{name}.karyotype.json", names)),
        "lanes": identity_parts.lanes(identities),
        "relations": identity_parts.relations(read_optional(results / "release" / "relations.json"), checks),
    }


def limit_sets(limits: Data) -> list[Data]:
    """Return the limit sets, each once, of one set or of sets by order type or role."""
    found = [limits] if "metrics" in limits else list(limits.values())
    return list({one["name"]: one for one in found}.values())


def page_params(settings: Settings, cohort: Cohort, limits: Data, decisions: Iterable[SignedDecision], key: str) -> dict[str, Any]:
    """Return what `collect` is given of config, sheets and signed decisions, as plain data; `key` as `release_key.key_in_use` gives it."""
    keys = ("kind", "about", "subject", "name", "role", "date", "reason", "expires", "deliverable", "decision", "instead_of")
    return {
        "samples": {name: {"case": one.case, "role": one.role, "sex": one.sex, "order": one.order} for name, one in cohort.samples.items()},
        "cases": {name: [member.name for member in case.members] for name, case in cohort.cases.items()},
        "limits": dict(limits),
        "assembly": settings.reference.name,
        "store": str(settings.identity.store),
        "decisions": [{name: getattr(one, name) for name in keys} for one in decisions],
        "key": key,
    }
