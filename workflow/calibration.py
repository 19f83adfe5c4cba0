"""Shares of patients by rank, and whether stated probabilities come true."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from workflow.left_out import Outcome

LEVELS = (1, 5, 10)
BINS = 10
NORMAL_95 = 1.96
TERM_GROUPS = (("1-2", 1, 2), ("3-5", 3, 5), ("6-10", 6, 10), ("11+", 11, 10**6))


def shares(ranks: Iterable[float]) -> dict[str, float]:
    """Return how many there are, and the percentage of them at rank 1, 5 and 10 or better; a miss counts in the denominator."""
    table = np.array(list(ranks))
    return {"n": len(table)} | {f"top{k}": round(100 * float((table <= k).mean()), 1) for k in LEVELS} if len(table) else {"n": 0}


def margins(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return half the width of the 95 % interval of each share, in percentage points: patients of one gene succeed or fail together.

    Variance of a ratio over clusters, here genes (Cochran, Sampling Techniques, 3rd ed., section 9A): sum over genes of (patients at
    rank k or better - share * patients)^2, times genes / (genes - 1), over the square of all patients. One gene alone has no interval.
    """
    genes, gene = np.unique([one.gene for one in outcomes], return_inverse=True)
    ranks, size = np.array([one.rank for one in outcomes]), np.bincount(gene, minlength=len(genes))
    if len(genes) < 2:
        return {}
    found = {}
    for k in LEVELS:
        beyond = np.bincount(gene, ranks <= k, len(genes)) - (ranks <= k).mean() * size
        found[f"top{k}"] = round(100 * NORMAL_95 * float(np.sqrt(len(genes) / (len(genes) - 1) * (beyond**2).sum())) / len(ranks), 1)
    return found


def by_group(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Return the shares by number of terms, by fold of genes, and by what was known of the gene."""
    groups: dict[str, Callable[[Outcome], bool]] = {
        f"{name} terms": lambda one, low=low, high=high: low <= one.terms <= high  # type: ignore[misc]
        for name, low, high in TERM_GROUPS
    }
    groups |= {
        "genes that weights were fitted on": lambda one: one.fold == 0,
        "held-out genes": lambda one: one.fold == 1,
        "gene known": lambda one: one.known,
        "solved cases of the gene in other publications": lambda one: one.solved,
        "no solved case of the gene": lambda one: not one.solved,
    }
    return {name: shares(one.rank for one in outcomes if chosen(one)) for name, chosen in groups.items()}


def calibration(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return how far the probability of the first gene is from how often it is right.

    `error` is the expected calibration error: the mean over the patients of |stated - true| of their bin, bins of equal width;
    `by_chance` is what it would be on average if every stated probability were true and patients independent: the mean distance of
    a normal deviate, sqrt(2 / pi) times its standard deviation, summed over the bins. `bins` are `{from, to, n, stated, right}`,
    fractions. `brier` is the mean squared error of the first gene's probability.
    """
    stated = np.array([one.first for one in outcomes])
    right = np.array([one.right for one in outcomes], dtype=float)
    place = np.minimum((stated * BINS).astype(int), BINS - 1)
    bins, error, by_chance = [], 0.0, 0.0
    for number in np.unique(place).tolist():
        own = place == number
        said, true = float(stated[own].mean()), float(right[own].mean())
        error += abs(said - true) * float(own.mean())
        by_chance += float(np.sqrt(2 / np.pi * (stated[own] * (1 - stated[own])).sum())) / len(outcomes)
        limits = {"from": number / BINS, "to": (number + 1) / BINS}
        bins.append(limits | {"n": int(own.sum()), "stated": round(said, 3), "right": round(true, 3)})
    brier = float(((stated - right) ** 2).mean()) if len(outcomes) else 0.0
    return {"n": len(outcomes), "error": round(error, 4), "by_chance": round(by_chance, 4), "brier": round(brier, 4), "bins": bins}
