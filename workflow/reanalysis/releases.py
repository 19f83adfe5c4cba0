"""When a knowledge release was made, so that none goes back behind the one in use unawares."""

import datetime
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from workflow.config_sections import Knowledge
from workflow.text import open_text

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.](0[1-9]|1[0-2])(?!\d)")
_NUMBER = re.compile(r"^\D*?(\d+(?:\.\d+)*)\D*$")
_SAYS_DATE = re.compile(r"^#+\s*(?:fileDate=|version:|date:|data-version:|FILE CREATED:)\s*(.*)", re.IGNORECASE)
HEAD = 60
"""Lines of a file in which its date is looked for."""


class Age(StrEnum):
    """How one release of a source stands to another."""

    NEWER = "newer"
    SAME = "same"
    OLDER = "older"
    UNKNOWN = "unknown"


def day_in(text: str) -> datetime.date | None:
    """Return the first day that a text names (2025-01-16, 20250116, 2025_01_16), the first of a month that it names, or None."""
    for match in _DAY.finditer(text):
        try:
            return datetime.date(*map(int, match.groups()))
        except ValueError:  # 30 February
            continue
    month = _MONTH.search(text)
    return datetime.date(int(month[1]), int(month[2]), 1) if month else None


def date_of(source: Knowledge) -> datetime.date | None:
    """Return the day of a source's release: as the config names it, else as the head of its file does; None where neither does."""
    return day_in(source.release) or next(
        (day for line in _head(source) if (says := _SAYS_DATE.match(line)) and (day := day_in(says[1]))), None
    )


def _head(source: Knowledge) -> Iterator[str]:
    file = source.path / "phenotype.hpoa" if source.kind == "hpo" else source.path
    if not Path(file).is_file():
        return
    with open_text(file) as lines:
        for _, line in zip(range(HEAD), lines, strict=False):
            yield line


def age(old: Knowledge, new: Knowledge) -> Age:
    """Return how the release `new` of a source stands to `old`: by day, else by number (3.2.0, v44), else unknown."""
    if old.release == new.release:
        return Age.SAME
    days = date_of(old), date_of(new)
    if days[0] and days[1]:
        return _compared(days[0].toordinal(), days[1].toordinal())
    numbers = _number(old.release), _number(new.release)
    return _compared(*numbers) if numbers[0] and numbers[1] and not any(days) else Age.UNKNOWN


def _compared(old: object, new: object) -> Age:
    return Age.SAME if old == new else Age.NEWER if new > old else Age.OLDER  # type: ignore[operator]


def _number(release: str) -> tuple[int, ...]:
    match = _NUMBER.match(release.strip())
    return tuple(map(int, match[1].split("."))) if match else ()
