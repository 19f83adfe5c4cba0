"""The reference as rules use it: where its indexes stand, which contigs calls are owed on, how they are dealt into chunks."""

from dataclasses import dataclass
from pathlib import Path

from workflow.errors import InputError
from workflow.fasta_index import index_prefix, is_compressed, load_contigs
from workflow.intervals import read_bed, total_length
from workflow.reference import check_assembly, check_regions, par_regions, primary_contigs
from workflow.settings import Settings

INDEX_ENDS = {"minibwa": (".l2b", ".mbw"), "bwa": (".amb", ".ann", ".bwt", ".pac", ".sa")}
FASTA_ENDS = (".gz", ".fasta", ".fa", ".fna")


@dataclass(frozen=True)
class Genome:
    """A checked reference.

    Attributes:
        fasta: the FASTA that tools open; its indexes stand beside it.
        primary_contigs: chromosomes and mitochondrion that it has, with their lengths: where calls are owed if no regions are given.
        par: pseudoautosomal regions, (contig, start, end), 0-based half-open.
        chunks: names of the pieces that calling is scattered over.
    """

    fasta: str
    primary_contigs: dict[str, int]
    par: list[list[str | int]]
    chunks: tuple[str, ...]

    @property
    def dictionary(self) -> str:
        """Return the path of the sequence dictionary, where GATK looks for it."""
        stem = self.fasta
        for end in FASTA_ENDS:
            stem = stem.removesuffix(end)
        return f"{stem}.dict"

    @property
    def str_table(self) -> str:
        """Return the path of GATK's table of short tandem repeats."""
        return f"{self.fasta}.str.zip"

    def aligner_index(self, aligner: str) -> list[str]:
        """Return the files of an aligner's index."""
        return [f"{self.fasta}{end}" for end in INDEX_ENDS[aligner]]


def load_genome(settings: Settings) -> Genome:
    """Return the reference of a config, checked against its assembly and the regions.

    Raises:
        InputError: reference or regions are missing, unreadable, of another assembly, or cannot be indexed where they stand.
    """
    contigs = load_contigs(settings)
    check_assembly(settings, contigs)
    check_regions(settings, contigs)
    _check_caller(settings)
    primary = primary_contigs(contigs)
    fasta = _linked(settings)
    par: list[list[str | int]] = [[contig, start, end] for contig, start, end in par_regions(settings.reference.name) if contig in contigs]
    wanted = total_length(read_bed(settings.regions)) if settings.regions else sum(primary.values())
    return Genome(fasta, primary, par, chunk_names(wanted, settings.calling.scatter_bp))


def _check_caller(settings: Settings) -> None:
    """Refuse a compressed reference that the caller cannot read, before hours of alignment."""
    if settings.caller == "freebayes" and is_compressed(settings.reference.fasta):
        what = "freebayes reads no compressed reference"
        raise InputError(what, file=settings.reference.fasta, remedy="unpack it with `bgzip -d`, or set `caller` to gatk")


def chunk_names(bases: int, scatter_bp: int) -> tuple[str, ...]:
    """Return the names of as many chunks as `bases` need at `scatter_bp` bases each: 001, 002 and so on."""
    return tuple(f"{number:03d}" for number in range(1, 1 + max(1, -(-bases // scatter_bp))))


def _linked(settings: Settings) -> str:
    """Return the FASTA that tools open: the configured one, or a link to it in `reference.index`, since tools look beside the FASTA."""
    fasta, prefix = settings.reference.fasta, Path(index_prefix(settings))
    if settings.reference.index is None:
        return str(fasta)
    for end in ("", ".fai", ".gzi"):
        source, link = Path(f"{fasta}{end}").resolve(), Path(f"{prefix}{end}")
        if source.exists() and not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source)
    return str(prefix)
