"""A CRAM file by its containers and blocks, without decoding a read: every check sum, and whether an index names every container.

Layout after the CRAM specification 3.0 (chapters 6 to 8): a definition of 26 bytes, then containers of blocks. Header of a container and
each block end in a CRC-32 of the bytes before. Decoders compare the sums of those blocks alone that they decode.
"""

import gzip
import mmap
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DEFINITION = 26  # bytes: "CRAM", major, minor, id of the file
END = 0x454F46  # start position of the container that ends a file: "EOF"
NUMBERS = 4  # after the length of a container: reference, start, span, records
FIRST_WITH_SUMS = 3  # major version


class Container(NamedTuple):
    """A container: `offset` from the start of the file in bytes, where its blocks begin and end, its start position and records."""

    offset: int
    blocks: int
    end: int
    start: int
    records: int


class DamagedError(ValueError):
    """The file is not what its check sums say; the message is half a sentence."""


def _itf8(data: mmap.mmap, at: int) -> tuple[int, int]:
    """Return (value, place behind it) of an ITF-8 number, as unsigned 32 bits."""
    first = data[at]
    more = 4 if first >= 0xF0 else 3 if first >= 0xE0 else 2 if first >= 0xC0 else 1 if first >= 0x80 else 0
    if more == 4:
        high, low = int.from_bytes(data[at : at + 4], "big") & 0x0FFFFFFF, data[at + 4] & 0x0F
        return (high << 4) | low, at + 5
    return int.from_bytes(data[at : at + more + 1], "big") & ((1 << (7 * (more + 1))) - 1), at + more + 1


def _behind_ltf8(data: mmap.mmap, at: int) -> int:
    """Return the place behind an LTF-8 number: the leading ones of its first byte count the bytes that follow."""
    return at + 1 + f"{data[at]:08b}".ljust(9, "0").index("0")


def containers(data: mmap.mmap) -> Iterator[Container]:
    """Yield the containers of a file, the one of the header first, the one that ends it last.

    Raises:
        DamagedError: a header's check sum is wrong, or the file ends early.
    """
    if data[:4] != b"CRAM" or data[4] < FIRST_WITH_SUMS:
        raise DamagedError("it is no CRAM of version 3")
    at = DEFINITION
    while at < len(data):
        try:
            container = _container(data, at)
        except (IndexError, struct.error):
            raise DamagedError("it is truncated") from None
        if container.end > len(data):
            raise DamagedError("it is truncated")
        yield container
        at = container.end


def _container(data: mmap.mmap, offset: int) -> Container:
    at = offset + 4
    numbers = []
    for _ in range(NUMBERS):
        number, at = _itf8(data, at)
        numbers.append(number)
    at = _behind_ltf8(data, _behind_ltf8(data, at))  # counter of records, bases
    _, at = _itf8(data, at)  # blocks
    landmarks, at = _itf8(data, at)
    for _ in range(landmarks):
        _, at = _itf8(data, at)
    if zlib.crc32(data[offset:at]) != struct.unpack("<I", data[at : at + 4])[0]:
        raise DamagedError(f"the check sum of its container at byte {offset:,} is wrong")
    length = struct.unpack("<i", data[offset : offset + 4])[0]
    return Container(offset, at + 4, at + 4 + length, numbers[1], numbers[3])


def _check_blocks(data: mmap.mmap, container: Container) -> None:
    """Compare the check sum of every block of a container; raises DamagedError."""
    at = container.blocks
    while at < container.end:
        _, behind = _itf8(data, at + 2)  # method and content type are a byte each
        size, behind = _itf8(data, behind)
        _, behind = _itf8(data, behind)
        end = behind + size
        if end + 4 > container.end or zlib.crc32(data[at:end]) != struct.unpack("<I", data[end : end + 4])[0]:
            raise DamagedError(f"the check sum of its block at byte {at:,} is wrong")
        at = end + 4


def check_blocks(file: Path) -> None:
    """Read a CRAM to its end and compare every check sum.

    Raises:
        DamagedError: one is wrong, or the file does not end as it should.
    """
    last = 0
    with open(file, "rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for container in containers(data):
            _check_blocks(data, container)
            last = container.start
    if last != END:
        raise DamagedError("it is truncated (its end is missing)")


def check_index(file: Path, index: Path) -> None:
    """Compare an index (.crai) with the containers of its CRAM: a read of a container that it leaves out is never found by its place.

    Raises:
        DamagedError: the index names other containers than there are.
    """
    with gzip.open(index, "rt") as lines:
        named = {int(line.split("\t")[3]) for line in lines}
    with open(file, "rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = {one.offset for one in containers(data) if one.records}
    if named != found:
        raise DamagedError(f"the index names {len(named & found):,} of the {len(found):,} containers of the CRAM")
