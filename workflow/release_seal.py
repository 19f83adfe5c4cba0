"""Which version of a release is about to be sealed, those before it, and who signs: for the page, which is made before the manifest."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow.files import read_json
from workflow.sealing import hashes, versions

Data = Mapping[str, Any]
LISTED = 12  # versions told, the newest


def seal_of(results: Path, cells: Sequence[Data], *, failed: bool) -> dict[str, Any]:
    """Return `{next, why_not, before, versions, all, key, log}`.

    `next` is the number under which this run will be sealed: a new one only if a deliverable differs from the version before; None if it
    will not be, `why_not` says why. `versions` are the newest sealed ones `{version, day, files, workflow}`, newest first.
    """
    missing = sum(cell["status"] == "missing" for cell in cells)
    why_not = "the run stopped before its end" if failed else ""
    if missing:
        why_not = f"{missing:,} owed file{'s are' if missing > 1 else ' is'} missing"
    sealed = versions(results / "release" / "versions")
    told = [_version(folder) for folder in reversed(sealed[-LISTED:])]
    before = told[0]["version"] if told else None
    return {
        "next": None if why_not else _next(results, sealed, cells),
        "why_not": why_not,
        "before": before,
        "versions": told,
        "all": len(sealed),
        "key": {"state": "unsigned", "name": "", "why": "this version of the workflow seals releases and does not sign them"},
        "log": {"entries": 0, "broken": "", "because": "there is no release/log.jsonl"},
    }


def _version(folder: Path) -> dict[str, Any]:
    manifest = read_json(folder / "manifest.json")
    day = datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime, UTC).date().isoformat()
    workflow = str((manifest.get("workflow") or {}).get("workflow") or "")
    return {"version": manifest["version"], "day": day, "files": len(manifest["files"]), "workflow": workflow}


def _next(results: Path, sealed: Sequence[Path], cells: Sequence[Data]) -> str:
    """Return the number of the version to come, by the receipts' digests against those of the version before."""
    receipts = dict.fromkeys(results / "release" / "receipts" / f"{cell['kind']}s" / f"{cell['subject']}.json" for cell in cells)
    now = {one["file"]: one["sha256"] for path in receipts for one in read_json(path)["files"] if one["status"] == "produced"}
    before = read_json(sealed[-1] / "manifest.json") if sealed else None
    if before and hashes(before) == now:
        return str(before["version"])
    return f"{int(before['version'] if before else 0) + 1:04d}"
