"""Which modes of inheritance a family's genotypes allow, each with why it fits and what is missing to say more."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from workflow.family import Carriers, Seen, contig_kind
from workflow.hpo_annotations import Mode


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

    def as_record(self) -> dict[str, object]:
        """Return it as plain data."""
        return {"name": self.name, "fit": str(self.fit), "reasons": list(self.reasons), "missing": list(self.missing)}


def fitting_models(who: Carriers, contig: str) -> list[Model]:
    """Return every model that a variant of the proband can be held against by itself, the best first.

    A second variant of the same gene is looked for elsewhere (`compound_heterozygous`).
    """
    kind, many = contig_kind(contig), who.zygosity in {"homozygous", "hemizygous"}
    if kind == "MT":
        models = [_mitochondrial(who)]
    elif kind == "Y":
        models = [_y_linked(who)]
    elif kind == "X":
        models = [_de_novo(who, Mode.X_LINKED), _x_linked_recessive(who) if many else _dominant(who, "X-linked dominant", Mode.X_LINKED)]
    elif many:
        models = [_recessive(who)]
    else:
        models = [_de_novo(who, Mode.DOMINANT), _dominant(who, "autosomal dominant", Mode.DOMINANT)]
    return sorted(models, key=_order)


def _order(model: Model) -> tuple[int, bool]:
    """Sort what fits first; a de novo claim that is only possible stands behind what it would replace."""
    return list(Fit).index(model.fit), model.fit is not Fit.FITS and model.name.startswith("de novo")


def _judge(name: str, mode: Mode, who: Carriers, against: list[str], doubts: list[str], reasons: list[str]) -> Model:
    """Return a model: what speaks against it decides, then what makes it doubtful."""
    fit = Fit.DOES_NOT_FIT if against else Fit.POSSIBLE if doubts else Fit.FITS
    return Model(name, mode, fit, tuple(against + doubts + reasons), tuple(who.gaps(_givers(mode, who))))


def _givers(mode: Mode, who: Carriers) -> tuple[str, ...]:
    """Return the parents from whom a variant can come: of a boy's X the mother, of the mitochondrion too, of Y the father."""
    if mode is Mode.MITOCHONDRIAL or (mode is Mode.X_LINKED and who.zygosity == "hemizygous"):
        return ("mother",)
    return ("father",) if mode is Mode.Y_LINKED else ("mother", "father")


def _relatives(who: Carriers, carries: Callable[[Seen], bool | None]) -> tuple[list[str], list[str], list[str]]:
    """Compare relatives' state with their genotype: (affected without it, unaffected with it, affected with it), in words.

    `carries` says whether a genotype would cause the disease under the model, None where it cannot be told.
    """
    lacking, healthy, sharing = [], [], []
    for one in who.family.relatives:
        has = carries(who.of(one))
        if one.affected == "yes" and has is False:
            lacking.append(f"{one.in_words} does not have it")
        elif one.affected == "yes" and has:
            sharing.append(f"{one.in_words} has it too")
        elif one.affected == "no" and has:
            healthy.append(f"{one.in_words} has it")
    return lacking, healthy, sharing


def _any_copy(state: Seen) -> bool | None:
    return None if state is Seen.NOT_KNOWN else state.present


def _all_copies(state: Seen) -> bool | None:
    return None if state is Seen.NOT_KNOWN else state is Seen.ALL_COPIES


def _dominant(who: Carriers, name: str, mode: Mode) -> Model:
    lacking, healthy, sharing = _relatives(who, _any_copy)
    doubts = [f"{text}: only with incomplete penetrance or mosaicism" for text in healthy]
    return _judge(name, mode, who, lacking, doubts, sharing)


def _de_novo(who: Carriers, mode: Mode) -> Model:
    """Hold it against no parent who could have passed it on having it."""
    parents = {role: who.of(who.family.parent(role)) for role in _givers(mode, who)}
    against = [f"{role} has it" for role, state in parents.items() if state.present]
    doubts = [f"{role} not known" for role, state in parents.items() if state is Seen.NOT_KNOWN]
    doubts += [f"{one.role} shows it in a read: a call that was missed, or mosaicism" for one in who.mosaic]
    name = f"de novo, {'X-linked' if mode is Mode.X_LINKED else 'dominant'}"
    return _judge(name, mode, who, against, doubts, [] if against or doubts else [f"{' and '.join(parents)} without it, with enough reads"])


def _recessive(who: Carriers) -> Model:
    lacking, healthy, sharing = _relatives(who, _all_copies)
    against = lacking + [f"{text} in both copies" for text in healthy]
    for role, state in zip(("mother", "father"), who.parents(), strict=True):
        if state is Seen.ABSENT:
            against.append(f"{role} lacks it: a deletion on the other copy, uniparental disomy or a wrong relation would explain it")
        elif state is Seen.ONE_COPY:
            sharing.append(f"{role} carries one copy")
    return _judge("autosomal recessive", Mode.RECESSIVE, who, against, [], sharing)


def _x_linked_recessive(who: Carriers) -> Model:
    lacking, healthy, sharing = _relatives(who, _all_copies)
    mother, father = who.parents()
    if who.zygosity == "hemizygous":
        sharing += {Seen.ONE_COPY: ["mother is a carrier"], Seen.ABSENT: ["mother lacks it: new in the child"]}.get(mother, [])
    elif father is Seen.ABSENT:
        lacking.append("father lacks it, so not both copies can be inherited")
    return _judge("X-linked recessive", Mode.X_LINKED, who, lacking + [f"{text} in every copy" for text in healthy], [], sharing)


def _mitochondrial(who: Carriers) -> Model:
    mother, _ = who.parents()
    reasons = {Seen.ABSENT: ["mother lacks it: new in the child, or at a level not called"]}.get(
        mother, ["mother has it"] if mother.present else []
    )
    model = _judge("maternal", Mode.MITOCHONDRIAL, who, [], [], reasons)
    return Model(model.name, model.mode, model.fit, model.reasons, (*model.missing, "share of mutated copies not measured"))


def _y_linked(who: Carriers) -> Model:
    _, father = who.parents()
    healthy = ["unaffected father has it"] if father.present and getattr(who.family.parent("father"), "affected", "") == "no" else []
    return _judge("Y-linked", Mode.Y_LINKED, who, healthy, [], [])


def compound_heterozygous(first: Carriers, second: Carriers) -> Model:
    """Hold two heterozygous variants of one gene against standing on different copies, by what the parents carry."""
    name, mode = "autosomal recessive, compound heterozygous", Mode.RECESSIVE
    one, two = first.parents(), second.parents()
    gaps = tuple(dict.fromkeys(first.gaps() + second.gaps()))
    both = [person for person in first.family.relatives if first.of(person).present and second.of(person).present]
    against = [f"{person.in_words} has both variants" for person in both if person.affected == "no" or person.role in {"mother", "father"}]
    if against:
        return Model(name, mode, Fit.DOES_NOT_FIT, tuple(against), gaps)
    if _in_trans(one, two) or _in_trans(two, one):
        return Model(name, mode, Fit.FITS, ("in trans: one from each parent",), gaps)
    return Model(name, mode, Fit.POSSIBLE, ("phase unknown",), gaps)


def _in_trans(one: tuple[Seen, Seen], two: tuple[Seen, Seen]) -> bool:
    """Whether the mother alone has the first and the father alone the second."""
    return one[0].present and two[1].present and one[1] is Seen.ABSENT and two[0] is Seen.ABSENT
