"""People who never were: a family and strangers, drawn by allele frequencies at sites spread over the autosomes, and their reads."""

import numpy as np
from numpy.typing import NDArray

from workflow.fingerprints import Bytes, Fingerprint, Sites, key_of, quantised
from workflow.site_counts import genotype_likelihoods

Haplotypes = NDArray[np.int8]


def spread_sites(count: int = 2200, spacing: int = 1_200_000, frequency: float | None = None) -> Sites:
    """Return sites on all autosomes, `spacing` bases apart, frequencies between 0.1 and 0.9 or all alike."""
    each = count // 22
    keys = [key_of(contig, spacing * (number + 1), "A", "G") for contig in range(1, 23) for number in range(each)]
    values = np.linspace(0.1, 0.9, len(keys)) if frequency is None else np.full(len(keys), frequency)
    return Sites("GRCh38", np.array(keys, np.int64), values.astype(np.float32))


def founder(sites: Sites, dice: np.random.Generator) -> Haplotypes:
    """Return two haplotypes, (2, sites), of somebody."""
    return (dice.random((2, len(sites))) < sites.frequencies).astype(np.int8)


def child(mother: Haplotypes, father: Haplotypes, sites: Sites, dice: np.random.Generator) -> Haplotypes:
    """Return a child's haplotypes: one gamete of each parent, with crossovers at one a Morgan (100 Mb)."""
    return np.stack([gamete(mother, sites, dice), gamete(father, sites, dice)])


def gamete(parent: Haplotypes, sites: Sites, dice: np.random.Generator) -> Haplotypes:
    """Return one recombined haplotype."""
    contigs, places = sites.keys >> 36, (sites.keys >> 4) & (2**32 - 1)
    gaps = np.diff(places, prepend=places[0]) / 1e8
    switch = np.where(np.diff(contigs, prepend=0) != 0, dice.random(len(sites)) < 0.5, dice.random(len(sites)) < np.clip(gaps, 0, 0.5))
    which = np.cumsum(switch) % 2
    return np.where(which == 0, parent[0], parent[1])


def reads(haplotypes: Haplotypes, dice: np.random.Generator, depth: float = 30) -> Bytes:
    """Return likelihoods of somebody sequenced to a depth, (sites, 3)."""
    copies = haplotypes.sum(0)
    total = dice.poisson(depth, len(copies))
    alt = dice.binomial(total, np.array([0.002, 0.5, 0.998])[copies])
    return quantised(genotype_likelihoods(total - alt, alt))


def sequenced(name: str, haplotypes: Haplotypes, sites: Sites, dice: np.random.Generator, depth: float = 30) -> Fingerprint:
    """Return a fingerprint."""
    return Fingerprint(name, sites, reads(haplotypes, dice, depth))
