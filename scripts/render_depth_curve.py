"""The page of a depth curve out of its tables: nothing else goes in."""

import csv
from pathlib import Path
from typing import Any

from workflow.depth_page import render_depth_curve
from workflow.files import atomic, read_json


def rows_of(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with open(path, encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write depth_curve.html."""
    page = render_depth_curve(params.about, rows_of(input.curve), rows_of(input.by_depth), read_json(input.limit))
    with atomic(output[0]) as part:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
