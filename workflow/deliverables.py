"""The grid: which file is owed for which sample and case, known before anything runs.

A file that a later stage owes is one line in SAMPLE or CASE; nothing else has to change for it to be made, checked, listed and sealed.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workflow.cohort import Case, Cohort
from workflow.completeness import Cell, Status, count_by_status, missing_in_words, write_table
from workflow.formats import fault
from workflow.settings import Settings


@dataclass(frozen=True)
class Deliverable:
    """A kind of file that is owed: `path` below the results folder, `stage` the rule file that makes it."""

    name: str
    path: str
    file_format: str
    stage: str


@dataclass(frozen=True)
class Owed:
    """One cell of the grid: `file` is relative to the results folder, `names` are the samples it is about."""

    kind: str
    subject: str
    deliverable: str
    file: str
    file_format: str
    stage: str
    names: tuple[str, ...]
    not_applicable: str

    def as_param(self) -> dict[str, Any]:
        """Return the cell as plain data, as a rule's params hold it."""
        return asdict(self) | {"names": list(self.names)}


SAMPLE = (
    Deliverable("verified reads", "samples/{name}/fastq.json", "json", "intake"),
    Deliverable("alignments", "samples/{name}/{name}.cram", "cram", "alignment"),
    Deliverable("alignments, index", "samples/{name}/{name}.cram.crai", "crai", "alignment"),
    Deliverable("callable regions", "samples/{name}/callable.bed.gz", "bed", "coverage"),
    Deliverable("callable regions, index", "samples/{name}/callable.bed.gz.tbi", "tbi", "coverage"),
    Deliverable("quality metrics", "samples/{name}/qc.json", "json", "coverage"),
    Deliverable("gVCF", "samples/{name}/{name}.g.vcf.gz", "vcf", "small_variants"),
    Deliverable("gVCF, index", "samples/{name}/{name}.g.vcf.gz.tbi", "tbi", "small_variants"),
    Deliverable("release decision", "samples/{name}/release.json", "json", "release"),
)
CASE = (
    Deliverable("variants", "cases/{name}/{name}.vcf.gz", "vcf", "annotation"),
    Deliverable("variants, index", "cases/{name}/{name}.vcf.gz.tbi", "tbi", "annotation"),
    Deliverable("candidates", "cases/{name}/candidates.tsv", "tsv", "interpretation"),
    Deliverable("ranking by phenotype", "interpretation/{name}.json", "json", "interpretation"),
    Deliverable("release decision", "cases/{name}/release.json", "json", "release"),
    Deliverable("report", "cases/{name}/report.html", "html", "report"),
    Deliverable("report, data", "cases/{name}/report.json", "json", "report"),
)
RUN = (
    "release/completeness.tsv",
    "release/change.json",
    "provenance/run.json",
    "provenance/tools.json",
    "multiqc.html",
    "release/manifest.json",
)
SIGNED = ("release/manifest.json", "release/manifest.json.sig", "release/manifest.json.pub")
"""What lists all of the above, its signature, and the public key that checks it."""


def grid(settings: Settings, cohort: Cohort) -> list[Owed]:
    """Return every cell: samples in the order of the sheet, then cases."""
    of_samples = [_cell("sample", name, (name,), one, "") for name in cohort.samples for one in SAMPLE]
    return of_samples + [cell for case in cohort.cases.values() for cell in _of_case(settings, case)]


def _of_case(settings: Settings, case: Case) -> list[Owed]:
    """Return the cells of a case. Candidates are owed with and without phenotype, a ranking by phenotype only with one."""
    unasked = "the case has no phenopacket with terms" if not (case.question and case.question.terms) else ""
    unable = unasked or ("no HPO release is configured" if "hpo" not in settings.knowledge else "")
    names = tuple(member.name for member in case.members)
    return [_cell("case", case.name, names, one, unable if one.name == "ranking by phenotype" else "") for one in CASE]


def _cell(kind: str, subject: str, names: tuple[str, ...], one: Deliverable, not_applicable: str) -> Owed:
    file = one.path.format(name=subject)
    return Owed(kind, subject, one.name, file, one.file_format, one.stage, names, not_applicable)


def by_subject(cells: Iterable[Owed]) -> dict[tuple[str, str], list[Owed]]:
    """Return the cells of each (kind, subject)."""
    found: dict[tuple[str, str], list[Owed]] = {}
    for cell in cells:
        found.setdefault((cell.kind, cell.subject), []).append(cell)
    return found


def owed_files(cells: Iterable[Owed]) -> list[str]:
    """Return the files that some cells owe, as a rule names its inputs."""
    return [f"<results>/{cell.file}" for cell in cells if not cell.not_applicable]


def targets(settings: Settings, cohort: Cohort) -> list[str]:
    """Return every file that a whole run owes, as paths from the working directory: the input of `rule all`."""
    owed = [cell.file for cell in grid(settings, cohort) if not cell.not_applicable]
    return [str(settings.results / file) for file in (*owed, *RUN[:-1], *SIGNED)]


def look_at(owed: Owed, results: Path) -> Cell:
    """Return what became of one cell, judged by the file that lies there now."""
    if owed.not_applicable:
        return Cell(owed.kind, owed.subject, owed.deliverable, owed.file, Status.NOT_APPLICABLE, owed.not_applicable)
    wrong = fault(results / owed.file, owed.file_format, owed.names)
    return Cell(owed.kind, owed.subject, owed.deliverable, owed.file, Status.MISSING if wrong else Status.PRODUCED, wrong)


def report_missing(settings: Settings, cohort: Cohort) -> str:
    """After a failed run: write completeness.tsv with what is missing, and return it in words for a person.

    The rule's second output, completeness.json, is taken away, so that the next run lists again even if nothing else is left to do.
    """
    cells = [look_at(cell, settings.results) for cell in grid(settings, cohort)]
    folder = settings.results / "release"
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
