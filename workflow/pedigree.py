"""Who descends from whom in a case, and how many meioses lie between carriers of a variant.

A person in parentheses, `(grandmother)`, was not sequenced and links others.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflow.reference import contig_kind

MOST_BRANCHES = 16
"""Descendants whose state is not known that are gone through one by one; 2 to the power of it combinations."""


@dataclass(frozen=True)
class Pedigree:
    """Parents by name of the child: (mother, father), an empty name where one is not known; `sexes` by name, female or male."""

    parents: Mapping[str, tuple[str, str]]
    sexes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, members: Iterable[Mapping[str, str]]) -> "Pedigree":
        """Build it from members {sample, role, sex, mother, father}; proband and siblings have the case's parents if they name none."""
        people = list(members)
        by_role = {one["role"]: one["sample"] for one in people if one["role"] in {"mother", "father"}}
        parents = {}
        for one in people:
            inside = one["role"] in {"proband", "sibling"}
            pair = tuple(one.get(role) or (by_role.get(role, f"({role})") if inside else "") for role in ("mother", "father"))
            parents[one["sample"]] = (pair[0], pair[1])
        sexes = {one["sample"]: one["sex"] for one in people}
        for mother, father in parents.values():
            sexes |= {mother: "female", father: "male"}
        return cls(parents, sexes)

    def above(self, names: Iterable[str]) -> list[str]:
        """Return people and all their ancestors, ancestors first."""
        found: dict[str, None] = {}

        def visit(name: str) -> None:
            if name and name not in found:
                for parent in self.parents.get(name, ("", "")):
                    visit(parent)
                found[name] = None

        for name in names:
            visit(name)
        return list(found)


def cycle_in(parents: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the names along a line of descent that leads back to its start, from child to parent; empty if there is none."""
    done: set[str] = set()

    def search(name: str, line: list[str]) -> list[str]:
        if name in line:
            return line[line.index(name) :]
        if not name or name in done:
            return []
        found = next((ring for parent in parents.get(name, ()) if (ring := search(parent, [*line, name]))), [])
        done.add(name)
        return found

    return next((ring for name in parents if (ring := search(name, []))), [])


def meioses(pedigree: Pedigree, proband: str, carriers: Iterable[str], contig: str = "1") -> float | None:
    """Return -log2 of the probability that all `carriers` have the one copy that the proband has, were it passed on by chance.

    One founder brought the variant into the family, each one as likely. It is the number of informative meioses of co-segregation:
    Jarvik and Browning, Am J Hum Genet 2016;98:1077 (their N is 2 to the power of minus this).

    Returns:
        0 with no other carrier; None where a carrier is not known to be related, or the family is too large to go through.
    """
    wanted = set(carriers) - {proband}
    if not wanted:
        return 0.0
    joint, alone = (_probability(pedigree, names, contig) for names in (wanted | {proband}, {proband}))
    return round(-math.log2(joint / alone), 2) + 0.0 if joint and alone else None


def _probability(pedigree: Pedigree, carriers: set[str], contig: str) -> float | None:
    """Return the probability, summed over founders, that all of `carriers` have a variant that one founder has in one copy."""
    order = pedigree.above(carriers)
    founders = [name for name in order if not any(pedigree.parents.get(name, ("", "")))]
    rest = [name for name in order if name not in founders]
    if sum(name not in carriers for name in rest) > MOST_BRANCHES:
        return None
    return sum(
        _passed_on(pedigree, rest, {founder}, carriers, contig) for founder in founders if not carriers & (set(founders) - {founder})
    )


def _passed_on(pedigree: Pedigree, rest: list[str], having: set[str], carriers: set[str], contig: str) -> float:
    """Return the probability that `carriers` among `rest` (parents first) have the variant, given who of those before `having` it."""
    if not rest:
        return 1.0
    name, later = rest[0], rest[1:]
    mother, father = pedigree.parents[name]
    none = 1.0
    for parent in {mother, father} & having:
        none *= 1.0 - _share(pedigree.sexes.get(parent, ""), pedigree.sexes.get(name, ""), contig)
    with_it = (1.0 - none) * _passed_on(pedigree, later, having | {name}, carriers, contig) if none < 1.0 else 0.0
    return with_it if name in carriers else with_it + none * _passed_on(pedigree, later, having, carriers, contig)


def _share(parent: str, child: str, contig: str) -> float:
    """Return the probability that a parent who has one copy passes it on."""
    kind = contig_kind(contig)
    if kind == "MT":
        return float(parent == "female")
    if parent == "male" and kind in {"X", "Y"}:
        return float((child == "female") == (kind == "X"))
    return 0.0 if kind == "Y" else 0.5
