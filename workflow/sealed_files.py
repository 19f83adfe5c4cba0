"""Files that were checked and sealed, looked at again before a run: what no job changed was changed by hand or damaged.

A receipt holds size and SHA-256 of each deliverable of a sample or case (`workflow/receipts` holds them against each other). Before jobs
begin that make one of them anew, its receipt is taken away; so a file that differs from its receipt is not the workflow's work, and must
not be sealed as if it were.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from workflow.deliverables import EXPECTED, RELEASED, RUN
from workflow.errors import InputError
from workflow.files import read_json, sha256_of
from workflow.receipts.model import COHORT_RECEIPT, Unit
from workflow.release_log import FILE, LOST, unbroken
from workflow.releasing import is_signed, unlogged
from workflow.sealing import COPIED, KEY, MANIFEST, SIGNATURE, hashes

ANEW = "delete it and run the same command again; it is made anew"


def check_sealed_files(results: Path) -> None:
    """Refuse to go on from deliverables, records or a sealed version that are not as they were left.

    Files above COPIED bytes are compared by size, smaller ones also by content if they are newer than their receipt.

    Raises:
        InputError: naming the first such file.
    """
    _check_table(results / "release")
    _check_version(results / "release")
    _check_records(results)
    _check_log(results / "release")


class Owing(Protocol):
    """What tells who owes a file."""

    def subject_of(self, path: str) -> Unit | None:
        """Return the sample or case that owes a file, None for any other."""


def forget_receipts(results: Path, grid: Owing, outputs: Iterable[str]) -> None:
    """Before a run: take away the receipts of deliverables, and the manifest of records, that are about to be made anew.

    So the next run checks and lists again, and a record that differs from the live manifest is no job's work. Sealed versions stay.

    Args:
        results: the results folder.
        grid: what is owed.
        outputs: paths of everything that the jobs of the run will make.
    """
    made = set(outputs)
    for receipt in {unit.file for path in made if (unit := grid.subject_of(path))}:
        (results / receipt).unlink(missing_ok=True)
        (results / "release" / "completeness.json").unlink(missing_ok=True)
    released = {str(results / file) for file in RELEASED}
    if not made.isdisjoint(released):
        (results / COHORT_RECEIPT).unlink(missing_ok=True)
    if any(str(results / file) in made for file in RUN[:-1]):
        (results / "release" / MANIFEST).unlink(missing_ok=True)


def _json(file: Path) -> Any:
    try:
        return read_json(file)
    except ValueError:
        raise InputError("this is no whole JSON", file=file, remedy=ANEW) from None


def _differs(file: Path, entry: Mapping[str, Any], checked: int) -> bool:
    """Say whether a file that is there is not the one of its entry; `checked` is the receipt's date in nanoseconds."""
    if not file.is_file():
        return False
    status = file.stat()
    if status.st_size != entry["bytes"]:
        return True
    return status.st_mtime_ns > checked and status.st_size <= COPIED and sha256_of(file) != entry["sha256"]


def _check_table(folder: Path) -> None:
    """Refuse a completeness.tsv that says something else than its counts, which stand beside it after a whole run only."""
    table, counts = folder / "completeness.tsv", folder / "completeness.json"
    if not (table.is_file() and counts.is_file()):
        return
    with open(table, newline="", encoding="utf-8") as handle:
        found = Counter(row.get("status") for row in csv.DictReader(handle, delimiter="\t"))
    if found != Counter({status: count for status, count in _json(counts).items() if count}):
        raise InputError("this is not the table that was written: it was changed by hand, or is damaged", file=table, remedy=ANEW)


def _check_version(folder: Path) -> None:
    """Refuse a manifest that is not its sealed version's, and a version of which a file is gone or cut."""
    live = folder / MANIFEST
    if not live.is_file():
        return
    manifest = _json(live)
    version = folder / "versions" / str(manifest.get("version"))
    if not (version / MANIFEST).is_file():
        raise InputError("the sealed version that manifest.json speaks of is gone", file=version, remedy=LOST)
    sealed = _json(version / MANIFEST)
    if hashes(sealed) != hashes(manifest):
        raise InputError(f"this is not the manifest of {version}: it was changed by hand, or is damaged", file=live, remedy=ANEW)
    _check_change(folder, version)
    for entry in sealed["files"]:
        kept = version / entry["file"]
        if not kept.is_file() or kept.stat().st_size != entry["bytes"]:
            raise InputError("this file of a sealed version is gone or damaged", file=kept, remedy=LOST)


def _check_records(results: Path) -> None:
    """Refuse a record of the run (the pages among them) that is not as the live manifest says: it would be signed as if a job had made it.

    A failed run writes completeness.tsv anew and takes its counts away: without them it is not looked at.
    """
    live = results / "release" / MANIFEST
    if not live.is_file():
        return
    whole, signed = (results / "release" / "completeness.json").is_file(), live.stat().st_mtime_ns
    for entry in (one for one in _json(live)["files"] if one["kind"] == "run" and one["file"] != EXPECTED):
        if (whole or entry["file"] != RUN[0]) and _differs(results / entry["file"], entry, signed):
            what = "this is not the file that was signed with the release: it was changed by hand, or is damaged"
            raise InputError(what, file=results / entry["file"], remedy=ANEW)


def _check_change(folder: Path, version: Path) -> None:
    """Refuse a change.json that, after a whole run, says something else than what was sealed: nobody signs a change by editing it."""
    live, sealed = folder / "change.json", version / "release" / "change.json"
    whole = (folder / "completeness.json").is_file() and live.is_file() and sealed.is_file()
    if whole and _json(live) != _json(sealed):
        what = "this is not what was sealed about the change of version: it was changed by hand, or is damaged"
        raise InputError(what, file=live, remedy=ANEW)


def _check_log(folder: Path) -> None:
    """Refuse a log that is broken or has lost lines, and a live manifest that it does not speak of or that is not signed.

    A manifest is taken away before it is made again: where it is missing, a run was interrupted, and the next one finishes the log.
    """
    log, live = unbroken(folder / FILE), folder / MANIFEST
    version = unlogged(folder / "versions", log)
    key = _json(live).get("key") if live.is_file() else None
    if key is None:
        return
    if version or log.torn or not log.lines:
        what = "the last lines of the log are gone: it does not speak of manifest.json"
        raise InputError(what, file=folder / FILE, row=len(log.lines) + 1, remedy=LOST)
    if sha256_of(live) != log.manifest:
        raise InputError("the log speaks of another manifest: it was changed by hand, or is damaged", file=live, remedy=ANEW)
    if all((folder / name).is_file() for name in (SIGNATURE, KEY)) and not is_signed(folder, key):
        raise InputError("this is not the signature of manifest.json", file=folder / SIGNATURE, remedy=ANEW)
