"""How much of a sample's reads is another person's: maximum likelihood over the share, with its interval and what could be seen at all.

At a place where the host is homozygous, bases of the other allele are a stranger's, or errors. With the share a and d copies of that
allele in the stranger such a base has the chance q = s (1 - e) + (1 - s) e, where s = a d / 2 and e is the chance of one particular
wrong base. Not known, so summed over: the host's genotype (a heterozygous place says nothing about a), d (by the population's frequency
or, where none is known, by shares of d = 0, 1, 2 that are fitted), and whether a place is an artefact, which says nothing either.
The model follows Jun et al. 2012 (doi:10.1016/j.ajhg.2012.09.004) at common sites; that the sample's own homozygous alternative sites
serve where no frequency is known is the idea of GATK's CalculateContamination.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.own_sites import HOMOZYGOUS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHARES: Floats = np.concatenate([[0.0], np.geomspace(2e-4, 0.3, 40)])
FINE = 40
"""Shares looked at between the ends of the interval."""
ERRORS: Floats = np.geomspace(2e-5, 1e-2, 8)
LEAST_DEPTH = 8
ARTEFACT = 0.005
"""Share of places whose other bases come from reads in the wrong place."""
MISCALLED = 0.01
"""Share of the sample's own sites that are heterozygous after all."""
BALANCE = 20.0
"""How evenly a heterozygous place shows its two alleles: each parameter of the beta distribution."""
UNKNOWN = np.array([1 / 2, 1 / 3, 1 / 6])
"""Stranger's copies 0, 1, 2 of the reference allele where the host has two of the other: a site's frequency f is Beta(2, 1) given the host,
since the frequencies of variants fall as 1 / f."""
WEIGHT = 4.0
"""How many sites the prior of `UNKNOWN` counts for: few, since near sites are inherited together."""
DROP = 1.92
"""Fall of the log-likelihood at the ends of an interval of 95 % (half the chi-squared quantile of one degree of freedom)."""
BACKGROUND: Floats = np.array([0.0, 0.001, 0.002, 0.003])
"""Shares that hopping of indexes between the libraries of a flow cell leaves in samples that nobody contaminated. They are of many people
at once, so that every place shows the population's share of the other allele."""
DETECTED = 4.8
"""Fall of the log-likelihood from the best share to the background's from which contamination counts as seen (one-sided chance 0.001)."""
EM_STEPS = 20


@dataclass(frozen=True)
class Places:
    """Places at which the host is taken for homozygous, one element a place.

    Attributes:
        minor: bases of the rarer of the two alleles.
        total: bases of both.
        frequency: population frequency of the rarer one; NaN where it is not known.
    """

    minor: Ints
    total: Ints
    frequency: Floats

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.minor)


@dataclass(frozen=True)
class Estimate:
    """A contamination.

    Attributes:
        share: of all reads, most likely.
        low, high: interval of 95 %.
        detected: whether it is told from the background.
        gain: log-likelihood above that of the background or less.
        smallest: share that would be detected in 19 of 20 samples like this one.
        error: chance of one particular wrong base, most likely.
        sites, reads: places and bases that it rests on.
    """

    share: float
    low: float
    high: float
    detected: bool
    gain: float
    smallest: float
    error: float
    sites: int
    reads: int


def places_of_panel(ref: NDArray[np.uint16], alt: NDArray[np.uint16], frequencies: Floats) -> Places:
    """Return the sites of a panel with a known frequency that are deep enough, the rarer allele first."""
    first, second = ref.astype(np.int64), alt.astype(np.int64)
    fit = (first + second >= LEAST_DEPTH) & ~np.isnan(frequencies)
    alt_is_minor = second <= first
    minor = np.where(alt_is_minor, second, first)[fit]
    frequency = np.where(alt_is_minor, frequencies, 1 - frequencies)[fit]
    return Places(minor, (first + second)[fit], np.clip(frequency, 0.001, 0.999))


