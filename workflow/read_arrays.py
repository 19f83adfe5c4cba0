"""Alignments as numpy arrays: a stream of uncompressed BAM, decoded many records at a time.

A Python object for each read would cost more than all that is asked of it here. Layout of a record: SAM specification, 4.2.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

BATCH_BYTES = 1 << 20
PAIRED, REVERSE, MATE_UNMAPPED, SECOND = 0x1, 0x10, 0x8, 0x80
_FIXED = np.dtype(
    [
        ("size", "<i4"),
        ("contig", "<i4"),
        ("start", "<i4"),
        ("name_length", "u1"),
        ("mapq", "u1"),
        ("bin", "<u2"),
        ("operations", "<u2"),
        ("flag", "<u2"),
        ("length", "<i4"),
        ("mate_contig", "<i4"),
        ("mate_start", "<i4"),
        ("template", "<i4"),
    ]
)
_MATCH, _INSERTION, _DELETION, _CLIP = 0, 1, 2, 4
_TAKES_REFERENCE = np.array([1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0], dtype=np.int64)
_TAKES_READ = np.array([1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0], dtype=np.int64)
_IS_MATCH = np.array([1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0], dtype=bool)


@dataclass(frozen=True)
class Reads:
    """Some alignments, one element a read in each array; positions are 0-based.

    Attributes:
        fields: the fixed part of each record (`contig`, `start`, `mapq`, `flag`, `length`, `mate_contig`, `mate_start`, `template`).
        data: the bytes that the offsets point into.
        bases_at: offset of the packed bases, two in a byte.
        qualities_at: offset of the base qualities, one in a byte.
        cigar_at: offset of the CIGAR, four bytes an operation.
    """

    fields: NDArray[np.void]
    data: NDArray[np.uint8]
    bases_at: Ints
    qualities_at: Ints
    cigar_at: Ints


@dataclass(frozen=True)
class Operations:
    """CIGAR operations of some reads, flat; positions are 0-based.

    Attributes:
        read: index of the read.
        code: 0 M, 1 I, 2 D, 3 N, 4 S, 5 H, 6 P, 7 =, 8 X.
        length: bases.
        start: reference position at which the operation begins.
        offset: base of the read at which it begins.
    """

    read: Ints
    code: Ints
    length: Ints
    start: Ints
    offset: Ints

    def chosen(self, mask: NDArray[np.bool_]) -> "Operations":
        """Return the operations that a mask picks."""
        return Operations(self.read[mask], self.code[mask], self.length[mask], self.start[mask], self.offset[mask])

    @property
    def matches(self) -> "Operations":
        """Return the operations that lay bases of the read on bases of the reference (M, = and X)."""
        return self.chosen(_IS_MATCH[self.code])

    @property
    def indels(self) -> "Operations":
        """Return insertions and deletions."""
        return self.chosen((self.code == _INSERTION) | (self.code == _DELETION))

    @property
    def clips(self) -> "Operations":
        """Return soft clips."""
        return self.chosen(self.code == _CLIP)


def read_header(stream: BinaryIO) -> list[str]:
    """Return the contig names of a BAM stream, read to the first record.

    Raises:
        ValueError: the stream is no BAM.
    """
    if stream.read(4) != b"BAM\1":
        raise ValueError("this is no BAM stream")
    stream.read(_integer(stream))
    names = []
    for _ in range(_integer(stream)):
        names.append(stream.read(_integer(stream))[:-1].decode())
        _integer(stream)
    return names


def _integer(stream: BinaryIO) -> int:
    return int(struct.unpack("<i", stream.read(4))[0])


def read_batches(stream: BinaryIO, size: int = BATCH_BYTES) -> Iterator[Reads]:
    """Yield the records of a BAM stream behind its header, about `size` bytes at a time.

    Raises:
        ValueError: the stream ends within a record.
    """
    rest = b""
    while piece := stream.read(size):
        text = rest + piece
        offsets, end = _offsets(text)
        rest = text[end:]
        if offsets:
            yield _decoded(np.frombuffer(text, np.uint8, end), np.array(offsets, np.int64))
    if rest:
        raise ValueError("the BAM stream ends within a record")


def _offsets(text: bytes) -> tuple[list[int], int]:
    """Return where each whole record begins, and where the last one ends."""
    offsets, at, last = [], 0, len(text) - 4
    size_at = struct.Struct("<i").unpack_from
    while at <= last:
        after = at + 4 + size_at(text, at)[0]
        if after > len(text):
            break
        offsets.append(at)
        at = after
    return offsets, at


def _decoded(data: NDArray[np.uint8], offsets: Ints) -> Reads:
    fields = np.ascontiguousarray(data[offsets[:, None] + np.arange(_FIXED.itemsize)]).view(_FIXED)[:, 0]
    cigar_at = offsets + _FIXED.itemsize + fields["name_length"]
    bases_at = cigar_at + 4 * fields["operations"].astype(np.int64)
    qualities_at = bases_at + (fields["length"].astype(np.int64) + 1) // 2
    return Reads(fields, data, bases_at, qualities_at, cigar_at)


def operations_of(reads: Reads) -> Operations:
    """Return the CIGAR operations of all reads."""
    counts = reads.fields["operations"].astype(np.int64)
    read = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    at = reads.cigar_at[read] + 4 * (np.arange(len(read)) - first[read])
    packed = np.ascontiguousarray(reads.data[at[:, None] + np.arange(4)]).view("<u4")[:, 0].astype(np.int64)
    code, length = packed & 15, packed >> 4
    return Operations(
        read,
        code,
        length,
        reads.fields["start"][read] + _before(length * _TAKES_REFERENCE[code], first, read),
        _before(length * _TAKES_READ[code], first, read),
    )


def _before(lengths: Ints, first: Ints, read: Ints) -> Ints:
    """Return, for each operation, the sum of `lengths` over the earlier operations of its read."""
    sums = np.cumsum(lengths) - lengths
    return np.asarray(sums - sums[first[read]] if len(sums) else sums, np.int64)
