"""One haplotype written in two ways: C>G and G>C four bases on, or CACTG>GACTC. That is no variant lost and none gained.

Callers differ in what they join. Lost and gained calls of a sample that overlap are taken apart base by base, as `bcftools norm --atomize`
does; where both sides come to the same, with the same genotype and filter, each of them is `written otherwise`. Insertions and deletions
are compared where they stand: one that is placed elsewhere in a repeat, and written differently, still shows as lost and gained.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from workflow.call_changes import CallCounts
from workflow.changes import Change, Kind

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
        if change.kind in {Kind.LOST, Kind.GAINED}:
            end = max(end, change.pos + len(change.ref) - 1)
    yield from _settled(waiting, counts)


def _settled(waiting: Sequence[Change], counts: CallCounts) -> Iterator[Change]:
    same = {id(one) for group in _groups(waiting) for one in group if _is_same(group)}
    for change in waiting:
        if id(change) not in same:
            yield change
            continue
        counts.lost_passed -= change.kind is Kind.LOST and _call(change).endswith(" PASS")
        yield replace(change, kind=Kind.WRITTEN)


def _groups(waiting: Sequence[Change]) -> list[list[Change]]:
    """Return the lost and gained calls of one sample, genotype and filter that share a change of a base, together."""
    groups: list[tuple[tuple[str, str], set[Atom], list[Change]]] = []
    for change in waiting:
        if change.kind not in {Kind.LOST, Kind.GAINED}:
            continue
        key, bases, members = (change.sample, _call(change)), set(atoms(change)), [change]
        apart = []
        for group in groups:
            if group[0] == key and group[1] & bases:
                bases, members = bases | group[1], group[2] + members
            else:
                apart.append(group)
        groups = [*apart, (key, bases, members)]
    return [members for _, _, members in groups]


def _is_same(group: Sequence[Change]) -> bool:
    """Say whether the lost calls of a group come to the same bases as its gained ones."""
    lost, gained = (Counter(atom for one in group if one.kind is kind for atom in atoms(one)) for kind in (Kind.LOST, Kind.GAINED))
    return lost == gained


def _call(change: Change) -> str:
    """Return genotype and filter of a call that is lost or gained."""
    return change.old if change.kind is Kind.LOST else change.new


def atoms(change: Change) -> list[Atom]:
    """Return the single-base changes of a call, and its insertion or deletion after the last base that both alleles have."""
    ref, alt = change.ref, change.alt
    both = min(len(ref), len(alt))
    found = [(change.pos + at, ref[at], alt[at]) for at in range(both) if ref[at] != alt[at]]
    if len(ref) != len(alt):
        found.append((change.pos + both - 1, ref[both - 1 :], ref[both - 1] + alt[both:]))
    return found
