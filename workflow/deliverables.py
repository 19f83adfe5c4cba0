"""The grid: which file is owed for which sample and case, known before anything runs.

A file that a later stage owes is one line in SAMPLE or CASE; nothing else has to change for it to be made, checked, listed and sealed.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from workflow.cohort import Case, Cohort, Sample
from workflow.completeness import Cell, Status, count_by_status, missing_in_words, write_table
from workflow.errors import InputError
from workflow.files import atomic
from workflow.formats import fault
from workflow.gene_orders import why_not_covered
from workflow.receipts.model import COHORT_RECEIPT, Kind, Unit
from workflow.settings import Settings

GENES = "coverage of ordered genes"
EXPECTED = "release/expected.tsv"
COLUMNS = ("sample", "case", "deliverable", "file", "format", "stage", "owed", "why")
Key = tuple[str, str, str]
_OWED_BY = re.compile(r"(?:samples|cases)/([^/]+)/|interpretation/([^/.]+)\.json$")


@dataclass(frozen=True)
class Deliverable:
    """A kind of file that is owed: `path` below the results folder, `stage` the rule file that makes it, `why` it is owed."""

    name: str
    path: str
    file_format: str
    stage: str
    why: str = ""


@dataclass(frozen=True)
class Owed:
    """One cell of the grid: `file` is relative to the results folder, `names` are the samples it is about.

    `not_applicable` is the rule that says why it cannot be there, `waived` who does without it and why; both empty where it is owed.
    """

    kind: str
    subject: str
    deliverable: str
    file: str
    file_format: str
    stage: str
    names: tuple[str, ...]
    not_applicable: str
    case: str = ""
    why: str = ""
    waived: str = ""

    def as_param(self) -> dict[str, Any]:
        """Return the cell as plain data, as a rule's params hold it."""
        return asdict(self) | {"names": list(self.names)}

    @property
    def is_asked_for(self) -> bool:
        """Whether a run has to make the file."""
        return not self.not_applicable and not self.waived


SAMPLE = (
    Deliverable("verified reads", "samples/{name}/fastq.json", "json", "intake", "what was sequenced: no result without its reads"),
    Deliverable(
        "alignments", "samples/{name}/{name}.cram", "cram", "alignment", "delivered with every genome; each result can be made anew from it"
    ),
    Deliverable("alignments, index", "samples/{name}/{name}.cram.crai", "crai", "alignment", "alignments cannot be looked at without it"),
    Deliverable(
        "callable regions", "samples/{name}/callable.bed.gz", "bed", "coverage", "where no call means reference: elsewhere nothing was seen"
    ),
    Deliverable(
        "callable regions, index",
        "samples/{name}/callable.bed.gz.tbi",
        "tbi",
        "coverage",
        "callable regions cannot be looked up without it",
    ),
    Deliverable("quality metrics", "samples/{name}/qc.json", "json", "coverage", "the decision on the sample rests on them"),
    Deliverable("identity", "samples/{name}/identity.json", "json", "identity", "whose sample it is rests on it"),
    Deliverable(
        "gVCF", "samples/{name}/{name}.g.vcf.gz", "vcf", "small_variants", "delivered with every genome; a later joint call needs it"
    ),
    Deliverable("gVCF, index", "samples/{name}/{name}.g.vcf.gz.tbi", "tbi", "small_variants", "the gVCF cannot be looked up without it"),
    Deliverable(
        "completeness of reads and calls",
        "samples/{name}/completeness.json",
        "json",
        "completeness",
        "what was lost on the way must be seen",
    ),
    Deliverable("relations", "samples/{name}/relations.json", "json", "relations", "compared with everybody whom the centre has released"),
    Deliverable(GENES, "samples/{name}/gene_coverage.tsv", "tsv", "completeness", "an ordered gene that was not seen must be known"),
    Deliverable("release decision", "samples/{name}/release.json", "json", "release", "nothing of a sample leaves without one"),
)
CASE = (
    Deliverable("variants", "cases/{name}/{name}.vcf.gz", "vcf", "annotation", "delivered with every case"),
    Deliverable("variants, index", "cases/{name}/{name}.vcf.gz.tbi", "tbi", "annotation", "the variants cannot be looked up without it"),
    Deliverable("candidates", "cases/{name}/candidates.tsv", "tsv", "interpretation", "the answer to the case, ranked"),
    Deliverable("ranking by phenotype", "interpretation/{name}.json", "json", "interpretation", "the phenopacket asks for it"),
    Deliverable("release decision", "cases/{name}/release.json", "json", "release", "nothing of a case leaves without one"),
    Deliverable("report", "cases/{name}/report.html", "html", "report", "the page that the answer is read on"),
    Deliverable("report, data", "cases/{name}/report.json", "json", "report", "the same answer for programs"),
    Deliverable(
        "phenopacket", "cases/{name}/{name}.phenopacket.json", "json", "report", "the interpretation in the standard that others read"
    ),
    Deliverable(
        "candidates, calls", "cases/{name}/{name}.candidates.vcf.gz", "vcf", "report", "the candidates for programs that filter variants"
    ),
    Deliverable(
        "candidates, calls, index",
        "cases/{name}/{name}.candidates.vcf.gz.tbi",
        "tbi",
        "report",
        "the candidates' calls cannot be looked up without it",
    ),
)
RUN = (
    "release/completeness.tsv",
    "release/change.json",
    "provenance/run.json",
    "provenance/tools.json",
    "identity/sources.json",
    "release/relations.json",
    "multiqc.html",
    "release/index.json",
    "release/index.html",
    "release/manifest.json",
)
SIGNED = ("release/manifest.json", "release/manifest.json.sig", "release/manifest.json.pub")
"""What lists all of the above, its signature, and the public key that checks it."""
COUNTS = "release/completeness.json"
"""Counts of completeness.tsv. A failed run takes them away; as a target of their own they are made again, and the table with them."""
AFTERWARDS = ("release/stored.json", "release/history.json")
"""Files that tell of what follows a sealed release; they are in no manifest."""
RELEASED = (*RUN[:-1], COUNTS, *SIGNED, *AFTERWARDS)
"""Everything that is made once of the receipts of all samples and cases."""


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


