"""A genome's calls as the store keeps them: which are counted, on how many copies, and where nothing could be judged.

A call is counted if it passed its filters, its place is callable, and its genotype fits the copies that the karyotype gives. A genotype
of two equal alleles on a single copy is one allele. What is not counted is kept as seen, and its base leaves the denominator of that
genome, unless another call there is counted: a genome that may have another allele is not evidence for the reference. So AC <= AN at
every site.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.cohort_store.alleles import WINDOW_BITS, Keys, keys_of
from workflow.cohort_store.judged import Judged, joined

Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Calls:
    """Calls of one genome on one contig, sorted by position and allele; all arrays have shape (n,).

    Attributes:
        positions: 1-based.
        codes: alleles (`alleles.py`).
        alt_copies, copies: copies with the allele; copies that the karyotype gives there.
        counted: whether the call counts.
        filters: FILTER as the VCF has it.
    """

    positions: NDArray[np.int32]
    codes: Keys
    alt_copies: Bytes
    copies: Bytes
    counted: Flags
    filters: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True)
class Genome:
    """One genome: calls and judged stretches by contig, and the letters of its long alleles."""

    calls: Mapping[str, Calls]
    judged: Mapping[str, Judged]
    long: Mapping[int, tuple[str, str]]


@dataclass(frozen=True)
class RawCalls:
    """Genotypes of one sample on one contig as a VCF has them; shape (n,) each.

    Attributes:
        positions, codes, filters: as in `Calls`.
        alt: alleles of this kind in the genotype.
        written: alleles of any kind in the genotype, missing ones with them.
        missing: 1-based positions of genotypes without any allele.
    """

    positions: NDArray[np.int32]
    codes: Keys
    alt: Bytes
    written: Bytes
    filters: NDArray[np.str_]
    missing: NDArray[np.int32]


def genome_of(raw: Mapping[str, RawCalls], judged: Mapping[str, Judged], ploidy: Mapping[str, Iterable[tuple[int, int, int]]],
              long: Mapping[int, tuple[str, str]]) -> Genome:  # fmt: skip
    """Return a genome of its genotypes.

    Args:
        raw: genotypes by contig.
        judged: where the genome is callable, with copies.
        ploidy: stretches whose ploidy is not two (`judged.ploidy_of`).
        long: letters of long alleles, of this genome and others.
    """
    calls, left = {}, dict(judged)
    for contig, one in raw.items():
        stretch = judged.get(contig, joined([]))
        calls[contig], lost = _settle(one, stretch, ploidy.get(contig, ()))
        left[contig] = stretch.without(lost - 1) if len(lost) else stretch
    own = {int(code) for one in calls.values() for code in one.codes[(one.codes >> np.uint64(43)) == 1].tolist()}
    return Genome({contig: one for contig, one in calls.items() if len(one)}, left, {code: long[code] for code in own})


def _settle(raw: RawCalls, judged: Judged, regions: Iterable[tuple[int, int, int]]) -> tuple[Calls, NDArray[np.int32]]:
    """Return the calls, and the positions (1-based) that leave the denominator."""
    copies = np.full(len(raw.positions), 2, np.uint8)
    for start, end, number in regions:
        copies[(raw.positions > start) & (raw.positions <= end)] = number
    single = (copies == 1) & (raw.alt == raw.written)
    alt = np.where(single, 1, raw.alt).astype(np.uint8)
    passed = (raw.filters == "PASS") | (raw.filters == ".") | (raw.filters == "")
    good = passed & ((raw.written == copies) | single) & (copies > 0)
    counted = good & (judged.at(raw.positions - 1) > 0)
    order = np.lexsort((~counted, raw.codes, raw.positions))
    keep = _first_of_each(raw.positions[order], raw.codes[order])
    order = order[keep]
    doubtful = np.concatenate([raw.positions[~good], raw.missing])
    lost = np.setdiff1d(doubtful, raw.positions[good]) if len(doubtful) else doubtful
    return Calls(raw.positions[order], raw.codes[order], alt[order], copies[order], counted[order], raw.filters[order]), lost


def _first_of_each(positions: NDArray[np.int32], codes: Keys) -> Flags:
    first = np.ones(len(positions), bool)
    first[1:] = (positions[1:] != positions[:-1]) | (codes[1:] != codes[:-1])
    return first


def windows_of(positions: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the window of each 1-based position."""
    return np.asarray((positions - 1) >> WINDOW_BITS, np.int32)


def keys_in(calls: Calls) -> Keys:
    """Return the sorting keys of calls, valid within one window each."""
    return keys_of(calls.positions, calls.codes)
