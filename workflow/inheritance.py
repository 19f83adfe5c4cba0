"""Which modes of inheritance a family's genotypes allow, each with why it fits and what is missing to say more."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from workflow.family import Carriers, Member, Seen, reads_in_words
from workflow.hpo_annotations import Mode
from workflow.parental_reads import LOW_P


class Fit(StrEnum):
    """How well a model agrees with the genotypes in hand."""

    FITS = "fits"
    POSSIBLE = "possible"
    DOES_NOT_FIT = "does not fit"


@dataclass(frozen=True)
class Model:
    """A mode of inheritance held against a variant: `name` as people say it, `mode` as diseases are annotated with."""

    name: str
    mode: Mode
    fit: Fit
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the variant arose in the child or in a part of a parent's cells."""
        return self.name.startswith(("de novo", "parental mosaicism"))

    def as_record(self) -> dict[str, object]:
        """Return it as plain data."""
        record: dict[str, object] = {"name": self.name, "mode": str(self.mode), "fit": str(self.fit)}
        return record | {"reasons": list(self.reasons), "missing": list(self.missing)}


def fitting_models(who: Carriers, expressed: str = "") -> list[Model]:
    """Return every model that a variant of the proband can be held against by itself, the best first.

    `expressed` is the parent (mother or father) whose copy of an imprinted gene is read, empty for other genes.
    A second variant of the same gene is looked for elsewhere (`phase.compound_heterozygous`).
    """
    many = who.zygosity in {"homozygous", "hemizygous"}
    if who.kind == "MT":
        models = [_mitochondrial(who)]
    elif who.kind == "Y":
        models = [_y_linked(who)]
    elif who.kind == "X":
        models = [*_new(who, Mode.X_LINKED), *([_x_linked_recessive(who)] if many else [_x_linked_dominant(who), _one_of_two_x(who)])]
    elif many:
        models = [_recessive(who)]
    elif expressed:
        models = [*_new(who, Mode.DOMINANT), _imprinted(who, expressed)]
    else:
        models = [*_new(who, Mode.DOMINANT), _dominant(who)]
    return sorted(models, key=_order)


def _order(model: Model) -> tuple[int, bool]:
    """Sort what fits first; a de novo claim that is only possible stands behind what it would replace."""
    return list(Fit).index(model.fit), model.fit is not Fit.FITS and model.is_new


OWN = {
    "heterozygous": "one copy of the proband has it",
    "homozygous": "both copies of the proband have it",
    "hemizygous": "the proband's only copy has it",
    "mitochondrial": "the proband's mitochondria have it",
}


def _judge(name: str, mode: Mode, who: Carriers, against: list[str], doubts: list[str], reasons: list[str]) -> Model:
    """Return a model: what speaks against it decides, then what makes it doubtful; where nobody else tells anything, the proband does."""
    reasons = reasons if against or doubts or reasons else [OWN[who.zygosity]]
    fit = Fit.DOES_NOT_FIT if against else Fit.POSSIBLE if doubts else Fit.FITS
    return Model(name, mode, fit, tuple(against + doubts + reasons), tuple(who.gaps(who.givers())))


def relatives_by_state(who: Carriers, carries: Callable[[Seen], bool | None]) -> dict[str, list[Member]]:
    """Return the relatives whose state and genotype are known: affected_with, affected_without, unaffected_with, unaffected_without.

    `carries` says whether a genotype would cause the disease under the model, None where it cannot be told.
    """
    groups: dict[str, list[Member]] = {f"{state}_{has}": [] for state in ("affected", "unaffected") for has in ("with", "without")}
    for one in who.family.relatives:
        has = carries(who.of(one))
        if has is not None and one.affected != "unknown":
            groups[f"{'affected' if one.affected == 'yes' else 'unaffected'}_{'with' if has else 'without'}"].append(one)
    return groups


