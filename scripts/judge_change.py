"""How this release stands to the version of the workflow before: first, unsigned, accepted or rejected.

What it says was found when the Snakefile was read (workflow/change.py) and came as a param, so that a new sign-off or another version
makes the pages again and nothing else.
"""

from typing import Any

from workflow.files import write_json


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write change.json."""
    write_json(output[0], dict(params.change))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