def places_of_own(ref: NDArray[np.uint16], alt: NDArray[np.uint16]) -> Places:
    """Return the sample's own homozygous alternative sites that are deep enough; other bases are those of the reference."""
    first, second = ref.astype(np.int64), alt.astype(np.int64)
    fit = (first + second >= LEAST_DEPTH) & (first < (1 - HOMOZYGOUS) * (first + second))
    return Places(first[fit], (first + second)[fit], np.full(int(fit.sum()), np.nan))


def joined(first: Places, second: Places) -> Places:
    """Return two sets of places as one."""
    return Places(*(np.concatenate([getattr(one, name) for one in (first, second)]) for name in ("minor", "total", "frequency")))


def error_prior(wrong: int, bases: int, kinds: int = 3) -> tuple[float, float]:
    """Return centre and spread of the natural logarithm of the error rate of one particular wrong base.

    Args:
        wrong: bases of neither allele, or at controls of any wrong base.
        bases: bases looked at.
        kinds: how many particular wrong bases `wrong` counts together.
    """
    centre = np.log(np.clip((wrong + 0.5) / (kinds * (bases + 1)), ERRORS[0], ERRORS[-1]))
    return float(centre), float(np.hypot(np.log(2), 1 / np.sqrt(wrong + 0.5)))


def estimate(places: Places, prior: tuple[float, float]) -> Estimate | None:
    """Return the contamination of a sample, None if there is no place to judge by.

    Args:
        places: where the host is homozygous.
        prior: centre and spread of the logarithm of the error rate.
    """
    if not len(places):
        return None
    profile, errors = profiled(places, prior, SHARES)
    inside = np.flatnonzero(profile >= profile.max() - DROP)
    fine = np.geomspace(SHARES[max(int(inside[0]) - 1, 1)], SHARES[min(int(inside[-1]) + 1, len(SHARES) - 1)], FINE)
    shares = np.concatenate([[0.0], fine])
    profile, errors = profiled(places, prior, shares)
    best = int(profile.argmax())
    inside = np.flatnonzero(profile >= profile[best] - DROP)
    gain = float(profile[best]) - max(background_likelihood(places, error) + _log_prior(error, prior) for error in ERRORS)
    return Estimate(
        share=float(shares[best]),
        low=float(shares[inside[0]]),
        high=float(shares[min(int(inside[-1]) + 1, FINE)]),
        detected=gain >= DETECTED,
        gain=gain,
        smallest=smallest_share(places, float(errors[best])),
        error=float(errors[best]),
        sites=len(places),
        reads=int(places.total.sum()),
    )


def profiled(places: Places, prior: tuple[float, float], shares: Floats) -> tuple[Floats, Floats]:
    """Return the log-likelihood of every share at its best error rate, and that rate."""
    surface = np.array([log_likelihood(places, error, shares) + _log_prior(error, prior) for error in ERRORS])
    return surface.max(0), ERRORS[surface.argmax(0)]


def _log_prior(error: float, prior: tuple[float, float]) -> float:
    return -float(((np.log(error) - prior[0]) / prior[1]) ** 2 / 2)


def log_likelihood(places: Places, error: float, shares: Floats = SHARES) -> Floats:
    """Return the log-likelihood of every share, up to a constant."""
    known = ~np.isnan(places.frequency)
    total = np.zeros(len(shares))
    if known.any():
        frequency = places.frequency[known]
        weights = np.stack([(1 - frequency) ** 2, 2 * frequency * (1 - frequency), frequency**2], 1)
        heterozygous = 2 * frequency / (1 + frequency)  # against homozygous for the commoner allele, by Hardy and Weinberg
        minor, bases = places.minor[known], places.total[known]
        homozygous = (by_copies(minor, bases, error, shares) * weights).sum(2)
        total += np.log(with_others(homozygous, minor, bases, heterozygous)).sum(1)
    if not known.all():
        total += _fitted(places.minor[~known], places.total[~known], error, shares)
    return total


def background_likelihood(places: Places, error: float) -> float:
    """Return the log-likelihood of no contamination beyond BACKGROUND, up to the constant of `log_likelihood`."""
    share = BACKGROUND[:, None] * expected_copies(places)
    chance = share * (1 - error) + (1 - share) * error
    homozygous = np.exp(places.minor * np.log(chance) + (places.total - places.minor) * np.log1p(-chance))
    f = np.where(np.isnan(places.frequency), 0.0, places.frequency)
    heterozygous = np.where(np.isnan(places.frequency), MISCALLED, 2 * f / (1 + f))
    return float(np.log(with_others(homozygous, places.minor, places.total, heterozygous)).sum(1).max())


