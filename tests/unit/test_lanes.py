"""Lanes of one person, of two, and too few reads to tell."""

import numpy as np
import pytest

from workflow.lanes import agreement, compare_lanes, groups_of

SITES = 300


def counts(rng: np.random.Generator, genotypes: np.ndarray, depth: float) -> tuple[np.ndarray, np.ndarray]:
    total = rng.poisson(depth, len(genotypes))
    alt = rng.binomial(total, np.clip(genotypes / 2, 0.002, 0.998))
    return (total - alt).astype(np.uint16), alt.astype(np.uint16)


def lanes_of(people: list[int], depth: float, seed: int, sites: int = SITES):
    """Return names, ref, alt and frequencies of one lane for each entry of `people`."""
    rng = np.random.default_rng(seed)
    frequencies = rng.uniform(0.1, 0.9, sites)
    genotypes = {person: rng.binomial(2, frequencies) for person in set(people)}
    pairs = [counts(rng, genotypes[person], depth) for person in people]
    return [f"L{number}" for number in range(len(people))], np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs]), frequencies


def judged(people: list[int], depth: float, seed: int, sites: int = SITES):
    names, ref, alt, frequencies = lanes_of(people, depth, seed, sites)
    pairs = compare_lanes(names, ref, alt, frequencies)
    reads = {name: int(ref[row].sum() + alt[row].sum()) for row, name in enumerate(names)}
    return agreement(names, pairs, reads)


@pytest.mark.parametrize("depth", [2, 5, 15])
def test_agreement_of_lanes_of_one_person(depth: float) -> None:
    for seed in range(100):
        assert judged([1, 1, 1], depth, seed)[0] is True


@pytest.mark.parametrize("depth", [2, 5, 15])
def test_agreement_names_a_foreign_lane(depth: float) -> None:
    for seed in range(100):
        agree, foreign, words = judged([1, 1, 2, 1], depth, seed)
        assert agree is False
        assert foreign == ["L2"]
        assert "lane L2 is of another person" in words


def test_agreement_of_two_lanes_says_that_reads_cannot_tell_whose() -> None:
    agree, foreign, words = judged([1, 2], 10, 1)
    assert agree is False
    assert len(foreign) == 1
    assert "cannot tell" in words


def test_agreement_needs_sites() -> None:
    agree, foreign, words = judged([1, 1], 1, 1, sites=4)
    assert agree is None
    assert not foreign
    assert "too few" in words


def test_agreement_of_one_lane() -> None:
    assert judged([1], 10, 1) == (None, [], "the sample has one lane")


def test_groups_of_joins_through_a_third_lane() -> None:
    names, ref, alt, frequencies = lanes_of([1, 2, 1, 2], 15, 3)
    assert groups_of(names, compare_lanes(names, ref, alt, frequencies)) == [["L0", "L2"], ["L1", "L3"]]
