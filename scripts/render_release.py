"""The page of a release, for the quality manager: release/index.json as one self-contained HTML file."""

from pathlib import Path
from typing import Any

from workflow.files import atomic, read_json
from workflow.release_page import render_release


def write_page(index: Any, path: Path) -> None:
    """Write the page of an index, atomically."""
    with atomic(path) as part:
        part.write_text(render_release(index), encoding="utf-8")


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write the page."""
    write_page(read_json(input.index), Path(output[0]))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
