"""The grid: which file is owed for which sample and case, known before anything runs, and the list of it on disk."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workflow.cohort import Case, Cohort, Sample
from workflow.deliverables import CASE, EXPECTED, GENES, RUN, SAMPLE, Deliverable, Key, Owed
from workflow.errors import InputError
from workflow.files import atomic
from workflow.gene_orders import why_not_covered
from workflow.receipts.model import Kind, Unit
from workflow.settings import Settings

COLUMNS = ("sample", "case", "deliverable", "file", "format", "stage", "owed", "why")
_OWED_BY = re.compile(r"(?:samples|cases)/([^/]+)/|interpretation/([^/.]+)\.json$")


def grid(settings: Settings, cohort: Cohort, waivers: Mapping[Key, str] | None = None) -> list[Owed]:
    """Return every cell: samples in the order of the sheet, then cases.

    Args:
        settings: the config.
        cohort: the sheets.
        waivers: who does without a deliverable and why, by (kind, subject, deliverable).
    """
    return list(Grid(settings, cohort, waivers).cells())


class Grid(Mapping[tuple[str, str], list[Owed]]):
    """The cells of each (kind, subject), samples in the order of the sheet, then cases; those of a subject are made when it is asked for.

    A run that has nothing to do for ten thousand samples makes none of their quarter of a million cells.
    """

    def __init__(self, settings: Settings, cohort: Cohort, waivers: Mapping[Key, str] | None = None) -> None:
        self.settings, self.cohort, self.waivers = settings, cohort, waivers or {}

    def __getitem__(self, subject: tuple[str, str]) -> list[Owed]:
        """Return the cells of a sample or case."""
        kind, name = subject
        if kind == "sample":
            sample = self.cohort.samples[name]
            cells = _of_sample(self.settings, self.cohort.cases[sample.case], sample)
        else:
            cells = _of_case(self.settings, self.cohort.cases[name])
        if not self.waivers:
            return cells
        return [replace(cell, waived=self.waivers.get((cell.kind, cell.subject, cell.deliverable), "")) for cell in cells]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Give (kind, subject) of everybody."""
        yield from (("sample", name) for name in self.cohort.samples)
        yield from (("case", name) for name in self.cohort.cases)

    def __len__(self) -> int:
        """Return how many samples and cases there are."""
        return len(self.cohort.samples) + len(self.cohort.cases)

    def cells(self, subjects: Iterable[tuple[str, str]] | None = None) -> Iterator[Owed]:
        """Give the cells of some subjects, of all if none are named."""
        for subject in self if subjects is None else subjects:
            yield from self[subject]

    def place_of(self, path: str) -> str | None:
        """Return a path from the working directory as a cell or the list of the run's files names it, None for any other file."""
        file = self._in_results(path)
        return file if file in RUN[:-1] or self.subject_of(path) else None

    def subject_of(self, path: str) -> Unit | None:
        """Return the sample or case that owes a file, given as a path from the working directory; None for any other file."""
        file = self._in_results(path)
        found = _OWED_BY.match(file)
        kind, name = ("sample" if file.startswith("samples/") else "case", found[1] or found[2]) if found else ("", "")
        if name not in (self.cohort.samples if kind == "sample" else self.cohort.cases):
            return None
        return Unit(Kind(kind), name) if any(cell.file == file and cell.is_asked_for for cell in self[kind, name]) else None

    def _in_results(self, path: str) -> str:
        start = f"{self.settings.results}/"
        return path.removeprefix(start) if path.startswith(start) else ""


def _of_sample(settings: Settings, case: Case, sample: Sample) -> list[Owed]:
    """Return the cells of a sample. The coverage of ordered genes is owed where genes are ordered and gene models say where they are."""
    uncovered = why_not_covered(sample.genes, settings.knowledge)
    return [_cell("sample", sample.name, case.name, (sample.name,), one, uncovered if one.name == GENES else "") for one in SAMPLE]


