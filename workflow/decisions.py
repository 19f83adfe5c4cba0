"""Decisions of people, signed: a waiver does without a deliverable, an override decides otherwise than the limits.

They are read before the first job. One that is not as it must be stops the run with one sentence: nothing is released on a decision that
nobody answers for, and none is passed over in silence.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflow.cohort import Cohort
from workflow.deliverables import Key, Owed
from workflow.errors import InputError
from workflow.files import sha256_of
from workflow.names import looks_like_cpr
from workflow.schema import first_violation, nearest
from workflow.signing import Person, read_people, signer_of

YAML_ENDS = {".yaml", ".yml"}
HOLDS = {"waiver": ("deliverable", "expires"), "override": ("decision",)}
ONLY_FOR = {"deliverable": "waiver", "expires": "waiver", "decision": "override", "instead_of": "override"}


@dataclass(frozen=True)
class Decision:
    """A signed decision: `kind` is waiver or override, `about` sample or case, `subject` its name; dates as YYYY-MM-DD."""

    kind: str
    about: str
    subject: str
    name: str
    role: str
    date: str
    reason: str
    file: str
    sha256: str
    deliverable: str = ""
    expires: str = ""
    decision: str = ""
    instead_of: str = ""

    def in_words(self) -> str:
        """Return who decided, when and why, for a table or a page."""
        until = f" until {self.expires}" if self.expires else ""
        return f"{'waived' if self.kind == 'waiver' else 'decided'} by {self.name} ({self.role}) on {self.date}{until}: {self.reason}"

    def as_param(self) -> dict[str, str]:
        """Return the decision as plain data, as a rule's params hold it."""
        keys = ("decision", "instead_of", "name", "role", "date", "reason", "file", "sha256")
        return {key: getattr(self, key) for key in keys}


def load_decisions(folder: Path | None, people: Path | None, cohort: Cohort, today: datetime.date | None) -> list[Decision]:
    """Return the decisions in a folder, each checked and its signature verified.

    Args:
        folder: the folder (`release.decisions`), None for none.
        people: the table of who may sign (`release.people`).
        cohort: the samples and cases that decisions may be about.
        today: the day on which waivers must hold; None = not asked (a job of a run that was allowed to begin).

    Raises:
        InputError: a file is no decision, is unsigned, changed since, signed by somebody else, expired, or about something unknown.
    """
    if folder is None:
        return []
    if people is None:
        raise InputError("`release.decisions` is given, but nobody may sign", remedy="name the table of people in `release.people`")
    if not folder.is_dir():
        raise InputError("`release.decisions` is no folder", file=folder, remedy="mend the path, or take it out of the config")
    signers = read_people(people)
    decisions = [_read(file, signers, cohort, today) for file in _files(folder)]
    _refuse_doubled(decisions)
    return decisions


def waivers(decisions: Iterable[Decision], cells: Mapping[tuple[str, str], Sequence[Owed]]) -> dict[Key, str]:
    """Return who does without which deliverable and why, by (sample or case, name, deliverable).

    Raises:
        InputError: a waiver is about a deliverable that is not in the grid.
    """
    found = {}
    for one in decisions:
        if one.kind == "waiver":
            names = [cell.deliverable for cell in cells[one.about, one.subject]]
            if one.deliverable not in names:
                what = f"no `{one.deliverable}` is owed for {one.about} {one.subject} ({nearest(one.deliverable, names)})"
                raise InputError(what, file=one.file, remedy="name a deliverable of release/expected.tsv, and sign again")
            found[one.about, one.subject, one.deliverable] = one.in_words()
    return found


def waived_of(waived: Mapping[Key, str], about: str, subject: str) -> list[str]:
    """Return what is waived of a sample or case, in words, for its decision."""
    return [f"{deliverable}: {words}" for (kind, name, deliverable), words in waived.items() if (kind, name) == (about, subject)]


def overrides(decisions: Iterable[Decision], about: str) -> dict[str, dict[str, str]]:
    """Return the overrides about samples or cases as plain data, by name."""
    return {one.subject: one.as_param() for one in decisions if (one.kind, one.about) == ("override", about)}


def _files(folder: Path) -> list[Path]:
    """Return the decisions in a folder, sorted by name; any other file but a signature or a hidden one is refused."""
    files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    chosen = [file for file in files if file.suffix in YAML_ENDS]
    for file in files:
        if file not in chosen and not (file.suffix == ".sig" and file.with_suffix("") in chosen):
            remedy = "keep only decisions (.yaml) and their signatures (.yaml.sig) in this folder"
            raise InputError("this is neither a decision nor the signature of one", file=file, remedy=remedy)
    return chosen


