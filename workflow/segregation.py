"""How a variant goes with the disease through the family: what PP1 and BS4 are counted from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workflow.family import Carriers, Member, Seen
from workflow.hpo_annotations import Mode
from workflow.inheritance import Model, all_copies, any_copy, relatives_by_state
from workflow.pedigree import meioses

AFFECTED_SIBLING_RECESSIVE = 2.0
"""Meioses that an affected sibling with both copies stands for: a quarter of siblings have them by chance, -log2(1/4)."""


@dataclass(frozen=True)
class Segregation:
    """`meioses` beyond the proband that the affected carriers stand for, None where that cannot be counted; sample names; words against."""

    meioses: float | None
    affected_with: tuple[str, ...] = ()
    affected_without: tuple[str, ...] = ()
    unaffected_with: tuple[str, ...] = ()
    unaffected_without: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}


def segregation(who: Carriers, model: Model, partner: Carriers | None = None) -> Segregation:
    """Count relatives under a model; `partner` is the second variant of a compound heterozygote.

    Relatives whose state or genotype is not known are not counted, nor are the parents of a recessive variant, who carry it by the model.
    """
    recessive = model.mode is Mode.RECESSIVE
    groups = _pair_groups(who, partner) if recessive and partner else relatives_by_state(who, _test(who, model))
    names = {
        key: tuple(one.sample for one in people if not (recessive and one.role in {"mother", "father"})) for key, people in groups.items()
    }
    against = [f"{one.in_words} does not have it" for one in groups["affected_without"]]
    against += [f"{one.in_words} has it" for one in groups["unaffected_with"] if recessive or who.kind == "X"]
    return Segregation(_meioses(who, model, groups["affected_with"], recessive), **names, against=tuple(against))


def _test(who: Carriers, model: Model) -> Callable[[Seen], bool | None]:
    recessive = model.mode is Mode.RECESSIVE or (who.kind == "X" and who.zygosity in {"hemizygous", "homozygous"})
    return all_copies if recessive else any_copy


def _meioses(who: Carriers, model: Model, affected: list[Member], recessive: bool) -> float | None:
    if model.is_new:
        return 0.0
    if recessive:
        return AFFECTED_SIBLING_RECESSIVE * sum(one.role == "sibling" for one in affected)
    family = who.family
    return meioses(family.pedigree, family.proband.sample, [one.sample for one in affected], who.contig if who.kind != "autosome" else "1")


def _pair_groups(who: Carriers, partner: Carriers) -> dict[str, list[Member]]:
    """Group the relatives by whether they have both variants of a compound heterozygote."""
    groups: dict[str, list[Member]] = {f"{state}_{has}": [] for state in ("affected", "unaffected") for has in ("with", "without")}
    for one in who.family.relatives:
        states = [who.of(one), partner.of(one)]
        lacks, has = Seen.ABSENT in states, all(state.present for state in states)
        if one.affected != "unknown" and (lacks or has):
            groups[f"{'affected' if one.affected == 'yes' else 'unaffected'}_{'with' if has else 'without'}"].append(one)
    return groups
