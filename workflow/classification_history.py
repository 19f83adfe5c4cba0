"""How a variant was classified before: out of the sealed versions of the release, to which nobody writes again."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workflow.files import read_json
from workflow.sealing import MANIFEST, versions

Key = tuple[str, str, str, str]
SHOWN = ("class", "acmg_points", "criteria")


def read_history(folder: Path, case: str) -> list[dict[str, Any]]:
    """Return what each sealed version says of a case, oldest first: `{version, workflow, rows: {(chrom, pos, ref, alt): {class, …}}}`.

    Versions that hold no candidates of the case, or none that were classified, are left out.

    Args:
        folder: the folder of sealed versions (`release/versions`).
        case: name of the case.
    """
    found = []
    for version in versions(folder) if folder.is_dir() else []:
        table = version / "cases" / case / "candidates.tsv"
        if table.is_file():
            with open(table, encoding="utf-8", newline="") as handle:
                rows = {_key(row): {name: row.get(name) or "" for name in SHOWN} for row in csv.DictReader(handle, delimiter="\t")}
            made_by = (read_json(version / MANIFEST).get("workflow") or {}).get("workflow") or ""
            found.append({"version": version.name, "workflow": str(made_by), "rows": rows})
    return found


def _key(row: Mapping[str, Any]) -> Key:
    return str(row["chrom"]), str(row["pos"]), str(row["ref"]), str(row["alt"])


def history_of(row: Mapping[str, Any], sealed: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the earlier classifications of a variant that differ from the one after them, oldest first.

    Each is `{version, workflow, class, acmg_points, criteria}` with the last version that said so. That it is the same as now is no
    history: a run that changes nothing writes the same bytes.
    """
    now = {name: str(row.get(name, "")) for name in SHOWN}
    told = [
        {"version": one["version"], "workflow": one["workflow"], **one["rows"][_key(row)]} for one in sealed if _key(row) in one["rows"]
    ]
    told = [one for one in told if one["class"] not in {"", "not evaluated"}]
    after = [*told[1:], now]
    return [one for one, later in zip(told, after, strict=False) if any(one[name] != later[name] for name in SHOWN)]
