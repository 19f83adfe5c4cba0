"""The grid of what is owed and what became of it, from the receipts of all samples and cases."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workflow.completeness import Cell, Status, count_by_status, missing_in_words, write_table
from workflow.errors import InputError
from workflow.files import read_json, write_json


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


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write completeness.tsv and its counts.

    Raises:
        InputError: something owed is missing.
    """
    cells = [cell_of(Path(params.results), received) for received in read_receipts(input)]
    if missing := missing_in_words(cells):
        raise InputError(f"the release is incomplete: {missing}", remedy="run the same command again; what is missing is made anew")
    write_table(output.table, cells)
    write_json(output.counts, count_by_status(cells))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
