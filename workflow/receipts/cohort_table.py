"""The table of who is in the cohort, as the main process writes it before the first job; `members` reads it."""

import functools
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from workflow.cohort import Cohort, Sample
from workflow.errors import InputError
from workflow.files import atomic
from workflow.receipts.members import TABLE, Member, cases_of
from workflow.receipts.model import Kind, Unit
from workflow.receipts.plain_digest import digest_of_each

COLUMNS = tuple(field.name for field in fields(Member))


class Members:
    """The samples of the sheet as they are told to steps over all of them."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort

    def _row(self, one: Sample) -> list[str]:
        """Return the cells of a sample, as COLUMNS names them."""
        lanes = ",".join(unit.name for unit in self.cohort.units[one.name])
        return [one.name, one.case, one.role, one.sex, one.person, one.order, lanes]

    @functools.cache  # noqa: B019 - one object a process
    def digest(self) -> str:
        """Return a digest that the order of the sheet does not change."""
        return digest_of_each(self._row(self.cohort.samples[name]) for name in sorted(self.cohort.samples))

    def of_case(self, case: str) -> list[dict[str, str]]:
        """Return who belongs to a case, as relations take it."""
        return [
            {"sample": one.name, "case": case, "role": one.role, "sex": one.sex, "person": one.person}
            for one in self.cohort.cases[case].members
        ]

    def write(self, results: Path) -> None:
        """Write the table, unless it says the same already.

        Raises:
            InputError: it cannot be written.
        """
        rows = [self._row(one) for one in self.cohort.samples.values()]
        text = "".join("\t".join(row) + "\n" for row in [COLUMNS, *rows])
        file = results / TABLE
        try:
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                with atomic(file) as part:
                    part.write_text(text, encoding="utf-8")
        except OSError as error:
            what = f"the list of samples cannot be written ({error.strerror})"
            raise InputError(what, file=file, remedy="give `results` a folder that can be written, on a disk with room") from None


def units_of(members: Sequence[Member]) -> list[Unit]:
    """Return samples, then cases."""
    samples = [Unit(Kind.SAMPLE, one.sample) for one in members]
    return samples + [Unit(Kind.CASE, case) for case in cases_of(members)]
