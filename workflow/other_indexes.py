"""The sequence dictionary and the aligner's index that stand beside a reference: are they of this reference?

Snakemake makes an index anew that is older than its FASTA. A copy or a move can turn the dates round, so names and lengths are compared.
"""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from workflow.aligner_index import wrong_length
from workflow.errors import InputError
from workflow.fasta_index import load_contigs
from workflow.genome import Genome
from workflow.settings import Settings

Contigs = Mapping[str, int]


def check_other_indexes(settings: Settings, genome: Genome, aligner: str) -> None:
    """Refuse an index that is truncated, or that would be used as it is and has other contigs than the reference.

    Raises:
        InputError: naming the index.
    """
    wanted = list(load_contigs(settings).items())
    for path in map(Path, (genome.dictionary, *genome.aligner_index(aligner))):
        if path.suffix in {".l2b", ".mbw"} and path.is_file() and (wrong := wrong_length(path)):
            raise InputError(wrong, file=path, remedy="remove it; it will be built again")
        read = READERS.get(path.suffix)
        if read and path.exists() and path.stat().st_mtime >= settings.reference.fasta.stat().st_mtime:
            found = _contigs(read, path)
            if found is not None and list(found.items()) != wanted:
                what = f"this is the index of another reference than {genome.fasta}"
                raise InputError(what, file=path, remedy="remove it; it will be built again")


def _contigs(read: Callable[[Path], Contigs | None], path: Path) -> Contigs | None:
    """Return the contigs that an index names, none if it is damaged; None if it is of an unknown version."""
    try:
        return read(path)
    except (OSError, ValueError, IndexError, KeyError, struct.error):
        return {}


def _of_dictionary(path: Path) -> Contigs:
    """Read the @SQ lines of a sequence dictionary (SAM specification 1.6, section 1.3)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    fields = [dict(field.split(":", 1) for field in line.split("\t")[1:]) for line in lines if line.startswith("@SQ\t")]
    return {field["SN"]: int(field["LN"]) for field in fields}


def _of_bwa(path: Path) -> Contigs:
    """Read bwa's .ann: a line of totals, then two lines a sequence: `number name comment` and `offset length holes`."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {name[1]: int(length[1]) for name, length in zip(lines[::2], lines[1::2], strict=True)}


def _of_minibwa(path: Path) -> Contigs | None:
    """Read minibwa's .l2b, version 1, little-endian: counts from byte 8, lengths from byte 64, names before the comments at the end."""
    with open(path, "rb") as handle:
        head = handle.read(64)
        if not head.startswith(b"L2B\1"):
            return None
        count, names_size, comments_size = (struct.unpack_from("<Q", head, at)[0] for at in (8, 40, 48))
        lengths = struct.unpack(f"<{count}Q", handle.read(8 * count))
        handle.seek(-(names_size + comments_size), 2)
        names = handle.read(names_size).decode().split("\0")[:-1]
    return dict(zip(names, lengths, strict=True))


READERS: dict[str, Callable[[Path], Contigs | None]] = {".dict": _of_dictionary, ".ann": _of_bwa, ".l2b": _of_minibwa}
