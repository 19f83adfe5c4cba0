"""A fingerprint: what a sample's reads say about its genotype at each autosomal site of a panel.

A site is a number, chromosome, position and alleles packed together, so that fingerprints of different panels are matched by sorted
numbers. At each site the likelihoods of no, one and two copies of the alternative allele are kept as phred-scaled differences from the
best (0 to 255; 0, 0, 0 = no reads), so that few reads count for little; genotypes that are sure are bits, for fast comparison.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.files import atomic
from workflow.kinship import Clusters, join_clusters
from workflow.reference import plain_name
from workflow.site_panel import Panel

SURE = 13
"""Phred-scaled lead of the best genotype from which it is a bit: 95 %; five reads that all show one allele reach it."""
MOST = 255
LETTERS = "ACGT"
Keys = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Sites:
    """Autosomal sites of one assembly.

    Attributes:
        assembly: GRCh37 or GRCh38.
        keys: sorted site numbers (`key_of`).
        frequencies: of the alternative allele, NaN where unknown.
    """

    assembly: str
    keys: Keys
    frequencies: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.keys)

    @cached_property
    def digest(self) -> str:
        """Return 16 hexadecimal digits over assembly and sites."""
        return hashlib.sha256(self.assembly.encode() + self.keys.astype("<i8").tobytes()).hexdigest()[:16]

    @cached_property
    def clusters(self) -> Clusters:
        """Return the sites joined by nearness."""
        return join_clusters(self.keys >> 36, (self.keys >> 4) & (2**32 - 1))

    def chosen(self, which: NDArray[Any]) -> "Sites":
        """Return some of the sites, by sorted index or mask."""
        return Sites(self.assembly, self.keys[which], self.frequencies[which])


def key_of(chromosome: int, position: int, ref: str, alt: str) -> int:
    """Return the number of a site; `position` is 0-based, `chromosome` 1 to 22."""
    return (chromosome << 36) | (position << 4) | (LETTERS.index(ref) << 2) | LETTERS.index(alt)


def alleles_of(key: int) -> tuple[int, int, str, str]:
    """Return chromosome, 0-based position, reference and alternative base of a site's number."""
    return key >> 36, (key >> 4) & (2**32 - 1), LETTERS[(key >> 2) & 3], LETTERS[key & 3]


def autosome_of(contig: str) -> int:
    """Return the number of an autosome, 0 for any other contig."""
    name = plain_name(contig)
    return int(name) if name.isdecimal() and 1 <= int(name) <= 22 else 0


def sites_of(panel: Panel) -> tuple[Sites, NDArray[np.intp]]:
    """Return the autosomal sites of a panel, and the index in the panel of each."""
    rows = ((autosome_of(contig), position, ref, alt) for contig, position, ref, alt, _ in panel.rows())
    keys = np.array([key_of(*row) if row[0] else -1 for row in rows], np.int64)
    unique, first = np.unique(keys, return_index=True)
    index = first[unique >= 0]
    return Sites(panel.assembly, keys[index], np.asarray(panel.frequencies, np.float32)[index]), index


def quantised(likelihoods: NDArray[Any]) -> Bytes:
    """Return log10 likelihoods, (sites, 3), as phred-scaled differences from the best."""
    lead = likelihoods.max(-1, keepdims=True) - likelihoods
    return np.asarray(np.minimum(np.rint(10 * lead), MOST), np.uint8)


@dataclass(frozen=True)
class Fingerprint:
    """What is known of one sample at some sites; `quality` is (sites, 3), see above."""

    sample: str
    sites: Sites
    quality: Bytes

    @property
    def digest(self) -> str:
        """Return 16 hexadecimal digits over sites and qualities."""
        return hashlib.sha256(self.sites.digest.encode() + self.quality.tobytes()).hexdigest()[:16]


def likelihoods(quality: Bytes) -> NDArray[np.float32]:
    """Return P(reads | genotype) over that of the best genotype, of the same shape."""
    return np.asarray(_TABLE[quality])


_TABLE = (10 ** (-np.arange(MOST + 1) / 10)).astype(np.float32)


def genotypes(quality: Bytes) -> NDArray[np.int8]:
    """Return the sure genotype at each site (copies of the alternative allele), -1 where none is sure."""
    first = quality.argmin(-1)
    second = np.partition(quality, 1, axis=-1)[..., 1]
    return np.where(second >= SURE, first, -1).astype(np.int8)


def planes(quality: Bytes) -> Bytes:
    """Return the sure genotypes as bits: three rows (no, one, two copies), the sites packed into 64-bit words, (…, 3, bytes)."""
    sure = genotypes(quality)
    bits = np.packbits(np.stack([sure == copies for copies in range(3)], axis=-2), axis=-1)
    return np.pad(bits, [(0, 0)] * (bits.ndim - 1) + [(0, -bits.shape[-1] % 8)])


def heterozygous_rates(quality: Bytes, sites: Sites) -> tuple[float, float, int]:
    """Return (observed, expected) heterozygous sites among the sure ones with a known frequency, and how many those are."""
    sure = genotypes(quality)
    used = (sure >= 0) & ~np.isnan(sites.frequencies)
    alt = sites.frequencies[used]
    return float((sure[used] == 1).sum()), float((2 * alt * (1 - alt)).sum()), int(used.sum())


def write_fingerprint(path: str | Path, one: Fingerprint) -> None:
    """Write a fingerprint as numpy archive, whole or not at all."""
    with atomic(path) as part, part.open("wb") as handle:
        np.savez_compressed(
            handle,
            sample=np.array(one.sample),
            assembly=np.array(one.sites.assembly),
            keys=one.sites.keys,
            frequencies=one.sites.frequencies,
            quality=one.quality,
        )


def read_fingerprint(path: str | Path) -> Fingerprint:
    """Return the fingerprint in a file.

    Raises:
        InputError: the file is none, or is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            sites = Sites(str(content["assembly"]), content["keys"], content["frequencies"])
            one = Fingerprint(str(content["sample"]), sites, content["quality"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else "this is no whole fingerprint"
        raise InputError(reason, file=path, remedy="make it with the workflow or scripts/fingerprint_calls.py") from None
    if one.quality.shape != (len(sites), 3):
        raise InputError("sites and genotypes do not fit together", file=path, remedy="make the fingerprint anew")
    return one


def at_sites(quality: Bytes, own: Keys, wanted: Keys) -> Bytes:
    """Return qualities at other sites, (…, wanted, 3): those that are not among `own` say nothing."""
    if np.array_equal(own, wanted):
        return quality
    common, theirs, ours = np.intersect1d(own, wanted, assume_unique=True, return_indices=True)
    moved = np.zeros((*quality.shape[:-2], len(wanted), 3), np.uint8)
    if len(common):
        moved[..., ours, :] = quality[..., theirs, :]
    return moved


def joined(all_sites: Iterable[Sites], assembly: str) -> Sites:
    """Return the union of some sites; a known frequency wins over an unknown one."""
    several = list(all_sites)
    keys = np.concatenate([one.keys for one in several] or [np.zeros(0, np.int64)])
    values = np.concatenate([one.frequencies for one in several] or [np.zeros(0, np.float32)])
    order = np.lexsort((np.isnan(values), keys))
    unique, first = np.unique(keys[order], return_index=True)
    return Sites(assembly, unique, values[order][first])
