"""One fingerprint against many: a fast look at the bits of all of them, then the likelihoods of the nearest.

The look counts, over the sites at which both genotypes are sure, sites that are alike, opposite (one has two reference alleles, the other
none: IBS0) and heterozygous in both, and takes KING's robust kinship (Manichaikul 2010, between families) from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.fingerprints import Bytes, Sites, likelihoods, planes
from workflow.kinship import RELATIONS, UNRELATED, independent_sites, relation_odds

NEAREST = 40
"""How many of many are compared by likelihood, chosen by kinship; as many again by most sites alike, and by fewest opposite."""
SCREENED_AT_ONCE = 1000
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Screen:
    """Counts of sites a person, over sites sure in both; `kinship` is KING's robust estimate, NaN without a heterozygous site."""

    sure: NDArray[np.int64]
    alike: NDArray[np.int64]
    opposite: NDArray[np.int64]
    kinship: NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """How one other person stands to the one asked about.

    Attributes:
        name: the other's.
        odds: log10 odds of each relation against none, in the order of `RELATIONS`.
        sure, alike, opposite: sites, as in `Screen`.
        independent: how many independent sites the sure ones stand for.
        kinship: KING's robust kinship; NaN where it cannot be had.
    """

    name: str
    odds: tuple[float, ...]
    sure: int
    alike: int
    opposite: int
    independent: float
    kinship: float

    def odds_of(self, relation: str) -> float:
        """Return the log10 odds of a relation against none."""
        return self.odds[RELATIONS.index(relation)]

    @property
    def relation(self) -> str:
        """Return the likeliest relation."""
        return RELATIONS[int(np.argmax(self.odds))]

    @property
    def lead(self) -> float:
        """Return the log10 odds of the likeliest relation against the next."""
        first, second = sorted(self.odds, reverse=True)[:2]
        return first - second

    def as_json(self) -> dict[str, Any]:
        """Return the pair as files have it."""
        return {
            "sample": self.name,
            "relation": self.relation,
            "lead": round(self.lead, 1),
            "log10_odds": {name: round(value, 1) for name, value in zip(RELATIONS, self.odds, strict=True) if name != UNRELATED},
            "sites": self.sure,
            "independent_sites": round(self.independent, 1),
            "alike": self.alike,
            "opposite": self.opposite,
            "kinship": None if np.isnan(self.kinship) else round(self.kinship, 3),
        }


def screen(mine: Bytes, others: Bytes) -> Screen:
    """Return the counts of a person against others.

    Args:
        mine: bits of the person, (3, bytes).
        others: bits of the others, (others, 3, bytes).
    """
    parts = [_screened(_words(mine), _words(others[at : at + SCREENED_AT_ONCE])) for at in range(0, len(others), SCREENED_AT_ONCE)]
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)] if parts else [np.zeros(0, np.int64)] * 5
    sure, alike, opposite, both, fewer = joined[:3] + joined[3:]
    with np.errstate(divide="ignore", invalid="ignore"):
        kinship = np.where(fewer[:, 0] > 0, _king(both, opposite, fewer), np.nan) if len(sure) else np.zeros(0)
    return Screen(sure, alike, opposite, kinship)


def _king(both: NDArray[np.int64], opposite: NDArray[np.int64], heterozygous: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return equation 11 of KING; `heterozygous` is (others, 2): the fewer and the sum of both people's heterozygous sites."""
    fewer, total = heterozygous[:, 0], heterozygous[:, 1]
    return (both - 2 * opposite) / (2 * fewer) + 0.5 - total / (4 * fewer)


def _words(bits: Bytes) -> Words:
    return np.ascontiguousarray(bits).view(np.uint64)


def _count(bits: Words) -> NDArray[np.int64]:
    return np.asarray(np.bitwise_count(bits).sum(-1, dtype=np.int64))


def _screened(mine: Words, others: Words) -> tuple[NDArray[np.int64], ...]:
    """Return sure, alike, opposite, heterozygous in both, and (fewer, sum of) heterozygous sites."""
    none, one, two = others[:, 0], others[:, 1], others[:, 2]
    known, theirs = mine[0] | mine[1] | mine[2], none | one | two
    both = _count(one & mine[1])
    alike = _count(none & mine[0]) + both + _count(two & mine[2])
    opposite = _count(none & mine[2]) + _count(two & mine[0])
    first, second = _count(theirs & mine[1]), _count(one & known)
    return _count(theirs & known), alike, opposite, both, np.stack([np.minimum(first, second), first + second], axis=-1)


def nearest(found: Screen, most: int = NEAREST) -> NDArray[np.intp]:
    """Return the indexes of those worth a closer look, sorted."""
    if len(found.sure) <= most:
        return np.arange(len(found.sure))
    alike, opposite = (np.where(found.sure > 0, values / np.maximum(found.sure, 1), 0) for values in (found.alike, found.opposite))
    unseen = np.where(found.sure > 0, 0, 1)
    ranked = [np.argsort(-np.nan_to_num(values, nan=-9.0), kind="stable")[:most] for values in (found.kinship, alike, -opposite - unseen)]
    return np.unique(np.concatenate(ranked))


def compare(quality: Bytes, others: Bytes, names: Sequence[str], sites: Sites, found: Screen | None = None) -> list[Pair]:
    """Return how some people stand to one, in the order given.

    Args:
        quality: of the person, (sites, 3).
        others: of the others, (others, sites, 3).
        names: of the others.
        sites: what the rows are.
        found: their counts, if they are known already.
    """
    counts = found or screen(planes(quality), planes(others))
    told = np.asarray(quality.any(-1))
    used = sites.chosen(told)
    if not len(used) or not len(names):
        odds, independent = np.zeros((len(names), len(RELATIONS))), np.zeros(len(names))
    else:
        theirs = others[:, told]
        odds = relation_odds(likelihoods(quality[told]), likelihoods(theirs), used.frequencies, used.clusters)
        independent = independent_sites(np.asarray(theirs.any(-1)), used.clusters).sum(1)
    return [
        Pair(
            name,
            tuple(odds[at].tolist()),
            int(counts.sure[at]),
            int(counts.alike[at]),
            int(counts.opposite[at]),
            float(independent[at]),
            float(counts.kinship[at]),
        )
        for at, name in enumerate(names)
    ]
