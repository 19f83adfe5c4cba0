"""How two fingerprints are related: log10 likelihood ratios of five relations against none, from genotype likelihoods.

At a site two people share 0, 1 or 2 alleles by descent. The likelihood of both people's reads for each is summed over their genotypes
with the site's allele frequency (Hardy-Weinberg; the joint genotypes of Li and Sacks 1954), so that few reads weigh little. Sites close
to each other are inherited together and say the same thing several times: they are joined to clusters, and what a cluster says *for*
sharing counts as many times as it has independent sites (`independent`). Between clusters the number of shared alleles changes as the
relation has it: never (same person, parent and child) or as a Markov chain along the chromosome (Donnelly 1983).

`log10` everywhere; positions in bases, 1 cM taken as 1 Mb.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

RELATIONS = ("same person", "parent and child", "full siblings", "second degree", "unrelated")
UNRELATED = RELATIONS[-1]
CLUSTER_BP = 50_000  # sites within this stretch are one cluster
INDEPENDENT_BP = (
    25_000  # a cluster counts as one independent site, and one more for each of these; measured: docs/decisions/016-who-is-who.md
)
MISTYPED = 0.002  # share of sites whose genotype is wrong whatever the reads say
UNKNOWN_FREQUENCY = 0.25  # of an alternative allele that somebody of the run carries and no panel knows
LEAST_SINGLE = -float(np.log10(2))  # P(hom, het | 1 shared) / P(… | none) = 1 / (2 p), at least a half
AT_ONCE = 20
"""How many people are compared at once: bounds the memory."""
SHARING = {"full siblings": (0.25, 0.5, 0.25), "second degree": (0.5, 0.5, 0.0)}
CHANGES_PER_MORGAN = {"full siblings": 4.0, "second degree": 4.0}
"""Rate at which the number of shared alleles is drawn anew: four meioses separate siblings (and an uncle from a nephew, about)."""


@dataclass(frozen=True)
class Clusters:
    """Sites joined by nearness.

    Attributes:
        starts: index of the first site of each cluster.
        independent: independent sites that each cluster stands for.
        new_contig: whether a cluster is the first on its contig.
        morgans: distance to the cluster before; 0 for the first of a contig.
    """

    starts: npt.NDArray[np.intp]
    independent: Doubles
    new_contig: npt.NDArray[np.bool_]
    morgans: Doubles


def join_clusters(contigs: npt.NDArray[np.integer], positions: npt.NDArray[np.integer]) -> Clusters:
    """Return the clusters of sites that are sorted by contig (a number) and position (0-based)."""
    places = np.asarray(positions, np.int64)
    along = places + np.asarray(contigs, np.int64) * 2**32
    starts: list[int] = []
    at = 0
    while at < len(along):
        starts.append(at)
        at = int(np.searchsorted(along, along[at] + CLUSTER_BP, "right"))
    first = np.asarray(starts, np.intp)
    last = np.append(first[1:], len(along)) - 1
    new = np.ones(len(first), bool)
    new[1:] = contigs[first[1:]] != contigs[first[:-1]]
    gaps = np.zeros(len(first))
    gaps[1:] = np.where(new[1:], 0, places[first[1:]] - places[last[:-1]]) / 1e8
    span = places[last] - places[first] if len(first) else np.zeros(0)
    return Clusters(first, np.minimum(1 + span / INDEPENDENT_BP, last - first + 1), new, gaps)


def prior_of(frequencies: Floats) -> Floats:
    """Return P(genotype) of shape (sites, 3) by Hardy-Weinberg; an unknown frequency (NaN) is `UNKNOWN_FREQUENCY`."""
    alt = np.clip(np.where(np.isnan(frequencies), UNKNOWN_FREQUENCY, frequencies), 0.005, 0.995)
    ref = 1 - alt
    return np.stack([ref * ref, 2 * ref * alt, alt * alt], axis=-1).astype(np.float32)


def _with_mistakes(likelihoods: Floats, prior: Floats) -> Floats:
    """Return P(reads | genotype) for a genotype that is, in `MISTYPED` of the sites, somebody else's."""
    anybody = (likelihoods * prior).sum(-1, keepdims=True)
    return np.asarray((1 - MISTYPED) * likelihoods + MISTYPED * anybody, np.float32)


def site_odds(one: Floats, others: Floats, frequencies: Floats) -> tuple[Floats, Floats]:
    """Return log10 P(both | 1 allele shared) and (2 alleles shared) over P(both | none), of shape (others, sites) each.

    Args:
        one: P(reads | genotype) of a person, (sites, 3).
        others: of other people, (others, sites, 3).
        frequencies: of the alternative allele, (sites,).
    """
    prior = prior_of(frequencies)
    mine, theirs = _with_mistakes(one, prior), _with_mistakes(others, prior)
    alt = np.sqrt(prior[:, 2])
    ref = 1 - alt
    alone = (mine * prior).sum(-1) * np.einsum("mng,ng->mn", theirs, prior)
    # P(second genotype, reads of the first | one shared allele), summed over the first genotype
    as_ref = ref * mine[:, 0] + alt * mine[:, 1]  # the shared allele is the reference's
    as_alt = ref * mine[:, 1] + alt * mine[:, 2]
    shared = np.stack([ref * ref * as_ref, ref * alt * (as_ref + as_alt), alt * alt * as_alt], axis=-1)
    single = np.einsum("mng,ng->mn", theirs, shared.astype(np.float32))
    double = np.einsum("mng,ng->mn", theirs, prior * mine)
    return np.log10(single / alone), np.log10(double / alone)


