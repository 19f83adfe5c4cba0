"""How a store has grown: its versions by day or month, out of those that are kept and the history of those that are not."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from workflow.cohort_store.model import Version
from workflow.cohort_store.versions import HISTORY, read_version, version_numbers

MOST_DAYS = 31
"""Days with a change up to which each has a row; above that, months."""


@dataclass(frozen=True)
class Step:
    """What one version, a day or a month changed, and the genomes counted after it; `version` is the last one."""

    when: str
    version: int
    added: int
    removed: int
    count: int


def steps_of(store: Path, newest: Version) -> Iterator[Step]:
    """Give a step a version up to `newest`, oldest first; one whose file was damaged when it was collected is left out."""
    file = store / HISTORY
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []
    told = {int(one["version"]): one for one in lines if not one.get("damaged")}
    for number in version_numbers(store):
        if number < newest.number and number not in told:
            one = read_version(store, number)
            told[number] = {"when": one.when, "change": one.change, "count": one.count}
    told[newest.number] = {"when": newest.when, "change": newest.change, "count": newest.count}
    for number in sorted(one for one in told if one <= newest.number):
        one = told[number]
        yield Step(one["when"], number, int(one["change"].get("added", 0)), int(one["change"].get("removed", 0)), int(one["count"]))


def growth(steps: Sequence[Step]) -> list[Step]:
    """Return the steps that changed who is counted, by day, or by month where there are many days."""
    changed = [one for one in steps if one.added or one.removed]
    letters = 10 if len({one.when[:10] for one in changed}) <= MOST_DAYS else 7
    found = []
    for when, group in groupby(changed, key=lambda one: one.when[:letters]):
        those = list(group)
        found.append(Step(when, those[-1].version, sum(one.added for one in those), sum(one.removed for one in those), those[-1].count))
    return found
