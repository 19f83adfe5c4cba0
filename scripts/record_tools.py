"""Provenance of the external tools: the version that answered in each environment, beside the pinned one."""

from pathlib import Path
from typing import Any

from workflow.files import write_json
from workflow.tool_answers import read_answers, tool_records


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write tools.json."""
    answers = [(Path(path).stem, *answer) for path in input for answer in read_answers(Path(path).read_text(errors="replace").splitlines())]
    write_json(output[0], {"tools": tool_records(answers)})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