def _read(file: Path, people: Mapping[str, Person], cohort: Cohort, today: datetime.date | None) -> Decision:
    """Return one decision, checked."""
    content = _content(file)
    about, subject = _subject(content, file, cohort)
    person = signer_of(file, dict(people))
    if content["name"] not in people:
        what = f"{content['name']} is not in `release.people` ({nearest(content['name'], people)})"
        raise InputError(what, file=file, remedy="a decision is made by somebody of that table")
    if person.name != content["name"]:
        what = f"this is the decision of {content['name']}, but {person.name} signed it"
        raise InputError(what, file=file, remedy="let the person who decides sign it")
    if today:
        _check_days(content, file, today)
    texts = {key: content.get(key, "") for key in ("deliverable", "expires", "decision", "instead_of", "name", "date", "reason")}
    return Decision(content["kind"], about, subject, role=person.role, file=str(file), sha256=sha256_of(file), **texts)


def _content(file: Path) -> dict[str, Any]:
    """Return what a file says, checked against the schema; YAML's dates as text."""
    remedy = "compare with the example in config/README.md, then sign again"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError):
        raise InputError("this is no YAML that can be read", file=file, remedy=remedy) from None
    if not isinstance(content, dict):
        raise InputError("this is no decision", file=file, remedy=remedy)
    content = {str(key): value.isoformat() if isinstance(value, datetime.date) else value for key, value in content.items()}
    if any(looks_like_cpr(str(value)) for value in content.values()):
        raise InputError("this holds what looks like a CPR number", file=file, remedy="take it out: decisions are shown and kept")
    if violation := first_violation("decision", content):
        raise InputError(f"this is no whole decision ({_fault(violation)})", file=file, remedy=remedy)
    for key in HOLDS[content["kind"]]:
        if key not in content:
            raise InputError(f"`{key}` is missing, which a {content['kind']} needs", file=file, remedy=remedy)
    if other := [key for key in content if ONLY_FOR.get(key, content["kind"]) != content["kind"]]:
        raise InputError(f"a {content['kind']} has no `{other[0]}`", file=file, remedy=remedy)
    return content


def _fault(violation: Any) -> str:
    """Return what the schema has against a decision, in a few words."""
    match violation.keyword:
        case "additionalProperties":
            unknown = violation.unknown_key()
            return f"unknown key `{unknown}`, {nearest(unknown, violation.rule['properties'])}"
        case "required":
            return f"`{violation.missing_key()}` is missing"
        case "enum":
            return f"`{violation.key()}` is {violation.value!r}, known are {', '.join(violation.wanted)}"
    return f"`{violation.key()}` must be {violation.rule.get('x-form', 'text')}"


def _subject(content: Mapping[str, Any], file: Path, cohort: Cohort) -> tuple[str, str]:
    """Return what a decision is about: (sample or case, name)."""
    named = [kind for kind in ("sample", "case") if kind in content]
    if len(named) != 1:
        raise InputError("a decision is about one `sample` or one `case`", file=file, remedy="name one of them, and sign again")
    about, name = named[0], content[named[0]]
    known: Collection[str] = cohort.samples if about == "sample" else cohort.cases
    if name not in known:
        raise InputError(f"there is no {about} `{name}` ({nearest(name, known)})", file=file, remedy="mend the name and sign again")
    return about, name


def _check_days(content: Mapping[str, Any], file: Path, today: datetime.date) -> None:
    """Refuse days that are none, a decision of tomorrow, and a waiver that has run out."""
    days = {}
    for key in ("date", "expires"):
        if key in content:
            try:
                days[key] = datetime.date.fromisoformat(content[key])
            except ValueError:
                raise InputError(f"`{key}` is no day: {content[key]}", file=file, remedy="mend it and sign again") from None
    if days["date"] > today:
        raise InputError(f"the decision is of {content['date']}, which is to come", file=file, remedy="mend the date and sign again")
    if days.get("expires", today) < today:
        remedy = "make the file and take the waiver away, or decide again and sign"
        raise InputError(f"the waiver expired on {content['expires']}", file=file, remedy=remedy)


def _refuse_doubled(decisions: Iterable[Decision]) -> None:
    """Refuse two decisions on one thing."""
    seen: dict[tuple[str, ...], str] = {}
    for one in decisions:
        key = (one.kind, one.about, one.subject, one.deliverable)
        if earlier := seen.get(key):
            raise InputError(f"{earlier} decides on the same {one.about} already", file=one.file, remedy="keep one of them")
        seen[key] = one.file
