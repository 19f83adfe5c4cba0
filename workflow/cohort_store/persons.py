"""The table of people that are offered to the store: one row a sample; only the column `sample` is needed."""

import csv
from pathlib import Path

from workflow.cohort_store.model import Person
from workflow.cohort_store.sources import karyotype_of
from workflow.errors import InputError
from workflow.schema import nearest
from workflow.text import open_text

COLUMNS = ("sample", "sex", "person", "family", "ancestry", "patient_group", "role", "affected")
FOUNDERS = {"mother", "father"}
UNFIT = set("=;\t\n")


def read_persons(file: Path) -> dict[str, Person]:
    """Return what a table says of each sample.

    Raises:
        InputError: with the row at fault.
    """
    try:
        with open_text(file) as lines:
            table = csv.DictReader(lines, delimiter="\t")
            for name in table.fieldnames or []:
                if name not in COLUMNS:
                    raise InputError(f"there is no column {name} ({nearest(name, COLUMNS)})", file=file, row=1, remedy="mend the header")
            rows = list(table)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error):
        raise InputError("the table of people cannot be read", file=file, remedy="give a table separated by tabs") from None
    found: dict[str, Person] = {}
    for number, row in enumerate(rows, start=2):
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if not values["sample"] or values["sample"] in found:
            what = "the sample stands twice" if values["sample"] else "there is no sample"
            raise InputError(what, file=file, row=number, remedy="a row a sample")
        found[values["sample"]] = _person(values, file, number)
    return found


def _person(values: dict[str, str], file: Path, number: int) -> Person:
    try:
        return person_of(**values)
    except InputError as error:
        raise InputError(error.what, file=file, row=number, remedy=error.remedy) from None


def person_of(*, sample: str, sex: str = "", person: str = "", family: str = "", ancestry: str = "", patient_group: str = "",
              role: str = "", affected: str = "") -> Person:  # fmt: skip
    """Return a person of plain words.

    Raises:
        InputError: the sex is none, or a group's name has a character that separates.
    """
    groups = {"ancestry": ancestry, "patient": patient_group}
    for value in groups.values():
        if UNFIT & set(value):
            raise InputError("a group's name has a character that separates groups", remedy="use letters, digits, spaces and hyphens")
    return Person(
        sample=sample,
        person=person,
        family=family,
        karyotype=karyotype_of(sex),
        groups={name: value for name, value in groups.items() if value},
        tumour=role == "tumour",
        affected=affected == "yes",
        founder=role in FOUNDERS,
    )
