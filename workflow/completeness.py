"""One line a deliverable: what is owed, and what became of it."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path

from workflow.files import atomic
from workflow.formats import ABSENT

SHOWN = 12  # samples and cases told by name in a message


class Status(StrEnum):
    """What became of something owed."""

    PRODUCED = "produced"
    NOT_APPLICABLE = "not applicable"
    WAIVED = "waived"
    MISSING = "missing"


@dataclass(frozen=True)
class Cell:
    """One cell of the grid; `file` is relative to the results folder, `kind` is sample or case."""

    kind: str
    subject: str
    deliverable: str
    file: str
    status: Status
    reason: str


def write_table(path: str | Path, cells: Iterable[Cell]) -> None:
    """Write the grid as TSV, atomically."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(field.name for field in fields(Cell))
    writer.writerows(astuple(cell) for cell in cells)
    with atomic(path) as part:
        part.write_text(table.getvalue(), encoding="utf-8")


def count_by_status(cells: Iterable[Cell]) -> dict[str, int]:
    """Return how many cells stand in each status, those without any included."""
    counts = Counter(cell.status for cell in cells)
    return {status.value: counts[status] for status in Status}


def missing_in_words(cells: Iterable[Cell]) -> str:
    """Return the missing cells by subject: `sample hg001: alignments (the file is empty), gVCF; case …`, or an empty string."""
    subjects: dict[str, list[str]] = {}
    for cell in cells:
        if cell.status is Status.MISSING:
            more = "" if cell.reason == ABSENT else f" ({cell.reason})"
            subjects.setdefault(f"{cell.kind} {cell.subject}", []).append(f"{cell.deliverable}{more}")
    told = [f"{subject}: {', '.join(names)}" for subject, names in subjects.items()]
    return "; ".join(told[:SHOWN]) + (f"; and {len(told) - SHOWN} more samples and cases" if len(told) > SHOWN else "")
