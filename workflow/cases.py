"""Cases: the samples of one clinical question, and what cannot be true of a family or of a tumour with its normal."""

from collections.abc import Mapping
from pathlib import Path

from workflow.cohort import Case, KnownQuestion, Question, Sample
from workflow.errors import InputError
from workflow.parent_check import check_relations

SOMATIC = frozenset({"tumour", "normal"})


def join_cases(samples: Mapping[str, Sample], questions: Mapping[str, Question | KnownQuestion], sheet: Path) -> dict[str, Case]:
    """Return the cases of the sheet, by name, each with its proband and what is asked about it."""
    members: dict[str, list[Sample]] = {}
    for sample in samples.values():
        members.setdefault(sample.case, []).append(sample)
    _refuse_lookalikes(members, sheet)
    return {name: _case(name, of_case, questions, sheet) for name, of_case in members.items()}


def _refuse_lookalikes(cases: Mapping[str, list[Sample]], sheet: Path) -> None:
    """Refuse case names that differ in upper and lower case only: they would be one folder on some disks."""
    seen: dict[str, str] = {}
    for name, of_case in cases.items():
        if seen.setdefault(name.lower(), name) != name:
            what = f"case `{name}` differs from case `{seen[name.lower()]}` in upper and lower case only"
            raise InputError(what, file=sheet, row=of_case[0].row, remedy="write both alike, or name them apart")


def _case(name: str, of_case: list[Sample], questions: Mapping[str, Question | KnownQuestion], sheet: Path) -> Case:
    somatic = [sample for sample in of_case if sample.role in SOMATIC]
    if somatic and len(somatic) < len(of_case):
        what = f"case `{name}` mixes tumour or normal with the roles of a family"
        raise InputError(what, file=sheet, row=somatic[0].row, remedy="give the tumour and its normal a case of their own")
    proband = _only(of_case, "tumour" if somatic else "proband", name, sheet)
    for role in ("mother", "father", "normal"):
        _only(of_case, role, name, sheet, needed=False)
    for sample in of_case:
        _check_parent_sex(sample, sheet)
    check_relations(name, of_case, sheet)
    if somatic:
        _check_one_person(of_case, sheet)
    return Case(name, tuple(of_case), proband, questions.get(proband.name))


def _only(of_case: list[Sample], role: str, case: str, sheet: Path, *, needed: bool = True) -> Sample:
    """Return the one sample of a case in a role; the case's first sample where there is none and none is needed."""
    holders = [sample for sample in of_case if sample.role == role]
    if len(holders) > 1:
        what = f"case `{case}` has a second {role}, `{holders[1].name}` (the first is `{holders[0].name}` in row {holders[0].row})"
        remedy = f"a case has one {role}: correct the role or the case"
        if role == "proband":
            remedy += "; of twins or other siblings, give each a case of their own, or give one the role sibling"
        raise InputError(what, file=sheet, row=holders[1].row, remedy=remedy)
    if needed and not holders:
        raise InputError(f"case `{case}` has no {role}", file=sheet, row=of_case[0].row, remedy=f"give one of its samples the role {role}")
    return (holders or of_case)[0]


def _check_parent_sex(sample: Sample, sheet: Path) -> None:
    """Refuse a mother with a Y chromosome and a father without one, as declared."""
    has_y = {"female": False, "male": True, "unknown": None}.get(sample.sex, "Y" in sample.sex)
    if has_y is not None and {"mother": False, "father": True}.get(sample.role, has_y) != has_y:
        what = f"sample `{sample.name}` is the {sample.role}, but its sex is {sample.sex}"
        raise InputError(what, file=sheet, row=sample.row, remedy="correct the role or the sex")


def _check_one_person(pair: list[Sample], sheet: Path) -> None:
    """Refuse a tumour and a normal of different declared sex: they are of one person."""
    declared = [sample for sample in pair if sample.sex != "unknown"]
    for sample in declared[1:]:
        if sample.sex != declared[0].sex:
            what = f"`{sample.name}` ({sample.sex}) and `{declared[0].name}` ({declared[0].sex}) are tumour and normal of one person"
            raise InputError(what, file=sheet, row=sample.row, remedy="correct the sex or the case")
