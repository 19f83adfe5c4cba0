"""The file of the knowledge base: a line a classification, each with the hash of the line before it, only ever appended to."""

import contextlib
import datetime
import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from workflow.cohort_store.regions import read_variant
from workflow.errors import InputError
from workflow.linked_lines import Event, events_of, line_of
from workflow.release_log import START
from workflow.run_record import now
from workflow.sheets import read_sheet

FILE, SCHEMA = "classifications.jsonl", "genvej-knowledge-base/1"
REMEDY = "put the file back from a copy; it is only ever appended to"


@dataclass(frozen=True)
class Entry:
    """One classification as somebody made it; `centre` is who made it, `case` only where that is this centre."""

    variant: str
    gene: str
    hgvs: str
    condition: str
    category: str
    criteria: str
    evidence: str
    reference: str
    author: str
    date: str
    centre: str
    case: str = ""

    @property
    def about(self) -> tuple[str, str]:
        """What it is about: variant and condition."""
        return self.variant, self.condition


@dataclass(frozen=True)
class Base:
    """A knowledge base as read: this centre's name, assembly, entries in the order in which they came in.

    `hashes` are those of the lines: of the head, then of each entry.
    """

    centre: str
    assembly: str
    entries: tuple[Entry, ...]
    hashes: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The hash of the last line, which stands for all before it."""
        return self.hashes[-1]

    def at(self, number: int) -> "Base":
        """Return the base as it was after its first entries."""
        return replace(self, entries=self.entries[:number], hashes=self.hashes[: number + 1])


def create(folder: Path, centre: str, assembly: str) -> None:
    """Make an empty knowledge base.

    Raises:
        InputError: there is one already.
    """
    file = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with open(file, "xb") as handle:
            line, _ = line_of(1, START, now(), {"schema": SCHEMA, "centre": centre, "assembly": assembly})
            handle.write(line)
    except FileExistsError:
        raise InputError("there is a knowledge base already", file=file, remedy="name another folder, or use this one") from None


def read_base(folder: Path) -> Base:
    """Return a knowledge base, its chain of digests checked; a last line that a killed writer left half is no line.

    Raises:
        InputError: there is none, it is of another format, or somebody changed a line.
    """
    file = folder / FILE
    try:
        content = file.read_bytes()
    except OSError:
        raise InputError("there is no knowledge base", file=file, remedy="make one with `init`") from None
    found: list[Event] = []
    for row, event in enumerate(events_of(content.split(b"\n")[:-1]), start=1):
        if event is None:
            raise InputError("the knowledge base is not as it was written", file=file, row=row, remedy=REMEDY)
        found.append(event)
    if not found or found[0].get("schema") != SCHEMA:
        raise InputError("this is no knowledge base of this format", file=file, remedy=REMEDY)
    entries = tuple(Entry(**{one.name: event[one.name] for one in fields(Entry)}) for event in found[1:])
    return Base(found[0]["centre"], found[0]["assembly"], entries, tuple(str(event["hash"]) for event in found))


def append(folder: Path, entries: Sequence[Entry]) -> Base:
    """Append entries, one writer at a time; return the base before them.

    Raises:
        InputError: the base cannot be used, or all the entries are there already.
    """
    with _locked(folder / FILE):
        base = read_base(folder)
        new = [one for one in entries if one not in set(base.entries)]
        if not new:
            raise InputError("every classification is there already", file=folder / FILE, remedy="nothing has to be done")
        lines, digest = [], base.digest
        for number, one in enumerate(new, start=len(base.entries) + 2):
            line, digest = line_of(number, digest, now(), asdict(one))
            lines.append(line)
        _write(folder / FILE, b"".join(lines))
    return base


def _write(file: Path, lines: bytes) -> None:
    """Append lines after the last whole one."""
    with open(file, "r+b") as handle:
        content = handle.read()
        handle.seek(content.rfind(b"\n") + 1)
        handle.truncate()
        handle.write(lines)
        handle.flush()
        os.fsync(handle.fileno())


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    if not file.is_file():
        raise InputError("there is no knowledge base", file=file, remedy="make one with `init`")
    with open(file.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_entries(sheet: Path, centre: str, assembly: str, today: datetime.date, *, own: bool) -> list[Entry]:
    """Return the classifications of a sheet.

    Args:
        sheet: the table (workflow/schemas/classifications.schema.yaml).
        centre: who made them.
        assembly: of the knowledge base.
        today: no classification is later.
        own: this centre made them; another one's name no case.

    Raises:
        InputError: a row is not as the schema asks, of a day to come, or of another centre's case.
    """
    found = []
    for number, row in read_sheet(sheet, "classifications"):
        try:
            variant = read_variant(row["variant"], assembly)
            late = datetime.date.fromisoformat(row["date"]) > today
        except InputError as error:
            raise InputError(error.what, file=sheet, row=number, remedy=error.remedy) from None
        except ValueError:
            raise InputError(f"`date` is no day: {row['date']}", file=sheet, row=number, remedy="write it as YYYY-MM-DD") from None
        if late:
            raise InputError(f"`date` is {row['date']}, which is to come", file=sheet, row=number, remedy="mend the date")
        if row["case"] and not own:
            raise InputError("another centre's classification names a case", file=sheet, row=number, remedy="empty the column `case`")
        name = f"{variant.contig}-{variant.pos}-{variant.ref}-{variant.alt}"
        values = {key: value for key, value in row.items() if key not in {"variant", "class"}}
        found.append(Entry(variant=name, category=row["class"], centre=centre, **values))
    return found
