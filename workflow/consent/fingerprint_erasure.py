"""A person out of the centre's memory of fingerprints, once they take back their consent to be analysed at all.

Whoever leaves the frequency store only stays in it: telling whose sample is whose is part of care. A record is overwritten where it lies
and keeps its place, without name and without genotypes; what is known of the others is not touched.
"""

import json
import os
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from workflow.consent.answers import Consents
from workflow.consent.records import NO
from workflow.fingerprint_store import FIXED, HEAD, MARK, NOBODY, Segment, open_store, record_length, writing


def no_longer_analysed(store: Path, assembly: str, consents: Consents) -> dict[str, str]:
    """Return the samples in a store of fingerprints whose person says no to diagnosis itself, each with the reason.

    Unknown is not enough: an answer that was never recorded is no wish to be forgotten.

    Raises:
        InputError: the store is of another assembly or damaged.
    """
    people = [told for segment in open_store(store, assembly) for told in segment.people if told["sample"] != NOBODY]
    persons = {str(told["sample"]): str(told.get("person") or told["sample"]) for told in people}
    gone = [sample for sample, person in persons.items() if consents.answer(person, "diagnosis", sample) == NO]
    return {sample: consents.why_withdrawn(persons[sample], "diagnosis", sample) for sample in gone}


def erase_fingerprints(store: Path, assembly: str, samples: Collection[str]) -> int:
    """Overwrite every record of some samples, genotypes first; return how many there were.

    One that was killed in between leaves a record with its name and a wrong checksum: the same call again finishes it.

    Raises:
        InputError: the store is of another assembly or damaged.
    """
    if not (store / "fingerprints").is_dir():
        return 0
    with writing(store / "fingerprints"):
        found = [(segment, row) for segment in open_store(store, assembly) for row in _rows(segment, samples)]
        for segment, row in found:
            _erase(segment, row)
    return len(found)


def _rows(segment: Segment, samples: Collection[str]) -> Iterator[int]:
    return (row for row, told in enumerate(segment.people) if told["sample"] in samples)


def _erase(segment: Segment, row: int) -> None:
    """Overwrite one record; the lock is held."""
    quality = bytes(3 * len(segment.sites))
    length = record_length(len(segment.sites))
    text = json.dumps({"sample": NOBODY, "number": 0}).encode()
    rest = (len(text).to_bytes(4, "little") + text).ljust(HEAD - 8, b"\0") + bytes(length - HEAD)
    record = MARK + zlib.crc32(quality, zlib.crc32(rest)).to_bytes(4, "little") + rest
    assert len(text) <= HEAD - FIXED
    _overwrite(segment.folder / "quality.bin", row * len(quality), quality)
    _overwrite(segment.folder / "records.bin", row * length, record)


def _overwrite(file: Path, offset: int, content: bytes) -> None:
    """Write over bytes that are there, and see them on the disk."""
    handle = os.open(file, os.O_WRONLY)
    try:
        view = memoryview(content)
        while view:
            written = os.pwrite(handle, view, offset)
            view, offset = view[written:], offset + written
        os.fsync(handle)
    finally:
        os.close(handle)
