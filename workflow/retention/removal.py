"""What a policy lets go: listed with its reason, or why it is kept; and removed, each file looked at again just before."""

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.files import read_json, sha256_of
from workflow.retention.gone_reads import digest_of_alignment
from workflow.retention.policy import Kind, Policy, is_record
from workflow.retention.proof import REFERENCE, files_of, load_proof, proof_path
from workflow.retention.removal_log import append_events
from workflow.sealing import hashes, last_manifest
from workflow.settings import Settings

RAW = "raw reads"
DAY = 86400.0


@dataclass(frozen=True)
class Item:
    """A file: its type, size in bytes, whether it goes, and why or why not; `sample` and `sha256` of raw reads."""

    kind: str
    path: Path
    size: int
    goes: bool
    why: str
    sample: str = ""
    sha256: str = ""


def list_items(settings: Settings, cohort: Cohort, policy: Policy, today: float | None = None) -> list[Item]:
    """Return the raw reads that are there, then working files by type, and what a policy lets go of them.

    Args:
        settings: the config.
        cohort: the sheets.
        policy: what may go.
        today: seconds since 1970.

    Raises:
        InputError: a proof is damaged.
    """
    clock = time.time() if today is None else today
    sealed = hashes(last_manifest(settings.results / "release" / "versions") or {"files": []})
    items = [item for sample in cohort.units for item in _raw_reads(sample, settings, cohort, policy, sealed, clock)]
    reads = [path for units in cohort.units.values() for one in units for path in _pair(one)]
    kept = _inodes([settings.results / file for file in sealed] + reads)
    seen: set[Path] = set()
    for kind in policy.kinds:
        for path in _files_of(kind, settings.results):
            if path not in seen:
                seen.add(path)
                items.append(_working_file(path, kind, settings, sealed, kept, clock))
    return items


def _pair(unit: Any) -> tuple[Path, Path]:
    return Path(unit.fastq_1), Path(unit.fastq_2)


def _raw_reads(
    sample: str, settings: Settings, cohort: Cohort, policy: Policy, sealed: Mapping[str, str], clock: float
) -> Iterator[Item]:  # fmt: skip
    """Give the FASTQ files of a sample that are there."""
    paths = [path for unit in cohort.units[sample] for path in _pair(unit) if path.exists()]
    if not paths:
        return
    proof = load_proof(settings.results, sample) if policy.removes_reads else None
    why_not = _why_kept(sample, settings, policy, proof, sealed, clock)
    proved = {entry["path"]: entry for entry in files_of(proof)} if proof else {}
    for path in paths:
        entry = proved.get(str(path))
        why = why_not or ("" if entry else "the proof is not about this file") or _odd(path, entry["bytes"] if entry else 0)
        told = why or "every read is in the CRAM, which is in the sealed version"
        yield Item(RAW, path, path.stat().st_size, not why, told, sample, entry["sha256"] if entry else "")


def _why_kept(
    sample: str, settings: Settings, policy: Policy, proof: Mapping[str, Any] | None, sealed: Mapping[str, str], clock: float
) -> str:  # fmt: skip
    """Return why the raw reads of a sample are kept, nothing if they may go."""
    if not policy.removes_reads:
        return f"the policy `{policy.name}` keeps raw reads"
    if proof is None:
        return "there is no proof that the CRAM holds every read; a run with this policy makes it"
    decision = settings.results / "samples" / sample / "release.json"
    told = read_json(decision)["decision"] if decision.is_file() else "none yet"
    if told != "release":
        return f"the decision on the sample is {told}"
    cram = f"samples/{sample}/{sample}.cram"
    if sealed.get(cram) != proof["cram"]["sha256"]:
        return "the CRAM of the proof is not the one in the newest sealed version"
    if (settings.results / cram).stat().st_size != proof["cram"]["bytes"]:
        return "the CRAM is not the one that was proved"
    days = (clock - proof_path(settings.results, sample).stat().st_mtime) / DAY
    return f"the proof is {days:.0f} days old, of {policy.days}" if days < policy.days else ""


