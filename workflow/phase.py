"""Whether two heterozygous variants stand on different copies of a gene, and how that is known: by parents, by the caller, by reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.family import Carriers, Seen
from workflow.hpo_annotations import Mode
from workflow.inheritance import Fit, Model
from workflow.variant_keys import Key
from workflow.variants import AnnotatedVariant

TRANS, CIS, UNKNOWN = "in trans", "in cis", "unknown"
ReadPhase = Mapping[Key, tuple[str, int]]
"""By variant (contig, position, REF, ALT): the phase set that WhatsHap put it in, and which of two copies (0 or 1) has it."""


@dataclass(frozen=True)
class Phase:
    """`in trans`, `in cis` or `unknown`, and how that is known."""

    state: str
    how: str = ""

    @property
    def in_words(self) -> str:
        """As a reason reads: `in trans: one from each parent`."""
        start = "phase unknown" if self.state == UNKNOWN else self.state
        return f"{start}: {self.how}" if self.how else start


def phase_of(
    first: tuple[AnnotatedVariant, Carriers], second: tuple[AnnotatedVariant, Carriers], by_reads: ReadPhase | None = None
) -> Phase:
    """Return the phase of two variants of the proband; ways to know it that contradict each other leave it unknown."""
    (one, who), (two, other) = first, second
    known = [by_parents(who, other), by_caller(one, two, who.family.proband.sample), _same_set(by_reads or {}, one.key, two.key)]
    told = [phase for phase in known if phase and phase.state != UNKNOWN]
    if len({phase.state for phase in told}) > 1:
        return Phase(UNKNOWN, " but ".join(f"{phase.state} by {phase.how}" for phase in told))
    if told:
        return Phase(told[0].state, " and ".join(phase.how for phase in told))
    return next((phase for phase in known if phase), Phase(UNKNOWN))


def by_parents(first: Carriers, second: Carriers) -> Phase | None:
    """Tell the phase from the parent that each variant came from."""
    origins = first.origin(), second.origin()
    if None not in origins:
        if origins[0] == origins[1]:
            return Phase(CIS, f"both from the {origins[0]}")
        return Phase(TRANS, "one from each parent")
    return None


def by_caller(first: AnnotatedVariant, second: AnnotatedVariant, sample: str) -> Phase | None:
    """Tell the phase from two phased genotypes of one phase set."""
    one, two = first.genotypes[sample], second.genotypes[sample]
    if not (one.phased and two.phased and one.phase_set and one.phase_set == two.phase_set and first.contig == second.contig):
        return None
    sides = [genotype.alleles.index(1) for genotype in (one, two)]
    return Phase(CIS if sides[0] == sides[1] else TRANS, "the caller's haplotypes")


def _same_set(by_reads: ReadPhase, first: Key, second: Key) -> Phase | None:
    one, two = by_reads.get(first), by_reads.get(second)
    if not one or not two or first[0] != second[0] or one[0] != two[0]:
        return None
    return Phase(CIS if one[1] == two[1] else TRANS, "reads that span both")


def compound_heterozygous(first: Carriers, second: Carriers, phase: Phase | None = None) -> Model:
    """Hold two heterozygous variants of one gene against standing on different copies; without `phase`, by what the parents carry."""
    name, mode = "autosomal recessive, compound heterozygous", Mode.RECESSIVE
    phase = phase or by_parents(first, second) or Phase(UNKNOWN)
    gaps = tuple(dict.fromkeys(first.gaps() + second.gaps()))
    against = _against(first, second)
    if against or phase.state == CIS:
        reasons = [*([phase.in_words] if phase.state == CIS else []), *against]
        return Model(name, mode, Fit.DOES_NOT_FIT, tuple(reasons), gaps)
    notes = [f"affected {one.role} has both too" for one in first.family.relatives if one.affected == "yes" and _both(one, first, second)]
    if phase.state == TRANS:
        return Model(name, mode, Fit.FITS, (phase.in_words, *notes), gaps)
    return Model(name, mode, Fit.POSSIBLE, (phase.in_words, *_one_sided(first, second), *notes), gaps)


def _both(person: object, first: Carriers, second: Carriers) -> bool:
    return first.of(person).present and second.of(person).present  # type: ignore[arg-type]


def _against(first: Carriers, second: Carriers) -> list[str]:
    """Return who of the family speaks against the pair: a healthy person or a parent with both, an affected one without one of them."""
    said = []
    for person in first.family.relatives:
        if _both(person, first, second) and (person.affected == "no" or person.role in {"mother", "father"}):
            said.append(f"{person.in_words} has both variants")
        elif person.affected == "yes" and Seen.ABSENT in {first.of(person), second.of(person)} and person.role not in {"mother", "father"}:
            said.append(f"{person.in_words} lacks one of the two")
    return said


def _one_sided(first: Carriers, second: Carriers) -> list[str]:
    """Say what one parent alone tells: who has one of the two and lacks the other."""
    said = []
    for number, role in enumerate(("mother", "father")):
        states = first.parents()[number], second.parents()[number]
        other = first.parents()[1 - number], second.parents()[1 - number]
        if Seen.ABSENT in states and any(state.can_give for state in states) and Seen.NOT_KNOWN in other:
            said.append(f"{role} has one of the two only: the other came from the other parent or is new")
    return said
