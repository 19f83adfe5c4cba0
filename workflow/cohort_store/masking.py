"""What of a row of counts may leave: nothing that fewer than the minimum of people stand behind, nor that a difference would show.

Differences are those between a total and its groups, between alleles and homozygotes, and between two releases. A row that changed by
less than the minimum since an earlier release is given again with the alleles that it had, and today's copies, as a row that did not
change has them too: who compares the two sees no change, and cannot tell whether there was one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations

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


def settled(new: Row | None, now: Counts, earlier: Sequence[Row], minimum: int, groups: Mapping[str, Counts]) -> Row | None:
    """Return the row to release.

    Args:
        new: what may be told now.
        now: counts of all now, told or not. Where enough people carry it and it may not be told all the same, it is too near to
            what is told elsewhere: the row is given again, since one that vanished would say so.
        earlier: the variant's rows of earlier releases, oldest first; those without it are left out.
        minimum: least difference that may be seen.
        groups: counts by group now, of which AN is taken.
    """
    if not earlier:
        return new
    if new is None:
        again = now.people >= minimum or any(abs(row.ac - now.ac) < minimum for row in earlier)
        return _again(earlier[-1], now, groups) if again else None
    return new if all(_far(new, row, minimum) for row in earlier) else _again(earlier[-1], now, groups)


def _again(row: Row, now: Counts, groups: Mapping[str, Counts]) -> Row:
    """Return a row with today's AN: an AN of then would tell it from the rows that did not change."""
    pairs = {name: (ac, max(ac, groups[name].an) if name in groups else an) for name, (ac, an) in row.groups.items()}
    return replace(row, an=max(row.ac, now.an), groups=pairs)


def _far(new: Row, old: Row, minimum: int) -> bool:
    """Say whether no number that both rows tell, or that follows from them, differs a little."""
    pairs = [(new.ac, old.ac), (new.hom, old.hom), (new.hemi, old.hemi)]
    if (new.hom is None) == (old.hom is None) and (new.hemi is None) == (old.hemi is None):
        pairs.append((_rest(new), _rest(old)))
    for dimension in {name.partition("=")[0] for name in [*new.groups, *old.groups]}:
        mine, theirs = _of(new, dimension), _of(old, dimension)
        for names in _subsets(sorted(mine.keys() & theirs.keys())):
            first, second = sum(mine[name] for name in names), sum(theirs[name] for name in names)
            pairs += [(first, second), (new.ac - first, old.ac - second)]
    return not any(first is not None and second is not None and _small(abs(first - second), minimum) for first, second in pairs)


def apart(new: Row | None, elsewhere: Iterable[Row], minimum: int) -> Row | None:
    """Return a row without what differs by less than the minimum from what is told elsewhere of other people; None if that is the total.

    A release of frequencies is held so against the Beacon, and the Beacon against frequencies. Where the sum of some groups is near, no
    group of that dimension is told: one that is left out would follow from the others.
    """
    if new is None:
        return None
    hidden = set()
    for row in elsewhere:
        if _small(abs(new.ac - row.ac), minimum):
            return None
        for dimension in {name.partition("=")[0] for name in [*new.groups, *row.groups]}:
            mine, theirs = _of(new, dimension), _of(row, dimension)
            for names in _subsets(sorted(mine.keys() & theirs.keys())):
                first, second = sum(mine[name] for name in names), sum(theirs[name] for name in names)
                if _small(abs(first - second), minimum) or _small(abs(new.ac - first - row.ac + second), minimum):
                    hidden.add(dimension)
    return without_dimensions(new, hidden)


def without_dimensions(row: Row | None, names: Iterable[str]) -> Row | None:
    """Return a row without any group of the dimensions that some groups, or dimensions, are of."""
    hidden = {name.partition("=")[0] for name in names}
    if row is None:
        return None
    return replace(row, groups={name: pair for name, pair in row.groups.items() if name.partition("=")[0] not in hidden})


def few_between(every: Counts, some: Counts, minimum: int) -> bool:
    """Say whether somebody, but fewer than the minimum, is in the one count and not in the other."""
    return _small(every.people - some.people, minimum)


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
