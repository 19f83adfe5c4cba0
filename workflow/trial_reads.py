"""Reads of trial families: variants written into the real reads of a trio, or simulated with their variants."""

import gzip
import random
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pysam

from workflow.bases import reverse_complement
from workflow.spiking import Edit, Marker, Variant, base_at, copies_of, edited, edits_of, of_mate, share_of, without
from workflow.trial_family import LENGTH, ROLES, Scenario, missense

READ, FRAGMENT, SPREAD, DEPTH, ERRORS = 150, 420, 50, 32, 0.001  # of simulated reads
LEAST_DEPTH = 8  # reads at a marker
Placed = Mapping[str, list[Variant]]
"""By gene: the variants of its scenario, in order."""


@dataclass(frozen=True)
class Trial:
    """What a run needs: contig, reads by role, gene places (1-based, last included), the variants by gene."""

    contig: str
    genes: dict[str, tuple[int, int]]
    placed: Placed


def place(
    scenarios: Iterable[Scenario], genes: Mapping[str, tuple[int, int]], contig: str, sequence: str, start: int, usable: object
) -> Placed:
    """Return variants that change an amino acid, at or close behind the place that each scenario names.

    Args:
        scenarios: with the variants.
        genes: by name.
        contig: name.
        sequence: bases of the contig from `start` (0-based).
        start: 0-based.
        usable: function of a 1-based position: whether every read there is as the reference.
    """
    placed: dict[str, list[Variant]] = {}
    for one in scenarios:
        first, last = genes[one.gene]
        placed[one.gene] = []
        for spike in one.spikes:
            for position in range(first + spike.at // 3 * 3, last - 2, 3):
                codon = sequence[position - 1 - start : position + 2 - start]
                if (base := missense(codon)) and usable(position):  # type: ignore[operator]
                    placed[one.gene].append(Variant(contig, position, codon[0], base))
                    break
    return placed


# --- real reads -----------------------------------------------------------------------------------------------------------


def markers_of(bams: Mapping[str, str], contig: str, start: int, end: int) -> list[Marker]:
    """Return the child's heterozygous bases that came from one parent who alone has them: base of the mother's copy, of the father's."""
    shares: dict[str, dict[int, dict[str, float]]] = {}
    for role, bam in bams.items():
        with pysam.AlignmentFile(bam) as reads:
            counts = reads.count_coverage(contig, start, end, quality_threshold=20)
        shares[role] = {}
        for offset in range(end - start):
            total = sum(column[offset] for column in counts)
            if total >= LEAST_DEPTH:
                shares[role][start + offset + 1] = {base: column[offset] / total for base, column in zip("ACGT", counts, strict=True)}
    found = []
    for position, child in shares["proband"].items():
        both = [base for base, share in child.items() if 0.25 <= share <= 0.75]
        mother, father = (shares[role].get(position) for role in ("mother", "father"))
        if len(both) == 2 and mother and father:
            for first, second in (both, both[::-1]):
                if mother[second] < 0.05 and father[second] > 0.2 and mother[first] > 0.2:
                    found.append(Marker(position, first, second))
    return found


def spiked_fastq(
    bam: str, fastq: Sequence[Path], role: str, scenarios: Iterable[Scenario], placed: Placed, markers: Sequence[Marker]
) -> None:
    """Rewrite a pair of FASTQ files (gzip) with what a person carries; no copy of a parent is told apart but by turns."""
    contents = [gzip.decompress(path.read_bytes()).splitlines(keepends=True) for path in fastq]
    names = {line[1:].split()[0].decode().removesuffix("/1") for line in contents[0][::4]}
    edits: dict[str, list[Edit]] = {}
    gone: set[str] = set()
    with pysam.AlignmentFile(bam) as reads:
        copies = copies_of(reads.fetch(), markers if role == "proband" else ())
        for one in scenarios:
            for spike, variant in zip(one.spikes, placed[one.gene], strict=True):
                carried = spike.of(role)
                over = list(reads.fetch(variant.contig, variant.position - 1, variant.position))
                if carried == "-":
                    gone |= {str(read.query_name) for read in over}
                    continue
                covering = edits_of([read for read in over if base_at(read, variant.position)], names, variant) if carried else {}
                chosen = share_of(covering, int(carried.split()[0]) / 100) if carried.endswith("%") else covering
                for name, found in chosen.items():
                    if carried.endswith("%") or copies[name] in carried:
                        edits.setdefault(name, []).extend(found)
    for mate, (lines, path) in enumerate(zip(contents, fastq, strict=True)):
        path.write_bytes(gzip.compress(b"".join(without(edited(lines, of_mate(edits, mate)), gone)), compresslevel=4, mtime=0))


def keep_copy(bam: str, fastq: Sequence[Path], copy: str, markers: Sequence[Marker]) -> None:
    """Leave in a pair of FASTQ files (gzip) only the fragments of one copy; where no marker tells, every second one."""
    with pysam.AlignmentFile(bam) as reads:
        others = {name for name, own in copies_of(reads.fetch(), markers).items() if own != copy}
    for path in fastq:
        lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        path.write_bytes(gzip.compress(b"".join(without(lines, others)), compresslevel=4, mtime=0))


def extract_fastq(bam: str, folder: Path, name: str) -> list[Path]:
    """Write the pairs of a BAM as `<name>_1.fq.gz` and `<name>_2.fq.gz`."""
    files = [folder / f"{name}_{mate}.fq.gz" for mate in (1, 2)]
    collate = subprocess.Popen(
        ["samtools", "collate", "-Ou", "-O", bam, str(folder / f"{name}.tmp")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    command = ["samtools", "fastq", "-n", "-1", str(files[0]), "-2", str(files[1]), "-0", "/dev/null", "-s", "/dev/null", "-"]
    subprocess.run(command, stdin=collate.stdout, check=True, stderr=subprocess.DEVNULL)
    if collate.wait():
        raise OSError(f"samtools collate failed on {bam}")
    return files


def as_reference(bams: Iterable[str], contig: str, sequence: str, start: int) -> object:
    """Return a function that tells whether every read of everybody has the reference's base at a 1-based position."""

    def usable(position: int) -> bool:
        wanted = sequence[position - 1 - start]
        for bam in bams:
            with pysam.AlignmentFile(bam) as reads:
                for read in reads.fetch(contig, position - 1, position):
                    if not (found := base_at(read, position)) or found[1] != wanted:
                        return False
        return True

    return usable


# --- simulated reads ------------------------------------------------------------------------------------------------------


def simulated_genes(scenarios: Sequence[Scenario], start: int) -> dict[str, tuple[int, int]]:
    """Return the places of genes behind each other, 500 bases apart, on a stretch that begins at `start` (0-based)."""
    return {
        one.gene: (start + 601 + number * (LENGTH + 500), start + 600 + number * (LENGTH + 500) + LENGTH)
        for number, one in enumerate(scenarios)
    }


def natural_sites(
    genes: Mapping[str, tuple[int, int]], sequence: str, start: int, dice: random.Random
) -> dict[str, dict[str, list[Variant]]]:
    """Return {role: {copy: variants}} of ordinary variants between the genes; the child has copy 1 of each parent."""
    found: dict[str, dict[str, list[Variant]]] = {role: {"1": [], "2": []} for role in ROLES}
    for _, last in genes.values():
        position = last + 250
        ref = sequence[position - 1 - start]
        variant = Variant("", position, ref, dice.choice([base for base in "ACGT" if base != ref]))
        for role, copy in (("mother", "1"), ("mother", "2"), ("father", "1"), ("father", "2")):
            if dice.random() < 0.5:
                found[role][copy].append(variant)
    found["proband"] = {"1": found["mother"]["1"], "2": found["father"]["1"]}
    return found


def simulate(
    folder: Path, name: str, sequence: str, start: int, copies: Mapping[str, tuple[Sequence[Variant], Sequence[tuple[Variant, float]]]],
    uncovered: Sequence[int], dice: random.Random,
) -> None:  # fmt: skip
    """Write the reads of a person: each copy's variants, those in a share of its fragments, and positions without reads."""
    fragments: list[str] = []
    over: dict[Variant, int] = {}
    for always, sometimes in copies.values():
        for _ in range(len(sequence) * DEPTH // (4 * READ)):
            length = max(2 * READ, round(dice.gauss(FRAGMENT, SPREAD)))
            at = dice.randrange(len(sequence) - length)
            carried = [
                *always,
                *(variant for variant, share in sometimes if at < variant.position - start <= at + length and _turn(over, variant, share)),
            ]
            if any(at < position - start <= at + length for position in uncovered):
                continue
            bases = list(sequence[at : at + length])
            for variant in carried:
                if 0 <= (offset := variant.position - 1 - start - at) < length:
                    bases[offset] = variant.alt
            fragment = "".join(bases)
            fragments.append(fragment if dice.random() < 0.5 else reverse_complement(fragment))
    _write(folder, name, fragments, dice)


def _turn(over: dict[Variant, int], variant: Variant, share: float) -> bool:
    """Tell whether the next fragment over a mosaic variant has it, so that a share of them has; counts the fragment."""
    over[variant] = over.get(variant, 0) + 1
    return int(over[variant] * share + 0.5) > int((over[variant] - 1) * share + 0.5)


def _write(folder: Path, name: str, fragments: Sequence[str], dice: random.Random) -> None:
    with (
        gzip.open(folder / f"{name}_1.fq.gz", "wt", compresslevel=1) as first,
        gzip.open(folder / f"{name}_2.fq.gz", "wt", compresslevel=1) as second,
    ):
        for number, fragment in enumerate(fragments):
            for handle, bases in ((first, fragment), (second, reverse_complement(fragment))):
                read = [dice.choice("ACGT") if dice.random() < ERRORS else base for base in bases[:READ]]
                handle.write(f"@{name}{number}\n{''.join(read)}\n+\n{'F' * READ}\n")
