"""The grid of what is owed and what became of it, from the receipts of all samples and cases."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workflow.completeness import SHOWN, Cell, Status, count_by_status, missing_in_words, write_table
from workflow.deliverables import EXPECTED
from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.receipts.cohort_table import units_of
from workflow.receipts.members import read_members


def cell_of(results: Path, received: Mapping[str, Any]) -> Cell:
    """Return the cell of a received deliverable; a file that is gone or has another size since its receipt is missing."""
    status, reason = Status(received["status"]), received["reason"]
    if status is Status.PRODUCED:
        file = results / received["file"]
        size = file.stat().st_size if file.is_file() else None
        if size != received["bytes"]:
            status, reason = Status.MISSING, "the file is gone" if size is None else "the file has changed since it was checked"
    return Cell(received["kind"], received["subject"], received["deliverable"], received["file"], status, reason)


def read_receipts(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return the received deliverables of all receipts, in their order."""
    return [received for path in paths for received in read_json(path)["files"]]


def differences(expected: Iterable[Mapping[str, str]], cells: Iterable[Cell]) -> str:
    """Return how what was owed before the first job and what became of it differ, in words; empty if cell for cell they are the same.

    Args:
        expected: rows of release/expected.tsv.
        cells: what the receipts say.
    """
    asked = {row["file"]: row["owed"] for row in expected}
    became = {cell.file: "yes" if cell.status in {Status.PRODUCED, Status.MISSING} else cell.status.value for cell in cells}
    gone = [file for file in asked if file not in became]
    new = [file for file in became if file not in asked]
    other = [f"{file} (owed: {asked[file]}, now {became[file]})" for file in asked if became.get(file, asked[file]) != asked[file]]
    parts = (("owed and in no receipt", gone), ("in a receipt and never owed", new), ("owed otherwise", other))
    return "; ".join(f"{what}: {', '.join(files[:SHOWN])}" for what, files in parts if files)


def read_expected(file: Path) -> list[dict[str, str]]:
    """Return the rows of release/expected.tsv.

    Raises:
        InputError: it is gone.
    """
    if not file.is_file():
        raise InputError("the list of what was owed before the first job is gone", file=file, remedy="run the same command again")
    with open(file, newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write completeness.tsv and its counts.

    Raises:
        InputError: something owed is missing, or the receipts speak of other files than were owed.
    """
    results = Path(params.results)
    receipts = [str(results / unit.file) for unit in units_of(read_members(results))]
    cells = [cell_of(results, received) for received in read_receipts(receipts)]
    if missing := missing_in_words(cells):
        raise InputError(f"the release is incomplete: {missing}", remedy="run the same command again; what is missing is made anew")
    if differ := differences(read_expected(results / EXPECTED), cells):
        what = f"what was listed before the first job is not what became of it: {differ}"
        raise InputError(what, file=results / EXPECTED, remedy="run the same command again")
    write_table(output.table, cells)
    write_json(output.counts, count_by_status(cells))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