def _relatives(who: Carriers, carries: Callable[[Seen], bool | None]) -> tuple[list[str], list[Member], list[str]]:
    """Compare relatives' state with their genotype: (affected without it, in words; unaffected with it; affected with it, in words)."""
    groups = relatives_by_state(who, carries)
    lacking = [f"{one.in_words} does not have it" for one in groups["affected_without"]]
    return lacking, groups["unaffected_with"], [f"{one.in_words} has it too" for one in groups["affected_with"]]


def any_copy(state: Seen) -> bool | None:
    """Whether one copy is there; of a mosaic person it cannot be told."""
    return None if state in {Seen.NOT_KNOWN, Seen.MOSAIC} else state.present


def all_copies(state: Seen) -> bool | None:
    """Whether every copy has it; a mosaic person has others."""
    return None if state is Seen.NOT_KNOWN else state is Seen.ALL_COPIES


def _mosaic_words(who: Carriers) -> list[str]:
    return [f"mosaic: {reads_in_words(who, role)}" for role in who.givers() if who.of(who.family.parent(role)) is Seen.MOSAIC]


def _few_reads(who: Carriers, one: Member) -> str:
    """Say if a parent called heterozygous has fewer variant fragments than one mostly has, not few enough to be called mosaic."""
    reads = who.reads.get(one.sample)
    if not reads or reads.p_heterozygous >= LOW_P or who.of(one) is not Seen.ONE_COPY:
        return ""
    return f", perhaps mosaic ({reads.alt} of {reads.depth} fragments)"


def _dominant(who: Carriers) -> Model:
    lacking, healthy, sharing = _relatives(who, any_copy)
    doubts = [f"{one.in_words} has it{_few_reads(who, one)}: only with incomplete penetrance" for one in healthy]
    return _judge("autosomal dominant", Mode.DOMINANT, who, lacking, doubts, sharing + _mosaic_words(who))


def _x_linked_dominant(who: Carriers) -> Model:
    lacking, healthy, sharing = _relatives(who, any_copy)
    against = [f"{one.in_words} has it in his only copy" for one in healthy if who.of(one) is Seen.ALL_COPIES]
    doubts = [
        f"{one.in_words} has it: only with incomplete penetrance or skewed X-inactivation"
        for one in healthy
        if who.of(one) is not Seen.ALL_COPIES
    ]
    return _judge("X-linked dominant", Mode.X_LINKED, who, lacking + against, doubts, sharing + _mosaic_words(who))


def _one_of_two_x(who: Carriers) -> Model:
    """Hold one copy in a person with two X against a recessive disease: only where the other X is switched off."""
    healthy = [one for one in who.family.relatives if one.affected == "no"]
    doubts = ["one copy beside a normal one: only with skewed X-inactivation"]
    sharing = [f"{one.in_words} carries one copy" for one in healthy if who.of(one) is Seen.ONE_COPY]
    against = [f"{one.in_words} has it in every copy" for one in healthy if who.of(one) is Seen.ALL_COPIES]
    return _judge("X-linked recessive, one copy", Mode.X_LINKED, who, against, doubts, sharing)


def _new(who: Carriers, mode: Mode) -> list[Model]:
    """Hold it against having arisen in the child, and in a part of a parent's cells where a parent's reads say so."""
    what = "X-linked" if mode is Mode.X_LINKED else "dominant"
    parents = {role: who.of(who.family.parent(role)) for role in who.givers()}
    against = [f"{role} has it" for role, state in parents.items() if state.present]
    mosaic = _mosaic_words(who)
    doubts = [f"{role} not known" for role, state in parents.items() if state is Seen.NOT_KNOWN]
    lacking = [role for role, state in parents.items() if state is Seen.ABSENT]
    counts = [text for role in lacking if (text := reads_in_words(who, role))]
    unsure = [role for role in lacking if (reads := who.reads_of(role)) and reads.is_doubtful]
    doubts += [f"{role} shows it in a read: a call that was missed, or mosaicism" for role in unsure]
    reasons = [] if against or mosaic or doubts else [f"{' and '.join(parents)} without it, with enough reads"]
    new = _judge(f"de novo, {what}", mode, who, against + mosaic, doubts, reasons + counts)
    if not mosaic or against:
        return [new]
    return [new, _judge(f"parental mosaicism, {what}", mode, who, [], doubts, mosaic + counts)]