def by_subject(cells: Iterable[Owed]) -> dict[tuple[str, str], list[Owed]]:
    """Return the cells of each (kind, subject)."""
    found: dict[tuple[str, str], list[Owed]] = {}
    for cell in cells:
        found.setdefault((cell.kind, cell.subject), []).append(cell)
    return found


def owed_files(cells: Iterable[Owed]) -> list[str]:
    """Return the files that some cells owe, as a rule names its inputs."""
    return [f"<results>/{cell.file}" for cell in cells if cell.is_asked_for]


def targets(settings: Settings, cells: Iterable[Owed]) -> list[str]:
    """Return every file that a whole run owes, as paths from the working directory: the input of `rule all`."""
    owed = [cell.file for cell in cells if cell.is_asked_for]
    return [str(settings.results / file) for file in (*owed, *RELEASED)]


def look_at(owed: Owed, results: Path, *, trusted: bool = False) -> Cell:
    """Return what became of one cell, judged by the file that lies there now; of a trusted one, it is enough that it is there."""
    if owed.not_applicable:
        return Cell(owed.kind, owed.subject, owed.deliverable, owed.file, Status.NOT_APPLICABLE, owed.not_applicable)
    if owed.waived:
        return Cell(owed.kind, owed.subject, owed.deliverable, owed.file, Status.WAIVED, owed.waived)
    wrong = "" if trusted and (results / owed.file).is_file() else fault(results / owed.file, owed.file_format, owed.names)
    return Cell(owed.kind, owed.subject, owed.deliverable, owed.file, Status.MISSING if wrong else Status.PRODUCED, wrong)


def report_missing(settings: Settings, owed: Iterable[Owed], is_done: Callable[[str, str], bool] = lambda *_: False) -> str:
    """After a failed run: write completeness.tsv with what is missing, and return it in words for a person.

    The rule's second output, completeness.json, is taken away with the receipt of the cohort, so that the next run lists again even if
    nothing else is left to do.

    Args:
        settings: the config.
        owed: every cell.
        is_done: whether a sample or case (kind, name) has a good receipt: its files are not read again.
    """
    cells = [look_at(cell, settings.results, trusted=is_done(cell.kind, cell.subject)) for cell in owed]
    folder = settings.results / "release"
    (settings.results / COHORT_RECEIPT).unlink(missing_ok=True)
    missing = count_by_status(cells)["missing"]
    try:
        for name in ("completeness.json", "completeness.tsv"):
            (folder / name).unlink(missing_ok=True)
        write_table(folder / "completeness.tsv", cells)
    except OSError as error:
        return f"genvej: {missing} of {len(cells)} deliverables are missing; their list cannot be written to {folder} ({error.strerror})."
    if not missing:
        return f"genvej: the run failed, but all {len(cells)} deliverables are there; run the same command again to finish the release."
    return (
        f"genvej: {missing} of {len(cells)} deliverables are missing: {missing_in_words(cells)}.\n"
        f"genvej: the whole list is {folder / 'completeness.tsv'}; run the same command again to go on."
    )
