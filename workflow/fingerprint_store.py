"""The centre's memory of people: fingerprints of every sample whose release was sealed, on disk, only ever appended to.

    <store>/fingerprints/store.json              {format, assembly}
    <store>/fingerprints/<digest>/sites.npz      the sites that the records of this folder are about
    <store>/fingerprints/<digest>/records.bin    one record a sample: a head of 512 bytes (mark, CRC-32, JSON), then the bits
    <store>/fingerprints/<digest>/quality.bin    the likelihoods of each record, in the same order

A record is written to quality.bin first and counts once its whole line stands in records.bin. A writer holds a lock and cuts off what a
killed one left behind the last whole record; nothing else is ever changed, but records of people who wish to be forgotten. Readers map
the files, and read the likelihoods of the nearest only. The last record of a name holds. Another panel gets a folder of its own and is
compared at the sites that both have.
"""

import contextlib
import fcntl
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.fingerprints import Bytes, Fingerprint, Sites, at_sites, planes, read_fingerprint, write_fingerprint

FORMAT = 1
HEAD = 512
MARK = b"GVFP"
NOBODY = ""
"""Name in a record that was erased (`workflow/consent/fingerprint_erasure.py`)."""
FIXED = 12  # bytes of mark, CRC-32 and length of the JSON
READ_AT_ONCE = 200
LEAST_COMMON = 20
"""Sites that two panels must share to be compared."""
REMEDY = "put back the store from its backup, or name another under `identity.store`"


