"""Text files, plain or gzipped, opened alike."""

from collections.abc import Callable, Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO, cast

from isal import igzip
from isal.igzip_lib import IsalError

GZIP_MAGIC = b"\x1f\x8b"


class _Packed(igzip.IGzipFile):
    """A gzip file; bits flipped in its compressed data are an OSError, as any other damage is."""

    def read(self, size: int | None = -1) -> Any:
        return _told(super().read, size)

    def read1(self, size: int = -1) -> Any:
        return _told(super().read1, size)


def _told(read: Callable[[Any], Any], size: int | None) -> Any:
    try:
        return read(size)
    except IsalError as error:  # type: ignore[misc]
        raise igzip.BadGzipFile(f"the compressed data are damaged ({error})") from None


def open_text(path: str | Path) -> TextIO:
    """Open a UTF-8 text file for reading, whether it is gzipped or not; reading raises OSError or EOFError if it is damaged or cut."""
    with open(path, "rb") as handle:
        packed = handle.read(2) == GZIP_MAGIC
    return cast(TextIO, TextIOWrapper(_Packed(path, "rb"), encoding="utf-8")) if packed else open(path, encoding="utf-8")  # type: ignore[no-untyped-call]


def read_vcf_header(lines: Iterable[str]) -> list[str]:
    """Return the header lines of a VCF, the column line last; an iterator is left at the first record."""
    header = []
    for line in lines:
        header.append(line)
        if line.startswith("#CHROM"):
            break
    return header
