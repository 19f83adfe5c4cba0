"""The closing words of a run: the decision on every sample and case, and where the pages are."""

from collections import Counter
from pathlib import Path

from workflow.change import RECORD
from workflow.change_words import words_of
from workflow.cohort import Cohort
from workflow.files import read_json
from workflow.settings import Settings

LISTED = 20  # subjects told one a line; beyond that only those that are not released


def summary(settings: Settings, cohort: Cohort) -> str:
    """Return the summary of a finished run; empty if nothing has been decided (a run of single targets)."""
    results = settings.results
    samples = [_line(results / "samples" / name / "release.json", f"sample {name}") for name in cohort.samples]
    cases = [_line(results / "cases" / name / "release.json", f"case {name}") for name in cohort.cases]
    decided = [line for line in (*samples, *cases) if line]
    if not decided:
        return ""
    told = decided if len(decided) <= LISTED else [line for line in decided if line[1] != "release"]
    wide = max((len(line[0]) for line in told), default=0)
    counts = ", ".join(f"{number} {decision}" for decision, number in Counter(line[1] for line in samples if line).items())
    lines = [f"Genvej: {_many(len(cohort.samples), 'sample')} ({counts}) in {_many(len(cohort.cases), 'case')}"]
    lines += [f"  {subject:<{wide}}  {decision:<10}  {reason}".rstrip() for subject, decision, reason in told[:LISTED]]
    if len(told) > LISTED:
        lines.append(
            f"  … and {len(told) - LISTED} more that are not released: {results / 'release/completeness.tsv'} and release.json of each"
        )
    return "\n".join([*lines, *_pages(results, cohort)])


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _line(file: Path, subject: str) -> tuple[str, str, str] | None:
    """Return (subject, decision, reasons) of a release.json, None if there is none."""
    if not file.is_file():
        return None
    content = read_json(file)
    reasons = "" if content["decision"] == "release" and not content.get("signed_by") else "; ".join(content["reasons"])
    return subject, content["decision"], reasons


def _told(record: Path) -> str:
    """Return a change of the workflow in words."""
    words = words_of(read_json(record))
    return f"{words.title.upper() if words.tone == 'bad' else words.title}: {words.text}"


def _pages(results: Path, cohort: Cohort) -> list[str]:
    """Return where a person finds the pages."""
    name = next(iter(cohort.cases)) if len(cohort.cases) == 1 else "<case>"
    change = [f"  version   {_told(results / RECORD)}"] if (results / RECORD).is_file() else []
    return [
        *change,
        f"  release   {results / 'release' / 'index.html'}",
        f"  pages     {results / 'cases' / name / 'report.html'}",
        f"  quality   {results / 'multiqc.html'}",
        f"  manifest  {results / 'release' / 'manifest.json'}{_signed(results)}",
    ]


def _signed(results: Path) -> str:
    """Return with which key the manifest is signed, empty if there is no manifest yet."""
    file = results / "release" / "manifest.json"
    key = read_json(file).get("key") if file.is_file() else None  # a manifest of an earlier version has none
    if not key:
        return ""
    return f", {key['note']} (`release.key` names yours)" if key["demo"] else f", signed with key {key['key']}"
