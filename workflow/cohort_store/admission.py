"""Who may be counted: released, consented, not a tumour, not there already, one of a family."""

import datetime
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.cohort_store.calls import Genome
from workflow.cohort_store.model import BEACON, ConsentFor, GenomeEntry, Person
from workflow.cohort_store.people import People, Row
from workflow.errors import InputError
from workflow.names import looks_like_cpr


@dataclass(frozen=True)
class Candidate:
    """A genome that is to be counted.

    Attributes:
        person: who it is of.
        genome: calls and judged stretches.
        karyotype: as its copies were taken.
        caller: program and version that called it.
        prefix: `chr` or empty.
        file: where it was read from, for messages.
        declared: what stands in for a release decision or a consent record, in words.
        beacon: consent covers the Beacon too.
    """

    person: Person
    genome: Genome
    karyotype: str
    caller: str
    prefix: str
    file: Path
    declared: str = ""
    beacon: bool = False

    @property
    def digest(self) -> str:
        """Digest of the calls: two samples with the same one are one genome. Empty where there are too few calls to say so."""
        calls = sorted(self.genome.calls.items())
        if sum(len(one) for _, one in calls) < LEAST_CALLS:
            return ""
        digest = hashlib.sha256()
        for contig, one in calls:
            digest.update(contig.encode() + one.positions.tobytes() + one.codes.tobytes() + one.alt_copies.tobytes())
        return digest.hexdigest()


LEAST_CALLS = 1000
"""Calls from which two equal genomes are taken for one person; in a few genes strangers may well be equal."""


def refuse(candidates: Sequence[Candidate], people: People, leaving: Collection[str] = ()) -> None:
    """Refuse genomes that must not be counted.

    Args:
        candidates: those to be counted.
        people: those who are counted.
        leaving: tokens that the same change takes out.

    Raises:
        InputError: naming the first one and why.
    """
    samples: set[str] = set()
    taken: dict[str, set[str]] = {"person": set(), "family": set(), "digest": set()}
    for one in candidates:
        person = one.person
        if looks_like_cpr(f"{person.sample} {person.who} {person.family}"):
            raise InputError("a name looks like a CPR number", file=one.file, remedy="use a pseudonym")
        if person.tumour:
            raise InputError(f"{person.sample} is a tumour, which is never counted", file=one.file, remedy="add germline genomes only")
        if person.sample in samples or _others(people, "sample", person.sample, leaving):
            raise InputError(f"{person.sample} is in the store already", file=one.file, remedy="use `correct` to replace it")
        samples.add(person.sample)
        for column, value, why, remedy in (
            ("person", person.who, "the person is counted already", "a person is counted once"),
            (
                "family",
                person.kin,
                "a member of the family is counted already",
                "only one of a family is counted: withdraw the other one first",
            ),
            ("digest", one.digest, "the same genome is counted already under another name", "find out whose it is"),
        ):
            if value and (value in taken[column] or _others(people, column, value, leaving)):
                raise InputError(f"{person.sample} is not added: {why}", file=one.file, remedy=remedy)
            taken[column].add(value)


def _others(people: People, column: str, value: str, leaving: Collection[str]) -> bool:
    return any(row.token not in leaving for row in people.of(column, value))


def choose(persons: Sequence[Person], people: People) -> tuple[list[Person], dict[str, str]]:
    """Choose one of each family: founders before others, unaffected before affected, then in the order given.

    A founder's alleles are those of the population; the patient of a family is why it is here, and would make rare disease alleles look
    common.

    Args:
        persons: all that are offered.
        people: those who are counted already.

    Returns:
        Those to be counted, in the order given, and by sample why the others are not.
    """
    why: dict[str, str] = {}
    chosen: dict[str, Person] = {}
    for one in sorted(persons, key=lambda one: (not one.founder, one.affected)):
        if one.tumour:
            why[one.sample] = "a tumour"
        elif people.of("family", one.kin) or one.kin in chosen:
            why[one.sample] = "another member of the family is counted"
        elif people.of("person", one.who):
            why[one.sample] = "the person is counted already"
        else:
            chosen[one.kin] = one
    return [one for one in persons if one.sample not in why], why


def consented(person: Person, consent_for: ConsentFor) -> tuple[bool, bool]:
    """Return whether consent covers the frequency store, and the Beacon."""
    store = consent_for(person.who, "frequency_store")
    return store, store and consent_for(person.who, "beacon")


def groups_of(one: Candidate) -> tuple[tuple[str, str], ...]:
    """Return the groups that a genome is counted in: sex by karyotype, those of the person, the Beacon if consent covers it."""
    sex = {"XX": "female", "XY": "male", "unknown": "unknown"}.get(one.karyotype, "other")
    dimension, _, value = BEACON.partition("=")
    purpose = {dimension: value} if one.beacon else {}
    return tuple(sorted((dict(one.person.groups) | {"sex": sex} | purpose).items()))


def row_of(one: Candidate, entry: GenomeEntry, number: int) -> Row:
    """Return the row of the inside map of a genome that comes in with version `number`."""
    person, today = one.person, datetime.datetime.now(datetime.UTC).date().isoformat()
    groups = json.dumps(dict(entry.member.groups), sort_keys=True)
    return Row(entry.member.token, person.sample, person.who, person.kin, number, today, one.declared, one.digest, one.karyotype, groups)
