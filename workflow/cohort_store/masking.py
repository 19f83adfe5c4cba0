"""What of a row of counts may leave: nothing that fewer than the minimum of people stand behind, nor that a difference would show.

Differences are those between a total and its groups, between alleles and homozygotes, and between two tables, of one kind or of two. A
row whose alleles are near to what is told already, changed or not, is given again as it was told, with today's copies: who compares the
two sees no change, and cannot tell whether there was one. Absent, equal and nearly equal must never mean different people.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, pairwise

from workflow.cohort_store.model import Counts

MOST_GROUPS = 8
"""Groups of a dimension up to which every sum of some of them is compared."""


@dataclass(frozen=True)
class Row:
    """What is released of one variant; None for what is not told.

    Attributes:
        ac, an: of all.
        hom, hemi: people with all of two or more copies, with the only copy.
        groups: group → (AC, AN), only those that are told.
    """

    ac: int
    an: int
    hom: int | None
    hemi: int | None
    groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def masked(total: Counts, groups: Mapping[str, Counts], minimum: int) -> Row | None:
    """Return what may be told of a variant, None if nothing.

    Args:
        total: counts of all.
        groups: counts by group, such as sex=female; groups of one dimension do not overlap.
        minimum: least people behind a number.
    """
    if total.people < minimum:
        return None
    hom = total.hom if total.hom >= minimum else None
    hemi = total.hemi if total.hemi >= minimum else None
    if _small(total.people - (hom or 0) - (hemi or 0), minimum):
        hom = hemi = None
    told: dict[str, tuple[int, int]] = {}
    for dimension in sorted({name.partition("=")[0] for name in groups}):
        members = {name: one for name, one in groups.items() if name.partition("=")[0] == dimension}
        told |= {name: (members[name].ac, members[name].an) for name in _told(total.people, members, minimum)}
    return Row(total.ac, total.an, hom, hemi, told)


def _told(people: int, groups: Mapping[str, Counts], minimum: int) -> list[str]:
    """Return the groups of a dimension that may be told: large enough, and so is what they leave of the total."""
    kept = sorted((one.people, name) for name, one in groups.items() if one.people >= minimum)
    while kept and _small(people - sum(count for count, _ in kept), minimum):
        kept.pop(0)
    return sorted(name for _, name in kept)


def _small(count: int, minimum: int) -> bool:
    return 0 < count < minimum


def most_alleles(minimum: int) -> int:
    """Return the most alleles that fewer people than the minimum can have, with two copies each: 8 of four people."""
    return 2 * (minimum - 1)


def settled(
    new: Row | None,
    now: Counts,
    earlier: Sequence[Row],
    minimum: int,
    groups: Mapping[str, Counts],
    elsewhere: Sequence[Row] = (),
    *,
    own: bool = False,
) -> Row | None:
    """Return the row to release: the new one where its alleles are far from all that is told already, otherwise what is told, again.

    Where rows are so near to each other that today's alleles may be near to two, the newest stands for all: which one it is must not
    depend on today's alleles.

    Args:
        new: what may be told now.
        now: counts of all now, told or not.
        earlier: the variant's rows of earlier releases of this kind, oldest first; those without it are left out.
        minimum: least people that may be seen.
        groups: counts by group now, of which AN is taken.
        elsewhere: its rows in tables of the other kind, oldest first; they are repeated where there is none of this kind.
        own: repeat no number of elsewhere that may have fewer people than the minimum behind it here (the Beacon).
    """
    rows, most = [*elsewhere, *earlier], most_alleles(minimum)
    if now.people < minimum:
        near = _chained(rows, [row.ac for row in rows if row.ac <= 2 * most], most)
    else:
        near = _chained(rows, [row.ac for row in rows if abs(row.ac - now.ac) <= most], most)
    if not near:
        return _unlike(_known(new, elsewhere, most), rows, minimum) if new else None
    mine = [row for row in near if any(row is one for one in earlier)]
    if mine:
        return _again(mine[-1], now, groups)
    if own and min(row.ac for row in near) <= 2 * most:
        return None
    kept = {name: pair for name, pair in near[-1].groups.items() if name in groups and not (own and pair[0] <= 2 * most)}
    return _again(replace(near[-1], groups=kept), now, groups)


def _chained(rows: Sequence[Row], near: Sequence[int], most: int) -> list[Row]:
    """Return the rows that cannot be told from those with some alleles: neighbours so close that one number may be near to both."""
    found = set(near)
    for ordered in (sorted({row.ac for row in rows}), sorted({row.ac for row in rows}, reverse=True)):
        for first, second in pairwise(ordered):
            if first in found and abs(first - second) <= 2 * most:
                found.add(second)
    return [row for row in rows if row.ac in found]


def _again(row: Row, now: Counts, groups: Mapping[str, Counts]) -> Row:
    """Return a row with today's AN: an AN of then would tell it from the rows that did not change."""
    pairs = {name: (ac, max(ac, groups[name].an) if name in groups else an) for name, (ac, an) in row.groups.items()}
    return replace(row, an=max(row.ac, now.an), groups=pairs)


