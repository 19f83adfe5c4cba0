"""The store's versions: one small file each, never changed; what a killed writer left counts for nothing.

    store.json                   facts of the whole store
    lock                         who writes (held by flock; its content is for people)
    versions/00000042.json       one state, whole: genomes, segments, who is leaving; sealed by its own SHA-256
    history.jsonl                a line a version that has been collected: number, when, kind of change, people counted
    genomes/<token>/             files of a genome      segments/<id>/   genomes compacted by variant
    inside/people.sqlite         the only file that knows samples and people

A version comes to be by a hard link, which fails if its number is taken. A reader takes a shared lock on the file of the version that
it reads; the collector leaves such a version alone, but where somebody has been withdrawn: then it waits a little, and erases.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TextIO

from workflow.cohort_store.errors import BusyError, DamagedStoreError
from workflow.cohort_store.model import ERASE_WAIT, FORMAT, Facts, Version
from workflow.errors import InputError
from workflow.files import atomic, read_json, sync, write_json
from workflow.reference import lengths
from workflow.run_record import now

STORE, LOCK, HISTORY = "store.json", "lock", "history.jsonl"
VERSIONS, GENOMES, SEGMENTS, INSIDE, RELEASES = "versions", "genomes", "segments", "inside", "releases"
KEPT = 4
"""Versions kept beside the newest one while nobody reads them."""


def create(store: Path, assembly: str, minimum: int) -> None:
    """Make an empty store.

    Raises:
        InputError: there is one already, or the folder holds something else.
    """
    if assembly not in {"GRCh37", "GRCh38"}:
        raise InputError(f"{assembly} is no assembly of a store", remedy="use GRCh38 or GRCh37")
    if (store / STORE).exists():
        raise InputError("there is a store already", file=store, remedy="name another folder, or use this one")
    if store.exists() and not store.is_dir():
        raise InputError("this is a file, not a folder", file=store, remedy="name a folder")
    for name in (VERSIONS, GENOMES, SEGMENTS, RELEASES):
        (store / name).mkdir(parents=True, exist_ok=True)
    (store / INSIDE).mkdir(mode=0o700, exist_ok=True)
    facts = Facts(assembly, minimum)
    write_version(store, Version(1, None, now(), {"kind": "init", "added": 0, "removed": 0}))
    write_json(store / STORE, {"format": facts.format, "assembly": facts.assembly, "minimum": facts.minimum})


def read_facts(store: Path) -> Facts:
    """Return the facts of a store.

    Raises:
        InputError: there is no store, it is of another format, or its head is damaged.
    """
    file = store / STORE
    if not file.is_file():
        raise InputError("there is no store", file=store, remedy="make one with `cohort_store.py init`")
    try:
        content = read_json(file)
        facts = Facts(str(content["assembly"]), int(content["minimum"]), int(content["format"]))
        lengths(facts.assembly)
    except (ValueError, KeyError, TypeError):
        raise DamagedStoreError(file, "its facts cannot be read") from None
    if facts.format != FORMAT:
        remedy = "update Genvej" if facts.format > FORMAT else "make a new store with `init` and add the genomes again"
        raise InputError(f"the store has format {facts.format}, and this program knows {FORMAT}", file=file, remedy=remedy)
    return facts


def version_numbers(store: Path) -> list[int]:
    """Return the numbers of the versions that are kept, ascending."""
    return sorted(int(file.stem) for file in (store / VERSIONS).glob("????????.json"))


def version_file(store: Path, number: int) -> Path:
    """Return the file of a version."""
    return store / VERSIONS / f"{number:08d}.json"


def read_version(store: Path, number: int | None = None) -> Version:
    """Return a version, the newest if none is named.

    Raises:
        DamagedStoreError: its file is not as it was written.
    """
    numbers = version_numbers(store)
    if not numbers:
        raise DamagedStoreError(store / VERSIONS, "it has no version")
    file = version_file(store, numbers[-1] if number is None else number)
    try:
        return parsed(file.read_bytes())
    except FileNotFoundError:
        if number is None and version_numbers(store) != numbers:
            return read_version(store)
        raise InputError(f"version {number} is not kept; the store is at {numbers[-1]}", file=store, remedy="use that one") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedStoreError(file, "a version cannot be read") from None


def parsed(text: bytes) -> Version:
    """Return a version out of its file's bytes.

    Raises:
        ValueError: its seal is not that of its content.
    """
    content = json.loads(text)
    seal = content.pop("seal")
    if seal != _seal(content):
        raise ValueError("seal")
    return Version.of(content)


def _seal(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def write_version(store: Path, version: Version) -> None:
    """Commit a version: from here on it is the store's state.

    Raises:
        BusyError: another writer has taken the number.
    """
    content = json.loads(json.dumps(version.as_record()))
    handle, name = tempfile.mkstemp(dir=store / VERSIONS, prefix=".part-")
    try:
        with os.fdopen(handle, "w") as part:
            json.dump(content | {"seal": _seal(content)}, part)
            part.flush()
            os.fsync(part.fileno())
        os.chmod(name, 0o640)
        os.link(name, version_file(store, version.number))
    except FileExistsError:
        raise BusyError(f"another writer has made version {version.number}", file=store, remedy="try again") from None
    finally:
        os.unlink(name)
    sync(store / VERSIONS)


def sync_tree(folder: Path) -> None:
    """Make sure that a folder and its files are on the disk."""
    for file in folder.iterdir():
        sync(file)
    sync(folder)
    sync(folder.parent)


@contextlib.contextmanager
def writing(store: Path, what: str, wait: float) -> Iterator[bool]:
    """Hold the store's lock; gives whether the writer before was killed or failed, whose files nobody needs.

    Args:
        store: its folder.
        what: what is done, for whoever finds the store locked.
        wait: seconds to wait for another writer.

    Raises:
        BusyError: another writer holds it; says who.
    """
    with open(store / LOCK, "a+", encoding="utf-8") as lock:
        end = time.monotonic() + wait
        while not _locked(lock):
            if time.monotonic() >= end:
                raise BusyError(f"the store is being written by {_holder(lock)}", file=store, remedy="try again when it has ended")
            time.sleep(0.05)
        lock.seek(0)
        broken = bool(lock.read())
        lock.truncate(0)
        lock.write(json.dumps({"process": os.getpid(), "host": socket.gethostname(), "doing": what, "since": now()}))
        lock.flush()
        try:
            yield broken
        except InputError:
            lock.truncate(0)
            raise
        lock.truncate(0)


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: TextIO) -> str:
    lock.seek(0)
    try:
        one = json.loads(lock.read())
        return f"process {one['process']} on {one['host']} ({one['doing']}, since {one['since']})"
    except (ValueError, KeyError):
        return "another process"


@contextlib.contextmanager
def reading(store: Path, number: int | None = None) -> Iterator[Version]:
    """Give a version, the newest if none is named, and keep its files from being collected."""
    while True:
        version = read_version(store, number)
        try:
            handle = os.open(version_file(store, version.number), os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if not os.fstat(handle).st_nlink:
                continue
            yield version
            return
        finally:
            os.close(handle)


def collect(store: Path, *, erase: bool = False, wait: float = ERASE_WAIT) -> list[int]:
    """Remove what no kept version needs; return the numbers of the versions that were removed. The caller holds the lock.

    Args:
        store: its folder.
        erase: somebody was withdrawn: no older version is kept, and readers get `wait` seconds.
        wait: seconds.
    """
    numbers = version_numbers(store)
    end = time.monotonic() + wait
    gone, kept = [], [read_version(store, numbers[-1])]
    for number in numbers[:-1]:
        recent = number > numbers[-1] - KEPT and not erase
        if recent or not _removed(store, number, end if erase else 0.0, force=erase):
            kept.append(read_version(store, number))
        else:
            gone.append(number)
    genomes = {entry.member.token for version in kept for entry in version.genomes}
    genomes |= {token for version in kept for token, (_, segment) in version.leaving.items() if segment}
    segments = {name for version in kept for name in version.segments}
    _sweep(store / SEGMENTS, segments)
    from workflow.cohort_store.segment import Segment  # numpy and pyarrow are loaded only where something changes

    for name in segments:
        genomes |= set(Segment(store / SEGMENTS / name).tokens)
    _sweep(store / GENOMES, genomes)
    for part in (store / VERSIONS).glob(".part-*"):
        part.unlink(missing_ok=True)
    return gone


def _removed(store: Path, number: int, end: float, *, force: bool) -> bool:
    """Remove a version's file, its line in the history first; False if somebody reads it."""
    file = version_file(store, number)
    with open(file) as handle:
        while not _locked(handle):
            if time.monotonic() >= end:
                if force:
                    break
                return False
            time.sleep(0.05)
        _remember(store, number)
        file.unlink()
    return True


def _remember(store: Path, number: int) -> None:
    file = store / HISTORY
    try:
        version = read_version(store, number)
        line = {"version": number, "when": version.when, "change": dict(version.change), "count": version.count}
    except InputError:
        line = {"version": number, "damaged": True}
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    if not any(json.loads(one)["version"] == number for one in before.splitlines()):
        with atomic(file) as part:
            part.write_text(before + json.dumps(line) + "\n", encoding="utf-8")


def _sweep(folder: Path, kept: Collection[str]) -> None:
    for path in folder.iterdir():
        if path.name not in kept:
            shutil.rmtree(path)
