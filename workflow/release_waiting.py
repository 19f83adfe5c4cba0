"""What waits for a person before a release is whole, gravest first, each in one sentence with a link to its cause."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from workflow.change import Status as ChangeStatus
from workflow.change_words import words_of

Data = Mapping[str, Any]
GRAVITY = ("stop", "missing", "fail", "undecided", "hold", "sign", "resequence", "notice")
"""What an item asks for, the gravest first."""
SOON = timedelta(days=30)
TOLD = 3  # reasons told in one sentence


def waiting(parts: Data, today: date) -> list[dict[str, Any]]:
    """Return the list out of the parts of index.json (change, seal, samples, cases, grids, signed, history)."""
    items = [
        *_of_change(parts["change"]),
        *_of_missing(parts["grids"]),
        *_of_samples(parts["samples"], parts["metrics"]),
        *_of_cases(parts["cases"], {one["subject"] for one in parts["samples"] if not one["goes_out"]}),
        *_of_signed(parts["signed"], today),
        *_of_store(parts["history"]),
        *_of_seal(parts["seal"]),
    ]
    return _with_ids(sorted(items, key=lambda one: GRAVITY.index(one["gravity"])))


def _with_ids(items: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the items with an `id` each, which no other has: what waits for a sample or case is found by its name."""
    taken: Counter[str] = Counter()
    named = []
    for one in items:
        name = f"w-{one['kind']}-{one['subject']}-{one['gravity']}".replace(" ", "-").replace(",", "")
        taken[name] += 1
        named.append({"id": name if taken[name] == 1 else f"{name}-{taken[name]}", **one})
    return named


def item(
    gravity: str, kind: str, subject: str, why: str, links: Sequence[tuple[str, str]] = (), metrics: Sequence[str] = ()
) -> dict[str, Any]:
    """Return one item; links are (text, address relative to release/), metrics the names of those that stand in the way."""
    told = [{"text": text, "href": href} for text, href in links]
    return {"gravity": gravity, "kind": kind, "subject": subject, "why": why, "links": told, "metrics": list(metrics)}


def sentence(reasons: Sequence[str]) -> str:
    """Return reasons as one sentence: the first TOLD, and how many more there are."""
    more = f"; and {len(reasons) - TOLD} more" if len(reasons) > TOLD else ""
    return "; ".join(reasons[:TOLD]) + more


def _of_change(change: Data | None) -> list[dict[str, Any]]:
    if change is None or change["status"] not in {ChangeStatus.UNSIGNED, ChangeStatus.REJECTED}:
        return []
    gravity = "stop" if change["status"] == ChangeStatus.REJECTED else "sign"
    return [item(gravity, "run", "the whole run", words_of(change).text, [("version of the workflow", "#versions")])]


def _of_missing(grids: Mapping[str, Data]) -> list[dict[str, Any]]:
    """Return an item a sample or case that lacks files, with the log that tells why; those that lack theirs for one cause are one item."""
    groups: dict[tuple[str, ...], list[tuple[str, str, list[tuple[str, Data]]]]] = {}
    for kind, table in grids.items():
        for row in table["rows"]:
            cells = zip(table["deliverables"], row["cells"], strict=True)
            if gone := [(name, cell) for name, cell in cells if cell and cell["status"] == "missing"]:
                logs = tuple(dict.fromkeys(cell["log"] for _, cell in gone if cell["log"]))
                groups.setdefault(logs or (kind, row["subject"]), []).append((kind, row["subject"], gone))
    return [_missing_of_many(rows) if len(rows) > 1 else _missing_of_one(*rows[0]) for rows in groups.values()]


def _missing_of_one(kind: str, subject: str, gone: Sequence[tuple[str, Data]]) -> dict[str, Any]:
    """Return the item of one sample or case: what the failed job said, else what is wrong with each file."""
    said = list(dict.fromkeys(cell["said"] for _, cell in gone if cell["said"]))
    files = f"{len(gone)} owed file{'s are' if len(gone) > 1 else ' is'} missing"
    why = [*said, files] if said else [f"{name} is missing" + (f" ({cell['reason']})" if cell["reason"] else "") for name, cell in gone]
    return item("missing", kind, subject, sentence(why), _logs(gone))


