"""What is owed of a sample, a case and a run, and what became of it; `workflow/grid.py` has the cells of a whole cohort.

A file that a later stage owes is one line in SAMPLE or CASE; nothing else has to change for it to be made, checked, listed and sealed.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workflow.completeness import Cell, Status, count_by_status, missing_in_words, write_table
from workflow.formats import fault
from workflow.receipts.model import COHORT_RECEIPT
from workflow.settings import Settings

GENES = "coverage of ordered genes"
EXPECTED = "release/expected.tsv"
Key = tuple[str, str, str]


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


def owed_files(cells: Iterable[Owed]) -> list[str]:
    """Return the files that some cells owe, as a rule names its inputs."""
    return [f"<results>/{cell.file}" for cell in cells if cell.is_asked_for]


def targets(settings: Settings, cells: Iterable[Owed], released: Iterable[str] = RELEASED) -> list[str]:
    """Return every file that some cells owe, and those that are made of all receipts, as paths from the working directory."""
    owed = [cell.file for cell in cells if cell.is_asked_for]
    return [str(settings.results / file) for file in (*owed, *released)]


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
