"""Is a knowledge release older than the one that the results were made with? It is refused unless the config says that it is meant.

Releases are text. Two are put in order by the dates in them (`2024-03`, `20240315`), else, where they are alike but for their numbers, by
these (`RefSeq 110` and `RefSeq 105`). Two that cannot be put in order are not refused: nobody can say that one is older.
"""

import re
from collections.abc import Mapping

from workflow.errors import InputError
from workflow.files import read_json
from workflow.settings import Settings

DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-./]?(0[1-9]|1[0-2])(?:[-./]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
NUMBER = re.compile(r"\d+")
OLDER, SAME, NEWER, UNKNOWN = "older", "same", "newer", "cannot be told"


def order(before: str, now: str) -> str:
    """Return how the release `now` stands to the one before: older, same, newer, or that it cannot be told.

    >>> order("2024-03-06", "2023-06"), order("RefSeq 105", "RefSeq 110"), order("2024", "2024-05"), order("ours", "theirs")
    ('older', 'newer', 'cannot be told', 'cannot be told')
    """
    if before == now:
        return SAME
    dates = [[tuple(part for part in found if part) for found in DATE.findall(text)] for text in (before, now)]
    if all(len(found) == 1 for found in dates):
        return _in_order(dates[0][0], dates[1][0])
    words = [NUMBER.sub("#", text) for text in (before, now)]
    if words[0] == words[1] and not any(dates):
        numbers = [tuple(int(number) for number in NUMBER.findall(text)) for text in (before, now)]
        return OLDER if numbers[1] < numbers[0] else NEWER
    return UNKNOWN


def _in_order(before: tuple[str, ...], now: tuple[str, ...]) -> str:
    """Put two dates in order as far as both go; a year and a month of that year are in no order."""
    shared = min(len(before), len(now))
    if before[:shared] == now[:shared]:
        return UNKNOWN
    return OLDER if now[:shared] < before[:shared] else NEWER


def releases_in_use(settings: Settings) -> dict[str, str]:
    """Return the release of each knowledge source that the results were made with, as provenance says it."""
    found = {}
    for name in settings.knowledge:
        file = settings.results / "provenance" / "knowledge" / f"{name}.json"
        try:
            found[name] = str(read_json(file)["release"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def older(settings: Settings, in_use: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the sources whose configured release is older than the one in use: (in use, configured)."""
    return {
        name: (in_use[name], source.release)
        for name, source in settings.knowledge.items()
        if name in in_use and order(in_use[name], source.release) == OLDER
    }


def check_knowledge_age(settings: Settings) -> None:
    """Refuse a release that is older than the one in use, and a permission for a source that is not configured.

    Raises:
        InputError: naming the source.
    """
    if unknown := next((name for name in settings.older_knowledge if name not in settings.knowledge), None):
        what = f"`older_knowledge` names `{unknown}`, which is no configured knowledge source"
        raise InputError(what, file=settings.file, remedy="name one of `knowledge`, or take it out")
    for name, (before, now) in older(settings, releases_in_use(settings)).items():
        if name not in settings.older_knowledge:
            what = f"`knowledge.{name}` is release {now}, older than {before}, which these results were made with"
            raise InputError(what, file=settings.file, remedy=f"give the newer one, or say that it is meant: `older_knowledge: [{name}]`")
