"""What the order says of who is whose: relations that must be found in the reads, and those that may be there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

SAME, PARENT, SIBLINGS = "same person", "parent and child", "full siblings"
BY_ROLE = {"mother": PARENT, "father": PARENT, "sibling": SIBLINGS}
"""Relation of a role to the proband; `relative` may be any."""
SOMATIC = frozenset({"tumour", "normal"})


@dataclass(frozen=True)
class Person:
    """A sample of the run as the order has it; `person` is the pseudonym of whose it is, empty if not told."""

    sample: str
    case: str
    role: str
    sex: str
    person: str = ""


@dataclass(frozen=True)
class Edge:
    """A relation that the order names; `first` is the child of a parent, `why` says where it comes from."""

    first: str
    second: str
    relation: str
    why: str

    def other(self, sample: str) -> str:
        """Return the other of the two."""
        return self.second if sample == self.first else self.first

    def __contains__(self, sample: str) -> bool:
        """Return whether a sample is one of the two."""
        return sample in {self.first, self.second}


def people_of(rows: Iterable[Mapping[str, str]]) -> dict[str, Person]:
    """Return the people of plain rows, by sample."""
    return {row["sample"]: Person(row["sample"], row["case"], row["role"], row["sex"], row.get("person", "")) for row in rows}


def expected(people: Mapping[str, Person]) -> list[Edge]:
    """Return every relation that the order names, each pair once."""
    edges: dict[frozenset[str], Edge] = {}
    by_case: dict[str, list[Person]] = {}
    by_person: dict[str, list[Person]] = {}
    for one in people.values():
        by_case.setdefault(one.case, []).append(one)
        if one.person:
            by_person.setdefault(one.person, []).append(one)
    for name, several in by_person.items():
        for one, other in combinations(several, 2):
            _add(edges, Edge(one.sample, other.sample, SAME, f"both are of person {name}"))
    for members in by_case.values():
        for edge in _of_case(members):
            _add(edges, edge)
    return list(edges.values())


def _add(edges: dict[frozenset[str], Edge], edge: Edge) -> None:
    edges.setdefault(frozenset({edge.first, edge.second}), edge)


def _of_case(members: list[Person]) -> Iterable[Edge]:
    proband = next((one for one in members if one.role == "proband"), None)
    for one in members:
        if proband and one.role in BY_ROLE:
            yield Edge(proband.sample, one.sample, BY_ROLE[one.role], f"{one.sample} is the {one.role} of {proband.sample}")
    for one, other in combinations([one for one in members if one.role in SOMATIC], 2):
        yield Edge(one.sample, other.sample, SAME, f"they are {one.role} and {other.role} of one case")


def may_be_related(one: Person, other: Person) -> bool:
    """Return whether nobody need wonder at a relation: members of one case are relatives, or one person."""
    return one.case == other.case or bool(one.person and one.person == other.person)


def edges_of(sample: str, edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges of a sample."""
    return [edge for edge in edges if sample in edge]
