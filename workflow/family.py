"""The people of a case as inheritance sees them, and which of them carry a variant as far as their genotypes and reads tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from workflow.cohort import Case
from workflow.parental_reads import CALLED_HETEROZYGOUS_P, MOSAIC_P, SUBSTITUTION_ERROR, AlleleReads
from workflow.pedigree import Pedigree
from workflow.ploidy import karyotype_of_order
from workflow.reference import contig_kind
from workflow.variants import Genotype

MIN_QUALITY = 20
"""Genotype quality (Phred) below which no variant reads as `not known`: one such call in a hundred would be wrong."""


class Seen(StrEnum):
    """Whether a person carries a variant. A person without enough reads is `not known`, never `absent`."""

    ABSENT = "absent"
    ONE_COPY = "one copy"
    ALL_COPIES = "all copies"
    MOSAIC = "mosaic"
    NOT_KNOWN = "not known"

    @property
    def present(self) -> bool:
        """Whether a whole copy was seen."""
        return self in {Seen.ONE_COPY, Seen.ALL_COPIES}

    @property
    def can_give(self) -> bool:
        """Whether a child may have it from this person."""
        return self.present or self is Seen.MOSAIC


@dataclass(frozen=True)
class Member:
    """One person of a case; role, sex and affected as in samples.tsv, karyotype as used by the callers (None if not known)."""

    sample: str
    role: str
    sex: str
    affected: str
    karyotype: str | None = None

    @property
    def in_words(self) -> str:
        """The person as a sentence names them: `unaffected mother`."""
        return {"yes": "affected ", "no": "unaffected "}.get(self.affected, "") + self.role

    @property
    def is_male(self) -> bool | None:
        """Whether the person has a Y chromosome, None if not known."""
        return None if self.karyotype is None else "Y" in self.karyotype

    @property
    def x_copies(self) -> int | None:
        """Number of X chromosomes, None if not known."""
        return None if self.karyotype is None else self.karyotype.count("X")


@dataclass(frozen=True)
class Family:
    """A proband and the relatives sequenced with them.

    Attributes:
        par: pseudoautosomal regions, (contig, start, end), 0-based half-open.
        one_parent: contigs of the proband of which both copies come from one parent, with that parent's role.
        runs: runs of homozygosity of the proband, (contig, start, end), 0-based half-open.
    """

    proband: Member
    relatives: tuple[Member, ...]
    pedigree: Pedigree = field(default_factory=lambda: Pedigree({}))
    par: tuple[tuple[str, int, int], ...] = ()
    one_parent: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def of(
        cls,
        members: Sequence[Mapping[str, str]],
        proband: str,
        *,
        par: Iterable[Sequence[Any]] = (),
        karyotypes: Mapping[str, str | None] | None = None,
        one_parent: Mapping[str, str] | None = None,
        runs: Iterable[Sequence[Any]] = (),
    ) -> "Family":
        """Build it from plain data with the keys sample, role, sex and affected, perhaps mother and father.

        `karyotypes` are those the callers used, by sample; without them the declared sex stands.
        """
        used = {one["sample"]: karyotype_of_order(one["sex"]) for one in members} | dict(karyotypes or {})
        people = [Member(one["sample"], one["role"], one["sex"], one["affected"], used[one["sample"]]) for one in members]
        regions, stretches = (tuple((name, start, end) for name, start, end in every) for every in (par, runs))
        first = next(one for one in people if one.sample == proband)
        others = tuple(one for one in people if one.sample != proband)
        return cls(first, others, Pedigree.of(members), regions, one_parent or {}, stretches)

    def parent(self, role: str) -> Member | None:
        """Return the mother or the father, or None if not sequenced."""
        return next((one for one in self.relatives if one.role == role), None)

    def run_at(self, contig: str, pos: int) -> int | None:
        """Return the length in bases of the run of homozygosity that a 1-based position lies in, None if there is none."""
        return next((end - start for name, start, end in self.runs if name == contig and start < pos <= end), None)


def seen(genotype: Genotype | None, min_depth: int = 0, min_quality: int = MIN_QUALITY) -> Seen:
    """Return what a genotype tells; without the variant it tells so only at `min_depth` reads and `min_quality` or more."""
    if genotype is None or not genotype.alleles:
        return Seen.NOT_KNOWN
    copies = genotype.alleles.count(1)
    if copies:
        return Seen.ALL_COPIES if copies == len(genotype.alleles) else Seen.ONE_COPY
    if None in genotype.alleles or (genotype.depth or 0) < min_depth:
        return Seen.NOT_KNOWN
    doubtful = min_depth and genotype.quality is not None and genotype.quality < min_quality
    return Seen.NOT_KNOWN if doubtful else Seen.ABSENT


def variant_reads(genotype: Genotype | None) -> int:
    """Return how many reads carry the variant, 0 where the caller did not count."""
    return genotype.allele_depths[1] if genotype and genotype.allele_depths else 0


@dataclass(frozen=True)
class Carriers:
    """Who of a family carries one variant.

    Attributes:
        kind: autosome, X, Y or MT; the pseudoautosomal regions count as autosome.
        zygosity: of the proband: heterozygous, homozygous, hemizygous (X and Y) or mitochondrial.
        seen: by sample name.
        reads: fragments by allele, by sample name, of those whose reads were asked.
    """

    family: Family
    kind: str
    contig: str
    pos: int
    zygosity: str
    seen: Mapping[str, Seen]
    reads: Mapping[str, AlleleReads] = field(default_factory=dict)

    def of(self, member: Member | None) -> Seen:
        """Return whether a person carries it; one who was not sequenced is not known."""
        return self.seen[member.sample] if member else Seen.NOT_KNOWN

    def parents(self) -> tuple[Seen, Seen]:
        """Return whether mother and father carry it."""
        return self.of(self.family.parent("mother")), self.of(self.family.parent("father"))

    def reads_of(self, role: str) -> AlleleReads | None:
        """Return a parent's fragments, None if they were not asked."""
        parent = self.family.parent(role)
        return self.reads.get(parent.sample) if parent else None

    def givers(self) -> tuple[str, ...]:
        """Return the parents it can come from: of the mitochondrion and of a boy's X the mother, of Y the father."""
        if self.kind == "MT" or (self.kind == "X" and self.zygosity == "hemizygous" and self.family.proband.is_male is not False):
            return ("mother",)
        return ("father",) if self.kind == "Y" else ("mother", "father")

    def origin(self) -> str | None:
        """Return the parent that it came from, None where that is not known or where it may have come from both or none."""
        if self.zygosity == "homozygous":
            return None
        states = {role: self.of(self.family.parent(role)) for role in self.givers()}
        found = [role for role, state in states.items() if state.can_give]
        rest = [state for state in states.values() if not state.can_give]
        return found[0] if len(found) == 1 and all(state is Seen.ABSENT for state in rest) else None

    def gaps(self, parents: Iterable[str] = ("mother", "father")) -> list[str]:
        """Return whose genotype would help and is missing; of the parents, those who could have passed it on."""
        absent = [f"{role} not sequenced" for role in parents if not self.family.parent(role)]
        return absent + [f"{one.role} not known here" for one in self.family.relatives if self.of(one) is Seen.NOT_KNOWN]