def _odd(path: Path, size: int) -> str:
    """Return why a file is kept because of what it is."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        return "it is a link: the file behind it is not ours to remove"
    return "" if status.st_size == size else "it changed after the proof"


def _files_of(kind: Kind, results: Path) -> Iterator[Path]:
    """Give the plain files of a type, sorted; none that is reached through a link."""
    top = results.resolve()
    for pattern in kind.patterns:
        for path in sorted(results.glob(pattern if not pattern.endswith("**") else f"{pattern}/*")):
            if path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(top):
                yield path


def _inodes(paths: Iterable[Path]) -> set[tuple[int, int]]:
    return {(status.st_dev, status.st_ino) for path in paths if path.exists() for status in [path.stat()]}


def _working_file(
    path: Path, kind: Kind, settings: Settings, sealed: Mapping[str, str], kept: set[tuple[int, int]], clock: float
) -> Item:  # fmt: skip
    """Return what becomes of a working file."""
    status, file = path.stat(), path.relative_to(settings.results).as_posix()
    days = (clock - status.st_mtime) / DAY
    why = ""
    if not kind.removed:
        why = "the policy keeps it"
    elif file in sealed or is_record(file) or (status.st_dev, status.st_ino) in kept:
        why = "it is a deliverable, a record or raw reads"
    elif not sealed:
        why = "nothing was released yet"
    elif days < kind.days:
        why = f"it is {days:.0f} days old, of {kind.days}"
    return Item(kind.name, path, status.st_size, not why, why or f"a working file, {days:.0f} days old")


def remove(items: Iterable[Item], settings: Settings, policy: Policy, tell: Callable[[str], None]) -> list[Item]:
    """Remove what goes; return what was removed. A sample's reads are looked at once more, byte by byte, with its CRAM.

    Args:
        items: what `list_items` gave.
        settings: the config.
        policy: its name is written down.
        tell: takes a sentence about each sample whose reads are kept after all.

    Raises:
        InputError: the log cannot be written; what was not removed by then is still there.
    """
    going = [item for item in items if item.goes]
    for sample in dict.fromkeys(item.sample for item in going if item.sample):
        own = [item for item in going if item.sample == sample]
        if wrong := _wrong_now(sample, own, settings):
            tell(f"sample `{sample}`: its raw reads are kept: {wrong}")
            going = [item for item in going if item.sample != sample]
    removed = []
    for one in _batches(going):
        append_events(settings.results, [_event(item, settings, policy) for item in one])
        removed += [item for item in one if _unlink(item, settings)]
    return removed


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    """Give the files of each sample together, and all working files."""
    for sample in dict.fromkeys(item.sample for item in items):
        yield [item for item in items if item.sample == sample]


def _wrong_now(sample: str, items: Iterable[Item], settings: Settings) -> str:
    """Return why reads must not go, judged by every byte of CRAM and FASTQ as they are now."""
    proof = load_proof(settings.results, sample)
    cram = settings.results / "samples" / sample / f"{sample}.cram"
    if proof is None or not cram.is_file() or sha256_of(cram) != proof["cram"]["sha256"]:
        return "the CRAM is not the one that was proved"
    return next((f"{item.path} changed after the proof" for item in items if sha256_of(item.path) != item.sha256), "")


def _event(item: Item, settings: Settings, policy: Policy) -> dict[str, Any]:
    event = {"event": "removed", "type": item.kind, "file": str(item.path), "bytes": item.size}
    event |= {"sha256": item.sha256 or sha256_of(item.path), "reason": item.why, "policy": policy.name}
    if item.sample and (proof := load_proof(settings.results, item.sample)):
        event |= {"sample": item.sample, "proof": sha256_of(proof_path(settings.results, item.sample))}
        event |= {"alignment": digest_of_alignment(proof["alignment"]), REFERENCE: proof["alignment"].get(REFERENCE, "")}
    return event


def _unlink(item: Item, settings: Settings) -> bool:
    """Remove a file; where that fails, say so in the log."""
    try:
        os.unlink(item.path)
    except OSError as error:
        append_events(settings.results, [{"event": "not removed", "file": str(item.path), "reason": str(error.strerror)}])
        raise InputError(f"the file cannot be removed ({error.strerror})", file=item.path, remedy="give access to its folder") from None
    return True