def _of_case(settings: Settings, case: Case) -> list[Owed]:
    """Return the cells of a case. Candidates are owed with and without phenotype, a ranking by phenotype only with one."""
    unable = _why_not_ranked(settings, case)
    names = tuple(member.name for member in case.members)
    return [_cell("case", case.name, case.name, names, one, unable if one.name == "ranking by phenotype" else "") for one in CASE]


def _why_not_ranked(settings: Settings, case: Case) -> str:
    """Return why a case has no ranking by phenotype, an empty string if it has."""
    if "hpo" not in settings.knowledge:
        return "no HPO release is configured" if case.question and case.question.has_terms else "the case has no phenopacket with terms"
    return "" if case.question and case.question.has_terms else "the case has no phenopacket with terms"


def _cell(kind: str, subject: str, case: str, names: tuple[str, ...], one: Deliverable, not_applicable: str) -> Owed:
    file = one.path.format(name=subject)
    return Owed(kind, subject, one.name, file, one.file_format, one.stage, names, not_applicable, case, one.why)


def write_expected(settings: Settings, cells: Iterable[Owed]) -> None:
    """Write `release/expected.tsv`: every cell before the first job. A file that says the same already is left alone.

    Raises:
        InputError: it cannot be written.
    """
    file = settings.results / EXPECTED
    try:
        if not file.is_file() or not _says(file, expected_lines(cells)):
            with atomic(file) as part, open(part, "w", encoding="utf-8") as handle:
                handle.writelines(expected_lines(cells))
    except OSError as error:
        what = f"the list of what is owed cannot be written ({error.strerror})"
        raise InputError(what, file=file, remedy="give `results` a folder that can be written, on a disk with room") from None


def _says(file: Path, lines: Iterator[str]) -> bool:
    """Say whether a text file has these lines and no more."""
    with open(file, encoding="utf-8", newline="") as handle:
        return all(line == owed for line, owed in itertools.zip_longest(handle, lines))


def expected_lines(cells: Iterable[Owed]) -> Iterator[str]:
    """Give the lines of the table: `owed` is yes, not applicable or waived, `why` the reason; `sample` is empty for a file of a case.

    Of a grid, the lines of a subject without waiver are those of the one before it under its own name.
    """
    yield "\t".join(COLUMNS) + "\n"
    if isinstance(cells, Grid):
        yield from _lines_of_grid(cells)
    else:
        yield from map(_line, cells)


def _line(cell: Owed) -> str:
    owed = "not applicable" if cell.not_applicable else "waived" if cell.waived else "yes"
    sample = cell.subject if cell.kind == "sample" else ""
    why = cell.not_applicable or cell.waived or cell.why
    return "\t".join((sample, cell.case, cell.deliverable, cell.file, cell.file_format, cell.stage, owed, why)) + "\n"


def _lines_of_grid(cells: Grid) -> Iterator[str]:
    waived = {(kind, name) for kind, name, _ in cells.waivers}
    known: dict[Any, list[tuple[str, str]]] = {}
    for kind, name in cells:
        alike = (kind, _varies(cells, kind, name))
        if (kind, name) in waived:
            yield from map(_line, cells[kind, name])
            continue
        if alike not in known:
            known[alike] = [
                (cell.file.replace(name, "{name}"), _line(replace(cell, subject="\0", case="\1", file="\2"))) for cell in cells[kind, name]
            ]
        case = cells.cohort.samples[name].case if kind == "sample" else name
        for file, line in known[alike]:
            yield line.replace("\0", name, 1).replace("\1", case, 1).replace("\2", file.replace("{name}", name), 1)


def _varies(cells: Grid, kind: str, name: str) -> Any:
    """Return all that makes what is owed of one subject differ from another's."""
    if kind == "sample":
        return why_not_covered(cells.cohort.samples[name].genes, cells.settings.knowledge)
    return _why_not_ranked(cells.settings, cells.cohort.cases[name])