def zygosity(genotype: Genotype, contig: str) -> str:
    """Return the proband's zygosity in a word."""
    kind = contig_kind(contig)
    if kind == "MT":
        return "mitochondrial"
    if len(genotype.alleles) == 1:
        return "hemizygous"
    return "homozygous" if genotype.alleles.count(1) == len(genotype.alleles) else "heterozygous"


def place_kind(family: Family, contig: str, pos: int) -> str:
    """Return autosome, X, Y or MT for a 1-based position; autosome in a pseudoautosomal region."""
    inside = any(name == contig and start < pos <= end for name, start, end in family.par)
    return "autosome" if inside else contig_kind(contig)


def carriers(
    family: Family,
    genotypes: Mapping[str, Genotype],
    contig: str,
    min_depth: int,
    *,
    pos: int = 0,
    reads: Mapping[str, AlleleReads] | None = None,
) -> Carriers:
    """Return who carries a variant that the proband carries; `min_depth` reads are needed to say that someone does not.

    `reads` are fragments counted in the alignments, by sample; a parent without them is judged by what the caller counted. A mosaic
    parent is often one whose genotype the caller was not sure of: the reads decide then as well.
    """
    told = {one.sample: seen(genotypes.get(one.sample), min_depth) for one in (family.proband, *family.relatives)}
    counted = dict(reads or {})
    for one in family.relatives:
        if one.role in {"mother", "father"} and told[one.sample] is not Seen.ALL_COPIES:
            called = None if told[one.sample] is Seen.NOT_KNOWN else _called_reads(genotypes.get(one.sample))
            own = counted.get(one.sample) or called
            if own:
                counted[one.sample] = own
                unlike = told[one.sample] is not Seen.ONE_COPY or own.p_heterozygous < CALLED_HETEROZYGOUS_P
                told[one.sample] = Seen.MOSAIC if own.is_mosaic and unlike else told[one.sample]
    kind = place_kind(family, contig, pos)
    return Carriers(family, kind, contig, pos, zygosity(genotypes[family.proband.sample], contig), told, counted)


def _called_reads(genotype: Genotype | None) -> AlleleReads | None:
    """Return the reads that the caller counted, as far as it did."""
    if not genotype or not genotype.allele_depths:
        return None
    ref, alt = genotype.allele_depths
    return AlleleReads(ref, alt, max(0, (genotype.depth or 0) - ref - alt), SUBSTITUTION_ERROR)


def reads_in_words(who: Carriers, role: str) -> str:
    """Return what a parent's reads say: `mother 4 of 32 fragments (12 %), …`, empty if they were not counted."""
    reads = who.reads_of(role)
    if not reads:
        return ""
    text = f"{role} {reads.alt} of {reads.depth} fragments"
    if reads.is_mosaic:
        return f"{text} ({reads.alt / reads.depth:.0%}): more than errors make (p = {reads.p_error:.1g}) and fewer than in a heterozygote"
    return f"{text}, as errors may make (p = {reads.p_error:.1g})" if reads.alt and reads.p_error > MOSAIC_P else text


def people_of(case: Case) -> dict[str, Any]:
    """Return who belongs to a case as plain data: name, proband and members."""
    keys = ("role", "sex", "affected", "mother", "father")
    members = [{"sample": one.name, **{key: getattr(one, key) for key in keys}} for one in case.members]
    return {"name": case.name, "proband": case.proband.name, "members": members}


def case_of(case: Case) -> dict[str, Any]:
    """Return a case as plain data, as the rule's params hold it."""
    question = case.question
    return {
        **people_of(case),
        "terms": [term.as_record() for term in question.terms] if question else [],
        "measurements": [asdict(one) for one in question.measurements] if question else [],
        "names": sorted({case.name, *((question.id, question.subject) if question else ())}),
        "phenopacket": str(question.file) if question else None,
    }
