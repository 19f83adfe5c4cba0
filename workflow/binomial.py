"""Exact binomial tails for counts of reads and sites."""

import math


def at_least(k: int, n: int, p: float) -> float:
    """Return the probability of `k` or more successes in `n` trials of probability `p`."""
    if k <= 0:
        return 1.0
    if k > n or p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    return min(1.0, math.fsum(_term(i, n, p) for i in range(k, n + 1)))


def at_most(k: int, n: int, p: float) -> float:
    """Return the probability of `k` or fewer successes in `n` trials of probability `p`."""
    return at_least(n - k, n, 1.0 - p)


def _term(i: int, n: int, p: float) -> float:
    log = math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p)
    return math.exp(log)
