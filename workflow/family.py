"""The people of a case as inheritance sees them, and which of them carry a variant as far as their genotypes tell."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from workflow.cohort import Case
from workflow.reference import plain_name
from workflow.variants import Genotype

MOSAIC_READS = 1  # variant reads in a parent called without the variant that are mentioned


class Seen(StrEnum):
    """Whether a person carries a variant. A person without enough reads is `not known`, never `absent`."""

    ABSENT = "absent"
    ONE_COPY = "one copy"
    ALL_COPIES = "all copies"
    NOT_KNOWN = "not known"

    @property
    def present(self) -> bool:
        """Whether the variant was seen."""
        return self in {Seen.ONE_COPY, Seen.ALL_COPIES}


@dataclass(frozen=True)
class Member:
    """One person of a case; role, sex and affected as in samples.tsv."""

    sample: str
    role: str
    sex: str
    affected: str

    @property
    def in_words(self) -> str:
        """The person as a sentence names them: `unaffected mother`."""
        return {"yes": "affected ", "no": "unaffected "}.get(self.affected, "") + self.role


@dataclass(frozen=True)
class Family:
    """A proband and the relatives sequenced with them."""

    proband: Member
    relatives: tuple[Member, ...]

    @classmethod
    def of(cls, members: Iterable[Mapping[str, str]], proband: str) -> "Family":
        """Build it from plain data with the keys sample, role, sex and affected."""
        people = [Member(one["sample"], one["role"], one["sex"], one["affected"]) for one in members]
        return cls(next(one for one in people if one.sample == proband), tuple(one for one in people if one.sample != proband))

    def parent(self, role: str) -> Member | None:
        """Return the mother or the father, or None if not sequenced."""
        return next((one for one in self.relatives if one.role == role), None)


def seen(genotype: Genotype | None, min_depth: int = 0) -> Seen:
    """Return what a genotype tells; without the variant it tells so only at `min_depth` reads or more."""
    if genotype is None or not genotype.alleles:
        return Seen.NOT_KNOWN
    copies = genotype.alleles.count(1)
    if copies:
        return Seen.ALL_COPIES if copies == len(genotype.alleles) else Seen.ONE_COPY
    if None in genotype.alleles or (genotype.depth or 0) < min_depth:
        return Seen.NOT_KNOWN
    return Seen.ABSENT


def variant_reads(genotype: Genotype | None) -> int:
    """Return how many reads carry the variant, 0 where the caller did not count."""
    return genotype.allele_depths[1] if genotype and genotype.allele_depths else 0


@dataclass(frozen=True)
class Carriers:
    """Who of a family carries one variant.

    Attributes:
        zygosity: of the proband: heterozygous, homozygous, hemizygous (X and Y) or mitochondrial.
        seen: by sample name.
        mosaic: parents called without the variant, in whose reads it was seen nevertheless.
    """

    family: Family
    zygosity: str
    seen: Mapping[str, Seen]
    mosaic: tuple[Member, ...]

    def of(self, member: Member | None) -> Seen:
        """Return whether a person carries it; one who was not sequenced is not known."""
        return self.seen[member.sample] if member else Seen.NOT_KNOWN

    def parents(self) -> tuple[Seen, Seen]:
        """Return whether mother and father carry it."""
        return self.of(self.family.parent("mother")), self.of(self.family.parent("father"))

    def gaps(self, parents: Iterable[str] = ("mother", "father")) -> list[str]:
        """Return whose genotype would help and is missing; of the parents, those who could have passed it on."""
        absent = [f"{role} not sequenced" for role in parents if not self.family.parent(role)]
        return absent + [f"{one.role} not known here" for one in self.family.relatives if self.of(one) is Seen.NOT_KNOWN]


def contig_kind(contig: str) -> str:
    """Return `X`, `Y`, `MT` or `autosome` for a contig's name."""
    name = plain_name(contig)
    return name if name in {"X", "Y", "MT"} else "autosome"


def zygosity(genotype: Genotype, contig: str) -> str:
    """Return the proband's zygosity in a word."""
    kind = contig_kind(contig)
    if kind == "MT":
        return "mitochondrial"
    if len(genotype.alleles) == 1:
        return "hemizygous"
    return "homozygous" if genotype.alleles.count(1) == len(genotype.alleles) else "heterozygous"


def carriers(family: Family, genotypes: Mapping[str, Genotype], contig: str, min_depth: int) -> Carriers:
    """Return who carries a variant that the proband carries; `min_depth` reads are needed to say that someone does not."""
    told = {one.sample: seen(genotypes.get(one.sample), min_depth) for one in (family.proband, *family.relatives)}
    parents = [one for one in family.relatives if one.role in {"mother", "father"} and told[one.sample] is Seen.ABSENT]
    mosaic = tuple(one for one in parents if variant_reads(genotypes.get(one.sample)) >= MOSAIC_READS)
    return Carriers(family, zygosity(genotypes[family.proband.sample], contig), told, mosaic)


def case_of(case: Case) -> dict[str, Any]:
    """Return a case as plain data, as the rule's params hold it."""
    question = case.question
    return {
        "name": case.name,
        "proband": case.proband.name,
        "members": [{"sample": one.name, "role": one.role, "sex": one.sex, "affected": one.affected} for one in case.members],
        "terms": [term.as_record() for term in question.terms] if question else [],
        "measurements": [asdict(one) for one in question.measurements] if question else [],
        "names": sorted({case.name, *((question.id, question.subject) if question else ())}),
        "phenopacket": str(question.file) if question else None,
    }
