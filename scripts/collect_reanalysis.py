"""The numbers of a reanalysis: what all its cases gained and lost, by cause and reason. No case is named."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow.files import read_json, write_json
from workflow.reanalysis.work_list import totals

NAME = "difference.json"


def read_records(folders: Mapping[str, str | Path]) -> Iterator[dict[str, Any]]:
    """Give the difference of each case from the folder of its batch, by name of the case."""
    for case, folder in folders.items():
        yield read_json(Path(folder) / case / NAME)


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write difference.json of the whole reanalysis."""
    plan = params.plan
    folder = Path(output[0]).parent / "cases"
    records = list(read_records({name: folder / one["batch"] for name, one in plan["cases"].items()}))
    kinds = [why.partition(":")[0] for why in plan["not_done"].values()]
    content = {
        **{name: plan[name] for name in ("schema", "name", "made", "workflow", "knowledge")},
        "made_by": params.made_by,
        "top": params.top,
        "totals": totals(records),
        "not_done": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }
    write_json(output[0], content)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
