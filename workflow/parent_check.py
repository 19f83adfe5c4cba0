"""What cannot be true of the parents that a sheet names: unknown people, a person as own ancestor, sexes that contradict."""

from collections.abc import Sequence
from pathlib import Path

from workflow.cohort import Sample
from workflow.errors import InputError
from workflow.pedigree import Pedigree, cycle_in
from workflow.schema import nearest

PARENTS = {"mother": "female", "father": "male"}


def check_relations(case: str, of_case: Sequence[Sample], sheet: Path) -> None:
    """Refuse columns `mother` and `father` that cannot be true.

    Raises:
        InputError: with the row of the person whose parent cannot be.
    """
    if not any(sample.mother or sample.father for sample in of_case):
        return
    by_name = {sample.name: sample for sample in of_case}
    for sample in of_case:
        for role in PARENTS:
            if name := getattr(sample, role):
                _check_parent(sample, role, name, by_name, sheet)
    _refuse_two_sexes(of_case, sheet)
    _refuse_other_parents(case, of_case, sheet)
    pedigree = Pedigree.of(
        {"sample": one.name, **{key: getattr(one, key) for key in ("role", "sex", "mother", "father")}} for one in of_case
    )
    if ring := cycle_in(pedigree.parents):
        what = f"`{ring[0]}` is among the ancestors of `{ring[0]}` ({' → '.join([*ring, ring[0]])}, child → parent)"
        row = next((one.row for one in of_case if one.name in ring), of_case[0].row)
        raise InputError(what, file=sheet, row=row, remedy="correct the columns mother and father")


def _check_parent(sample: Sample, role: str, name: str, by_name: dict[str, Sample], sheet: Path) -> None:
    """Refuse an own parent, a parent who is not in the case, and one whose declared sex does not fit."""
    remedy = f"name a sample of the case `{sample.case}`, or write the name in parentheses for a person who was not sequenced"
    if name == sample.name:
        raise InputError(f"sample `{name}` is its own {role}", file=sheet, row=sample.row, remedy=remedy)
    if name.startswith("("):
        return
    if name not in by_name:
        what = f"the {role} of `{sample.name}` is `{name}`, which is no sample of the case ({nearest(name, by_name)})"
        raise InputError(what, file=sheet, row=sample.row, remedy=remedy)
    has_y = {"female": False, "male": True, "unknown": None}.get(by_name[name].sex, "Y" in by_name[name].sex)
    if has_y is not None and has_y != (role == "father"):
        what = f"`{name}` is the {role} of `{sample.name}`, but the sex of `{name}` is {by_name[name].sex}"
        raise InputError(what, file=sheet, row=sample.row, remedy="correct the columns mother and father, or the sex")


def _refuse_two_sexes(of_case: Sequence[Sample], sheet: Path) -> None:
    """Refuse a person who is the mother of one and the father of another."""
    mothers = {sample.mother for sample in of_case} - {""}
    for sample in of_case:
        if sample.father in mothers:
            what = f"{sample.father.strip('()')} is the father of `{sample.name}` and the mother of another"
            raise InputError(what, file=sheet, row=sample.row, remedy="correct the columns mother and father")


def _refuse_other_parents(case: str, of_case: Sequence[Sample], sheet: Path) -> None:
    """Refuse a proband whose column names another parent than the case's roles do."""
    holders = {sample.role: sample.name for sample in of_case}
    for sample in of_case:
        for role in PARENTS:
            named = getattr(sample, role)
            if sample.role == "proband" and named and role in holders and named != holders[role]:
                what = f"the {role} of the proband `{sample.name}` is `{named}`, but the {role} of case `{case}` is `{holders[role]}`"
                raise InputError(what, file=sheet, row=sample.row, remedy="correct the role or the column")
