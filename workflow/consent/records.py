"""Consents as they were given: a sheet with a row a consent, or a folder with a JSON file a person."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.names import looks_like_cpr
from workflow.schema import first_violation, schema
from workflow.sheets import read_sheet

CARE = ("diagnosis", "secondary_findings", "recontact")
"""Purposes that serve the person's own care; the register of restrictions never blocks them."""
SECONDARY_USE = ("research", "frequency_store", "beacon")
PURPOSES = (*CARE, *SECONDARY_USE)
YES, NO, UNKNOWN = "yes", "no", "unknown"
FREE, RESTRICTED = "free", "restricted"
IN_WORDS = {
    "diagnosis": "diagnosis",
    "secondary_findings": "secondary findings",
    "recontact": "contact about new knowledge",
    "research": "research",
    "frequency_store": "the frequency store",
    "beacon": "the Beacon",
}


@dataclass(frozen=True)
class Consent:
    """One consent of one person.

    Attributes:
        answers: by purpose yes, no or unknown.
        register: free, restricted or unknown; `register_checked` the day that it was asked, None if never.
        samples: that it covers; empty = all of the person.
        guardian: who signed for a child, empty for nobody; `guardian_until` the first day on which that holds no more.
        file, row: where it stands; row 0 for a JSON file.
    """

    person: str
    version: str
    date: datetime.date
    answers: Mapping[str, str]
    register: str
    register_checked: datetime.date | None
    samples: tuple[str, ...]
    guardian: str
    guardian_until: datetime.date | None
    file: Path
    row: int

    def covers(self, sample: str) -> bool:
        """Say whether it is about a sample of the person."""
        return not self.samples or sample in self.samples

    def refused(self, what: str, remedy: str) -> InputError:
        """Return the error that names where it stands."""
        return InputError(what, file=self.file, row=self.row or None, remedy=remedy)


def read_consents(source: Path, today: datetime.date) -> list[Consent]:
    """Return the consents of a sheet, or of a folder of JSON files, each checked on its own and against the others.

    Raises:
        InputError: something is not as the schema asks, a day is to come, a guardian signed when that held no more, or two consents of one
            person contradict each other.
    """
    consents = [_consent(row, file, number, today) for file, number, row in rows_of(source)]
    _refuse_contradictions(consents)
    return consents


def rows_of(source: Path) -> Iterator[tuple[Path, int, dict[str, str]]]:
    """Give (file, row, cells) of each consent; row 0 for a JSON file."""
    return _of_folder(source) if source.is_dir() else ((source, number, row) for number, row in read_sheet(source, "consents"))


def _of_folder(folder: Path) -> Iterator[tuple[Path, int, dict[str, str]]]:
    """Give (file, 0, cells) of each JSON file: an object with the columns of the sheet, `samples` also as a list."""
    defaults = {name: rule["default"] for name, rule in schema("consents")["properties"].items() if "default" in rule}
    for file in sorted(folder.glob("*.json")):
        try:
            content: Any = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError("this is no JSON that can be read", file=file, remedy="write the consent anew") from None
        if isinstance(content, dict) and isinstance(content.get("samples"), list):
            content["samples"] = ",".join(map(str, content["samples"]))
        if violation := first_violation("consents", content):
            key = f"`{violation.key()}` " if violation.path else ""
            wanted = violation.rule.get("x-form") or f"{violation.keyword} {violation.wanted}"
            what = "it has a key that is none" if violation.keyword == "additionalProperties" else f"{key}must be {wanted}"
            raise InputError(f"this is no consent: {what}", file=file, remedy="use the columns of the consent sheet as keys")
        if any(looks_like_cpr(str(value)) for value in content.values()):
            raise InputError("it holds what looks like a CPR number", file=file, remedy="use a pseudonym")
        yield file, 0, defaults | content


def _consent(row: Mapping[str, str], file: Path, number: int, today: datetime.date) -> Consent:
    days = {name: _day(row[name], name, file, number) for name in ("date", "register_checked", "guardian_until")}
    one = Consent(
        person=row["person"],
        version=row["version"],
        date=days["date"] or today,
        answers={purpose: row[purpose] or UNKNOWN for purpose in PURPOSES},
        register=row["register"] or UNKNOWN,
        register_checked=days["register_checked"],
        samples=tuple(name for cell in row["samples"].split(",") if (name := cell.strip())),
        guardian=row["guardian"],
        guardian_until=days["guardian_until"],
        file=file,
        row=number,
    )
    _check_days(one, today)
    return one


def _day(cell: str, column: str, file: Path, number: int) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(cell) if cell else None
    except ValueError:
        raise InputError(f"`{column}` is no day: {cell}", file=file, row=number or None, remedy="write it as YYYY-MM-DD") from None


def _check_days(one: Consent, today: datetime.date) -> None:
    for name, day in (("date", one.date), ("register_checked", one.register_checked)):
        if day and day > today:
            raise one.refused(f"`{name}` is {day}, which is to come", "mend the date")
    if bool(one.guardian) != bool(one.guardian_until):
        raise one.refused("`guardian` and `guardian_until` belong together", "give both, or neither")
    if one.guardian == one.person:
        raise one.refused("nobody is their own guardian", "name who signed for the child, or nobody")
    if one.guardian_until and one.date >= one.guardian_until:
        what = f"the guardian signed on {one.date}, but could do so only before {one.guardian_until}"
        raise one.refused(what, "the person has to consent, who is of age")
    if one.register == FREE and not one.register_checked:
        raise one.refused("`register` is free, but not when it was asked", "give `register_checked`")


def _refuse_contradictions(consents: Sequence[Consent]) -> None:
    """Refuse two consents of one person and one day, or of one version, that both cover a sample: which one holds nobody can say."""
    seen: dict[str, list[Consent]] = {}
    for one in consents:
        for earlier in seen.setdefault(one.person, []):
            if one.date == earlier.date and _overlap(one, earlier):
                place = f"row {earlier.row}" if earlier.row else earlier.file.name
                differ = [name for name in PURPOSES if one.answers[name] != earlier.answers[name]]
                how = f"contradicts {place} on {', '.join(IN_WORDS[name] for name in differ)}" if differ else f"repeats {place}"
                what = f"the consent of {one.person} of {one.date} {how}"
                raise one.refused(what, "keep the one that holds, or give the later one its day")
        seen[one.person].append(one)


def _overlap(one: Consent, other: Consent) -> bool:
    return not one.samples or not other.samples or bool(set(one.samples) & set(other.samples))
