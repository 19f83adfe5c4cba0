"""What can be called without assembling reads: reference where nothing speaks against it, and single-nucleotide variants in the clear.

All else goes to the assembling caller. The thresholds and what they were measured on: docs/decisions/013-two-tiers.md.
Likelihoods are phred-scaled; positions are compact coordinates of a tile (`workflow.evidence`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.evidence import Evidence
from workflow.read_arrays import Ints

HALF = 10 * np.log10(2)
"""What one base of the reference says against a heterozygous genotype: it would be there in half of the cases."""

HAPLOID_BASE = 20.0
"""What one base of the reference says against the only copy being another: a cautious base quality."""

INDEL_QUALITY = 45.0
"""GATK's quality of an insertion or deletion in a read (ReferenceConfidenceModel)."""

INDEL_SIZE = 10
"""Longest insertion or deletion whose absence is judged, as in GATK (`--indel-size-to-eliminate-in-ref-model`)."""

EVENT_WINDOW = 10
"""Bases around an insertion, deletion or clip within which others count as the same event."""

BRIDGE = 300
"""Bases between two such events within which both may be of one deletion: the caller assembles so much at once
(`--max-assembly-region-size` of GATK)."""

MIN_EVENTS = 2
HIDDEN = 2
"""Assembly finds about as many reads again with an insertion or deletion that the aligner did not show as one."""

PAD = 50
"""Bases beside whatever is not clear that the assembling caller is given as well."""

ISOLATION = 50
"""Bases around a variant in the clear without another candidate: what lies closer is phased by assembly."""

MIN_DEPTH, MAX_DEPTH = 12, 250
HET_SHARE = (0.28, 0.72)
HOM_SHARE = 0.96
MIN_STRAND = 2
MIN_QUALITY = 25.0
MAX_LOW_MAPQ, MAX_NEAR_END, MAX_OTHER = 0.05, 0.34, 0.05
MAX_RUN = 5
"""Longest run of one base beside a variant in the clear."""

REFERENCE_CAP, ALTERNATIVE_CAP = 75, 40
"""Most that reads can say against 0/0 and 1/1 at a heterozygous site: they may be of elsewhere (DRAGEN's foreign-read model at
mapping quality 60; the values that GATK 4.6.2 gives)."""

MAX_GQ = 99


@dataclass(frozen=True)
class CleanCalls:
    """Single-nucleotide variants in the clear; each array has one element a variant.

    Attributes:
        place: compact coordinates, ascending.
        alt: the other base, encoded.
        copies: 1 or 2, the ploidy.
        ref_count, alt_count: bases that count.
        likelihoods: phred-scaled, normalised, in the order of PL with a third allele that is neither: of 0/0, 0/1, 1/1, 0/2, 1/2 and
            2/2, or of 0, 1 and 2 where there is one copy (then three columns of -1 follow); a row a variant.
    """

    place: Ints
    alt: Ints
    copies: Ints
    ref_count: Ints
    alt_count: Ints
    likelihoods: Ints


@dataclass(frozen=True)
class Judgement:
    """What is known of a tile: confidence in the reference at each base, clean variants, and where reads must be assembled."""

    confidence: Ints
    calls: CleanCalls
    unclear: NDArray[np.bool_]


def judge(evidence: Evidence, copies: Ints) -> Judgement:
    """Judge a tile.

    Args:
        evidence: the counts.
        copies: ploidy at each compact coordinate; where it is neither 1 nor 2, all is unclear.
    """
    reach = reach_of_indels(evidence.reference)
    alt = evidence.alt_count.reshape(-1, 4)
    candidates = _variant_candidates(evidence)
    calls, clean = _clean(evidence, candidates, copies)
    events = _bridged(_event_candidates(evidence, reach))
    unclear = _spread(candidates & ~clean, reach) | _spread(events, reach) | ((copies != 1) & (copies != 2))
    calls = _chosen(calls, ~unclear[calls.place])
    against = evidence.alt_quality.reshape(-1, 4).sum(axis=1)
    informative = informative_reads(evidence, reach)
    each = np.where(copies == 1, HAPLOID_BASE, HALF)
    confidence = np.minimum(each * evidence.ref_count - against, each * np.minimum(informative, alt.sum(axis=1) + evidence.ref_count))
    return Judgement(np.clip(confidence, 0, MAX_GQ).astype(np.int64), calls, unclear)


