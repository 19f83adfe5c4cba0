"""What the page of a release is made of: decisions, the grid, margins against the centre's history, as plain data (release/index.json).

Nothing is judged here: verdicts, decisions and findings are those of the stages above, put together so that a person sees them at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.completeness import Status
from workflow.limits import Decision
from workflow.metric_history import Entry, summarise

Data = Mapping[str, Any]
UNDECIDED = "undecided"
ORDER = (*(decision.value for decision in reversed(Decision)), UNDECIDED)
"""Decisions, the gravest first."""


def decisions(kind: str, names: Iterable[str], releases: Mapping[str, Data], cells: Sequence[Data]) -> list[dict[str, Any]]:
    """Return one record a sample or case: decision, reasons, notes, how many owed files are missing, and whether it may go out.

    Args:
        kind: sample or case.
        names: all of the sheet.
        releases: the release.json of those that have one.
        cells: rows of the grid (keys as completeness.tsv).
    """
    missing = Counter(cell["subject"] for cell in cells if cell["kind"] == kind and cell["status"] == Status.MISSING)
    return [_decision(kind, name, releases.get(name), missing[name]) for name in names]


def _decision(kind: str, name: str, release: Data | None, missing: int) -> dict[str, Any]:
    """Return the record of one; `before` is what the limits led to if a person decided otherwise."""
    decision = release["decision"] if release else UNDECIDED
    reasons = [one for one in release["reasons"] if ": waived by " not in one] if release else []
    return {
        "kind": kind,
        "subject": name,
        "decision": decision,
        "before": (release.get("override") or {}).get("before", "") if release else "",
        "reasons": reasons if decision != Decision.RELEASE else [],
        "notes": list(release["notes"]) if release else [],
        "missing": missing,
        "goes_out": decision == Decision.RELEASE and not missing,
    }


def count(records: Iterable[Data]) -> dict[str, int]:
    """Return how many records have each decision, gravest first, and how many may go out."""
    found = list(records)
    counts = Counter(one["decision"] for one in found)
    return {"all": len(found), "goes_out": sum(one["goes_out"] for one in found)} | {name: counts[name] for name in ORDER}


def grid(
    kind: str, cells: Iterable[Data], records: Sequence[Data], causes: Mapping[str, Data], places: Mapping[str, str]
) -> dict[str, Any]:
    """Return `{deliverables, rows}` of one kind: a row a sample or case, a cell a deliverable.

    A cell is `{status, reason, file, log, said}`, with log and last words of the job that failed for it; null where a subject has no
    such cell. `causes` has both by file; `places` is more on a subject (the case of a sample).
    """
    by_subject: dict[str, dict[str, Data]] = {}
    for cell in cells:
        if cell["kind"] == kind:
            by_subject.setdefault(cell["subject"], {})[cell["deliverable"]] = cell
    names = list(dict.fromkeys(name for row in by_subject.values() for name in row))
    rows = []
    for one in records:
        row = by_subject.get(one["subject"], {})
        told = [_cell(row[name], causes) if name in row else None for name in names]
        rows.append({"subject": one["subject"], "place": places.get(one["subject"], ""), "decision": one["decision"]})
        rows[-1] |= {"before": one["before"], "cells": told}
    return {"deliverables": names, "rows": rows}


def _cell(cell: Data, causes: Mapping[str, Data]) -> dict[str, Any]:
    cause = causes.get(cell["file"], {}) if cell["status"] == Status.MISSING else {}
    kept = {"status": cell["status"], "reason": cell["reason"], "file": cell["file"]}
    return kept | {"log": cause.get("log", ""), "said": cause.get("said", "")}


def metrics(releases: Iterable[Data], sets: Iterable[Data], history: Mapping[str, Sequence[Entry]]) -> list[dict[str, Any]]:
    """Return one record a metric and limit set: label, unit, limit, direction, the values of this run with their verdicts, the history.

    Args:
        releases: the release.json of every sample that has one.
        sets: the limit sets as `load_limits` gives them, for labels and directions.
        history: earlier samples that may be compared, by limit set.
    """
    by_name = {one["name"]: one for one in sets}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for release in releases:
        chosen = release["limits"]["name"]
        known = by_name.get(chosen, {"metrics": {}})["metrics"]
        for one in release["metrics"]:
            record = found.setdefault((chosen, one["name"]), _metric(chosen, one, known.get(one["name"], {})))
            record["values"].append({"sample": release["sample"], "value": one["value"], "verdict": one["verdict"]})
            if one["value"] is None and not record["why"]:
                record["why"] = _why(record["label"], [*release["notes"], *release["reasons"]])
    for (chosen, name), record in found.items():
        record["history"] = summarise(history.get(chosen, []), name)
    return list(found.values())


def _why(label: str, told: Iterable[str]) -> str:
    """Return why a sample has no value of a metric, as its decision tells it; empty if it does not."""
    begin = f"{label}: not evaluated ("
    return next((one.removeprefix(begin).removesuffix(")") for one in told if one.startswith(begin)), "")


def _metric(chosen: str, one: Data, limit: Data) -> dict[str, Any]:
    """Return the record of a metric without values; `needed`: a sample without a value of it is not released; `why` one has none."""
    return {
        "set": chosen,
        "name": one["name"],
        "label": limit.get("label", one["name"].replace("_", " ")),
        "unit": one["unit"],
        "better": limit.get("better", ""),
        "limit": one["limit"],
        "borderline": limit.get("borderline"),
        "needed": one["limit"] is not None and limit.get("without_value", Decision.HOLD) != Decision.RELEASE,
        "source": one["source"],
        "why": "",
        "values": [],
    }


def signed(decisions: Iterable[Data], releases: Mapping[tuple[str, str], Data]) -> list[dict[str, Any]]:
    """Return what people signed, the first to expire first: `{kind, about, subject, what, name, date, reason, expires}`.

    Args:
        decisions: waivers and overrides as `decision_param` gives them.
        releases: release.json by (sample or case, name): what the limits led to before an override.
    """
    found = []
    for one in decisions:
        before = (releases.get((one["about"], one["subject"]), {}).get("override") or {}).get("before")
        instead = f"{one['decision']} instead of {before or one['instead_of'] or 'what the limits lead to'}"
        kept = {key: one[key] for key in ("kind", "about", "subject", "date", "reason", "expires")}
        found.append(kept | {"what": one["deliverable"] or instead, "name": f"{one['name']} ({one['role']})"})
    return sorted(found, key=lambda one: (one["expires"] or "9999", one["subject"]))


def findings(completeness: Mapping[str, Data], cases: Mapping[str, Data], stopped: Iterable[Data]) -> dict[str, Any]:
    """Return `{rows, samples, cases, because}`: what the checks of completeness found, and how many samples and cases they looked at.

    A row is `{kind, subject, text, state}`; state is stopped (a job failed on it, so that nothing is sealed), open or waived.

    Args:
        completeness: samples/<sample>/completeness.json by sample.
        cases: release.json by case.
        stopped: what the failed jobs of a run said: `{kind, subject, text}`.
    """
    rows = [{"kind": one["kind"], "subject": one["subject"], "text": one["text"], "state": "stopped"} for one in stopped]
    for name, check in completeness.items():
        rows += [{"kind": "sample", "subject": name, "text": note, "state": "waived"} for note in check.get("notes", [])]
    for name, release in cases.items():
        failed = [one for one in release["checks"] if one["verdict"] != "pass"]
        rows += [{"kind": "case", "subject": name, "text": f"{one['name']}: {one['facts']}", "state": "open"} for one in failed]
    looked = len(completeness) or len(cases)
    return {"rows": rows, "samples": len(completeness), "cases": len(cases), "because": "" if looked or rows else "nothing was checked yet"}
