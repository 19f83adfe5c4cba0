"""Whose reads contaminate a sample: the likelihood of each other sample of the run as the stranger, against a person unknown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.contamination import MISCALLED, SHARES, Floats, Places, by_copies, log_likelihood, with_others
from workflow.site_counts import genotype_likelihoods

MARGIN = 3.0
"""log10 of the likelihood ratio that a named source must have over a person unknown, and over the next best sample."""


@dataclass(frozen=True)
class Suspect:
    """Another sample as the source: log10 of its likelihood ratio against a person unknown, the sites, the share that fits best."""

    sample: str
    log10_margin: float
    share: float
    sites: int


def copies_of(ref: NDArray[np.int64], alt: NDArray[np.int64], minor_is_ref: NDArray[np.bool_]) -> Floats:
    """Return P(copies 0, 1, 2 of the rarer allele | the other sample's reads), shape (sites, 3); nothing known where it has no reads."""
    log10 = genotype_likelihoods(ref, alt).astype(np.float64)
    chances = 10.0 ** (log10 - log10.max(1, keepdims=True)) + 1e-4
    chances = np.where(minor_is_ref[:, None], chances[:, ::-1], chances)
    return np.asarray(chances / chances.sum(1, keepdims=True))


def margin(places: Places, copies: Floats, error: float) -> tuple[float, float]:
    """Return log10 of the likelihood of a stranger with known copies over that of one unknown, and the share at which the known fits best.

    Args:
        places: where the host is homozygous.
        copies: (sites, 3), from `copies_of`.
        error: chance of one particular wrong base.
    """
    chances = by_copies(places.minor, places.total, error)
    frequency = np.where(np.isnan(places.frequency), 0.0, places.frequency)
    heterozygous = np.where(np.isnan(places.frequency), MISCALLED, 2 * frequency / (1 + frequency))
    known = np.log(with_others((chances * copies).sum(2), places.minor, places.total, heterozygous)).sum(1)
    return float((known.max() - log_likelihood(places, error).max()) / np.log(10)), float(SHARES[known.argmax()])


def likely_source(suspects: Sequence[Suspect]) -> tuple[str | None, str]:
    """Return the sample that is told from a person unknown and from every other one (None if there is none), and the finding in words.

    Args:
        suspects: best first.
    """
    if not suspects:
        return None, "the run has no other sample"
    best, more = suspects[0], suspects[1:]
    if best.log10_margin < MARGIN:
        return None, f"none of {len(suspects)} other samples of the run fits better than a person unknown (log10 {best.log10_margin:.1f})"
    if more and best.log10_margin - more[0].log10_margin < MARGIN:
        both = f"log10 {best.log10_margin:.1f} and {more[0].log10_margin:.1f}"
        return None, f"{best.sample} and {more[0].sample} fit equally well ({both})"
    fits = f"{best.sample} fits best, with {best.share:.1%} of the reads"
    return best.sample, f"{fits} (log10 {best.log10_margin:.1f} over a person unknown, {best.sites} sites)"
