"""What differs between the version and knowledge that the results were made with and those that would run now, and where each enters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.chain_places import EVERYWHERE, places_of_code, places_of_parameter, places_of_tool
from workflow.costs.history import History
from workflow.files import read_json
from workflow.planning.knowledge_age import order
from workflow.settings import Settings
from workflow.version_differences import NONE, OPTIONS, Difference

RUN = "provenance/run.json"


@dataclass(frozen=True)
class Before:
    """What the results were made with: run.json's identity (None where no run has ended), and where each source lay, if it still does."""

    identity: Mapping[str, Any] | None
    paths: Mapping[str, Path]


def read_before(settings: Settings, history: History) -> Before:
    """Return what is known of the version before; a source whose old file is gone, or was replaced where it lay, has no path."""
    try:
        identity = dict(read_json(settings.results / RUN)["workflow"])
    except (OSError, ValueError, KeyError, TypeError):
        return Before(None, {})
    return Before(identity, dict(_old_paths(identity["knowledge"], settings, history)))


def _old_paths(known: Mapping[str, Any], settings: Settings, history: History) -> Iterator[tuple[str, Path]]:
    for name, one in known.items():
        told = [run["knowledge"][name] for run in history.runs if name in run.get("knowledge", {})]
        path = next((Path(old["path"]) for old in reversed(told) if old["release"] == one["release"]), None)
        now = settings.knowledge.get(name)
        if path and path.exists() and not (now and now.path == path and now.release != one["release"]):
            yield name, path


def changes(before: Before, now: Mapping[str, Any]) -> list[Difference]:
    """Return everything that differs and may change a result; nothing where no run has ended here."""
    old = before.identity
    if old is None:
        return []
    parameters = list(_changed("parameter", old["parameters"], now["parameters"], places_of_parameter))
    option = any(one.name == f"parameter {name}" for one in parameters for name in OPTIONS)
    others = [
        *_changed("tool", old["tools"], now["tools"], places_of_tool),
        *_changed("code", old["code"], now["code"], places_of_code),
    ]
    others = [one for one in others if not (option and NONE in {one.old, one.new})]
    return [*parameters, *others, *_of_knowledge(old["knowledge"], now["knowledge"])]


def _changed(kind: str, old: Mapping[str, Any], new: Mapping[str, Any], enters: Any) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        if name not in old or name not in new or _plain(old[name]) != _plain(new[name]):
            values = [str(part[name]) if part.get(name) is not None else NONE for part in (old, new)]
            yield Difference(f"{kind} {name}", values[0], values[1], frozenset(enters(name)) or frozenset({EVERYWHERE}))


def _plain(value: Any) -> Any:
    """Return a value as JSON gives it back: tuples as lists."""
    return list(value) if isinstance(value, tuple) else value


def _of_knowledge(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        values = [part["release"] if part else NONE for part in (one, other)]
        if one and other and values[0] == values[1]:
            values = [f"{part['release']}, {part['bytes']:,} bytes, fields {', '.join(part['fields']) or 'usual'}" for part in (one, other)]
        yield Difference(f"knowledge {name}", values[0], values[1], frozenset({f"knowledge {name}"}))


def told(one: Difference) -> dict[str, Any]:
    """Return a difference as plan.json has it; `older` says that a knowledge release is older than the one before."""
    older = one.name.startswith("knowledge ") and order(one.old, one.new) == "older"
    return {"name": one.name, "old": one.old, "new": one.new, "enters": sorted(one.enters), "older": older}
