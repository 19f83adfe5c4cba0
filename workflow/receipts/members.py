"""Who is in the cohort, in a table that steps over all samples read: jobs are about what is new, what they make is about everybody.

Scripts of results import this module, and little stands behind it: what judges receipts makes no result another.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workflow.errors import InputError

TABLE = "release/receipts/members.tsv"


@dataclass(frozen=True)
class Member:
    """A sample of the cohort; `units` are its lanes, with commas between them."""

    sample: str
    case: str
    role: str
    sex: str
    person: str
    order: str
    units: str

    def person_row(self) -> dict[str, str]:
        """Return who it is, as relations take it."""
        return {name: getattr(self, name) for name in ("sample", "case", "role", "sex", "person")}


def read_members(results: str | Path) -> list[Member]:
    """Return the samples of the cohort, in the order of the sheet.

    Raises:
        InputError: the table is gone.
    """
    file = Path(results) / TABLE
    if not file.is_file():
        raise InputError("the list of samples that the run began with is gone", file=file, remedy="run the same command again")
    with open(file, newline="", encoding="utf-8") as handle:
        return [Member(**row) for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)]


def cases_of(members: Iterable[Member]) -> list[str]:
    """Return the names of the cases."""
    return list(dict.fromkeys(one.case for one in members))


def of_each(results: str | Path, pattern: str, names: Iterable[str]) -> list[str]:
    """Return one file of each sample or case; `{name}` stands for its name in the pattern, which is relative to the results folder."""
    return [f"{results}/{pattern.replace('{name}', name)}" for name in names]
