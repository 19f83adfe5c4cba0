"""Whether a file is what its name says: whole, not empty, about the right samples.

`fault` reads headers, ends and indexes, never the whole of a large file. `damage` reads a file to its end and compares every check sum that
its format has: once before a file is released, and when a job has failed that read it.
"""

import gzip
import json
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path

import pysam
from isal import igzip
from isal.igzip_lib import IsalError
from pysam.utils import SamtoolsError

from workflow.aligner_index import wrong_length
from workflow.cram_blocks import DamagedError, check_blocks, check_index

BGZF_END = bytes.fromhex(
    "1f8b08040000000000ff0600424302001b0003000000000000000000"
)  # the empty block that ends a BGZF file (SAM specification 4.1.2)
ABSENT = "there is no such file"
Names = Collection[str]
CHUNK = 4 * 2**20  # bytes read at a time
SMALL = 64 * 2**20  # bytes: a smaller file is read to its end as soon as it is made


def fault(path: str | Path, file_format: str, names: Names = ()) -> str:
    """Return what is wrong with a file in half a sentence, or an empty string.

    Args:
        path: the file.
        file_format: cram, crai, vcf, plain vcf, bed, tbi, json, tsv, html, gz, zip or index.
        names: the samples that the file must be about (cram, vcf); empty = not checked.
    """
    file = Path(path)
    if not file.is_file():
        return ABSENT
    if file.stat().st_size == 0:
        return "the file is empty"
    try:
        return CHECKS[file_format](file, names)
    except DamagedError as error:
        return str(error)
    except (OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile, SamtoolsError) as error:
        return f"the file cannot be read as {file_format} ({type(error).__name__})"


def format_of(file: str | Path) -> str | None:
    """Return the format that a file's name says, None for one without an end or check sum that could be looked at."""
    name = Path(file).name
    return next((file_format for ending, file_format in ENDINGS.items() if name.endswith(ending)), None)


def damage(path: str | Path, file_format: str, names: Names = ()) -> str:
    """Return what is wrong with a file that is read to its end, in half a sentence, or an empty string; arguments as of `fault`."""
    if wrong := fault(path, file_format, names):
        return wrong
    file = Path(path)
    try:
        if file_format == "cram":
            check_blocks(file)
        elif file_format == "crai" and file.with_suffix("").is_file():
            check_index(file.with_suffix(""), file)
        elif file_format in {"vcf", "bed", "gz"}:
            with igzip.open(file, "rb") as handle:  # type: ignore[no-untyped-call]
                while handle.read(CHUNK):
                    pass
    except DamagedError as error:
        return str(error)
    except (OSError, ValueError, EOFError, zlib.error, IsalError) as error:  # type: ignore[misc]
        return f"the file is damaged ({error})"
    return ""


def fault_of_output(path: str | Path) -> str:
    """Return what is wrong with a file that a job has just made, in half a sentence, or an empty string."""
    file, file_format = Path(path), format_of(path)
    if not file_format or not file.is_file():
        return ""
    read = file.with_suffix("") if file_format == "crai" and file.with_suffix("").is_file() else file
    return (damage if read.stat().st_size <= SMALL else fault)(file, file_format)


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


def _plain_vcf(file: Path, _: Names) -> str:
    """Header line, and the end of the last line: what a cut in a line leaves out."""
    with file.open("rb") as handle:
        first = handle.readline()
        handle.seek(-1, 2)
        return "" if first.startswith(b"##fileformat=VCF") and handle.read() == b"\n" else "the VCF has no header or no last line end"


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
        if handle.read().count(b"\t") < 5:
            return "the index names no slice"
    return ""


def _gzip(file: Path, _: Names) -> str:
    with file.open("rb") as handle:
        return "" if handle.read(2) == b"\x1f\x8b" else "the file is not compressed as its name says"


def _index(file: Path, _: Names) -> str:
    return wrong_length(file)


def _zip(file: Path, _: Names) -> str:
    with zipfile.ZipFile(file) as archive:
        return "the archive is damaged" if archive.testzip() else ""


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
    "plain vcf": _plain_vcf,
    "bed": _bgzf,
    "tbi": _tbi,
    "json": _json,
    "tsv": _tsv,
    "html": _html,
    "gz": _gzip,
    "zip": _zip,
    "index": _index,
}
ENDINGS = {
    ".vcf.gz": "vcf",
    ".vcf": "plain vcf",
    ".bed.gz": "bed",
    ".gz": "gz",
    ".tbi": "tbi",
    ".cram": "cram",
    ".crai": "crai",
    ".json": "json",
    ".html": "html",
    ".zip": "zip",
    ".l2b": "index",
    ".mbw": "index",
}
