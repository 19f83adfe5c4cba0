"""All validated samples side by side: their summaries as one table, and a page with the headline of each."""

import csv
from pathlib import Path
from typing import Any

from workflow.files import atomic, read_json
from workflow.validation_page import render_overview


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write validation.tsv and index.html."""
    texts = [Path(file).read_text(encoding="utf-8").splitlines(keepends=True) for file in input.summaries]
    with atomic(output.table) as part:
        part.write_text("".join([texts[0][0], *(line for text in texts for line in text[1:])]), encoding="utf-8")
    scores = [
        {**read_json(score), "summary": list(csv.DictReader(text, delimiter="\t"))} for text, score in zip(texts, input.scores, strict=True)
    ]
    page = render_overview(scores, read_json(input.change))
    with atomic(output.page) as part:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
