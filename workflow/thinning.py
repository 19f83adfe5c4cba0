"""Reads thinned to a part of their fragments, drawn by name: pairs stay pairs, and a smaller part lies in a larger one."""

import hashlib
from collections.abc import Iterator
from io import BufferedReader, BufferedWriter
from itertools import islice
from pathlib import Path

from isal import igzip

from workflow.errors import InputError
from workflow.fastq_records import pair_name

SEED = b"genvej depth curve"
LEVEL = 1  # of compression: these files are read once
BUFFER = 1 << 18  # bytes
Record = list[bytes]


def place_of(name: bytes, seed: bytes = SEED) -> float:
    """Return a number of [0, 1), evenly spread over names and always the same for one name: BLAKE2b, keyed with the seed."""
    return int.from_bytes(hashlib.blake2b(name, digest_size=6, key=seed).digest(), "big") / (1 << 48)


def thin(sources: tuple[Path, Path], targets: tuple[Path, Path], fraction: float) -> tuple[int, int]:
    """Copy the fragments of a pair of FASTQ files whose place is below `fraction`; return how many were kept, and of how many.

    Raises:
        InputError: the files do not hold the same fragments in the same order.
    """
    kept = total = 0
    with _reader(sources[0]) as one, _reader(sources[1]) as two, _writer(targets[0]) as first_out, _writer(targets[1]) as second_out:
        for first, second in _pairs(one, two, sources):
            total += 1
            if place_of(pair_name(first[0])) < fraction:
                first_out.writelines(first)
                second_out.writelines(second)
                kept += 1
    return kept, total


def _reader(path: Path) -> BufferedReader:
    """Open a gzip file with a buffer of Python's own around it: igzip's own lines are slow."""
    return BufferedReader(igzip.open(path, "rb"), BUFFER)  # type: ignore[no-untyped-call]


def _writer(path: Path) -> BufferedWriter:
    return BufferedWriter(igzip.open(path, "wb", LEVEL), BUFFER)  # type: ignore[no-untyped-call]


def _pairs(one: BufferedReader, two: BufferedReader, files: tuple[Path, Path]) -> Iterator[tuple[Record, Record]]:
    while (first := list(islice(one, 4))) or two.peek(1):
        second = list(islice(two, 4))
        if len(first) != 4 or len(second) != 4 or pair_name(first[0]) != pair_name(second[0]):
            name = first[0].decode(errors="replace").split()[0] if first else "its end"
            raise InputError(f"the file parts at {name} from its pair {files[1]}", file=files[0], remedy="give the pair as it was made")
        yield first, second
