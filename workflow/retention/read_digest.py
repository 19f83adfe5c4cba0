"""A digest of a set of reads that does not depend on their order: counts, and sums of hashes over name, bases and qualities.

Of each read three hashes are taken (XXH3, 128 bits): of its name; of name and bases; of name, bases and qualities; bases in capitals and
as they were sequenced, not turned to the strand they were aligned to. Each kind is summed modulo 2^128. Two sets of reads with one digest
are the same unless the hash fails: for two sets that differ by chance or damage the odds are 2^-128, 3 in 10^39, the hash taken as random.
It is no seal against forgery; the manifest's SHA-256 and signature are.

What a line of FASTQ holds behind the first blank of a name is no part of it: aligners drop it.
"""

import hashlib
import io
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from isal import igzip
from isal.igzip_lib import IsalError
from xxhash import xxh3_128_intdigest

from workflow.errors import InputError
from workflow.fastq_records import DAMAGED, pair_names

METHOD = "sum modulo 2^128 of XXH3-128 over the reads' names, names and bases, names, bases and qualities"
MODULUS = 1 << 128
BLOCK = 1 << 19  # bytes of FASTQ looked at together
NEITHER = "neither first nor second"
SAMTOOLS = "import pysam, sys; pysam.samtools.{}(*sys.argv[1:], catch_stdout=False)"
"""The samtools inside pysam: of another release than the one that wrote the CRAM, so that one's fault is not repeated by the other."""
Group = tuple[str, int]
"""Read group and 1 or 2: which read of its pair; 0 where the flags do not say."""


@dataclass(frozen=True)
class Digest:
    """Reads counted and their hashes summed."""

    reads: int = 0
    names: int = 0
    bases: int = 0
    whole: int = 0

    def __add__(self, other: "Digest") -> "Digest":
        """Return the digest of both sets together."""
        sums = (self.names + other.names, self.bases + other.bases, self.whole + other.whole)
        return Digest(self.reads + other.reads, *(one % MODULUS for one in sums))

    def as_record(self) -> dict[str, str | int]:
        """Return it as JSON holds it: sums in 32 hexadecimal digits."""
        return {"reads": self.reads, "names": f"{self.names:032x}", "bases": f"{self.bases:032x}", "whole": f"{self.whole:032x}"}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Digest":
        """Return what `as_record` gave."""
        return cls(record["reads"], *(int(record[name], 16) for name in ("names", "bases", "whole")))


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


def digest_records(names: Sequence[bytes], bases: Sequence[bytes], qualities: Sequence[bytes]) -> Iterator[tuple[int, int, int]]:
    """Give the three hashes of each read; names begin with @ and do not say which read of its pair it is."""
    yield from zip(
        map(xxh3_128_intdigest, names),
        map(xxh3_128_intdigest, map(b"\n".join, zip(names, bases, strict=True))),
        map(xxh3_128_intdigest, map(b"\n".join, zip(names, bases, qualities, strict=True))),
        strict=True,
    )


def summed(hashes: Iterable[tuple[int, int, int]]) -> Digest:
    """Return the digest of reads of which the hashes are given."""
    columns = list(zip(*hashes, strict=True))
    return Digest(len(columns[0]), *(sum(column) % MODULUS for column in columns)) if columns else Digest()


def blocks(source: Readable) -> Iterator[list[bytes]]:
    """Give the lines of a sound FASTQ in blocks of whole records."""
    rest = b""
    while piece := source.read(BLOCK):
        lines = (rest + piece).split(b"\n")
        over = (len(lines) - 1) % 4 + 1
        rest = b"\n".join(lines[-over:])
        if len(lines) > over:
            yield lines[:-over]
    if rest := rest.rstrip(b"\r\n"):
        yield rest.split(b"\n")


def capitals(bases: list[bytes]) -> list[bytes]:
    """Return bases in capitals, as SAM has them."""
    joined = b"\n".join(bases)
    return bases if joined.isupper() else joined.upper().split(b"\n")


class _Hashed(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, handle: BinaryIO) -> None:
        self.handle, self.sha256, self.size = handle, hashlib.sha256(), 0

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` and hash what came."""
        piece = self.handle.read(len(buffer))
        buffer[: len(piece)] = piece
        self.sha256.update(piece)
        self.size += len(piece)
        return len(piece)


@dataclass(frozen=True)
class Fastq:
    """What a FASTQ file holds, and the SHA-256 and size (bytes) of the file as it is."""

    digest: Digest
    sha256: str
    size: int


def digest_fastq(path: Path) -> Fastq:
    """Return the digest of a gzip-compressed FASTQ that intake has verified.

    Raises:
        InputError: it cannot be read to its end.
    """
    total = Digest()
    try:
        with open(path, "rb") as handle:
            source = _Hashed(handle)
            with igzip.IGzipFile(fileobj=source, mode="rb") as reads:  # type: ignore[no-untyped-call]
                for lines in blocks(reads):
                    names = pair_names(lines[0::4])[:-1].split(b"\n")
                    total += summed(digest_records(names, capitals(lines[1::4]), lines[3::4]))
    except (EOFError, OSError, IsalError, ValueError) as error:  # type: ignore[misc]
        raise InputError(f"the file cannot be read to its end ({type(error).__name__})", file=path, remedy=DAMAGED) from None
    return Fastq(total, source.sha256.hexdigest(), source.size)


def digest_cram(path: Path, fasta: str, threads: int) -> dict[Group, Digest]:
    """Return the digests of the reads of a CRAM by read group and read of the pair; secondary and supplementary records left out.

    Reads that were aligned to the reverse strand are turned back.

    Raises:
        InputError: it cannot be read to its end.
    """
    options = ["-N", "-T", "RG", "-F", "0x900", "-@", str(max(0, threads - 1)), "--reference", fasta, str(path)]
    found: dict[Group, Digest] = {}
    with subprocess.Popen([sys.executable, "-c", SAMTOOLS.format("fastq"), *options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for lines in blocks(process.stdout):
            for group, digest in _by_group(lines):
                found[group] = found.get(group, Digest()) + digest
    if process.returncode:
        raise InputError("the alignments cannot be read to their end", file=path, remedy="delete the file and run the workflow again")
    return found


def _by_group(lines: list[bytes]) -> Iterator[tuple[Group, Digest]]:
    """Give the digest of each group in lines of `samtools fastq`: names end on /1 or /2, and the read group stands behind a tab."""
    heads = [head.partition(b"\t") for head in lines[0::4]]
    groups = [(head[0][-2:], head[2]) for head in heads]
    names = [head[0][:-2] if head[0][-2:] in (b"/1", b"/2") else head[0] for head in heads]
    hashes = list(digest_records(names, lines[1::4], lines[3::4]))
    for group in dict.fromkeys(groups):
        end, tag = group
        mate = {b"/1": 1, b"/2": 2}.get(end, 0)
        yield (tag.removeprefix(b"RG:Z:").decode(), mate), summed(compress(hashes, [one == group for one in groups]))
