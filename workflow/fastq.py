"""One FASTQ file read from its first byte to its last, once: checked, counted and hashed in bounded memory.

The speed comes from working on whole blocks of records: lines are split, joined and compared by the C code behind `bytes`, and
igzip (ISA-L) decompresses. Only a block in which something is wrong is looked at record by record.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from operator import eq
from pathlib import Path
from typing import Any

import numpy as np
from isal import igzip
from isal.igzip_lib import IsalError

from workflow.errors import InputError
from workflow.fastq_records import BASES, DAMAGED, LONGEST_NAME, QUALITIES, first_fault, pair_name, pair_names

BLOCK = 1 << 19  # bytes of decompressed FASTQ looked at together: what fits the processor's cache
LONGEST = 32 << 20  # bytes of one record
# Phred+64 (Illumina 1.3 to 1.7) begins at `;`; no file in Phred+33 holds only qualities from 26 on and some from 51 on.
PHRED64_LEAST, PHRED64_SOME = ord(";"), ord("T")


@dataclass(frozen=True)
class Reads:
    """What one FASTQ file holds.

    Attributes:
        size: bytes of the file as it is.
        sha256: of the file as it is; `md5` likewise.
        reads_sha256: of the decompressed content.
        names_sha256: of the reads' names without what tells the two reads of a pair apart.
        first_name: first line of the first read.
    """

    path: Path
    records: int
    bases: int
    length_min: int
    length_max: int
    size: int
    sha256: str
    md5: str
    reads_sha256: str
    names_sha256: str
    first_name: bytes

    def as_record(self) -> dict[str, str | int]:
        """Return what is kept of the file."""
        return {"path": str(self.path), "bytes": self.size, "sha256": self.sha256, "md5": self.md5, "reads_sha256": self.reads_sha256}


class _Hashed(io.RawIOBase):
    """A file opened for reading whose bytes are hashed as they pass."""

    def __init__(self, path: Path) -> None:
        self.handle = open(path, "rb", buffering=0)  # noqa: SIM115 - closed in close()
        self.sha256, self.md5, self.size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` and hash what came."""
        count = self.handle.readinto(buffer) or 0
        passed = memoryview(buffer)[:count]
        self.sha256.update(passed)
        self.md5.update(passed)
        self.size += count
        return count

    def close(self) -> None:
        """Close the file."""
        self.handle.close()
        super().close()


class _Tally:
    """What the blocks of one file add up to."""

    def __init__(self, path: Path) -> None:
        self.path, self.first_name, self.last_name = path, b"", b""
        self.records = self.bases = self.length_min = self.length_max = self.quality_max = 0
        self.quality_min = 255
        self.content, self.names = hashlib.sha256(), hashlib.sha256()

    def add(self, block: bytes) -> None:
        """Check a block of records and add it."""
        lines = block.split(b"\n")
        lines.pop()
        names, sequences, qualities = pair_names(lines[0::4]), lines[1::4], lines[3::4]
        each = [self.last_name, *names[:-1].split(b"\n")]
        lengths = list(map(len, sequences))
        bases, values = b"".join(sequences), b"".join(qualities)
        sound = (
            len(lines) % 4 == 0
            and (b"\n" + names).count(b"\n@") == len(sequences)
            and b"\n@\n" not in b"\n" + names
            and not any(map(eq, each, each[1:]))
            and max(map(len, each)) <= LONGEST_NAME
            and all(plus[:1] == b"+" for plus in set(lines[2::4]))
            and lengths == list(map(len, qualities))
            and not bases.translate(None, BASES)
            and not values.translate(None, QUALITIES)
            and min(lengths) > 0
        )
        if not sound:
            raise first_fault(lines, self.records, self.last_name, self.path)
        self.content.update(block)
        self.names.update(names)
        self.first_name, self.last_name = self.first_name or lines[0], each[-1]
        self.records += len(sequences)
        self._measure(lengths, np.frombuffer(values, np.uint8))

    def _measure(self, lengths: list[int], codes: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        self.bases += len(codes)
        self.length_min = min(self.length_min or lengths[0], min(lengths))
        self.length_max = max(self.length_max, max(lengths))
        self.quality_min = min(self.quality_min, int(codes.min()))
        self.quality_max = max(self.quality_max, int(codes.max()))


def read_fastq(path: Path) -> Reads:
    """Return what a gzip-compressed FASTQ file holds, after looking at every byte of it.

    Raises:
        InputError: the file is no whole gzip, a record is not sound, or the qualities are not Phred+33; with the line.
    """
    tally = _Tally(path)
    with _Hashed(path) as source:
        for block in _blocks(source, path):
            tally.add(block)
    if not tally.records:
        raise InputError("there is no read in the file", file=path, remedy="take the unit out, or ask for the file again")
    _check_encoding(tally)
    return Reads(
        path=path,
        records=tally.records,
        bases=tally.bases,
        length_min=tally.length_min,
        length_max=tally.length_max,
        size=source.size,
        sha256=source.sha256.hexdigest(),
        md5=source.md5.hexdigest(),
        reads_sha256=tally.content.hexdigest(),
        names_sha256=tally.names.hexdigest(),
        first_name=tally.first_name,
    )


def _blocks(source: io.RawIOBase, path: Path) -> Iterator[bytes]:
    """Give the decompressed content in blocks of whole records; only the last may end amid one."""
    rest = b""
    for piece in _pieces(source, path):
        block = rest + piece
        cut = len(block)
        for _ in range(block.count(b"\n") % 4 + 1):
            cut = block.rfind(b"\n", 0, cut)
        rest = block[cut + 1 :]
        if len(rest) > LONGEST:
            raise InputError("this is no FASTQ: four lines are longer than 32 MB", file=path, remedy="name a FASTQ file in the sheet")
        if cut >= 0:
            yield block[: cut + 1]
    if rest := rest.rstrip(b"\r\n"):
        yield rest + b"\n"


def _pieces(source: io.RawIOBase, path: Path) -> Iterator[bytes]:
    """Give the decompressed content; every gzip member must be whole and nothing else may follow."""
    try:
        with igzip.IGzipFile(fileobj=source, mode="rb") as handle:  # type: ignore[no-untyped-call]
            while piece := handle.read(BLOCK):
                yield piece
    except EOFError:
        raise InputError("the gzip file is truncated", file=path, remedy=DAMAGED) from None
    except (igzip.BadGzipFile, IsalError) as error:  # type: ignore[misc]
        raise InputError(f"the gzip file is damaged ({error})", file=path, remedy=DAMAGED) from None


def _check_encoding(tally: _Tally) -> None:
    if tally.quality_min >= PHRED64_LEAST and tally.quality_max >= PHRED64_SOME:
        what = f"qualities run from {chr(tally.quality_min)!r} to {chr(tally.quality_max)!r}: Phred+64, out of the range of Phred+33"
        raise InputError(what, file=tally.path, remedy="convert them to Phred+33, for example with `seqtk seq -Q64 -V`")


def first_unpaired(path_1: Path, path_2: Path) -> tuple[int, bytes, bytes] | None:
    """Return (record, name, name) where the names of two sound FASTQ files first differ; record 1 is the first."""
    with igzip.open(path_1, "rb") as first, igzip.open(path_2, "rb") as second:  # type: ignore[no-untyped-call]
        for number, (line_1, line_2) in enumerate(zip(first, second, strict=False)):
            if number % 4 == 0 and pair_name(line_1) != pair_name(line_2):
                return number // 4 + 1, pair_name(line_1), pair_name(line_2)
    return None
