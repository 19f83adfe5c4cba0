"""The index of a reference: its .fai, and the .gzi of one that is compressed with bgzip, beside the FASTA or in `reference.index`."""

import gzip
import struct
from pathlib import Path

import pysam

from workflow.errors import InputError
from workflow.files import atomic
from workflow.settings import Settings

GZIP, BGZF = b"\x1f\x8b", b"\x1f\x8b\x08\x04"


def index_prefix(settings: Settings) -> Path:
    """Return the path that index suffixes are added to: the FASTA's own, or its name in `reference.index`."""
    fasta, folder = settings.reference.fasta, settings.reference.index
    return folder / fasta.name if folder else fasta


def load_contigs(settings: Settings) -> dict[str, int]:
    """Return the contigs of the reference with their lengths in bases, in the FASTA's order; build the .fai if there is none.

    Raises:
        InputError: the FASTA is missing, is none, is compressed with plain gzip, or cannot be indexed where it stands.
    """
    fasta = settings.reference.fasta
    _check_format(fasta)
    own, beside = Path(f"{index_prefix(settings)}.fai"), Path(f"{fasta}.fai")
    index = next((one for one in (own, beside) if _is_whole(one, fasta)), own)
    if not _is_whole(index, fasta):
        _build_index(fasta, index)
    return _read_index(index, fasta)


def is_compressed(fasta: Path) -> bool:
    """Tell whether a FASTA is compressed with bgzip."""
    with open(fasta, "rb") as handle:
        return handle.read(len(BGZF)) == BGZF


def _is_whole(index: Path, fasta: Path) -> bool:
    """Tell whether an index is there; a compressed FASTA has a second part of it, the .gzi."""
    return index.exists() and (index.with_suffix(".gzi").exists() or not is_compressed(fasta))


def _check_format(fasta: Path) -> None:
    try:
        with open(fasta, "rb") as handle:
            start = handle.read(4)
    except OSError as error:
        what = "there is no such reference" if isinstance(error, FileNotFoundError) else f"the reference cannot be read ({error.strerror})"
        raise InputError(what, file=fasta, remedy="check `reference.fasta`; it is relative to the working directory") from None
    if start.startswith(GZIP) and start != BGZF:
        raise InputError(
            "the reference is compressed with gzip, which cannot be indexed", file=fasta, remedy="unpack it, or compress it with bgzip"
        )
    if not start.startswith((b">", BGZF)):
        raise InputError("the reference is no FASTA: it does not begin with `>`", file=fasta, remedy="name a FASTA in `reference.fasta`")


def _build_index(fasta: Path, index: Path) -> None:
    """Write the .fai (and .gzi of a bgzip-compressed FASTA) under temporary names and move them into place."""
    blocks = Path(f"{str(index).removesuffix('.fai')}.gzi")
    try:
        with atomic(index) as part_index, atomic(blocks) as part_blocks:
            _faidx(fasta, part_index, part_blocks)
        if not blocks.stat().st_size:
            blocks.unlink()
    except OSError as error:
        what = f"the reference has no index (.fai), and none can be written to {index.parent} ({error.strerror})"
        raise InputError(what, file=fasta, remedy="set `reference.index` to a folder that can be written") from None
    except pysam.utils.SamtoolsError:
        what = "the reference cannot be indexed: within a sequence, all lines but the last must be of one length"
        raise InputError(what, file=fasta, remedy="write it anew, for example with `samtools faidx` of each sequence") from None


def _faidx(fasta: Path, index: Path, blocks: Path) -> None:
    """Run `samtools faidx` without htslib's own messages."""
    verbosity = pysam.set_verbosity(0)
    try:
        pysam.faidx(str(fasta), "--fai-idx", str(index), "--gzi-idx", str(blocks))
    finally:
        pysam.set_verbosity(verbosity)


def _read_index(index: Path, fasta: Path) -> dict[str, int]:
    remedy = "remove it; it will be built again"
    try:
        rows = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines()]
        contigs = {row[0]: int(row[1]) for row in rows}
    except (ValueError, IndexError, UnicodeDecodeError):
        raise InputError("this is no FASTA index", file=index, remedy=remedy) from None
    if not contigs or len(contigs) < len(rows):
        raise InputError("the index lists no sequence, or one twice", file=index, remedy=f"mend {fasta} and remove the index")
    if index.stat().st_mtime < fasta.stat().st_mtime and not _fits(rows[-1], _plain_size(fasta, index.with_suffix(".gzi"))):
        raise InputError(f"the index is older than {fasta} and does not fit it", file=index, remedy=remedy)
    return contigs


def _fits(last: list[str], size: int) -> bool:
    """Say whether a FASTA of `size` bytes ends where its index says that its last sequence does (a copy may have lost the dates)."""
    length, offset, bases, width = (int(value) for value in last[1:5])
    lines, rest = divmod(length, max(bases, 1))
    return abs(size - (offset + lines * width + rest)) <= len("\r\n")


def _plain_size(fasta: Path, blocks: Path) -> int:
    """Return the bytes of a FASTA without compression. A .gzi has a count, then two offsets of each block: compressed, plain."""
    if not is_compressed(fasta):
        return fasta.stat().st_size
    start, plain = struct.unpack("<QQ", blocks.read_bytes()[8:][-16:] or bytes(16))
    with open(fasta, "rb") as handle:
        handle.seek(start)
        try:
            return int(plain + len(gzip.decompress(handle.read())))
        except (OSError, EOFError):
            return 0
