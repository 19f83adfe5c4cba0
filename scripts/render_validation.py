"""The page of one validated sample out of its report.json and the version's change.json: nothing else goes in."""

from typing import Any

from workflow.files import atomic, read_json
from workflow.validation_page import render_sample


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write report.html of one sample."""
    page = render_sample(read_json(input.report), read_json(input.change))
    with atomic(output[0]) as part:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