GIVING = {Seen.ONE_COPY: "carries one copy", Seen.ALL_COPIES: "carries two copies", Seen.MOSAIC: "is mosaic for it"}


def _recessive(who: Carriers) -> Model:
    lacking, healthy, sharing = _relatives(who, all_copies)
    against = lacking + [f"{one.in_words} has it in both copies" for one in healthy]
    source = who.family.one_parent.get(who.contig)
    for role, state in zip(("mother", "father"), who.parents(), strict=True):
        if state is Seen.ABSENT and source not in {None, role}:
            sharing.append(f"{role} lacks it, but both copies of the chromosome come from the {source}")
        elif state is Seen.ABSENT:
            against.append(f"{role} lacks it: a deletion on the other copy, uniparental disomy or a wrong relation would explain it")
        elif state.can_give:
            sharing.append(f"{role} {GIVING[state]}")
    if length := who.family.run_at(who.contig, who.pos):
        sharing.append(f"in a run of homozygosity of {length / 1e6:.1f} Mb")
    return _judge("autosomal recessive", Mode.RECESSIVE, who, against, [], sharing)


def _x_linked_recessive(who: Carriers) -> Model:
    lacking, healthy, sharing = _relatives(who, all_copies)
    mother, father = who.parents()
    if who.zygosity == "hemizygous":
        words = {Seen.ONE_COPY: ["mother is a carrier"], Seen.MOSAIC: _mosaic_words(who)}
        sharing += words.get(mother, [])
        if mother is Seen.ABSENT and who.givers() == ("mother",):
            sharing.append("mother lacks it: new in the child")
    elif father is Seen.ABSENT:
        lacking.append("father lacks it, so not both copies can be inherited")
    return _judge(
        "X-linked recessive", Mode.X_LINKED, who, lacking + [f"{one.in_words} has it in every copy" for one in healthy], [], sharing
    )


def _imprinted(who: Carriers, expressed: str) -> Model:
    """Hold it against a dominant disease of an imprinted gene: only a variant from the parent whose copy is read acts."""
    origin, silent = who.origin(), {"mother": "father", "father": "mother"}[expressed]
    name = f"autosomal dominant, imprinted ({'maternal' if expressed == 'mother' else 'paternal'} copy expressed)"
    lacking, healthy, sharing = _relatives(who, any_copy)
    parents = {"mother", "father"}
    doubts = [
        f"{one.in_words} has it: only if it came from the silent side, or with incomplete penetrance"
        for one in healthy
        if one.role not in parents
    ]
    sharing += [f"{one.in_words} has it, as one may who had it from the silent side" for one in healthy if one.role in parents]
    if origin == silent:
        lacking = [f"it came from the {silent}, whose copy is silent", *lacking]
    elif origin == expressed:
        sharing = [f"it came from the {expressed}, whose copy is expressed", *sharing]
    else:
        doubts = ["parent of origin not known", *doubts]
    return _judge(name, Mode.DOMINANT, who, lacking, doubts, sharing + _mosaic_words(who))


def _mitochondrial(who: Carriers) -> Model:
    mother, _ = who.parents()
    reasons = {Seen.ABSENT: ["mother lacks it: new in the child, or at a level not called"]}.get(
        mother, ["mother has it"] if mother.can_give else []
    )
    model = _judge("maternal", Mode.MITOCHONDRIAL, who, [], [], reasons)
    return Model(model.name, model.mode, model.fit, model.reasons, (*model.missing, "share of mutated copies not measured"))


def _y_linked(who: Carriers) -> Model:
    _, father = who.parents()
    parent = who.family.parent("father")
    healthy = ["unaffected father has it"] if father.present and parent and parent.affected == "no" else []
    return _judge("Y-linked", Mode.Y_LINKED, who, healthy, [], [])
