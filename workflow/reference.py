"""The reference genome: its contigs, whether it is the assembly it is said to be, and where its sex chromosomes pair."""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.regions import check_regions
from workflow.settings import Settings

__all__ = ["check_regions"]

AUTOSOMES = tuple(str(number) for number in range(1, 23))
HG19_MITOCHONDRION = 16571  # NC_001807, in UCSC's hg19; the revised Cambridge reference sequence, NC_012920, has 16569 bases


def plain_name(contig: str) -> str:
    """Return a contig's name without `chr`, the mitochondrion as MT."""
    name = contig.removeprefix("chr")
    return "MT" if name == "M" else name


def contig_kind(contig: str) -> str:
    """Return `X`, `Y`, `MT` or `autosome` for a contig's name."""
    name = plain_name(contig)
    return name if name in {"X", "Y", "MT"} else "autosome"


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