def reach_of_indels(reference: NDArray[np.uint8]) -> Ints:
    """Return, for each base, how many bases behind it a read must show before it can tell that no indel of INDEL_SIZE or less is there.

    Within a repeat, a read that ends in it looks the same with one unit more or less.
    """
    reach = np.full(len(reference), INDEL_SIZE, np.int64)
    for shift in range(1, INDEL_SIZE + 1):
        same = np.zeros(len(reference), bool)
        same[: -shift or None] = (reference[:-shift] == reference[shift:]) & (reference[:-shift] < 4)
        run = _run_from(same)
        run[:-1], run[-1] = run[1:].copy(), 0  # of the base behind, where an indel begins
        np.maximum(reach, run + shift, out=reach)
    return reach


def _run_from(mask: NDArray[np.bool_]) -> Ints:
    """Return the length of the run of true elements that begins at each element."""
    index = np.arange(len(mask))
    stop = np.where(mask, len(mask), index)
    return np.asarray(np.minimum.accumulate(stop[::-1])[::-1] - index, np.int64)


def informative_reads(evidence: Evidence, reach: Ints) -> Ints:
    """Return, for each base, the reads that would show an indel behind it: they go on far enough."""
    size = len(reach)
    behind = np.arange(size) + reach
    going_on = evidence.starts - evidence.ends[np.minimum(behind, size - 1)]
    return np.where(behind < size, np.maximum(going_on, 0), 0)


def _variant_candidates(evidence: Evidence) -> NDArray[np.bool_]:
    """Return where two or more reads show the same other base, and outweigh those that show the reference."""
    counts, quality = evidence.alt_count.reshape(-1, 4), evidence.alt_quality.reshape(-1, 4)
    total = counts.sum(axis=1) + evidence.ref_count
    return np.asarray(((counts >= MIN_EVENTS) & (quality > HALF * total[:, None])).any(axis=1), bool)


def _event_candidates(evidence: Evidence, reach: Ints) -> NDArray[np.bool_]:
    """Return where two or more reads are inserted, deleted or clipped close together, and outweigh those that would show it and do not.

    Within a repeat, reads place the same event wherever they enter it, so that the whole repeat counts as close.
    """
    found = np.zeros(evidence.layout.size, bool)
    size = evidence.layout.size
    index = np.arange(size)
    first, last = np.maximum(index - EVENT_WINDOW, 0), np.minimum(index + np.maximum(reach, EVENT_WINDOW) + 1, size)
    for events, others in ((evidence.indels, informative_reads(evidence, reach)), (evidence.clips, evidence.depth)):
        sums = np.concatenate(([0], np.cumsum(events)))
        near = sums[last] - sums[first]
        found |= (events > 0) & (near >= MIN_EVENTS) & (HIDDEN * INDEL_QUALITY * near > HALF * others)
    return found


