"""The sets of reads: where they lie, who is in them, and how they are made once and kept in a cache folder outside the repository."""

import gzip
import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pysam

from scripts.bench.simulate import MARGIN, Variant, make_variants
from scripts.bench.simulate_reads import write_reads
from scripts.bench.site_files import Site, join, write_bed, write_vcf
from scripts.setup.common import ROOT, cache_root

SEED = 20_260_101
LAYOUT = 2  # part of a made set's folder: raise it when what is made changes
SHORTEST = 5 * MARGIN  # bases of a stretch that is worth simulating


@dataclass(frozen=True)
class Piece:
    """A stretch of reference without N, 0-based half-open, simulated on its own, so that larger sets hold the smaller ones."""

    name: str
    contig: str
    start: int
    end: int


@dataclass(frozen=True)
class Person:
    """One sample: lanes are pairs of FASTQ files; truth is a VCF, complete inside `bed`."""

    name: str
    sex: str
    lanes: tuple[tuple[Path, Path], ...]
    truth: Path
    bed: Path


@dataclass(frozen=True)
class ReadSet:
    """What every chain is given alike; `known` holds the common sites that base recalibration asks for."""

    name: str
    assembly: str
    fasta: Path
    regions: Path
    known: Path
    people: tuple[Person, ...]


LARGE = (
    Piece("a", "d38_20", 0, 2_500_000),
    Piece("b", "d38_20", 2_500_000, 5_000_000),
    Piece("c", "d38_20", 5_000_000, 8_900_000),
    Piece("d", "20", 9_995_000, 11_095_000),
)
SIZES = {"2.5": LARGE[:1], "5": LARGE[:2], "10": LARGE}


def data_root() -> Path:
    """Return the folder of made sets: GENVEJ_BENCH_DATA, else `bench` in the user's cache folder."""
    return Path(os.environ["GENVEJ_BENCH_DATA"]).resolve() if "GENVEJ_BENCH_DATA" in os.environ else cache_root() / "bench"


def shared_root() -> Path:
    """Return the folder of real data for development: GENVEJ_SHARED, else `shared/data` beside the repository."""
    return Path(os.environ.get("GENVEJ_SHARED") or ROOT.parent / "shared" / "data").resolve()


def unpacked(packed: Path, plain: Path) -> Path:
    """Return a FASTA unpacked once, with its index."""
    if not Path(f"{plain}.fai").exists():
        plain.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(packed) as source, open(plain, "wb") as target:
            shutil.copyfileobj(source, target)
        pysam.faidx(str(plain))
    return plain


def large_set(name: str) -> ReadSet:
    """Return 2.5, 5 or 10 Mb of real sequence at 30x with a known diploid genome."""
    fasta = unpacked(shared_root() / "giab/ref/b37mini.fa.gz", data_root() / "reference/b37mini.fa")
    return simulated_set(name, "GRCh37", fasta, SIZES[name])


def demo_set() -> ReadSet:
    """Return the small stand-in for a large set where no large reference is at hand: what the demo's reference has."""
    make_demo_data()
    fasta = ROOT / "resources/reference/demo/GRCh38.chr1.fa"
    return simulated_set("demo", "GRCh38", fasta, demo_pieces(fasta, ROOT / "resources/reference/demo/regions.bed"))


def make_demo_data() -> None:
    """Prepare the demo's reference and reads, if they are not there."""
    subprocess.run(["make", "-s", "data"], cwd=ROOT, check=True)


def demo_pieces(fasta: Path, regions: Path) -> tuple[Piece, ...]:
    """Return the longest stretch without N of each region, if it is long enough."""
    pieces = []
    with pysam.FastaFile(str(fasta)) as reference:
        for number, line in enumerate(regions.read_text(encoding="utf-8").splitlines()):
            contig, start, end = line.split("\t")[:3]
            sequence = reference.fetch(contig, int(start), int(end)).upper()
            longest = max(sequence.split("N"), key=len)
            first = int(start) + sequence.index(longest)
            pieces.append(Piece(f"r{number}", contig, first, first + len(longest)))
    return tuple(piece for piece in pieces if piece.end - piece.start >= SHORTEST)


def simulated_set(name: str, assembly: str, fasta: Path, pieces: Sequence[Piece]) -> ReadSet:
    """Return a simulated set, made now if it is not in the cache."""
    home = data_root() / f"simulated-{LAYOUT}"
    folder = home / name
    if not (folder / "truth.vcf.gz.tbi").exists():
        folder.mkdir(parents=True, exist_ok=True)
        carried = [(piece, simulated_piece(home / "pieces", fasta, piece)) for piece in pieces]
        for end in (1, 2):
            join([home / "pieces" / f"{piece.contig}.{piece.name}_{end}.fq.gz" for piece in pieces], folder / f"SIM_{end}.fq.gz")
        write_bed(folder / "regions.bed", ((piece.contig, piece.start, piece.end) for piece in pieces))
        write_bed(folder / "truth.bed", ((piece.contig, piece.start + MARGIN, piece.end - MARGIN) for piece in pieces))
        write_vcf(folder / "known.vcf.gz", fasta, [site(piece, one) for piece, found in carried for one in found if one.known])
        write_vcf(folder / "truth.vcf.gz", fasta, [site(piece, one) for piece, found in carried for one in found], "SIM")
    lanes = ((folder / "SIM_1.fq.gz", folder / "SIM_2.fq.gz"),)
    person = Person("SIM", "unknown", lanes, folder / "truth.vcf.gz", folder / "truth.bed")
    return ReadSet(name, assembly, fasta, folder / "regions.bed", folder / "known.vcf.gz", (person,))


def simulated_piece(folder: Path, fasta: Path, piece: Piece) -> list[Variant]:
    """Return the variants of one piece; its reads are written unless they lie there from a set before."""
    with pysam.FastaFile(str(fasta)) as reference:
        sequence = reference.fetch(piece.contig, piece.start, piece.end).upper()
    seed = SEED + piece.start
    variants = make_variants(sequence, random.Random(seed))
    name = f"{piece.contig}.{piece.name}"
    if not (folder / f"{name}_2.fq.gz").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_reads(folder, name, sequence, variants, seed % 2**31)
    return variants


def site(piece: Piece, one: Variant) -> Site:
    """Return a variant of a piece as a line of VCF has it."""
    return piece.contig, piece.start + one.at + 1, one.ref, one.alt, one.genotype
