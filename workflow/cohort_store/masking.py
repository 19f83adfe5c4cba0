"""What of a row of counts may leave: nothing that fewer than the minimum of people stand behind, nor that a difference would show.

Differences are those between a total and its groups, between alleles and homozygotes, and between two releases. A row that changed by
less than the minimum since an earlier release is given again as it was: who compares the two sees no change, and cannot tell whether
there was one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


def settled(new: Row | None, count: int, earlier: Sequence[Row], minimum: int) -> Row | None:
    """Return the row to release.

    Args:
        new: what may be told now.
        count: alleles now, told or not.
        earlier: the variant's rows of earlier releases, oldest first; those without it are left out.
        minimum: least difference that may be seen.
    """
    if not earlier:
        return new
    if new is None:
        return earlier[-1] if any(abs(row.ac - count) < minimum for row in earlier) else None
    return new if all(_far(new, row, minimum) for row in earlier) else earlier[-1]


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


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Give the sets of groups whose sum can be compared: all of them, or, of many groups, each one and all together."""
    sizes = range(1, len(names) + 1) if len(names) <= MOST_GROUPS else (1, len(names))
    return chain.from_iterable(combinations(names, size) for size in sizes)


def _rest(row: Row) -> int:
    return row.ac - 2 * (row.hom or 0) - (row.hemi or 0)


def _of(row: Row, dimension: str) -> dict[str, int]:
    return {name: ac for name, (ac, _) in row.groups.items() if name.partition("=")[0] == dimension}
