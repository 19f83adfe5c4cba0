"""One haplotype written in two ways: C>G and G>C four bases on, or CACTG>GACTC. That is no variant lost and none gained.

Callers differ in what they join. Calls of a sample that overlap and were lost, gained or changed in genotype are taken apart base by base,
as `bcftools norm --atomize` does, and copies are counted; where every base keeps its copies, and the filter is the same, each of these
calls is `written otherwise`. Insertions and deletions are compared where they stand: one that is placed elsewhere in a repeat still shows
as lost and gained.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from workflow.call_changes import CallCounts, copies
from workflow.changes import Change, Kind

MOVED = (Kind.LOST, Kind.GAINED, Kind.GENOTYPE)
Atom = tuple[int, str, str]


def pair_writings(changes: Iterable[Change], counts: CallCounts) -> Iterator[Change]:
    """Give the changes of a case, those calls that are only written otherwise as such; `counts` no longer has them as lost.

    Changes come in the order of the calls. Memory holds what overlaps.
    """
    waiting: list[Change] = []
    contig, end = "", 0
    for change in changes:
        if (change.chrom, change.pos > end) != (contig, False):
            yield from _settled(waiting, counts)
            waiting, contig, end = [], change.chrom, 0
        waiting.append(change)
        if change.kind in MOVED:
            end = max(end, change.pos + len(change.ref) - 1)
    yield from _settled(waiting, counts)


def _settled(waiting: Sequence[Change], counts: CallCounts) -> Iterator[Change]:
    same = {id(one) for group in _groups(waiting) if _is_same(group) for one in group}
    for change in waiting:
        if id(change) not in same:
            yield change
            continue
        counts.lost_passed -= change.kind is Kind.LOST and change.old.endswith(" PASS")
        yield replace(change, kind=Kind.WRITTEN)


def _groups(waiting: Sequence[Change]) -> list[list[Change]]:
    """Return the calls of one sample that share a change of a base, together."""
    groups: list[tuple[str, set[Atom], list[Change]]] = []
    for change in waiting:
        if change.kind not in MOVED or not _copies_moved(change):
            continue
        bases, members, apart = set(atoms(change)), [change], []
        for group in groups:
            if group[0] == change.sample and group[1] & bases:
                bases, members = bases | group[1], group[2] + members
            else:
                apart.append(group)
        groups = [*apart, (change.sample, bases, members)]
    return [members for _, _, members in groups]


def _is_same(group: Sequence[Change]) -> bool:
    """Say whether every base keeps its copies over a group of calls, all under one filter."""
    moved: Counter[Atom] = Counter()
    for one in group:
        for atom in atoms(one):
            moved[atom] += _copies_moved(one)
    flags = {text.partition(" ")[2] for one in group for text in (one.old, one.new) if copies(text.partition(" ")[0])}
    return not any(moved.values()) and len(flags) == 1


def _copies_moved(change: Change) -> int:
    """Return how many copies of a call the second version has more than the first."""
    old, new = (copies(text.partition(" ")[0]) for text in (change.old, change.new))
    return new - old


def atoms(change: Change) -> list[Atom]:
    """Return the single-base changes of a call, and its insertion or deletion after the last base that both alleles have."""
    ref, alt = change.ref, change.alt
    both = min(len(ref), len(alt))
    found = [(change.pos + at, ref[at], alt[at]) for at in range(both) if ref[at] != alt[at]]
    if len(ref) != len(alt):
        found.append((change.pos + both - 1, ref[both - 1 :], ref[both - 1] + alt[both:]))
    return found
