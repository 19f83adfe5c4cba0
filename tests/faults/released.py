"""Files that a failing disk spoils after their release: bits flip in a live file, dates kept or not; the same command, and the verifier."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.faults.chains import Outcome, differences, unverified
from tests.faults.spoil import flip
from tests.faults.tools import deleted_as_told
from tests.faults.work import Work, remove

FILES = {
    "alignment": "samples/anna/anna.cram",
    "gVCF": "samples/anna/anna.g.vcf.gz",
    "annotation": "cases/case1/case1.vcf.gz",
    "coverage": "samples/anna/callable.bed.gz",
    "interpretation": "cases/case1/candidates.tsv",
    "decision": "samples/anna/release.json",
    "report": "cases/case1/report.html",
    "page": "multiqc.html",
    "page, of the release": "release/index.html",
    "page, its data": "release/index.json",
}
FAULT = "bits flipped in a released file"


def told(work: Work, file: str) -> tuple[str, str]:
    """Return (outcome, what is bad) for a released file in which bits have flipped and whose date is as it was."""
    kept = work.sealed()
    flip(work.results / file)
    verified, said = work.verified()
    if verified or file not in said:
        return "accepted", f"the verifier does not name {file}: {said[-300:]}"
    run = work.run()
    if {name: work.sealed().get(name) for name in kept} != kept:
        return "lost", "a sealed file was changed"
    if run.status == 0:
        return "named by verify_release.py; a run that has nothing to do does not read it again", ""
    return "refused by the same command, and named by verify_release.py", ""


def touched(work: Work, file: str, expected: dict[str, str]) -> tuple[str, str]:
    """Return the same for a file whose date is new: the same command must refuse it, and make it anew once it is deleted."""
    flip(work.results / file)
    (work.results / file).touch()
    run = work.run()
    if run.status == 0:
        wrong = differences(expected, work.content()) or unverified(work)
        return ("made anew, or not owed to anybody", "") if not wrong else ("accepted", f"the same command accepts it: {wrong}")
    if not deleted_as_told(work, run.said):
        return "stop", f"no remedy is told: {run.said[-500:]}"
    again = work.run()
    wrong = differences(expected, work.content()) or ("" if again.status == 0 else again.said[-500:]) or unverified(work)
    return "refused by the same command; made again once it is deleted, as it says", wrong


def damage_each(base: Work, folder: Path, tell: Callable[[str], None]) -> list[Outcome]:
    """Damage each released file in a finished folder of its own."""
    expected, outcomes = base.content(), []
    for stage, file in FILES.items():
        for name, new_date in ((FAULT, False), (f"{FAULT}, with a new date", True)):
            shutil.copytree(base.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("said"))
            work = Work(folder)
            (work.fault / "said").touch()
            try:
                outcomes.append(Outcome(name, stage, *(touched(work, file, expected) if new_date else told(work, file))))
            finally:
                remove(folder)
            tell(f"{name} | {stage}: {outcomes[-1].outcome} {outcomes[-1].bad}")
    return outcomes


def metadata_lost(base: Work, folder: Path, tell: Callable[[str], None]) -> list[Outcome]:
    """Lose `.snakemake` of a finished folder: the same command makes no other results and no other release."""
    shutil.copytree(base.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("said", ".snakemake"))
    work = Work(folder)
    (work.fault / "said").touch()
    try:
        kept, run = work.sealed(), work.run()
        wrong = differences(base.content(), work.content()) or ("" if run.status == 0 else run.said[-500:]) or unverified(work)
        same = json.loads((work.results / "release/manifest.json").read_text())["version"] == "0001" and work.sealed() == kept
        wrong = wrong or ("" if same else "another version was sealed")
    finally:
        remove(folder)
    tell(f".snakemake lost after the release: {wrong or 'the same results'}")
    return [Outcome(".snakemake lost after the release", "sealing", "the same results, the same sealed version", wrong)]