def _missing_of_many(rows: Sequence[tuple[str, str, Sequence[tuple[str, Data]]]]) -> dict[str, Any]:
    """Return one item for several samples and cases that lack files for the same cause."""
    gone = [(name, cell) for _, _, cells in rows for name, cell in cells]
    said = dict.fromkeys(cell["said"] for _, cell in gone if cell["said"])
    names = ", ".join(f"{kind} {subject}" for kind, subject, _ in rows[:TOLD])
    of = f"{names} and {len(rows) - TOLD:,} more" if len(rows) > TOLD else names
    many = f"{len(rows):,} samples and cases"
    return item("missing", "run", many, sentence([*said, f"{len(gone):,} owed files are missing, of {of}"]), _logs(gone))


def _logs(gone: Sequence[tuple[str, Data]]) -> list[tuple[str, str]]:
    """Return links to the logs that tell why files are missing, else to the list of what is missing."""
    logs = list(dict.fromkeys(cell["log"] for _, cell in gone if cell["log"]))
    return [(f"log {log.split('logs/', 1)[-1]}", log) for log in logs] or [("completeness.tsv", "completeness.tsv")]


def _of_samples(samples: Iterable[Data], metrics: Sequence[Data]) -> list[dict[str, Any]]:
    """Return an item a sample that is not released, with the metrics that stand in the way; one that lacks files has its item already."""
    blamed: dict[str, list[str]] = {}
    for metric in metrics:
        for value in metric["values"]:
            if value["verdict"] in {"fail", "borderline"} or (value["verdict"] == "not evaluated" and metric["needed"]):
                blamed.setdefault(value["sample"], []).append(metric["name"])
    items = []
    for one in samples:
        if one["decision"] != "release" and not (one["decision"] == "undecided" and one["missing"]):
            name = one["subject"]
            why = sentence(one["reasons"] or ["nothing was decided: there is no release.json"])
            link = [("release.json", f"../samples/{name}/release.json")]
            items.append(item(one["decision"], "sample", name, why, link, blamed.get(name, [])))
    return items


def _of_cases(cases: Iterable[Data], waiting_samples: set[str]) -> list[dict[str, Any]]:
    """Return an item a case that waits for more than its members: what is said of a member is not said again."""
    items = []
    for one in cases:
        own = [reason for reason in one["reasons"] if reason.split(":", 1)[0] not in waiting_samples]
        if one["decision"] not in {"release", "undecided"} and own:
            items.append(
                item(
                    one["decision"],
                    "case",
                    one["subject"],
                    sentence(own),
                    [("release.json", f"../cases/{one['subject']}/release.json"), ("checks of joint calls", "#findings")],
                )
            )
    return items


def _of_signed(records: Iterable[Data], today: date) -> list[dict[str, Any]]:
    """Return an item a waiver or override that expires soon."""
    items = []
    for one in records:
        if one["expires"] and date.fromisoformat(one["expires"][:10]) - today <= SOON:
            why = f"The {one['kind']} of {one['what']} by {one['name']} expires on {one['expires'][:10]}."
            items.append(item("notice", one["about"], one["subject"], why, [("signed decisions", "#signed")]))
    return items


def _of_store(history: Data) -> list[dict[str, Any]]:
    if not history["damaged"]:
        return []
    names = ", ".join(history["damaged"])
    return [item("stop", "run", "history", f"The history of metrics is damaged; left out: {names}.", [("history", "#margins")])]


def _of_seal(seal: Data) -> list[dict[str, Any]]:
    items = []
    if seal["log"].get("broken"):
        items.append(item("stop", "run", "log of releases", sentence([seal["log"]["broken"]]), [("versions", "#versions")]))
    if seal["key"]["state"] == "demo":
        why = "Signed with the demo key, which proves nothing: before anything leaves the building, name a key of the centre."
        items.append(item("notice", "run", "signature", why, [("signature", "#versions")]))
    return items
