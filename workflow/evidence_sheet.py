"""People's evidence and vetoes (`interpretation.evidence`), read and checked before the first job."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.acmg_points import CRITERIA, NEVER, direction_of
from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.schema import nearest
from workflow.sheets import Row, read_sheet

VETO = "veto"


@dataclass(frozen=True)
class Judgement:
    """One row: what a person says of a variant of a case.

    Attributes:
        variant: as the sheet has it; `hgvs` a name beside it, or empty.
        strength: empty for a veto; `direction` pathogenic, benign or veto.
        fact: what was found; the reason of a veto.
        date: YYYY-MM-DD.
        row: line in the sheet.
    """

    case: str
    variant: str
    hgvs: str
    criterion: str
    strength: str
    direction: str
    fact: str
    author: str
    date: str
    reference: str
    row: int

    def as_param(self) -> dict[str, Any]:
        """Return it as plain data for a rule's params; the line number is left out, so that a row above changes nothing."""
        return {name: value for name, value in vars(self).items() if name not in {"case", "row"}}


def load_evidence(sheet: Path | None, cohort: Cohort, today: datetime.date | None) -> list[Judgement]:
    """Return the judgements of a sheet, checked against the cohort and each other; none without a sheet.

    Args:
        sheet: the sheet.
        cohort: the cases that it may speak of.
        today: the day that no judgement may be later than; None = not asked.

    Raises:
        InputError: a row that is not as it must be, with its number.
    """
    if sheet is None:
        return []
    found = [_judgement(row, number, sheet, cohort, today) for number, row in read_sheet(sheet, "evidence")]
    _refuse_doubled(found, sheet)
    return found


def by_case(judgements: Iterable[Judgement]) -> dict[str, list[dict[str, Any]]]:
    """Return the judgements as plain data by case."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in judgements:
        found.setdefault(one.case, []).append(one.as_param())
    return found


def _judgement(row: Row, number: int, sheet: Path, cohort: Cohort, today: datetime.date | None) -> Judgement:
    for what, remedy in _faults(row, cohort, today):
        raise InputError(what, file=sheet, row=number, remedy=remedy)
    return Judgement(**row, row=number)


def _faults(row: Mapping[str, str], cohort: Cohort, today: datetime.date | None) -> Iterator[tuple[str, str]]:
    """Give what is wrong with a row, and what to do."""
    criterion, veto = row["criterion"], row["direction"] == VETO
    if row["case"] not in cohort.cases:
        yield f"there is no case `{row['case']}` ({nearest(row['case'], cohort.cases)})", "mend the name"
    if criterion in NEVER:
        yield f"{criterion} is never counted", "give the evidence that the other classification rests on, under its own criterion"
    elif criterion not in CRITERIA:
        yield f"there is no criterion {criterion} ({nearest(criterion, CRITERIA)})", "name a criterion of ACMG/AMP"
    elif not veto and row["direction"] != direction_of(criterion):
        yield f"{criterion} speaks for {direction_of(criterion)}, the row says {row['direction']}", "correct the one that is wrong"
    if veto and row["strength"]:
        yield "a veto has no strength", "leave `strength` empty, or give the direction of the evidence"
    if not veto and not row["strength"]:
        yield "`strength` is empty", "say how much the evidence weighs"
    if row["strength"] == "stand-alone" and criterion != "BA1":
        yield f"{criterion} cannot be stand-alone", "that strength is for BA1 only"
    if not veto and not row["reference"]:
        yield "`reference` is empty", "cite what the evidence rests on, such as a PMID or a laboratory's report"
    yield from _day_faults(row["date"], today)


def _day_faults(text: str, today: datetime.date | None) -> Iterator[tuple[str, str]]:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        yield f"`date` is no day: {text}", "give it as YYYY-MM-DD"
        return
    if today and day > today:
        yield f"`date` is {text}, which is to come", "mend the date"


def _refuse_doubled(judgements: Iterable[Judgement], sheet: Path) -> None:
    """Refuse the same person's second judgement of one day on one criterion of a variant: it would be counted twice, or not be clear."""
    seen: dict[tuple[str, ...], int] = {}
    for one in judgements:
        key = (one.case, one.variant, one.criterion, one.author, one.date, str(one.direction == VETO))
        if key in seen:
            what = f"row {seen[key]} holds {one.author}'s judgement of {one.date} on {one.criterion} of this variant already"
            raise InputError(what, file=sheet, row=one.row, remedy="keep one of them")
        seen[key] = one.row