def informed(likelihoods: Floats) -> npt.NDArray[np.bool_]:
    """Return where reads say anything of the genotype: its three likelihoods differ."""
    return np.asarray((likelihoods != likelihoods[..., :1]).any(-1))


def independent_sites(told: npt.NDArray[np.bool_], clusters: Clusters) -> Doubles:
    """Return how many independent sites each cluster stands for, given where both people have reads, (others, clusters)."""
    return np.minimum(np.add.reduceat(told.astype(np.float64), clusters.starts, axis=1), clusters.independent)


def cluster_odds(odds: Floats, told: npt.NDArray[np.bool_], clusters: Clusters, least: float) -> Doubles:
    """Return the odds of each cluster, (others, clusters): the sum of its sites, scaled to the independent sites among them.

    What contradicts sharing (odds below `least`, which no genotypes reach that can be) is not scaled where it outweighs what speaks for
    sharing at the same cluster: each of those sites would have to be mistyped on its own. With few reads the one makes up for the other.
    """
    odds = np.where(told, odds, 0)

    def total(part: npt.NDArray[np.generic]) -> Doubles:
        return np.add.reduceat(part.astype(np.float64), clusters.starts, axis=1)

    weight = independent_sites(told, clusters) / np.maximum(total(told), 1)
    against, rest, favour = total(np.minimum(odds - least, 0)), total(np.maximum(odds, least)), total(np.maximum(odds, 0))
    return np.minimum(weight * (rest + against), weight * rest + against + favour)


def relation_odds(one: Floats, others: Floats, frequencies: Floats, clusters: Clusters) -> Doubles:
    """Return log10 P(reads of both | relation) - log10 P(… | unrelated), (others, RELATIONS); arguments as of `site_odds`."""
    parts = []
    for at in range(0, len(others), AT_ONCE):
        part = others[at : at + AT_ONCE]
        told = informed(one) & informed(part)
        single, double = site_odds(one, part, frequencies)
        parts.append([cluster_odds(single, told, clusters, LEAST_SINGLE), cluster_odds(double, told, clusters, 0.0)])
    single_odds, double_odds = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    chains = [_along(single_odds, double_odds, clusters, relation) for relation in ("full siblings", "second degree")]
    return np.stack([double_odds.sum(1), single_odds.sum(1), *chains, np.zeros(len(others))], axis=-1)


def _along(single: Doubles, double: Doubles, clusters: Clusters, relation: str) -> Doubles:
    """Return the odds of a relation in which the number of shared alleles changes along the chromosome (forward algorithm)."""
    start = np.asarray(SHARING[relation])[:, None]
    stays = np.where(clusters.new_contig, 0.0, np.exp(-CHANGES_PER_MORGAN[relation] * clusters.morgans))
    top = np.maximum(np.maximum(single, double), 0)
    factors = np.empty((len(stays), 3, len(single)), np.float32)
    for shared, emitted in enumerate((0.0, single, double)):
        factors[:, shared] = np.power(10, emitted - top).T
    masses = np.empty((len(stays), single.shape[0]))
    state = np.repeat(start, single.shape[0], axis=1)
    for at, stay in enumerate(stays.tolist()):
        state = (stay * state + (1 - stay) * start) * factors[at]
        masses[at] = state.sum(0)
        state /= masses[at]
    return np.asarray(np.log10(masses).sum(0) + top.sum(1))


def parent_odds(child: Floats, parent: Floats, others: Floats, frequencies: Floats, clusters: Clusters) -> Doubles:
    """Return log10 P(reads of the child | parent and other are its parents) over P(… | parent and somebody unknown are), (others,).

    One parent is taken as given, so that the child's other allele is known at most sites: far stronger than a pair on its own.

    Args:
        child: P(reads | genotype) of the child, (sites, 3).
        parent: of the parent that is taken as given.
        others: of those asked about, (others, sites, 3).
        frequencies: of the alternative allele, (sites,).
        clusters: of the sites.
    """
    prior = prior_of(frequencies)
    mine, given, theirs = (_with_mistakes(one, prior) for one in (child, parent, others))
    gives_alt = np.array([0.0, 0.5, 1.0], np.float32)
    told = given * prior / (given * prior).sum(-1, keepdims=True)
    first = (told * gives_alt).sum(-1)  # P(the given parent passes on the alternative allele)
    as_ref = (1 - first) * mine[:, 0] + first * mine[:, 1]  # the other parent passes on the reference allele
    as_alt = (1 - first) * mine[:, 1] + first * mine[:, 2]
    alt = np.sqrt(prior[:, 2])
    unknown = (1 - alt) * as_ref + alt * as_alt
    passed = np.stack([as_ref, (as_ref + as_alt) / 2, as_alt], axis=-1)
    known = np.einsum("mng,ng->mn", theirs, prior * passed) / np.einsum("mng,ng->mn", theirs, prior)
    told = informed(child) & informed(others)
    return np.asarray(cluster_odds(np.log10(known / unknown), told, clusters, LEAST_SINGLE).sum(1))
