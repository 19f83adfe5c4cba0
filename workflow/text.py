"""Text files, plain or gzipped, opened alike."""

from collections.abc import Iterable
from pathlib import Path
from typing import TextIO, cast

from isal import igzip

GZIP_MAGIC = b"\x1f\x8b"


def open_text(path: str | Path) -> TextIO:
    """Open a UTF-8 text file for reading, whether it is gzipped or not."""
    with open(path, "rb") as handle:
        packed = handle.read(2) == GZIP_MAGIC
    return cast(TextIO, igzip.open(path, "rt", encoding="utf-8")) if packed else open(path, encoding="utf-8")  # type: ignore[no-untyped-call]


def read_vcf_header(lines: Iterable[str]) -> list[str]:
    """Return the header lines of a VCF, the column line last; an iterator is left at the first record."""
    header = []
    for line in lines:
        header.append(line)
        if line.startswith("#CHROM"):
            break
    return header