@dataclass(frozen=True)
class Segment:
    """The records about one set of sites."""

    folder: Path
    sites: Sites

    @cached_property
    def count(self) -> int:
        """Return how many records there are; a line that is not whole yet does not count."""
        return _size(self.folder / "records.bin") // record_length(len(self.sites))

    def records(self, first: int, count: int) -> Bytes:
        """Return some records, (count, bytes), read into memory: mapping them all would fill it."""
        length = record_length(len(self.sites))
        count = max(0, min(count, self.count - first))
        return np.fromfile(self.folder / "records.bin", np.uint8, count * length, offset=first * length).reshape(count, length)

    @cached_property
    def quality(self) -> Bytes:
        """Return the likelihoods as (records, sites, 3), mapped."""
        shape = (self.count, len(self.sites), 3)
        if _size(self.folder / "quality.bin") < np.prod(shape):
            raise damaged(self.folder / "quality.bin", "it is shorter than its records need")
        return _mapped(self.folder / "quality.bin", shape)

    @cached_property
    def people(self) -> list[dict[str, Any]]:
        """Return what is told of each record: sample, person, when, decision, version, digest."""
        return [
            self._head(head.tobytes(), first + at)
            for first in range(0, self.count, READ_AT_ONCE)
            for at, head in enumerate(self.records(first, READ_AT_ONCE)[:, :HEAD])
        ]

    def _head(self, head: bytes, number: int) -> dict[str, Any]:
        length = int.from_bytes(head[8:FIXED], "little")
        try:
            if head[:4] != MARK or length > HEAD - FIXED:
                raise ValueError
            return dict(json.loads(head[FIXED : FIXED + length]))
        except ValueError:
            raise damaged(self.folder / "records.bin", f"record {number + 1} cannot be read") from None

    def bits(self, wanted: Sites) -> Iterator[Bytes]:
        """Yield the bits of all records, (some, 3, bytes) at a time, at the sites asked for."""
        _, theirs, ours = np.intersect1d(self.sites.keys, wanted.keys, assume_unique=True, return_indices=True)
        for first in range(0, self.count, READ_AT_ONCE):
            records = self.records(first, READ_AT_ONCE)
            own = records[:, HEAD:].reshape(len(records), 3, -1)
            yield own if self.sites.digest == wanted.digest else self._moved(own, theirs, ours, len(wanted))

    @staticmethod
    def _moved(bits: Bytes, theirs: NDArray[np.intp], ours: NDArray[np.intp], count: int) -> Bytes:
        moved = np.zeros((len(bits), 3, -(-count // 64) * 64), np.uint8)
        moved[..., ours] = np.unpackbits(bits, axis=-1)[..., theirs]
        return np.packbits(moved, axis=-1)

    def common(self, wanted: Sites) -> int:
        """Return how many of some sites the records are about."""
        return len(np.intersect1d(self.sites.keys, wanted.keys, assume_unique=True))

    def quality_of(self, rows: NDArray[np.intp], wanted: Sites) -> Bytes:
        """Return the likelihoods of some records at the sites asked for, each record's checksum checked."""
        for row in rows.tolist():
            record, quality = self.records(row, 1).tobytes(), self.quality[row].tobytes()
            if int.from_bytes(record[4:8], "little") != zlib.crc32(quality, zlib.crc32(record[8:])):
                raise damaged(self.folder / "records.bin", f"the checksum of record {row + 1} is wrong")
        return at_sites(np.asarray(self.quality[rows]), self.sites.keys, wanted.keys)


def damaged(file: Path, what: str) -> InputError:
    """Return the error for a store that is not as it was written."""
    return InputError(f"the fingerprint store is damaged: {what}", file=file, remedy=REMEDY)


def record_length(sites: int) -> int:
    """Return the bytes of one record: its head and three rows of bits in words of 64."""
    return HEAD + 3 * 8 * -(-sites // 64)


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _mapped(file: Path, shape: tuple[int, ...]) -> Bytes:
    if not np.prod(shape):
        return np.zeros(shape, np.uint8)
    return np.memmap(file, np.uint8, "r", shape=shape)


def open_store(store: Path, assembly: str) -> list[Segment]:
    """Return the segments of a store; none if there is no store yet.

    Raises:
        InputError: the store is of another assembly, of a later format, or damaged.
    """
    folder = store / "fingerprints"
    if not (folder / "store.json").is_file():
        if next(folder.glob("*/records.bin"), None):
            raise damaged(folder, "it has records, but no store.json")
        return []
    _check_head(folder / "store.json", assembly)
    return [_segment(path.parent, assembly) for path in sorted(folder.glob("*/sites.npz"))]


def check_readable(store: Path, assembly: str) -> None:
    """Refuse a store that cannot be used, before the first job: its head, its sites, and what is told of each record.

    Raises:
        InputError: the store is of another assembly, of a later format, or damaged.
    """
    for segment in open_store(store, assembly):
        if segment.people:
            _ = segment.quality


def _check_head(file: Path, assembly: str) -> None:
    try:
        head = read_json(file)
        own, version = str(head["assembly"]), int(head["format"])
    except (OSError, ValueError, KeyError, TypeError):
        raise damaged(file, "it cannot be read") from None
    if version != FORMAT:
        raise InputError(f"the fingerprint store has format {version}; this version knows {FORMAT}", file=file, remedy="update Genvej")
    if own != assembly:
        what = f"the fingerprint store is of {own}, and the samples are of {assembly}"
        raise InputError(what, file=file, remedy="name a store of this assembly under `identity.store`")


def _segment(folder: Path, assembly: str) -> Segment:
    try:
        sites = read_fingerprint(folder / "sites.npz").sites
    except InputError:
        raise damaged(folder / "sites.npz", "it cannot be read") from None
    if sites.digest != folder.name or sites.assembly != assembly:
        raise damaged(folder / "sites.npz", "its sites are not those of its records")
    return Segment(folder, sites)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the store's lock."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def append(store: Path, entries: Sequence[tuple[Fingerprint, Mapping[str, Any]]]) -> list[str]:
    """Add samples, but none of which the last record of its name says the same; return the names that were added.

    Args:
        store: folder of the store, made if it is not there.
        entries: fingerprints of one assembly, and what is told of each: person, when, decision, version; short plain values.

    Raises:
        InputError: the store is of another assembly or damaged.
    """
    if not entries:
        return []
    folder, assembly = store / "fingerprints", entries[0][0].sites.assembly
    with writing(folder):
        segments = open_store(store, assembly)
        if not (folder / "store.json").is_file():
            write_json(folder / "store.json", {"format": FORMAT, "assembly": assembly})
        last = {told["sample"]: told for _, _, told in last_records(segments)}
        number = sum(segment.count for segment in segments)
        by_sites: dict[str, list[tuple[Fingerprint, dict[str, Any]]]] = {}
        for one, facts in entries:
            told = {"sample": one.sample, **facts, "digest": one.digest}
            if _facts(last.get(one.sample, {})) != _facts(told):
                number += 1
                by_sites.setdefault(one.sites.digest, []).append((one, {**told, "number": number}))
        for new in by_sites.values():
            _write(_made(folder, new[0][0].sites), new)
    return [one.sample for new in by_sites.values() for one, _ in new]


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a record another one: not its date nor its place."""
    return {key: value for key, value in told.items() if key not in {"when", "number"}}


def last_records(segments: Sequence[Segment]) -> list[tuple[int, int, Mapping[str, Any]]]:
    """Return (segment, row, what is told) of the last record of each name, by the number that it was given (clocks may jump)."""
    last: dict[str, tuple[int, int, Mapping[str, Any]]] = {}
    for at, segment in enumerate(segments):
        for row, told in enumerate(segment.people):
            if told["sample"] == NOBODY:
                continue
            before = last.get(told["sample"])
            if before is None or told["number"] > before[2]["number"]:
                last[told["sample"]] = (at, row, told)
    return list(last.values())


def _made(folder: Path, sites: Sites) -> Segment:
    """Return the segment of some sites, made if it is not there."""
    place = folder / sites.digest
    if not (place / "sites.npz").is_file():
        place.mkdir(exist_ok=True)
        write_fingerprint(place / "sites.npz", Fingerprint("", sites, np.zeros((len(sites), 3), np.uint8)))
    return _segment(place, sites.assembly)


def _write(segment: Segment, new: Sequence[tuple[Fingerprint, Mapping[str, Any]]]) -> None:
    """Append records; the lock is held."""
    records, qualities = [], []
    for one, told in new:
        text = json.dumps(dict(told), ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) > HEAD - FIXED:
            raise ValueError(f"what is told of {one.sample} takes {len(text)} bytes; there is room for {HEAD - FIXED}")
        rest = (len(text).to_bytes(4, "little") + text).ljust(HEAD - 8, b"\0") + planes(one.quality).tobytes()
        qualities.append(one.quality.tobytes())
        records.append(MARK + zlib.crc32(qualities[-1], zlib.crc32(rest)).to_bytes(4, "little") + rest)
    count = segment.count
    _append(segment.folder / "quality.bin", count * len(qualities[0]), b"".join(qualities))
    _append(segment.folder / "records.bin", count * len(records[0]), b"".join(records))


def _append(file: Path, whole: int, content: bytes) -> None:
    """Write behind the first `whole` bytes of a file, and see it on the disk; what a killed writer left there goes."""
    if _size(file) < whole:
        raise damaged(file, "it is shorter than its records need")
    handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o664)
    try:
        os.ftruncate(handle, whole)
        os.lseek(handle, whole, os.SEEK_SET)
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
