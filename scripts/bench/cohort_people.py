"""People of a cohort as data: genotypes out of phased VCFs, reads simulated from them, families found in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.fingerprints import LETTERS, Bytes, Sites, autosome_of, key_of, likelihoods, planes, quantised
from workflow.kinship import parent_odds
from workflow.matching import compare, screen
from workflow.site_counts import genotype_likelihoods

MISREAD = 0.003
"""Chance of a wrong base: more than the workflow assumes."""
WRONG_GENOTYPE = 0.001
MENDEL, MOST_MENDEL, LIKELY = 3, 10, 10.0
"""Sites against inheritance that a found trio may have: mistakes of the genotypes; more if its log10 odds are `LIKELY` all the same."""
Copies = NDArray[np.int8]


@dataclass(frozen=True)
class Cohort:
    """Genotypes of many people: `copies` of the alternative allele, (people, sites)."""

    names: list[str]
    sites: Sites
    copies: Copies

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Cohort":
        """Return the cohort at some of its sites."""
        return Cohort(self.names, self.sites.chosen(which), self.copies[:, which])

    def panel(self, least: float = 0.05, spacing: int = 300) -> "Cohort":
        """Return the cohort at its common sites, `spacing` bases apart or more."""
        frequency = np.minimum(self.sites.frequencies, 1 - self.sites.frequencies)
        kept: list[int] = []
        for row in np.flatnonzero(frequency >= least).tolist():
            if not kept or self.sites.keys[row] - self.sites.keys[kept[-1]] >= spacing << 4:
                kept.append(row)
        return self.chosen(np.array(kept, np.intp))


def read_cohort(folder: Path) -> Cohort:
    """Return the people of all VCFs of a folder at their biallelic autosomal SNVs.

    Raises:
        InputError: there is no VCF, or they are about different people.
    """
    files = sorted(folder.glob("*.vcf.gz"))
    if not files:
        raise InputError("there is no *.vcf.gz", file=folder, remedy="give the folder of a cohort's VCFs")
    names: list[str] = []
    rows: dict[int, Copies] = {}
    for file in files:
        rows |= dict(_records(file, names))
    keys = np.array(sorted(rows), np.int64)
    copies = np.stack([rows[key] for key in keys.tolist()], axis=1)
    return Cohort(names, Sites("GRCh38", keys, (copies.mean(0) / 2).astype(np.float32)), copies)


def _records(file: Path, names: list[str]) -> Iterable[tuple[int, Copies]]:
    """Yield (site, copies by person) of a VCF whose genotypes are written as 0|1 without more."""
    with pysam.BGZFile(str(file), "rb", None) as lines:
        for line in lines:
            cells = line.split(b"\t")
            if line.startswith(b"#CHROM"):
                own = [cell.decode() for cell in cells[9:]]
                if names and own != names:
                    raise InputError("the VCF is about other people than the one before", file=file, remedy="give VCFs of one cohort")
                names[:] = own
            elif not line.startswith(b"#") and len(cells[3]) == len(cells[4]) == 1 and (contig := autosome_of(cells[0].decode())):
                ref, alt = cells[3].decode(), cells[4].decode()
                text = np.frombuffer(b"\t".join([*cells[9:], b""]), np.uint8)
                if ref in LETTERS and alt in LETTERS and len(text) == 4 * len(names):
                    genotype = text.reshape(-1, 4)
                    yield key_of(contig, int(cells[1]) - 1, ref, alt), (genotype[:, [0, 2]] == ord("1")).sum(1).astype(np.int8)


def sequenced(copies: Copies, depth: float, dice: np.random.Generator) -> Bytes:
    """Return the likelihoods of people sequenced to a depth, (…, sites, 3): reads drawn from their genotypes, with errors."""
    wrong = dice.random(copies.shape) < WRONG_GENOTYPE
    real = np.where(wrong, dice.integers(0, 3, copies.shape), copies)
    total = dice.poisson(depth, copies.shape)
    alt = dice.binomial(total, np.array([MISREAD, 0.5, 1 - MISREAD])[real])
    return quantised(genotype_likelihoods((total - alt).ravel(), alt.ravel()).reshape(*copies.shape, 3))


@dataclass(frozen=True)
class Trio:
    """A child and its parents by row; `odds` are log10, all three together against three strangers."""

    child: int
    parents: tuple[int, int]
    odds: float
    against: int


def exact(copies: Copies) -> Bytes:
    """Return the likelihoods of genotypes that are known, (…, sites, 3)."""
    return np.where(np.arange(3) == copies[..., None], 0, 60).astype(np.uint8)


def without_opposites(cohort: Cohort, most: int) -> list[tuple[int, int]]:
    """Return the pairs with at most so many opposite homozygous sites, out of all pairs."""
    bits = planes(exact(cohort.copies))
    found = []
    for row in range(len(bits) - 1):
        counts = screen(bits[row], bits[row + 1 :])
        found += [(row, row + 1 + int(at)) for at in np.flatnonzero(counts.opposite <= most)]
    return found


def find_trios(cohort: Cohort, pairs: Sequence[tuple[int, int]]) -> list[Trio]:
    """Return the trios among pairs without opposite sites: both parents fit together, one given the other and the other way round."""
    near: dict[int, set[int]] = {}
    for one, other in pairs:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    found = []
    for child, others in near.items():
        ordered = sorted(others)
        for at, first in enumerate(ordered):
            for second in ordered[at + 1 :]:
                against = _against(cohort.copies, child, first, second)
                if against <= MOST_MENDEL:
                    odds = _trio_odds(cohort, child, first, second)
                    found += [Trio(child, (first, second), odds, against)] if against <= MENDEL or odds >= LIKELY else []
    return found


def _against(copies: Copies, child: int, first: int, second: int) -> int:
    least = (copies[first] == 2).astype(int) + (copies[second] == 2)
    most = (copies[first] > 0).astype(int) + (copies[second] > 0)
    return int(((copies[child] < least) | (copies[child] > most)).sum())


def _trio_odds(cohort: Cohort, child: int, first: int, second: int) -> float:
    quality, sites = exact(cohort.copies[[child, first, second]]), cohort.sites
    pair = compare(quality[0], quality[1:2], ["first"], sites)[0].odds_of("parent and child")
    values = likelihoods(quality)
    given = parent_odds(values[0], values[1], values[2:3], sites.frequencies, sites.clusters)[0]
    return float(pair + given)
