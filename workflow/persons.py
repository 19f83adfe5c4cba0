"""The column `person`: whose a sample is, by pseudonym, and what cannot be true of one person."""

from collections.abc import Mapping
from pathlib import Path

from workflow.cohort import Sample
from workflow.errors import InputError

PARENTS = frozenset({"mother", "father"})


def check_persons(samples: Mapping[str, Sample], sheet: Path) -> None:
    """Refuse a person who is their own relative, or of two sexes, and a tumour and normal of two people.

    Raises:
        InputError: naming the second of two rows that contradict each other.
    """
    by_person: dict[str, list[Sample]] = {}
    for sample in samples.values():
        if sample.person:
            by_person.setdefault(sample.person, []).append(sample)
    for several in by_person.values():
        for number, sample in enumerate(several):
            for earlier in several[:number]:
                _check_pair(earlier, sample, sheet)
    _check_somatic(samples, sheet)


def _check_pair(earlier: Sample, sample: Sample, sheet: Path) -> None:
    both = f"`{sample.name}` and `{earlier.name}` (row {earlier.row}) are of one person, {sample.person}"
    if sample.case == earlier.case and sample.role != earlier.role and {sample.role, earlier.role} != {"tumour", "normal"}:
        what = f"{both}, but {sample.role} and {earlier.role} of one case"
        own = "nobody is their own parent" if {sample.role, earlier.role} & PARENTS else "nobody is their own relative"
        raise InputError(what, file=sheet, row=sample.row, remedy=f"{own}: correct the role or the person")
    if sample.sex != earlier.sex and "unknown" not in {sample.sex, earlier.sex}:
        what = f"{both}, but {sample.sex} and {earlier.sex}"
        raise InputError(what, file=sheet, row=sample.row, remedy="correct the sex or the person")


def _check_somatic(samples: Mapping[str, Sample], sheet: Path) -> None:
    """Refuse a tumour and a normal of one case that the sheet says are of two people."""
    seen: dict[str, Sample] = {}
    for sample in samples.values():
        if sample.role in {"tumour", "normal"} and sample.person:
            earlier = seen.setdefault(sample.case, sample)
            if earlier.person != sample.person:
                pair = f"`{sample.name}` ({sample.person}) and `{earlier.name}` ({earlier.person})"
                what = f"{pair} are tumour and normal of one case, of two people"
                raise InputError(what, file=sheet, row=sample.row, remedy="correct the person or the case")
