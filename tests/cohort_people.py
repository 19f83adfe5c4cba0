"""Genomes for tests of the frequency store, built in code, and a count of them that shares nothing with it."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

PAR = {("X", 10_000, 2_781_479), ("X", 155_701_382, 156_030_895), ("Y", 10_000, 2_781_479), ("Y", 56_887_902, 57_217_415)}
SITES = [
    ("chr1", 1_000_100, "A", ("C",)), ("chr1", 1_000_100, "A", ("G", "AT")), ("chr1", 1_048_570, "CAG", ("C",)),
    ("chr1", 1_048_576, "G", ("T",)),
    ("chr1", 1_048_577, "T", ("A",)), ("chr1", 20_000_000, "G", ("GATTACAGATTACAGATTACA",)), ("chr2", 500, "C", ("T",)),
    ("chrX", 2_700_000, "A", ("T",)), ("chrX", 5_000_000, "C", ("T",)), ("chrX", 5_000_003, "GA", ("G", "GAA")),
    ("chrX", 155_800_000, "T", ("C",)),
    ("chrY", 5_000_000, "A", ("G",)), ("chrM", 3243, "A", ("G",)),
]  # fmt: skip
STRETCHES = [
    ("chr1", 999_000, 1_060_000),
    ("chr1", 19_999_900, 20_000_100),
    ("chr2", 400, 600),
    ("chrX", 2_699_000, 2_701_000),
    ("chrX", 4_999_900, 5_000_100),
    ("chrX", 155_799_000, 155_801_000),
    ("chrY", 4_999_900, 5_000_100),
    ("chrM", 3000, 3500),
]
HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=Low,Description="Low">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr2,length=242193529>
##contig=<ID=chrX,length=156040895>
##contig=<ID=chrY,length=57227415>
##contig=<ID=chrM,length=16569>
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	"""
KARYOTYPES = {"XX": (2, 0), "XY": (1, 1), "XXY": (2, 1), "X0": (1, 0), "XXX": (3, 0)}


@dataclass
class Made:
    """A genome in plain words: sex, genotypes by site, filter by site, callable stretches (0-based half-open)."""

    name: str
    karyotype: str
    genotypes: dict[int, tuple[int | None, ...]] = field(default_factory=dict)
    filters: dict[int, str] = field(default_factory=dict)
    stretches: list[tuple[str, int, int]] = field(default_factory=list)

    def whole(self) -> "Made":
        """Make every stretch callable."""
        self.stretches = list(STRETCHES)
        return self

    def write(self, folder: Path) -> tuple[Path, Path]:
        vcf, bed = folder / f"{self.name}.vcf", folder / f"{self.name}.bed"
        lines = []
        for at, genotype in sorted(self.genotypes.items()):
            contig, pos, ref, alts = SITES[at]
            words = "/".join("." if one is None else str(one) for one in genotype)
            lines.append(f"{contig}\t{pos}\t.\t{ref}\t{','.join(alts)}\t50\t{self.filters.get(at, 'PASS')}\t.\tGT\t{words}\n")
        vcf.write_text(HEADER + self.name + "\n" + "".join(lines))
        bed.write_text("".join(f"{contig}\t{start}\t{end}\n" for contig, start, end in self.stretches))
        return vcf, bed


def copies(karyotype: str, contig: str, pos: int) -> int:
    name = contig.removeprefix("chr")
    if name == "M":
        return 1
    in_par = any(name == one and start < pos <= end for one, start, end in PAR)
    x, y = KARYOTYPES[karyotype]
    if name == "X":
        return 2 if in_par else x
    return (0 if in_par else y) if name == "Y" else 2


def random_genome(name: str, dice: random.Random) -> Made:
    made = Made(name, dice.choice(list(KARYOTYPES)))
    for at, (contig, pos, _, alts) in enumerate(SITES):
        number = copies(made.karyotype, contig, pos)
        if dice.random() < 0.15:
            number = dice.choice([1, 2])  # a caller that did not know the ploidy
        if number and dice.random() < 0.6:
            alleles = [0, *range(1, len(alts) + 1), None]
            made.genotypes[at] = tuple(dice.choices(alleles, weights=[4, *[4] * len(alts), 1], k=number))
            if dice.random() < 0.15:
                made.filters[at] = "Low"
    for contig, start, end in STRETCHES:
        while start < end:
            stop = min(end, start + dice.randint(1, (end - start) // 2 + 1))
            if dice.random() < 0.7:
                made.stretches.append((contig, start, stop))
            start = stop
    return made


def trim(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def judged(made: Made) -> tuple[dict[tuple[str, int, str, str], int], set[tuple[str, int]]]:
    """Return the counted alleles (alt copies), and the sites that leave the denominator."""
    counted: dict[tuple[str, int, str, str], int] = {}
    good, bad = set(), set()
    for at, genotype in made.genotypes.items():
        contig, pos, ref, alts = SITES[at]
        number = copies(made.karyotype, contig, pos)
        if all(one is None for one in genotype):
            bad.add((contig, pos))
        for allele, alt in enumerate(alts, start=1):
            has = sum(one == allele for one in genotype)
            if has:
                place, ref_, alt_ = trim(pos, ref, alt)
                whole = number == 1 and has == len(genotype)
                if number and made.filters.get(at, "PASS") == "PASS" and (len(genotype) == number or whole):
                    good.add((contig, place))
                    if any(one == contig and start < place <= end for one, start, end in made.stretches):
                        counted[(contig, place, ref_, alt_)] = max(counted.get((contig, place, ref_, alt_), 0), 1 if whole else has)
                else:
                    bad.add((contig, place))
    return counted, bad - good


def brute_force(people: Iterable[Made]) -> dict[tuple[str, int, str, str], tuple[int, int, int, int]]:
    """Return AC, AN, homozygotes and hemizygotes by variant, one person and one site after the other."""
    people = list(people)
    known = [judged(made) for made in people]
    found: dict[tuple[str, int, str, str], list[int]] = {}
    for variant in {variant for counted, _ in known for variant in counted}:
        contig, pos = variant[:2]
        one = found[variant] = [0, 0, 0, 0]
        for made, (counted, lost) in zip(people, known, strict=True):
            number = copies(made.karyotype, contig, pos)
            seen = any(name == contig and start < pos <= end for name, start, end in made.stretches)
            one[1] += number if seen and (contig, pos) not in lost else 0
            has = counted.get(variant, 0)
            one[0] += has
            one[2] += has == number > 1
            one[3] += has == number == 1
    return {variant: (ac, an, hom, hemi) for variant, (ac, an, hom, hemi) in found.items()}
