"""The page of a case out of its report.json and the version's change.json: a changed template or sign-off makes pages anew alone."""

from typing import Any

from workflow.files import atomic, read_json
from workflow.page import render_page


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write report.html of one case."""
    page = render_page(read_json(input.report), read_json(input.change), params.language)
    with atomic(output[0]) as part:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
