"""Relations told from likelihoods: the right one for a known pedigree, at high and low depth, and no false confidence from linkage."""

import itertools

import numpy as np
import pytest

from tests.unit.family_tree import Haplotypes, child, founder, reads, spread_sites
from workflow.fingerprints import Bytes, Sites, key_of, likelihoods, planes
from workflow.kinship import RELATIONS, join_clusters, parent_odds, prior_of, site_odds
from workflow.matching import Pair, compare, nearest, screen


def family(seed: int = 1) -> tuple[Sites, dict[str, Haplotypes], np.random.Generator]:
    """Return a family: two children, their parents, an uncle (the father's brother), strangers."""
    dice = np.random.default_rng(seed)
    sites = spread_sites()
    people = {name: founder(sites, dice) for name in ("grandmother", "grandfather", "mother", "stranger")}
    grandparents = people["grandmother"], people["grandfather"]
    people |= {name: child(*grandparents, sites, dice) for name in ("father", "uncle")}
    people |= {name: child(people["mother"], people["father"], sites, dice) for name in ("ann", "bob")}
    return sites, people, dice


def pair_of(sites: Sites, one: Bytes, other: Bytes) -> Pair:
    """Return how two stand to each other."""
    return compare(one, other[None], ["other"], sites)[0]


@pytest.mark.parametrize("depth", [30, 8, 3])
@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("ann", "ann", "same person"),
        ("ann", "mother", "parent and child"),
        ("father", "ann", "parent and child"),
        ("ann", "bob", "full siblings"),
        ("ann", "uncle", "second degree"),
        ("ann", "grandfather", "second degree"),
        ("ann", "stranger", "unrelated"),
        ("mother", "father", "unrelated"),
    ],
)
def test_relation_is_told(one: str, other: str, relation: str, depth: float) -> None:
    """Two thousand independent sites tell every relation apart, down to three reads a site; twice the same person is read anew."""
    sites, people, dice = family()
    found = pair_of(sites, reads(people[one], dice, depth), reads(people[other], dice, depth))
    assert found.relation == relation
    assert found.lead > 2


def test_kinship_is_that_of_king() -> None:
    """KING's robust coefficient: a half with oneself, a quarter in the first degree, an eighth in the second, none among strangers."""
    sites, people, dice = family()
    quality = {name: reads(one, dice, 40) for name, one in people.items()}
    expected = {"ann": 0.5, "mother": 0.25, "bob": 0.25, "uncle": 0.125, "stranger": 0.0}
    for name, value in expected.items():
        assert pair_of(sites, quality["ann"], quality[name]).kinship == pytest.approx(value, abs=0.06)


def test_site_odds_are_those_of_the_joint_genotypes() -> None:
    """At one site with known genotypes the odds are the ratios of the tables of Li and Sacks, worked out by hand."""
    alt = 0.3
    p, q = 1 - alt, alt
    none = {0: p * p, 1: 2 * p * q, 2: q * q}
    one_shared = {(0, 0): p**3, (0, 1): p * p * q, (1, 1): p * q, (1, 2): p * q * q, (2, 2): q**3}
    for first, second in itertools.combinations_with_replacement(range(3), 2):
        mine, theirs = (np.eye(3, dtype=np.float32)[[copies]] for copies in (first, second))
        single, double = site_odds(mine, theirs[None], np.array([alt], np.float32))
        ratio = one_shared.get((first, second), 0) / (none[first] * none[second])
        assert 10 ** float(single[0, 0]) == pytest.approx(ratio, abs=0.03)
        assert 10 ** float(double[0, 0]) == pytest.approx(1 / none[first] if first == second else 0, rel=0.03, abs=0.03)


def test_linked_sites_do_not_add_up() -> None:
    """A hundred sites within 20 kb that all say the same are worth less than two independent ones; two opposite ones are not forgiven."""
    keys = np.array([key_of(1, 10_000 + 200 * number, "A", "G") for number in range(100)], np.int64)
    sites = Sites("GRCh38", keys, np.full(100, 0.5, np.float32))
    heterozygous = np.tile(np.array([60, 0, 60], np.uint8), (100, 1))
    assert 0 < pair_of(sites, heterozygous, heterozygous).odds_of("same person") < 2 * np.log10(2) + 0.01
    none, two = (np.tile(np.array(row, np.uint8), (100, 1)) for row in ([0, 60, 120], [120, 60, 0]))
    assert pair_of(sites, none, two).odds_of("parent and child") < -20


def test_sites_without_reads_say_nothing() -> None:
    """People without a common site with reads have no odds for or against anything."""
    sites, people, dice = family()
    quality = reads(people["ann"], dice)
    empty = np.zeros_like(quality)
    found = pair_of(sites, quality, empty)
    assert (found.odds, found.independent, found.sure) == ((0.0,) * len(RELATIONS), 0.0, 0)
    assert np.isnan(found.kinship)
    assert pair_of(sites, empty, quality).odds == (0.0,) * len(RELATIONS)


@pytest.mark.parametrize("depth", [30, 5])
def test_parent_given_the_other(depth: float) -> None:
    """Given the mother, the father is told from a stranger with five reads a site, and from his own brother with thirty."""
    sites, people, dice = family()
    quality = {name: likelihoods(reads(one, dice, depth)) for name, one in people.items()}
    others = np.stack([quality[name] for name in ("father", "uncle", "stranger")])
    odds = parent_odds(quality["ann"], quality["mother"], others, sites.frequencies, sites.clusters)
    assert odds[0] > 10
    assert odds[2] < -10
    assert odds[2] < odds[1] < odds[0]
    assert depth < 30 or odds[1] < -10


def test_clusters_break_at_distance_and_contig() -> None:
    """Sites 50 kb apart or less are one cluster, within one contig; a cluster counts once and once more for each 25 kb."""
    contigs, places = np.array([1, 1, 1, 1, 2]), np.array([0, 25_000, 50_000, 50_001, 50_002])
    clusters = join_clusters(contigs, places)
    assert clusters.starts.tolist() == [0, 3, 4]
    assert clusters.independent.tolist() == [3, 1, 1]
    assert clusters.new_contig.tolist() == [True, False, True]
    assert len(join_clusters(np.zeros(0, np.int64), np.zeros(0, np.int64)).starts) == 0


def test_unknown_frequency_has_a_prior() -> None:
    """A site without a frequency has the prior of a quarter; one that nobody carries is not taken as impossible."""
    prior = prior_of(np.array([np.nan, 0.0], np.float32))
    assert prior[0].tolist() == pytest.approx([0.5625, 0.375, 0.0625])
    assert prior[1, 1] > 0


def test_nearest_holds_everybody_close() -> None:
    """Of a thousand people the look at bits lets no relative through its net."""
    sites, people, dice = family()
    quality = np.stack([reads(founder(sites, dice), dice, 12) for _ in range(300)] + [reads(one, dice, 12) for one in people.values()])
    mine = list(people).index("ann") + 300
    bits = planes(quality)
    found = set(nearest(screen(bits[mine], bits)).tolist())
    assert {300 + list(people).index(name) for name in ("ann", "bob", "mother", "father")} <= found
    assert len(found) < 130
