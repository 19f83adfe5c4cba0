"""People with two sexes, sequenced on a small GRCh38: chromosomes 21, X and Y at their true lengths, real sequence pasted in, N elsewhere.

Each person carries variants at known places: one or both copies of a diploid stretch, the only copy of a haploid one.
"""

import gzip
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pysam

from tests.pipeline.conftest import ROOT

LENGTHS = {"chr21": 46_709_983, "chrX": 156_040_895, "chrY": 57_227_415}
READ, FRAGMENT, SPREAD = 100, 350, 40  # bases; fragments are normally distributed
DEPTH = 17  # of one copy
ERRORS = 0.002  # a base
SPACING = 1000  # bases between variants, at least half of it
DELETED = 6  # bases of the one deletion
COMPLEMENT = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True)
class Place:
    """A stretch of real sequence: copies in a woman and a man, and whether calls are owed there. `start` is 0-based."""

    contig: str
    start: int
    length: int
    female: int
    male: int
    owed: bool = True


AUTOSOME = Place("chr21", 20_000_000, 25_000, 2, 2)
ELSEWHERE = Place("chr21", 30_000_000, 6_000, 2, 2, owed=False)
PAR = Place("chrX", 1_000_000, 10_000, 2, 2)
X = Place("chrX", 50_000_000, 20_000, 2, 1)
Y = Place("chrY", 10_000_000, 60_000, 0, 1)  # more than half of what is owed: one of two chunks holds nothing else
PLACES = (AUTOSOME, ELSEWHERE, PAR, X, Y)
BOUNDARY = (
    sum(place.length for place in PLACES if place.owed) // 2 - AUTOSOME.length - PAR.length - X.length
)  # of two chunks, from the start of Y


@dataclass(frozen=True)
class Carried:
    """A variant that a person carries: position 1-based, `alleles` as GT has them, sorted."""

    contig: str
    pos: int
    ref: str
    alt: str
    alleles: tuple[int, ...]


def real_sequence() -> Iterable[str]:
    """Yield the longest stretches without N of the demo's reference, longest first."""
    found = []
    with pysam.FastaFile(str(ROOT / "resources/reference/demo/GRCh38.chr1.fa")) as fasta:
        for line in (ROOT / "resources/reference/demo/regions.bed").read_text().splitlines():
            contig, start, end = line.split("\t")[:3]
            found.append(max(fasta.fetch(contig, int(start), int(end)).upper().split("N"), key=len))
    return sorted(found, key=len, reverse=True)


def pasted() -> dict[Place, str]:
    """Return the sequence of each place: no base is used twice."""
    pool = list(real_sequence())
    sequence = {}
    for place in sorted(PLACES, key=lambda place: -place.length):
        block = next(number for number, rest in enumerate(pool) if len(rest) >= place.length)
        sequence[place], pool[block] = pool[block][: place.length], pool[block][place.length :]
    return sequence


def write_reference(fasta: Path, sequence: dict[Place, str]) -> None:
    """Write the FASTA, and beside it `regions.bed` with the places where calls are owed."""
    with open(fasta, "w") as handle:
        for contig, length in LENGTHS.items():
            handle.write(f">{contig}\n")
            written = 0
            for place in sorted((place for place in sequence if place.contig == contig), key=lambda place: place.start):
                handle.write("N" * (place.start - written) + sequence[place])
                written = place.start + place.length
            handle.write("N" * (length - written) + "\n")
    owed = sorted((place.contig, place.start, place.start + place.length) for place in PLACES if place.owed)
    (fasta.parent / "regions.bed").write_text("".join(f"{contig}\t{start}\t{end}\n" for contig, start, end in owed))


def write_person(folder: Path, name: str, sequence: dict[Place, str], *, sex: str, seed: int) -> list[Carried]:
    """Write `<name>_1.fq.gz` and `<name>_2.fq.gz` of a female or male person; return what the person carries where calls are owed."""
    dice = random.Random(seed)
    carried: list[Carried] = []
    fragments: list[str] = []
    for place, reference in sequence.items():
        copies = place.female if sex == "female" else place.male
        chosen = variants(place, reference, copies, dice)
        carried += chosen if place.owed else []
        for copy in range(copies):
            fragments += shear(with_variants(place, reference, [one for one in chosen if one.alleles[copy]]), dice)
    write_reads(folder, name, fragments, dice)
    return carried


def variants(place: Place, reference: str, copies: int, dice: random.Random) -> list[Carried]:
    """Return variants of a place, about one in `SPACING` bases, none close to its ends; on Y, also a deletion across `BOUNDARY`."""
    kinds = {0: [], 1: [(1,)], 2: [(0, 1), (1, 0), (1, 1)]}[copies]
    found = []
    for middle in range(SPACING, len(reference) - SPACING, SPACING) if kinds else ():
        at = middle + dice.randrange(-SPACING // 4, SPACING // 4)
        alt = dice.choice([base for base in "ACGT" if base != reference[at]])
        found.append(Carried(place.contig, place.start + at + 1, reference[at], alt, dice.choice(kinds)))
    return found + ([deletion(place, reference, BOUNDARY - DELETED // 2)] if place is Y and copies else [])


def deletion(place: Place, reference: str, at: int) -> Carried:
    """Return a deletion in the only copy of a place, after base `at` (0-based) or where the same deletion begins leftmost."""
    while reference[at] == reference[at + DELETED]:
        at -= 1
    return Carried(place.contig, place.start + at + 1, reference[at : at + DELETED + 1], reference[at], (1,))


def with_variants(place: Place, reference: str, carried: Iterable[Carried]) -> str:
    """Return one copy of a place with its variants written in."""
    bases = list(reference)
    for one in carried:
        at = one.pos - 1 - place.start
        bases[at : at + len(one.ref)] = [one.alt] + [""] * (len(one.ref) - 1)
    return "".join(bases)


def shear(copy: str, dice: random.Random) -> list[str]:
    """Return fragments of one copy, of either strand, to `DEPTH`."""
    fragments = []
    for _ in range(len(copy) * DEPTH // (2 * READ)):
        length = max(2 * READ, round(dice.gauss(FRAGMENT, SPREAD)))
        start = dice.randrange(len(copy) - length)
        fragment = copy[start : start + length]
        fragments.append(fragment if dice.random() < 0.5 else fragment.translate(COMPLEMENT)[::-1])
    return fragments


def write_reads(folder: Path, name: str, fragments: list[str], dice: random.Random) -> None:
    """Write both ends of each fragment, with errors of sequencing."""
    with (
        gzip.open(folder / f"{name}_1.fq.gz", "wt", compresslevel=1) as first,
        gzip.open(folder / f"{name}_2.fq.gz", "wt", compresslevel=1) as second,
    ):
        for number, fragment in enumerate(fragments):
            ends = (first, fragment[:READ]), (second, fragment.translate(COMPLEMENT)[::-1][:READ])
            for end, (handle, bases) in enumerate(ends, start=1):
                handle.write(f"@{name}{number}/{end}\n{misread(bases, dice)}\n+\n{'F' * READ}\n")


def misread(bases: str, dice: random.Random) -> str:
    """Return a read with errors."""
    if dice.random() > ERRORS * len(bases):
        return bases
    at = dice.randrange(len(bases))
    return bases[:at] + dice.choice("ACGT") + bases[at + 1 :]
