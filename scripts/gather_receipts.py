"""The receipts of all samples and cases by name and seal: what the steps over the whole cohort wait for and are made anew by."""

from pathlib import Path
from typing import Any

from workflow.files import atomic
from workflow.receipts.cohort_table import units_of
from workflow.receipts.members import read_members
from workflow.receipts.model import load


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write `release/receipts/cohort.tsv`.

    Raises:
        InputError: a receipt is missing or not as it was written.
    """
    results = Path(params.results)
    with atomic(output[0]) as part, open(part, "w", encoding="utf-8") as table:
        table.write("kind\tname\tseal\n")
        for unit in units_of(read_members(results)):
            table.write(f"{unit.kind}\t{unit.name}\t{load(results / unit.file, params.assembly).seal}\n")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
