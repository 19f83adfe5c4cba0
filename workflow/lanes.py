"""Whether the lanes of a sample are of one person: odds of every pair of lanes, and which lanes stand apart.

At a site with frequency f of the alternative allele, lanes of one person share a genotype, of two people each has its own (Hardy and
Weinberg). The odds are P(both | one person) / P(both | two), multiplied over the sites; a site may be an artefact, so that no single one
decides. Where no frequency is known it is taken as one half.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow.site_counts import genotype_likelihoods

Floats = NDArray[np.float64]
DECIDED = 3.0
"""log10 of the odds from which two lanes count as of one person, or (negative) as of two."""
ARTEFACT = 0.01
"""Weight of a site that says nothing: no site lowers the odds more than hundredfold."""


@dataclass(frozen=True)
class Pair:
    """Two lanes: log10 of the odds that they are of one person against two, and the sites at which both have reads."""

    first: str
    second: str
    log10_odds: float
    sites: int


def pair_odds(likelihoods: Sequence[Floats], frequencies: Floats) -> Floats:
    """Return log10 of the odds "one person" against "two" at each site.

    Args:
        likelihoods: two arrays (sites, 3) of log10 P(reads | genotype).
        frequencies: of the alternative allele, by site.
    """
    f = np.clip(np.where(np.isnan(frequencies), 0.5, frequencies), 0.01, 0.99)
    prior = np.stack([(1 - f) ** 2, 2 * f * (1 - f), f**2], 1)
    first, second = (10.0 ** (one - one.max(1, keepdims=True)) for one in likelihoods)
    one_person = (prior * first * second).sum(1)
    two = (prior * first).sum(1) * (prior * second).sum(1)
    return np.asarray(np.log10((1 - ARTEFACT) * one_person / two + ARTEFACT))


def compare_lanes(lanes: Sequence[str], ref: NDArray[np.uint16], alt: NDArray[np.uint16], frequencies: Floats) -> list[Pair]:
    """Return every pair of lanes.

    Args:
        lanes: names.
        ref: bases equal to the reference, by lane and site.
        alt: bases equal to the alternative.
        frequencies: of the alternative allele, by site.
    """
    likelihoods = [genotype_likelihoods(ref[row], alt[row]).astype(np.float64) for row in range(len(lanes))]
    depth = ref.astype(np.int64) + alt
    pairs = []
    for one in range(len(lanes)):
        for other in range(one + 1, len(lanes)):
            both = (depth[one] > 0) & (depth[other] > 0)
            odds = pair_odds([likelihoods[one][both], likelihoods[other][both]], frequencies[both])
            pairs.append(Pair(lanes[one], lanes[other], float(odds.sum()), int(both.sum())))
    return pairs


def groups_of(lanes: Sequence[str], pairs: Sequence[Pair]) -> list[list[str]]:
    """Return the lanes in groups of one person each: those that pairs join, whatever other pairs leave open."""
    group = {lane: {lane} for lane in lanes}
    for pair in pairs:
        if pair.log10_odds >= DECIDED and group[pair.first] is not group[pair.second]:
            joined = group[pair.first] | group[pair.second]
            group |= dict.fromkeys(joined, joined)
    return sorted(({id(one): sorted(one) for one in group.values()}).values(), key=lambda one: lanes.index(one[0]))


def agreement(lanes: Sequence[str], pairs: Sequence[Pair], reads: Mapping[str, int]) -> tuple[bool | None, list[str], str]:
    """Return whether the lanes agree (None = cannot be said), those that are not the sample's, and the finding in words.

    The sample's own is the group with most bases; of two lanes that differ, reads cannot tell whose is wrong.
    """
    if len(lanes) < 2:
        return None, [], "the sample has one lane"
    groups = groups_of(lanes, pairs)
    apart = [pair for pair in pairs if pair.log10_odds <= -DECIDED]
    if not apart:
        if len(groups) == 1:
            return True, [], f"{len(lanes)} lanes of one person (least log10 odds of a pair {min(pair.log10_odds for pair in pairs):.0f})"
        open_pairs = [pair for pair in pairs if abs(pair.log10_odds) < DECIDED]
        worst = min(open_pairs, key=lambda pair: abs(pair.log10_odds))
        why = f"lanes {worst.first} and {worst.second} share {worst.sites} sites, log10 odds {worst.log10_odds:.1f}: too few to tell"
        return None, [], why
    biggest = max(groups, key=lambda group: sum(reads[lane] for lane in group))
    against = {lane for pair in apart for lane in (pair.first, pair.second)}
    foreign = [lane for group in groups if group is not biggest for lane in group if lane in against]
    worst = min(apart, key=lambda pair: pair.log10_odds)
    unsure = "; reads cannot tell which of the two is the sample's" if len(lanes) == 2 else ""
    text = f"lane {' and '.join(foreign)} is of another person than {' and '.join(biggest)} (log10 odds {worst.log10_odds:.0f}){unsure}"
    return False, foreign, text
