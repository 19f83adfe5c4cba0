"""A big list of samples in shards: which cases run together in a working directory of their own, and in which order.

A case is never cut. Where nobody says otherwise, an urgent case is a shard by itself and routine ones are put together in the order of
the sheet. The division is written down (`shards.json`): a later call, with more samples in the sheet, leaves each case where it was.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.files import atomic
from workflow.schema import nearest
from workflow.sheets import read_sheet

VERSION = 1
PRIORITIES = ("urgent", "routine")


@dataclass(frozen=True)
class Shard:
    """Cases that run together: name, their names in the order of the sheet, whether they are urgent."""

    name: str
    cases: tuple[str, ...]
    urgent: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a list says of a case: its shard (empty = to be chosen) and whether it is urgent."""

    case: str
    shard: str = ""
    urgent: bool = False


def read_list(path: Path, cohort: Cohort) -> list[Wanted]:
    """Return the cases that a list of samples asks for (TSV `sample`, optional `shard` and `priority`).

    Raises:
        InputError: a sample is unknown or twice in the list, a case is not whole, over two shards or of two priorities.
    """
    rows: dict[str, int] = {}
    cases: dict[str, Wanted] = {}
    for number, row in read_sheet(path, "shards"):
        name = row["sample"]
        if name not in cohort.samples:
            raise InputError(
                f"there is no sample `{name}` ({nearest(name, cohort.samples)})", file=path, row=number, remedy="mend the name"
            )
        if name in rows:
            raise InputError(f"sample `{name}` is in row {rows[name]} already", file=path, row=number, remedy="name each sample once")
        rows[name] = number
        wanted = Wanted(cohort.samples[name].case, row["shard"], row["priority"] == "urgent")
        before = cases.setdefault(wanted.case, wanted)
        if before.shard != wanted.shard:
            what = f"case `{wanted.case}` is over two shards, `{before.shard}` and `{wanted.shard}`"
            raise InputError(what, file=path, row=number, remedy="give all its samples one shard")
        if before.urgent != wanted.urgent:
            raise InputError(
                f"case `{wanted.case}` is urgent and routine", file=path, row=number, remedy="give all its samples one priority"
            )
    _refuse_torn_cases(cases, rows, cohort, path)
    return list(cases.values())


def _refuse_torn_cases(cases: Iterable[str], rows: Mapping[str, int], cohort: Cohort, path: Path) -> None:
    for case in cases:
        members = [sample.name for sample in cohort.cases[case].members]
        if missing := [name for name in members if name not in rows]:
            row = min(rows[name] for name in members if name in rows)
            what = f"case `{case}` lacks {', '.join(f'`{name}`' for name in missing)}, who belongs to it"
            raise InputError(what, file=path, row=row, remedy="list all samples of a case, or none")


def whole_list(cohort: Cohort, urgent: Iterable[str]) -> list[Wanted]:
    """Return all cases of the sheet; `urgent` names those that go first.

    Raises:
        InputError: an urgent case is not in the sheet.
    """
    named = list(urgent)
    for case in named:
        if case not in cohort.cases:
            raise InputError(f"there is no case `{case}` ({nearest(case, cohort.cases)})", file="--urgent", remedy="mend the name")
    return [Wanted(case, "", case in named) for case in cohort.cases]


def divide(wanted: Sequence[Wanted], size: int, before: Sequence[Shard] = ()) -> list[Shard]:
    """Return the shards: those of an earlier call with the cases that are still wanted, then new ones for new cases.

    Args:
        wanted: the cases, in order.
        size: routine cases in a shard that is chosen here.
        before: the shards that were written down.

    Raises:
        InputError: a case is in two shards of before, or the list wants it in another one.
    """
    places = _places(before)
    asked = {one.case: one for one in wanted}
    for one in wanted:
        if one.shard and places.get(one.case, one.shard) != one.shard:
            what = f"case `{one.case}` was in shard `{places[one.case]}` and is now listed in `{one.shard}`"
            raise InputError(what, remedy="leave it where it was: a case over two shards would be made twice")
    kept = [replace(shard, cases=tuple(case for case in shard.cases if case in asked)) for shard in before]
    found = [replace(shard, urgent=any(asked[case].urgent for case in shard.cases)) for shard in kept if shard.cases]
    named: dict[str, list[Wanted]] = {}
    loose: list[Wanted] = []
    for one in wanted:
        if one.case not in places:
            named.setdefault(one.shard, []).append(one) if one.shard else loose.append(one)
    for name, cases in named.items():
        found = _joined(found, Shard(name, tuple(one.case for one in cases), any(one.urgent for one in cases)))
    return found + list(_chosen(loose, size, {shard.name for shard in (*before, *found)}))


def _places(shards: Iterable[Shard]) -> dict[str, str]:
    """Return the shard of each case."""
    places: dict[str, str] = {}
    for shard in shards:
        for case in shard.cases:
            if case in places:
                what = f"case `{case}` is over two shards, `{places[case]}` and `{shard.name}`"
                raise InputError(what, file="shards.json", remedy="take it out of one of them")
            places[case] = shard.name
    return places


def _joined(shards: list[Shard], new: Shard) -> list[Shard]:
    """Add cases to the shard of their name, or the shard itself."""
    for at, shard in enumerate(shards):
        if shard.name == new.name:
            shards[at] = Shard(shard.name, shard.cases + new.cases, shard.urgent or new.urgent)
            return shards
    return [*shards, new]


def _chosen(wanted: Sequence[Wanted], size: int, taken: set[str]) -> Iterator[Shard]:
    """Give a shard an urgent case, and shards of `size` routine ones."""
    free = (name for number in range(1, 10**6) if (name := f"{number:04d}") not in taken)
    urgent, routine = ([one.case for one in wanted if one.urgent == which] for which in (True, False))
    for case in urgent:
        yield Shard(next(free), (case,), True)
    for begin in range(0, len(routine), size):
        yield Shard(next(free), tuple(routine[begin : begin + size]))


def in_turn(shards: Sequence[Shard], every: int) -> list[Shard]:
    """Return the order of starting: urgent ones first, but after `every` of them one routine shard, so that routine work goes on."""
    urgent, routine = ([shard for shard in shards if shard.urgent == which] for which in (True, False))
    order: list[Shard] = []
    while urgent or routine:
        order += urgent[:every] + routine[: 1 if urgent else None]
        urgent, routine = urgent[every:], routine[1:] if urgent else []
    return order


def read_division(path: Path) -> list[Shard]:
    """Return the shards that were written down, none if there are none.

    Raises:
        InputError: the file is damaged, or of a newer version.
    """
    if not path.is_file():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        shards = [Shard(str(one["name"]), tuple(one["cases"]), bool(one["urgent"])) for one in content["shards"]]
        version = int(content["version"])
    except (ValueError, KeyError, TypeError):
        raise InputError("this is no division into shards", file=path, remedy="take it away to divide anew, in another folder") from None
    if version > VERSION:
        raise InputError(f"this is of a newer version ({version})", file=path, remedy="use the Genvej that wrote it")
    return shards


def write_division(path: Path, shards: Sequence[Shard]) -> None:
    """Write the shards down."""
    content = {"version": VERSION, "shards": [{"name": shard.name, "cases": list(shard.cases), "urgent": shard.urgent} for shard in shards]}
    with atomic(path) as part:
        part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
