"""What the store speaks of: its facts, the people counted, variants and their counts. Positions are 1-based, contigs without `chr`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1
MINIMUM = 5
"""Least number of people behind a count that leaves the centre (precedent: DanMAC5)."""
ALL = "all"
BEACON = "purpose=beacon"
"""The group of those whose consent also covers the Beacon."""
UNNAMED = "not named"
"""Caller of a VCF whose header names none."""

ERASE_WAIT = 10.0
"""Seconds that readers of an older version get to end before a withdrawn person's files are erased."""

ConsentFor = Callable[[str, str], bool]
"""Says of a person and a purpose (`frequency_store`, `beacon`) whether consent is there today; unknown is False."""


@dataclass(frozen=True)
class Facts:
    """What holds for the whole store.

    Attributes:
        assembly: GRCh37 or GRCh38.
        minimum: least number of people behind a released count.
    """

    assembly: str
    minimum: int = MINIMUM
    format: int = FORMAT


@dataclass(frozen=True)
class Member:
    """One counted genome as the store's files know it: no name, no sample.

    Attributes:
        token: random, 32 hex digits; says nothing outside of the inside map.
        karyotype: as workflow/ploidy.py names it, or `unknown` (X outside PAR and Y are not counted).
        groups: dimension → value, such as sex → female, ancestry → EUR, patient → rare disease, purpose → beacon.
    """

    token: str
    karyotype: str
    groups: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The groups that the genome is counted in, `all` first."""
        return (ALL, *(f"{dimension}={value}" for dimension, value in self.groups))

    def within(self, group: str) -> bool:
        """Say whether it is in a group, or in each of several: `purpose=beacon&sex=female`."""
        return set(group.split("&")) <= set(self.names)


@dataclass(frozen=True)
class Person:
    """Who is behind a genome that is to be added; stays in the inside map.

    Attributes:
        sample: name of the sample.
        person: the person's pseudonym; the sample's name where none is given.
        family: only one of a family is counted.
        karyotype: such as XX; empty = as the genotypes on X show.
        groups: ancestry, patient: only those that are known.
        tumour: such a genome is refused.
    """

    sample: str
    person: str = ""
    family: str = ""
    karyotype: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    tumour: bool = False
    affected: bool = False
    founder: bool = False

    @property
    def who(self) -> str:
        """The person's pseudonym."""
        return self.person or self.sample

    @property
    def kin(self) -> str:
        """The family, or the person alone."""
        return self.family or f"person {self.who}"


@dataclass(frozen=True, order=True)
class Variant:
    """One allele: contig without `chr`, 1-based position, REF and ALT in their shortest form."""

    contig: str
    pos: int
    ref: str
    alt: str


@dataclass(frozen=True)
class Counts:
    """Counts of one variant in one group.

    Attributes:
        ac, an: alleles counted, copies of the site that could be judged; ac <= an.
        hom, hemi: people with all of two or more copies; people with the only copy.
        people: people with the variant.
        seen: people with a call that is not counted (filtered, not callable, or against their ploidy).
    """

    ac: int
    an: int
    hom: int
    hemi: int
    people: int
    seen: int = 0

    @property
    def af(self) -> float | None:
        """Frequency; None where nobody could be judged."""
        return self.ac / self.an if self.an else None


@dataclass(frozen=True)
class Carrier:
    """One person with a variant: token, copies with it, copies there; `counted` is False for a call that is not."""

    token: str
    alt_copies: int
    copies: int
    counted: bool = True


@dataclass(frozen=True)
class GenomeEntry:
    """A genome's files in a version: its member and the SHA-256 of each."""

    member: Member
    calls: str
    callable: str

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"token": self.member.token, "karyotype": self.member.karyotype, "groups": dict(self.member.groups)} | {
            "calls": self.calls,
            "callable": self.callable,
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "GenomeEntry":
        """Read it back."""
        member = Member(record["token"], record["karyotype"], tuple(sorted(record["groups"].items())))
        return cls(member, record["calls"], record["callable"])


@dataclass(frozen=True)
class Version:
    """One state of the store, whole.

    Attributes:
        number, parent: running numbers; parent is None for the first.
        change: kind, added, removed; never a name.
        genomes: those that no segment holds yet.
        segments: segment → (genomes in it, SHA-256 of its manifest).
        leaving: withdrawn and not yet erased; token → (entry, segment that holds it, from which it is subtracted; or empty).
        count: genomes counted.
        callers: caller versions that were declared; the first one is the store's.
        prefix: `chr` or empty, as the first genome had it.
        withdrawn: genomes withdrawn since the beginning.
    """

    number: int
    parent: int | None
    when: str
    change: Mapping[str, Any]
    genomes: tuple[GenomeEntry, ...] = ()
    segments: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    leaving: Mapping[str, tuple[GenomeEntry, str]] = field(default_factory=dict)
    count: int = 0
    callers: tuple[str, ...] = ()
    prefix: str = ""
    withdrawn: int = 0

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        plain = {name: value for name, value in asdict(self).items() if name not in {"genomes", "leaving"}}
        leaving = {token: [entry.as_record(), segment] for token, (entry, segment) in self.leaving.items()}
        return {"format": FORMAT} | plain | {"genomes": [entry.as_record() for entry in self.genomes], "leaving": leaving}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Version":
        """Read it back."""
        genomes = tuple(GenomeEntry.of(one) for one in record["genomes"])
        segments = {name: (int(count), str(digest)) for name, (count, digest) in record["segments"].items()}
        leaving = {token: (GenomeEntry.of(entry), segment) for token, (entry, segment) in record["leaving"].items()}
        rest = {name: record[name] for name in ("number", "parent", "when", "change", "count", "prefix", "withdrawn")}
        return cls(**rest, genomes=genomes, segments=segments, leaving=leaving, callers=tuple(record["callers"]))


@dataclass(frozen=True)
class Limits:
    """How long a writer waits, in seconds: for another writer; for readers before it erases."""

    lock: float = 30.0
    readers: float = ERASE_WAIT


PATIENT = Limits()
