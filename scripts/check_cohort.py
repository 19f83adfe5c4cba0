"""Receipt of the cohort as a whole: the files of the release, and which receipts they were made of."""

import csv
from pathlib import Path
from typing import Any

from workflow.receipts.plain_digest import digest_of_value
from workflow.receipts.record import as_it_lies, sealed, write_receipt


def seals(table: str | Path) -> list[str]:
    """Return the seals in release/receipts/cohort.tsv, sorted, so that the order of a sheet makes no other release."""
    with open(table, newline="", encoding="utf-8") as handle:
        return sorted(row["seal"] for row in csv.DictReader(handle, delimiter="\t"))


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write `release/receipts/cohort.json`."""
    results = Path(params.results)
    about = {**params.about, "inputs": {"receipts": digest_of_value(seals(input.receipts))}}
    kept = {"kind": "cohort", "subject": "cohort", "stage": "release", "status": "produced", "reason": ""}
    files = [{**kept, "deliverable": Path(file).name, "file": file, **as_it_lies(results / file)} for file in params.files]
    write_receipt(output[0], sealed(about, files, [], {}))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