def _bridged(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask with the gaps of less than BRIDGE filled: reads are clipped at both ends of a long deletion."""
    at = np.flatnonzero(mask)
    near = np.flatnonzero(np.diff(at) < BRIDGE)
    steps = np.zeros(len(mask) + 1, np.int64)
    np.add.at(steps, at[near], 1)
    np.add.at(steps, at[near + 1], -1)
    return mask | (np.cumsum(steps)[:-1] > 0)


def _window_sum(values: Ints, half: int) -> Ints:
    """Return the sum of the values within `half` elements of each."""
    sums = np.concatenate(([0], np.cumsum(values)))
    index = np.arange(len(values))
    return np.asarray(sums[np.minimum(index + half + 1, len(values))] - sums[np.maximum(index - half, 0)], np.int64)


def _spread(mask: NDArray[np.bool_], reach: Ints) -> NDArray[np.bool_]:
    """Return a mask widened by PAD to both sides, to the right at least over the repeat that begins there."""
    steps = np.zeros(len(mask) + 1, np.int64)
    at = np.flatnonzero(mask)
    np.add.at(steps, np.maximum(at - PAD, 0), 1)
    np.add.at(steps, np.minimum(at + np.maximum(reach[at], PAD) + 1, len(mask)), -1)
    return np.asarray(np.cumsum(steps)[:-1] > 0)


def _clean(evidence: Evidence, candidates: NDArray[np.bool_], copies: Ints) -> tuple[CleanCalls, NDArray[np.bool_]]:
    """Return the candidates that can be called as they stand, and a mask of them."""
    place = np.flatnonzero(candidates)
    counts = evidence.alt_count.reshape(-1, 4)[place]
    alt = counts.argmax(axis=1)
    allele = 4 * place + alt
    n_alt, n_ref, n_all = evidence.alt_count[allele], evidence.ref_count[place], counts.sum(axis=1) + evidence.ref_count[place]
    share = n_alt / n_all
    hom = share >= HOM_SHARE
    het = (share >= HET_SHARE[0]) & (share <= HET_SHARE[1]) & (copies[place] == 2)
    reverse = evidence.alt_reverse[allele]
    depth = evidence.depth[place]
    fine = (
        (hom | het)
        & (n_all >= MIN_DEPTH)
        & (depth <= MAX_DEPTH)
        & (n_all - n_alt - n_ref <= MAX_OTHER * n_all)
        & (reverse >= MIN_STRAND)
        & (n_alt - reverse >= MIN_STRAND)
        & (evidence.alt_quality[allele] >= MIN_QUALITY * n_alt)
        & (evidence.alt_low_mapq[allele] <= MAX_LOW_MAPQ * n_alt)
        & (evidence.low_mapq[place] <= MAX_LOW_MAPQ * depth)
        & (evidence.alt_near_end[allele] <= MAX_NEAR_END * n_alt)
        & (evidence.reference[place] < 4)
        & (longest_run(evidence.reference)[place] <= MAX_RUN)
        & (_window_sum(candidates.astype(np.int64), ISOLATION)[place] == 1)
    )
    mask = np.zeros(len(candidates), bool)
    mask[place[fine]] = True
    found = CleanCalls(place, alt, copies[place], n_ref, n_alt, _likelihoods(evidence, place, allele, copies))
    return _chosen(found, fine), mask


def _chosen(calls: CleanCalls, mask: NDArray[np.bool_]) -> CleanCalls:
    return CleanCalls(*(getattr(calls, name)[mask] for name in CleanCalls.__dataclass_fields__))


def longest_run(reference: NDArray[np.uint8]) -> Ints:
    """Return, for each base, the length of the longest run of one base that it touches or lies in."""
    same = np.concatenate((reference[:-1] == reference[1:], [False]))
    first = np.concatenate(([True], ~same[:-1]))
    lengths = (_run_from(same) + 1)[np.flatnonzero(first)]
    own = np.repeat(lengths, lengths)
    before, behind = np.append(0, own[:-1]), np.append(own[1:], 0)
    return np.asarray(np.maximum(own, np.maximum(before, behind)), np.int64)


def _likelihoods(evidence: Evidence, place: Ints, allele: Ints, copies: Ints) -> Ints:
    """Return phred-scaled likelihoods of the genotypes, columns as in `CleanCalls`.

    Each base that counts has its quality; a base that does not fit costs its quality and the
    choice among three (10 log10 3).
    """
    third = 10 * np.log10(3)
    n_alt, n_ref = evidence.alt_count[allele], evidence.ref_count[place]
    not_alt = evidence.alt_quality[allele] + third * n_alt
    not_ref = evidence.ref_quality[place] + third * n_ref
    half = HALF * (n_alt + n_ref)
    none, full = np.minimum(not_alt, half + REFERENCE_CAP), np.minimum(not_ref, half + ALTERNATIVE_CAP)
    two = np.stack([none, half, full, not_alt + HALF * n_ref, not_ref + HALF * n_alt, not_alt + not_ref], axis=1)
    nowhere = np.full(len(place), np.inf)
    one = np.stack([none, full, not_alt + not_ref, nowhere, nowhere, nowhere], axis=1)
    chosen = np.where((copies[place] == 2)[:, None], two, one)
    scaled = chosen - chosen.min(axis=1, keepdims=True)
    return np.where(np.isinf(scaled), -1, np.rint(np.where(np.isinf(scaled), 0, scaled))).astype(np.int64)
