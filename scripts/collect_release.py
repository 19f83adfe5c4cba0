"""What the page of a release shows, as data: decisions, the grid, identity, signatures and the history of metrics put together."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow.files import write_json
from workflow.release_parts import collect
from workflow.schema import first_violation


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write release/index.json."""
    index = collect(Path(params.results), {**params.given, "causes": {}, "stopped": []}, datetime.now(UTC))
    if wrong := first_violation("release_index", index):
        raise ValueError(f"index.json is not as its schema asks: {wrong.key()} ({wrong.keyword})")
    write_json(output[0], index)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
