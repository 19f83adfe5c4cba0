"""One summary of all shards: a table, the same as JSON with totals, and one line for the terminal."""

import datetime
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.cluster.shard_run import Standing
from workflow.cohort import Cohort
from workflow.files import atomic

COLUMNS = ("shard", "priority", "state", "cases", "samples", "decisions", "waited_s", "wall_s", "status", "reason", "folder")


def summary_of(standings: Sequence[Standing], cohort: Cohort, begun: float) -> dict[str, Any]:
    """Return the summary as data.

    Args:
        standings: all shards, in the order of starting.
        cohort: what the sheets say.
        begun: when this call began (seconds since 1970).
    """
    rows = [row_of(one, cohort, begun) for one in standings]
    states = Counter(one.state for one in standings)
    waits = {
        which: [row["waited_s"] for row in rows if row["priority"] == which and row["waited_s"] is not None]
        for which in ("urgent", "routine")
    }
    return {
        "written": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "shards": len(rows),
        "states": dict(states),
        "mean_wait_s": {which: round(sum(values) / len(values), 1) if values else None for which, values in waits.items()},
        "decisions": dict(sum((Counter(row["decisions"]) for row in rows), Counter())),
        "rows": rows,
    }


def row_of(one: Standing, cohort: Cohort, begun: float) -> dict[str, Any]:
    """Return one shard's row; `waited_s` is the time from the call to its start, None if it did not start in this call."""
    samples = [sample.name for case in one.shard.cases for sample in cohort.cases[case].members]
    here = one.started is not None and one.started >= begun
    return {
        "shard": one.shard.name,
        "priority": "urgent" if one.shard.urgent else "routine",
        "state": one.state,
        "cases": list(one.shard.cases),
        "samples": len(samples),
        "decisions": dict(Counter(decisions_in(one.folder, samples))),
        "waited_s": round(one.started - begun, 1) if here and one.started is not None else None,
        "wall_s": round(one.ended - one.started, 1) if one.started is not None and one.ended is not None else None,
        "status": one.status,
        "reason": one.reason,
        "folder": str(one.folder),
    }


def decisions_in(folder: Path, samples: Sequence[str]) -> list[str]:
    """Return the release decision of each sample that has one."""
    files = (folder / "results" / "samples" / name / "release.json" for name in samples)
    return [str(json.loads(file.read_text(encoding="utf-8"))["decision"]) for file in files if file.is_file()]


def write_summary(folder: Path, content: dict[str, Any]) -> None:
    """Write `summary.json` and `summary.tsv`."""
    with atomic(folder / "summary.json") as part:
        part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    lines = ["\t".join(COLUMNS), *("\t".join(_cell(row[column]) for column in COLUMNS) for row in content["rows"])]
    with atomic(folder / "summary.tsv") as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={count}" for name, count in value.items())
    return " ".join(value) if isinstance(value, list) else "" if value is None else str(value).replace("\t", " ")


def line_of(content: dict[str, Any]) -> str:
    """Return the summary in one line."""
    states = ", ".join(f"{count} {state}" for state, count in content["states"].items())
    decisions = ", ".join(f"{count} {name}" for name, count in content["decisions"].items())
    return f"[shards] {content['shards']}: {states}{f' · samples: {decisions}' if decisions else ''}"
