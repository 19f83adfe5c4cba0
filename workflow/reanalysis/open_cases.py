"""Which cases a reanalysis does again: those that are finished and open; and whose wish it is to hear of what is found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.cohort import Case

CLOSED = "explained"
"""The conclusion of a verdict that closes a case; one that is `not explained` is what a reanalysis is for."""
YES, NO, UNKNOWN = WISHES = ("yes", "no", "unknown")
OF_CASE = ("cases/{case}/{case}.vcf.gz", "cases/{case}/{case}.vcf.gz.tbi", "cases/{case}/candidates.tsv", "cases/{case}/report.json")
"""What stands for a finished case, below the results folder."""
ASIDE = ("interpretation/{case}.json", "family/{case}.family.json", "family/{case}.phased.vcf")


def wish_of(case: Case) -> str:
    """Return whether the proband wishes to be contacted about new knowledge: yes, no or unknown, which an empty cell is too."""
    return case.proband.recontact or UNKNOWN


def why_closed(verdicts: Sequence[Mapping[str, Any]]) -> str:
    """Return who closed a case and when, empty for an open one; `verdicts` of one case, oldest first: the last one counts."""
    if not verdicts or verdicts[-1]["conclusion"] != CLOSED:
        return ""
    return f"{CLOSED}: {verdicts[-1]['author']}, {verdicts[-1]['date']}"


def files_of(results: Path, case: str) -> list[Path]:
    """Return the files that a case is done again from."""
    return [results / name.format(case=case) for name in (*OF_CASE, *ASIDE)]


def why_not(case: Case, verdicts: Sequence[Mapping[str, Any]], results: Path) -> str:
    """Return why a case is not done again, empty if it is."""
    if closed := why_closed(verdicts):
        return closed
    missing = next((file for file in files_of(results, case.name) if not file.is_file()), None)
    return f"not finished: there is no {missing.relative_to(results)}" if missing else ""


def judged_of(verdicts: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the last judgement on each variant of a case by its name `chrom-pos-ref-alt`: `{verdict, author, date}`."""
    return {
        "{chrom}-{pos}-{ref}-{alt}".format_map(one): {"verdict": one["verdict"], "author": verdict["author"], "date": verdict["date"]}
        for verdict in verdicts
        for one in verdict["variants"]
        if one["verdict"]
    }
