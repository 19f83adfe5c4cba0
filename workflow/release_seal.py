"""Which version of a release is about to be sealed, those before it, key and log: for the page, which is made before the manifest."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow.files import read_json
from workflow.release_key import DEMO, DEMO_WORDS
from workflow.release_log import FILE, Log, read_log
from workflow.sealing import MANIFEST, Manifest, hashes, last_manifest, signed_with, versions

Data = Mapping[str, Any]
LISTED = 12  # versions told, the newest


def seal_of(results: Path, cells: Sequence[Data], key: str, *, failed: bool) -> dict[str, Any]:
    """Return `{next, why_not, before, versions, all, key, log}`.

    `next` is the number under which this run will be sealed: a new one only if a deliverable or the key differs from the version before;
    None if it will not be, `why_not` says why. `versions` are the newest sealed ones `{version, day, files, workflow, key}`, newest first.

    Args:
        results: the results folder.
        cells: rows of the grid.
        key: id of the key that signs, `demo` for a demo key, empty where that is not known.
        failed: the run stopped before its end.
    """
    missing = sum(cell["status"] == "missing" for cell in cells)
    why_not = "the run stopped before its end" if failed else ""
    if missing:
        why_not = f"{missing:,} owed file{'s are' if missing > 1 else ' is'} missing"
    folder, log = results / "release" / "versions", _log(results)
    told = [_version(version, log) for version in reversed(versions(folder)[-LISTED:])]
    return {
        "next": None if why_not else _next(results, last_manifest(folder), cells, key),
        "why_not": why_not,
        "before": told[0]["version"] if told else None,
        "versions": told,
        "all": len(versions(folder)),
        "key": _key(key),
        "log": _state(log),
    }


def sealed_day(version: Path, log: Log | None) -> str:
    """Return the day (UTC) on which a version was sealed: as the log says, else the date of its manifest, which is never written again."""
    for line in log.lines if log else []:
        if line.event["event"] == "sealed" and line.event["version"] == version.name:
            return str(line.event["time"])[:10]
    return datetime.fromtimestamp((version / MANIFEST).stat().st_mtime, UTC).date().isoformat()


def _log(results: Path) -> Log | None:
    """Return the log of decisions, None if it cannot be read."""
    try:
        return read_log(results / "release" / FILE, every=False)
    except OSError:
        return None


def _state(log: Log | None) -> dict[str, Any]:
    """Return how the log stands: its lines, where its chain is broken, why it says nothing."""
    if log is None:
        return {"entries": 0, "broken": "", "because": "release/log.jsonl cannot be read"}
    broken = f"line {log.fault[0]} of release/log.jsonl {log.fault[1]}" if log.fault else ""
    because = "" if log.lines or broken else "nothing was sealed before, so that there is no release/log.jsonl yet"
    return {"entries": len(log.lines), "broken": broken, "because": because}


def _key(key: str) -> dict[str, str]:
    if not key:
        return {"state": "unknown", "name": "", "why": "it is not known which key will sign"}
    if key == DEMO:
        return {"state": "demo", "name": DEMO, "why": DEMO_WORDS}
    return {"state": "named", "name": key, "why": ""}


def _version(folder: Path, log: Log | None) -> dict[str, Any]:
    manifest = read_json(folder / MANIFEST)
    key = manifest.get("key") or {}
    return {
        "version": manifest["version"],
        "day": sealed_day(folder, log),
        "files": len(manifest["files"]),
        "workflow": str((manifest.get("workflow") or {}).get("workflow") or ""),
        "key": "demo key" if key.get("demo") else str(key.get("key") or "unsigned"),
    }


def _next(results: Path, before: Manifest | None, cells: Sequence[Data], key: str) -> str:
    """Return the number of the version to come, by the receipts' digests against those of the version before."""
    receipts = dict.fromkeys(results / "release" / "receipts" / f"{cell['kind']}s" / f"{cell['subject']}.json" for cell in cells)
    now = {one["file"]: one["sha256"] for path in receipts for one in read_json(path)["files"] if one["status"] == "produced"}
    if before is None:
        return "0001"
    same_key = before.get("key", {}).get("demo", False) if key == DEMO else signed_with(before) == key
    return str(before["version"]) if hashes(before) == now and same_key else f"{int(before['version']) + 1:04d}"
