"""Names that become paths and read groups, and what must never stand in them."""

import re

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # of samples, cases and units, as in the schemas
# Ten digits DDMMYYXXXX, in groups or not: a Danish CPR number. Modulus 11 is no test of one since 2007-10-01; the date is.
CPR = re.compile(r"(?<!\d)(\d\d)[^0-9A-Za-z]{0,3}(\d\d)[^0-9A-Za-z]{0,3}(\d\d)[^0-9A-Za-z]{0,3}\d{4}(?!\d)")
# In a folder's path, numbers apart from each other belong to run names; only the two usual ways of writing a CPR number count.
CPR_IN_FOLDER = re.compile(r"(?<!\d)(\d\d)(\d\d)(\d\d)-?\d{4}(?!\d)")
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_date(day: int, month: int, year: int) -> bool:
    """Say whether a day exists in some century; `year` has two digits (29 February: years divisible by four)."""
    return 1 <= month <= 12 and 1 <= day <= DAYS[month - 1] and not (day == 29 and month == 2 and year % 4)


def looks_like_cpr(text: str, pattern: re.Pattern[str] = CPR) -> bool:
    """Say whether `text` holds, anywhere, ten digits that could be a CPR number, whatever separates their groups."""
    return any(_is_date(*(int(group) for group in match.groups())) for match in pattern.finditer(text))


def path_holds_cpr(path: str) -> bool:
    """Say whether a path holds what could be a CPR number, in the file's name or in a folder's."""
    folder, _, name = path.rpartition("/")
    return looks_like_cpr(name) or looks_like_cpr(folder, CPR_IN_FOLDER)