def by_copies(minor: Ints, total: Ints, error: float, shares: Floats = SHARES) -> Floats:
    """Return P(bases | share, copies) without the binomial's own factor, shape (shares, places, 3 copies)."""
    share = shares[:, None] * np.array([0.0, 0.5, 1.0])
    chance = (share * (1 - error) + (1 - share) * error)[:, None, :]
    return np.asarray(np.exp(minor[:, None] * np.log(chance) + (total - minor)[:, None] * np.log1p(-chance)))


def with_others(homozygous: Floats, minor: Ints, total: Ints, heterozygous: Floats | float) -> Floats:
    """Return P(bases) with the chances that the host is heterozygous after all or that the place is an artefact."""
    both = _beta_binomial(minor, total, BALANCE, BALANCE)
    artefact = _beta_binomial(minor, total, 0.5, 5.0)
    return np.asarray((1 - ARTEFACT) * ((1 - heterozygous) * homozygous + heterozygous * both) + ARTEFACT * artefact + 1e-300)


def _fitted(minor: Ints, total: Ints, error: float, shares: Floats) -> Floats:
    """Return the log-likelihood of every share where no frequency is known, with the shares of the stranger's copies that fit best."""
    chances = by_copies(minor, total, error, shares)
    others = with_others(np.zeros(len(minor)), minor, total, MISCALLED)
    weights = np.broadcast_to(UNKNOWN, (len(shares), 3)).copy()
    for _ in range(EM_STEPS):
        parts = (1 - ARTEFACT) * (1 - MISCALLED) * chances * weights[:, None, :]
        whole = parts.sum(2) + others
        expected = (parts / whole[:, :, None]).sum(1) + WEIGHT * UNKNOWN
        weights = expected / expected.sum(1, keepdims=True)
    whole = ((1 - ARTEFACT) * (1 - MISCALLED) * chances * weights[:, None, :]).sum(2) + others
    penalty = WEIGHT * (UNKNOWN * np.log(weights / UNKNOWN)).sum(1)
    return np.asarray(np.log(whole).sum(1) + penalty)


def _beta_binomial(minor: Ints, total: Ints, a: float, b: float) -> Floats:
    """Return the beta-binomial chance of the bases without the binomial's own factor."""
    top = int(total.max(initial=0))

    def gammas(start: float) -> Floats:
        steps = np.log(start + np.arange(top))
        return np.concatenate([[0.0], np.cumsum(steps)])

    return np.asarray(np.exp(gammas(a)[minor] + gammas(b)[total - minor] - gammas(a + b)[total]))


def expected_copies(places: Places) -> Floats:
    """Return the stranger's expected share of the rarer allele at each place."""
    return np.where(np.isnan(places.frequency), UNKNOWN @ np.array([0, 0.5, 1]), places.frequency)


def smallest_share(places: Places, error: float) -> float:
    """Return the smallest share that would be seen in 19 of 20 samples with these places, 1.0 if none would.

    Counted over all places together: seen is a number of other bases that errors reach with a chance of 0.0005; the rate of errors may be
    twice the likely one.
    """
    homozygous = places.minor < 0.2 * places.total
    bases = places.total[homozygous]
    noise = 2 * error * float(bases.sum())
    signal = float((bases * expected_copies(places)[homozygous]).sum())
    needed = _least_count(noise, 0.0005)
    for share in SHARES[1:]:
        if _poisson_below(needed, noise / 2 + share * signal) <= 0.05:
            return float(share)
    return 1.0


def _poisson_below(count: int, mean: float) -> float:
    """Return P(X < count) of a Poisson distribution."""
    logs = -mean + np.arange(count) * np.log(max(mean, 1e-300)) - np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count)))])[:count]
    return float(np.exp(logs).sum())


def _least_count(mean: float, chance: float) -> int:
    count = 1
    while 1 - _poisson_below(count, mean) > chance:
        count += 1
    return count
