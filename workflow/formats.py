"""Whether a delivered file is what its name says: whole, not empty, about the right samples.

Every check reads headers, ends and indexes, never the whole of a large file: content is guarded by its SHA-256.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Collection
from pathlib import Path

import pysam
from pysam.utils import SamtoolsError

BGZF_END = bytes.fromhex(
    "1f8b08040000000000ff0600424302001b0003000000000000000000"
)  # the empty block that ends a BGZF file (SAM specification 4.1.2)
ABSENT = "there is no such file"
Names = Collection[str]


def fault(path: str | Path, file_format: str, names: Names = ()) -> str:
    """Return what is wrong with a file in half a sentence, or an empty string.

    Args:
        path: the file.
        file_format: cram, crai, vcf, bed, tbi, json, tsv or html.
        names: the samples that the file must be about (cram, vcf); empty = not checked.
    """
    file = Path(path)
    if not file.is_file():
        return ABSENT
    if file.stat().st_size == 0:
        return "the file is empty"
    try:
        return CHECKS[file_format](file, names)
    except (OSError, ValueError, EOFError, zlib.error, SamtoolsError) as error:
        return f"the file cannot be read as {file_format} ({type(error).__name__})"


def _cram(file: Path, names: Names) -> str:
    """Header and end-of-file container, as `samtools quickcheck` looks at them, and the samples of the read groups."""
    pysam.quickcheck(str(file))
    with pysam.AlignmentFile(str(file), check_sq=False) as reads:
        samples = {group.get("SM", "") for group in reads.header.to_dict().get("RG", [])}
    return _same_names(samples, names)


def _vcf(file: Path, names: Names) -> str:
    """BGZF end block, and the samples of the header."""
    if unfinished := _bgzf(file):
        return unfinished
    with pysam.VariantFile(str(file)) as calls:
        return _same_names(set(calls.header.samples), names)


def _same_names(found: set[str], names: Names) -> str:
    if not names or found == set(names):
        return ""
    return f"it is about {', '.join(sorted(found)) or 'no sample'} and not about {', '.join(sorted(names))}"


def _bgzf(file: Path, _: Names = ()) -> str:
    with file.open("rb") as handle:
        handle.seek(max(0, file.stat().st_size - len(BGZF_END)))
        return "" if handle.read() == BGZF_END else "the file is truncated (its BGZF end block is missing)"


def _tbi(file: Path, _: Names) -> str:
    with gzip.open(file) as handle:
        return "" if handle.read().startswith(b"TBI\1") else "the file is no tabix index"


def _crai(file: Path, _: Names) -> str:
    with gzip.open(file) as handle:
        return "" if handle.read().count(b"\t") >= 5 else "the index names no slice"


def _json(file: Path, _: Names) -> str:
    return "" if isinstance(json.loads(file.read_bytes()), dict) else "the file holds no JSON object"


def _tsv(file: Path, _: Names) -> str:
    with file.open("rb") as handle:
        header = handle.readline()
        handle.seek(-1, 2)
        return "" if b"\t" in header and handle.read() == b"\n" else "the table has no header or no last line end"


def _html(file: Path, _: Names) -> str:
    with file.open("rb") as handle:
        handle.seek(max(0, file.stat().st_size - 64))
        return "" if handle.read().rstrip().lower().endswith(b"</html>") else "the page has no end"


CHECKS: dict[str, Callable[[Path, Names], str]] = {
    "cram": _cram,
    "crai": _crai,
    "vcf": _vcf,
    "bed": _bgzf,
    "tbi": _tbi,
    "json": _json,
    "tsv": _tsv,
    "html": _html,
}
