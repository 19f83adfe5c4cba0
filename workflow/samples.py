"""The sheets, checked and turned once into frozen dataclasses: samples, their units, their cases."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from workflow.cases import join_cases
from workflow.cohort import Case, Cohort, Question, Sample, Term, Unit
from workflow.collection import kept_from_collection
from workflow.errors import InputError
from workflow.persons import check_persons
from workflow.phenopackets import Known, load_questions
from workflow.schema import nearest
from workflow.settings import Settings
from workflow.sheets import Row, read_sheet

UNTIDY = re.compile(r"//|/\.(?:/|$)|^\./|/$")
"""What a path may hold that `Path` takes out."""

__all__ = ["Case", "Cohort", "Question", "Sample", "Term", "Unit", "load_cohort"]


def load_cohort(settings: Settings, known: Mapping[str, Known] | None = None) -> Cohort:
    """Return what the sheets and phenopackets say, checked against each other; opens no reads, nor phenopackets that are `known`.

    Raises:
        InputError: any mistake in a sheet or phenopacket, with its file and row.
    """
    with kept_from_collection():
        return _load(settings, known)


def _load(settings: Settings, known: Mapping[str, Known] | None) -> Cohort:
    samples = _samples(settings.samples)
    check_persons(samples, settings.samples)
    units = _units(settings.units, samples, settings.samples)
    for name in settings.truth:
        if name not in samples:
            raise InputError(
                f"`truth` names `{name}`, which is no sample ({nearest(name, samples)})", file=settings.file, remedy="mend the name"
            )
    questions = load_questions(settings, samples, known)
    return Cohort(samples, join_cases(samples, questions, settings.samples), units, questions)


def _samples(sheet: Path) -> dict[str, Sample]:
    samples: dict[str, Sample] = {}
    rows: dict[str, int] = {}
    for number, row in read_sheet(sheet, "samples"):
        name = row["sample"]
        if earlier := rows.get(name.lower()):
            remedy = "give each sample one row and a name that differs from others in more than upper and lower case"
            raise InputError(f"sample `{name}` is in row {earlier} already", file=sheet, row=number, remedy=remedy)
        rows[name.lower()] = number
        samples[name] = _sample(row, number)
    return samples


def _units(sheet: Path, samples: Mapping[str, Sample], samples_sheet: Path) -> dict[str, tuple[Unit, ...]]:
    units: dict[str, tuple[Unit, ...]] = dict.fromkeys(samples, ())
    paths: dict[str, int] = {}
    for number, row in read_sheet(sheet, "units"):
        if row["sample"] not in samples:
            what = f"sample `{row['sample']}` is not in {samples_sheet} ({nearest(row['sample'], samples)})"
            raise InputError(what, file=sheet, row=number, remedy="mend the name or add the sample")
        unit = _unit(row, samples[row["sample"]].name, number)
        if earlier := next((one for one in units[unit.sample] if one.name.lower() == unit.name.lower()), None):
            what = f"unit `{unit.name}` of sample `{unit.sample}` is in row {earlier.row} already"
            raise InputError(what, file=sheet, row=number, remedy="give each unit a name of its own")
        _refuse_repeated_paths(unit, paths, sheet)
        units[unit.sample] += (unit,)
    for sample in samples.values():
        if not units[sample.name]:
            what = f"sample `{sample.name}` has no unit in {sheet}"
            raise InputError(what, file=samples_sheet, row=sample.row, remedy="add its FASTQ files there or take the sample out")
    return units


def _refuse_repeated_paths(unit: Unit, paths: dict[str, int], sheet: Path) -> None:
    """Refuse a FASTQ path that stands in the sheet already; `paths` gives the row of every path seen so far."""
    for path in (unit.fastq_1, unit.fastq_2):
        if earlier := paths.get(place := _place(path)):
            what = f"{path} is both FASTQ files of the pair" if earlier == unit.row else f"{path} is in row {earlier} already"
            raise InputError(what, file=sheet, row=unit.row, remedy="name each FASTQ file once")
        paths[place] = unit.row


def _place(path: str) -> str:
    """Return a path without `..`, from the working directory where it leads there, else from the root: one for each place."""
    return os.path.abspath(path).removeprefix(f"{os.getcwd()}/") if path.startswith("/") or ".." in path else path


def _sample(row: Row, number: int) -> Sample:
    packet = Path(row["phenopacket"]) if row["phenopacket"] else None
    role, sex, affected, material, order = (sys.intern(row[name]) for name in ("role", "sex", "affected", "material", "order"))
    fixed = row["sample"], row["case"], role, sex, affected, packet, material, order
    more = row["person"], row["genes"], row["secondary_findings"], row["mother"], row["father"], row["recontact"]
    return Sample(*fixed, number, *more)


def _unit(row: Row, sample: str, number: int) -> Unit:
    """Return a lane of a sample, whose name is the one that the other sheet's row holds: equal words are kept once."""
    name, library, platform = sys.intern(row["unit"]), row["library"] or sample, sys.intern(row["platform"] or "ILLUMINA")
    return Unit(
        sample, name, _tidy(row["fastq_1"]), _tidy(row["fastq_2"]), row["md5_1"].lower(), row["md5_2"].lower(), library, platform, number
    )


def _tidy(path: str) -> str:
    """Return a path as `Path` writes it."""
    return str(Path(path)) if UNTIDY.search(path) else path
