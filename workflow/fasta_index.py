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
            _check_names(fasta, part_index)
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


def _check_names(fasta: Path, index: Path) -> None:
    """Refuse a FASTA with more sequences than its new index, which leaves out those whose name was there already."""
    with gzip.open(fasta, "rb") if is_compressed(fasta) else open(fasta, "rb") as handle:
        sequences = sum(line.startswith(b">") for line in handle)
    with open(index, "rb") as handle:
        listed = sum(1 for _ in handle)
    if listed < sequences:
        what = f"the reference has {sequences} sequences, but only {listed} different names"
        raise InputError(what, file=fasta, remedy="keep one sequence of each name")


def _read_index(index: Path, fasta: Path) -> dict[str, int]:
    remedy = "remove it; it will be built again"
    try:
        rows = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines()]
        contigs = {row[0]: int(row[1]) for row in rows if int(row[4])}
    except (ValueError, IndexError, UnicodeDecodeError):
        raise InputError("this is no FASTA index", file=index, remedy=remedy) from None
    if not contigs or len(contigs) < len(rows):
        raise InputError("the index lists no sequence, or one twice", file=index, remedy=f"mend {fasta} and remove the index")
    if not _fits(rows, fasta, index):
        raise InputError(f"this is not the index of {fasta} as it is now", file=index, remedy=remedy)
    if any(int(row[4]) == int(row[3]) + len("\r\n") for row in rows):
        raise InputError("lines of the reference end as Windows writes them", file=fasta, remedy=f"mend them and remove {index}")
    return contigs


def _fits(rows: list[list[str]], fasta: Path, index: Path) -> bool:
    """Say whether a FASTA begins with the first sequence of its index and ends with the last; dates do not tell, a copy may lose them."""
    length, offset, bases, width = (int(value) for value in rows[-1][1:5])
    lines, rest = divmod(length, max(bases, 1))
    end = offset + lines * width + rest
    if is_compressed(fasta):
        return abs(_plain_size(fasta, index.with_suffix(".gzi")) - end) <= len("\r\n")
    with open(fasta, "rb") as handle:
        first = handle.readline()
        handle.seek(end)
        rest_of_file = handle.read(1 << 16)
    named = first.split(maxsplit=1)[:1] == [f">{rows[0][0]}".encode()] and len(first) == int(rows[0][2])
    return named and fasta.stat().st_size >= end - len("\r\n") and not rest_of_file.strip()


def _plain_size(fasta: Path, blocks: Path) -> int:
    """Return the bytes of a compressed FASTA without compression. A .gzi has a count, then two offsets of each block: compressed, plain."""
    start, plain = struct.unpack("<QQ", blocks.read_bytes()[8:][-16:] or bytes(16))
    with open(fasta, "rb") as handle:
        handle.seek(start)
        try:
            return int(plain + len(gzip.decompress(handle.read())))
        except (OSError, EOFError):
            return 0