def _unlike(new: Row, rows: Sequence[Row], minimum: int) -> Row:
    """Return a row without homozygotes and dimensions of groups that are near to what is told, equal or not.

    Where the sum of some groups is near, no group of that dimension is told: one that is left out would follow from the others.
    """
    hidden: set[str] = set()
    for row in rows:
        if _near_copies(new, row, minimum):
            new = replace(new, hom=None, hemi=None)
        for dimension in {name.partition("=")[0] for name in new.groups.keys() & row.groups.keys()}:
            mine, theirs = _of(new, dimension), _of(row, dimension)
            for names in _subsets(sorted(mine.keys() & theirs.keys())):
                first, second = sum(mine[name] for name in names), sum(theirs[name] for name in names)
                if _near(first, second, minimum) or _near(new.ac - first, row.ac - second, minimum):
                    hidden.add(dimension)
    return _without(new, hidden)


def _known(new: Row, elsewhere: Sequence[Row], most: int) -> Row:
    """Return a row without dimensions that have a small group of which elsewhere is silent: few there would be few, not none, beside it."""
    few = {name for name, (ac, _) in new.groups.items() if ac <= 2 * most and any(name not in row.groups for row in elsewhere)}
    return _without(new, {name.partition("=")[0] for name in few})


def _without(row: Row, dimensions: Set[str]) -> Row:
    return replace(row, groups={name: pair for name, pair in row.groups.items() if name.partition("=")[0] not in dimensions})


def _near(first: int, second: int, minimum: int) -> bool:
    """Say whether two numbers of alleles may differ by fewer people than the minimum; where both are none there is nothing to tell."""
    return bool(first or second) and abs(first - second) <= most_alleles(minimum)


def _near_copies(new: Row, old: Row, minimum: int) -> bool:
    """Say whether people with all copies, with the only copy, or those left, are near to what is told."""
    pairs = [(one, other) for one, other in ((new.hom, old.hom), (new.hemi, old.hemi)) if one is not None and other is not None]
    if any(abs(one - other) < minimum for one, other in pairs):
        return True
    alike = (new.hom is None) == (old.hom is None) and (new.hemi is None) == (old.hemi is None)
    return alike and bool(pairs) and _near(_rest(new), _rest(old), minimum)


def near_in_number(people: int, others: int, gone: int, minimum: int) -> bool:
    """Say whether two sets of people may differ by somebody and by fewer than the minimum.

    Args:
        people: how many are in the one.
        others: how many are in the other.
        gone: how many left the store between the two; each of them may have been in the earlier one.
        minimum: least difference that may be seen.
    """
    return any(_small(abs(people - others) + 2 * left, minimum) for left in range(min(gone, minimum) + 1))


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Give the sets of groups whose sum can be compared: all of them, or, of many groups, each one and all together."""
    sizes = range(1, len(names) + 1) if len(names) <= MOST_GROUPS else (1, len(names))
    return chain.from_iterable(combinations(names, size) for size in sizes)


def _rest(row: Row) -> int:
    return row.ac - 2 * (row.hom or 0) - (row.hemi or 0)


def _of(row: Row, dimension: str) -> dict[str, int]:
    return {name: ac for name, (ac, _) in row.groups.items() if name.partition("=")[0] == dimension}
