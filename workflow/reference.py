"""The reference genome: its contigs, whether it is the assembly it is said to be, and where its sex chromosomes pair."""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

import pysam

from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import atomic
from workflow.regions import check_regions
from workflow.settings import Settings

__all__ = ["check_regions"]

AUTOSOMES = tuple(str(number) for number in range(1, 23))
HG19_MITOCHONDRION = 16571  # NC_001807, in UCSC's hg19; the revised Cambridge reference sequence, NC_012920, has 16569 bases
GZIP, BGZF = b"\x1f\x8b", b"\x1f\x8b\x08\x04"


def plain_name(contig: str) -> str:
    """Return a contig's name without `chr`, the mitochondrion as MT."""
    name = contig.removeprefix("chr")
    return "MT" if name == "M" else name


def autosomes(contigs: Iterable[str]) -> list[str]:
    """Return those of `contigs` that are autosomes, in their order."""
    return [name for name in contigs if plain_name(name) in AUTOSOMES]


def sex_contigs(contigs: Iterable[str]) -> tuple[str | None, str | None]:
    """Return the names of X and Y among `contigs`, None where there is none."""
    by_name = {plain_name(name): name for name in contigs}
    return by_name.get("X"), by_name.get("Y")


def mitochondria(contigs: Iterable[str]) -> list[str]:
    """Return those of `contigs` that are the mitochondrion."""
    return [name for name in contigs if plain_name(name) == "MT"]


def primary_contigs(contigs: Mapping[str, int]) -> dict[str, int]:
    """Return the chromosomes and the mitochondrion among `contigs`, with their lengths in bases."""
    known = lengths("GRCh38")
    return {name: length for name, length in contigs.items() if plain_name(name) in known}


def _table(name: str) -> list[list[str]]:
    """Return the rows of a table in resources/, without comments and header."""
    lines = (ROOT / "resources" / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")][1:]


@functools.cache
def lengths(assembly: str) -> dict[str, int]:
    """Return the lengths in bases of an assembly's primary contigs, named 1 to 22, X, Y, MT."""
    column = {"GRCh37": 1, "GRCh38": 2}[assembly]
    return {row[0]: int(row[column]) for row in _table("assemblies.tsv")}


@functools.cache
def par_regions(assembly: str) -> tuple[tuple[str, int, int], ...]:
    """Return the pseudoautosomal regions of X and Y, 0-based half-open, under both names of each contig (X and chrX)."""
    rows = [row for row in _table("pseudoautosomal.tsv") if row[0] == assembly]
    return tuple((prefix + contig, int(start), int(end)) for prefix in ("", "chr") for _, contig, start, end, _ in rows)


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
    beside, index = Path(f"{fasta}.fai"), Path(f"{index_prefix(settings)}.fai")
    index = index if index.exists() or not beside.exists() else beside
    if not index.exists():
        _build_index(fasta, index)
    return _read_index(index, fasta)


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
    if index.stat().st_mtime < fasta.stat().st_mtime and not _fits(rows[-1], fasta):
        raise InputError(f"the index is older than {fasta} and does not fit it", file=index, remedy=remedy)
    return contigs


def _fits(last: list[str], fasta: Path) -> bool:
    """Say whether a plain FASTA ends where its index says that its last sequence does (a copy may have lost the dates)."""
    length, offset, bases, width = (int(value) for value in last[1:5])
    lines, rest = divmod(length, max(bases, 1))
    return abs(fasta.stat().st_size - (offset + lines * width + rest)) <= len("\r\n")


def check_assembly(settings: Settings, contigs: Mapping[str, int]) -> None:
    """Refuse a reference whose primary contigs have other lengths than those of the assembly that the config names.

    Other contigs may be there, and primary ones may be missing, but not all of them.

    Raises:
        InputError: a length differs, a contig is there under two names, or hg19's own mitochondrion is there.
    """
    name, fasta = settings.reference.name, settings.reference.fasta
    primary = primary_contigs(contigs)
    if not primary:
        what = f"the reference has none of {name}'s contigs (1 or chr1, …, X, Y, MT or chrM)"
        raise InputError(what, file=fasta, remedy="name its contigs as the assembly does")
    seen: dict[str, str] = {}
    for contig, length in primary.items():
        if (earlier := seen.setdefault(plain_name(contig), contig)) != contig:
            raise InputError(f"the reference has both {earlier} and {contig}", file=fasta, remedy="keep one style of names")
        if length != lengths(name)[plain_name(contig)]:
            raise _wrong_length(contig, length, name, fasta)


def _wrong_length(contig: str, length: int, assembly: str, fasta: Path) -> InputError:
    """Return the error for a contig that is not of the assembly, naming the assembly that it is of, if any."""
    if plain_name(contig) == "MT" and length == HG19_MITOCHONDRION:
        what = f"{contig} of {length:,} bases is hg19's mitochondrion (NC_001807), not the revised Cambridge sequence of 16,569"
        return InputError(what, file=fasta, remedy="replace it by NC_012920.1: positions of mitochondrial variants would be wrong")
    fits = [other for other in ("GRCh37", "GRCh38") if lengths(other)[plain_name(contig)] == length]
    what = f"{contig} has {length:,} bases, but that of {assembly} has {lengths(assembly)[plain_name(contig)]:,}"
    hint = (
        f"the reference is {fits[0]}: set `reference.name` to it" if fits else "give the FASTA of the assembly that `reference.name` says"
    )
    return InputError(what, file=fasta, remedy=hint)
