"""What a job of a rule will cost, from what earlier ones did cost: `fixed + slope × size`, and how far off that may be.

Many jobs of sizes that differ: fixed and slope by least squares of relative errors. Few, or all of one size: the shape of the default
table (how much of the cost is fixed), scaled to what was seen. None at all: the default table, which other machines measured on small
sets. The sum of the fitted costs of the jobs seen is always the sum that they had, so totals are right where a curve is not.

An uncertainty has three parts: `own` (each job by itself), `rule` (the curve of a rule is off for all its jobs), `common` (another machine,
another load: all jobs together). Sums add the first two in squares and the third as it is. Intervals are of 90 %, lognormal.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

OWN, OWN_WEIGHT = 0.3, 4.0  # relative spread of one job and the number of jobs that this belief stands for
COMMON = 0.10  # relative difference between one run and the next as a whole
DEFAULT_OWN, DEFAULT_COMMON = 0.5, math.log(2)  # of the default table: another machine, sets of 0.3 Gb, a genome of 100
SPREAD, ENOUGH = 4.0, 5  # ratio of sizes, and number of jobs, from which a slope is fitted
FAR = 0.25  # relative error more for each factor e beyond the sizes that were seen
NINETY = 1.645
FLOOR = 1e-6


@dataclass(frozen=True)
class Guess:
    """An amount with its uncertainty: variance of what is independent, standard deviation of what is common to all; in its own unit."""

    value: float = 0.0
    variance: float = 0.0
    common: float = 0.0

    def __add__(self, other: "Guess") -> "Guess":
        return Guess(self.value + other.value, self.variance + other.variance, self.common + other.common)

    def times(self, factor: float) -> "Guess":
        """Return the amount in another unit, or of so many times as much of the same."""
        return Guess(self.value * factor, self.variance * factor**2, self.common * factor)

    def interval(self) -> tuple[float, float]:
        """Return the ends between which the truth is expected in 90 of 100 cases."""
        if self.value <= 0:
            return 0.0, 0.0
        relative = (self.variance + self.common**2) / self.value**2
        far = math.exp(NINETY * math.sqrt(math.log1p(relative)))
        return self.value / far, self.value * far

    def as_json(self, digits: int = 4) -> dict[str, float]:
        """Return `{value, low, high}`, rounded."""
        low, high = self.interval()
        return {"value": rounded(self.value, digits), "low": rounded(low, digits), "high": rounded(high, digits)}


def rounded(number: float, digits: int = 4) -> float:
    """Return a number with so many significant digits."""
    return float(f"{number:.{digits}g}")


def total(guesses: Iterable[Guess]) -> Guess:
    """Return the sum of some amounts."""
    whole = Guess()
    for one in guesses:
        whole = whole + one
    return whole


@dataclass(frozen=True)
class Curve:
    """Cost of a job of one rule: `fixed + slope × gb`. `count` jobs were seen (0: default table), of sizes from `least` to `most`."""

    fixed: float
    slope: float
    own: float
    count: int
    least: float
    most: float
    typical: float

    def at(self, gb: float | None) -> float:
        """Return the cost of a job of a size; of the typical one where the size is not known."""
        return max(FLOOR, self.fixed + self.slope * gb) if gb is not None else self.typical

    def sum(self, sizes: Sequence[float | None]) -> Guess:
        """Return the cost of several jobs of the rule together."""
        values = [self.at(gb) for gb in sizes]
        own = [value * self._own_at(gb) for value, gb in zip(values, sizes, strict=True)]
        of_rule = sum(own) / math.sqrt(max(1, self.count))
        common = COMMON if self.count else DEFAULT_COMMON
        return Guess(sum(values), sum(one**2 for one in own) + of_rule**2, common * sum(values))

    def _own_at(self, gb: float | None) -> float:
        """Return the relative error of one job; more beyond the sizes that were seen."""
        if gb is None or self.most <= 0 or gb <= 0:
            return self.own
        beyond = max(0.0, math.log(gb / self.most), math.log(self.least / gb) if self.least > 0 else 0.0)
        return self.own + FAR * beyond


@dataclass(frozen=True)
class Shape:
    """What the default table says of a rule: fixed cost, cost a GB, and the sizes (GB) that it was measured on."""

    fixed: float
    slope: float
    least: float
    most: float


def fit(points: Sequence[tuple[float | None, float]], shape: Shape | None) -> Curve | None:
    """Return the curve of a rule.

    Args:
        points: (size in GB or None, cost) of each job that was seen.
        shape: what the default table says, None for a rule that it does not know.

    Returns:
        The curve; None for a rule of which nothing is known.
    """
    seen = [(gb, max(cost, FLOOR)) for gb, cost in points]
    if not seen:
        return Curve(shape.fixed, shape.slope, DEFAULT_OWN, 0, shape.least, shape.most, shape.fixed + shape.slope) if shape else None
    sizes = [gb for gb, _ in seen if gb is not None and gb > 0]
    typical = fmean(cost for _, cost in seen)
    if not sizes:
        return Curve(typical, 0.0, _spread([cost / typical for _, cost in seen]), len(seen), 0.0, 0.0, typical)
    known = [(gb, cost) for gb, cost in seen if gb is not None and gb > 0]
    if len(known) >= ENOUGH and max(sizes) >= SPREAD * min(sizes):
        fixed, slope = _least_squares(known)
    else:
        told = shape and shape.fixed + shape.slope > 0
        fixed, slope = (shape.fixed, shape.slope) if shape and told else (typical / 2, typical / 2 / fmean(sizes))
    expected = sum(fixed + slope * gb for gb, _ in known)
    scale = sum(cost for _, cost in known) / max(expected, FLOOR)
    fixed, slope = fixed * scale, slope * scale
    ratios = [cost / max(FLOOR, fixed + slope * gb) for gb, cost in known]
    return Curve(fixed, slope, _spread(ratios), len(known), min(sizes), max(sizes), typical)


def _least_squares(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return (fixed, slope), neither below 0, with the least sum of squared relative errors."""
    gb, cost = (np.array(column, dtype=np.float64) for column in zip(*points, strict=True))
    rows = np.column_stack([1 / cost, gb / cost])
    found = np.linalg.lstsq(rows, np.ones(len(cost)), rcond=None)[0]
    if found[0] >= 0 and found[1] >= 0:
        return float(found[0]), float(found[1])
    only = 1 if found[0] < 0 else 0
    alone = float(rows[:, only].sum() / (rows[:, only] ** 2).sum())
    return (alone, 0.0) if only == 0 else (0.0, alone)


def _spread(ratios: Sequence[float]) -> float:
    """Return the relative spread of jobs around their curve, drawn to a belief where there are few."""
    squares = sum(math.log(max(ratio, FLOOR)) ** 2 for ratio in ratios)
    return math.sqrt((OWN_WEIGHT * OWN**2 + squares) / (OWN_WEIGHT + max(0, len(ratios) - 1)))
