"""Contamination: estimate, interval and detection on simulated counts, and who the stranger is."""

import numpy as np
import pytest

from workflow.contaminant import Suspect, copies_of, likely_source, margin
from workflow.contamination import Places, error_prior, estimate, joined, places_of_own, places_of_panel

ERROR = 2e-4
PRIOR = error_prior(3 * 20, 100_000)


def simulated(rng: np.random.Generator, share: float, sites: int, depth: float, *, known: bool) -> tuple[Places, np.ndarray]:
    """Return counts of a host and a stranger drawn from Hardy and Weinberg, and the stranger's copies at each place kept."""
    frequency = rng.uniform(0.05, 0.95, sites) if known else rng.beta(1, 2, sites)
    total = rng.poisson(depth, sites)
    host = rng.binomial(2, frequency) if known else np.zeros(sites, int)
    stranger = rng.binomial(2, frequency)
    mean = (1 - share) * host / 2 + share * stranger / 2
    alt = rng.binomial(total, mean * (1 - ERROR) + (1 - mean) * ERROR)
    ref = total - alt
    if known:
        places = places_of_panel(ref.astype(np.uint16), alt.astype(np.uint16), frequency)
    else:
        places = places_of_own(alt.astype(np.uint16), ref.astype(np.uint16))
    return places, stranger


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("share", [0.02, 0.05, 0.10])
def test_estimate_finds_the_share(known: bool, share: float) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        places, _ = simulated(rng, share, 2000 if known else 120, 30, known=known)
        found = estimate(places, PRIOR)
        assert found is not None
        assert found.detected
        assert found.low <= share * 1.15
        assert found.high >= share * 0.85
        if known:
            assert found.share == pytest.approx(share, rel=0.25)


@pytest.mark.parametrize("known", [True, False])
def test_estimate_calls_no_clean_sample(known: bool) -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        places, _ = simulated(rng, 0.0, 2000 if known else 120, 30, known=known)
        found = estimate(places, PRIOR)
        assert found is not None
        assert not found.detected
        assert found.low == 0.0
        assert found.high < 0.02


def test_estimate_takes_hopped_indexes_for_no_stranger() -> None:
    rng = np.random.default_rng(3)
    frequency = rng.uniform(0.05, 0.5, 3000)
    total = rng.poisson(40, 3000)
    places = Places(rng.binomial(total, 0.002 * frequency + ERROR), total, frequency)
    found = estimate(places, PRIOR)
    assert found is not None
    assert not found.detected


def test_estimate_is_not_moved_by_a_few_artefacts() -> None:
    rng = np.random.default_rng(4)
    places, _ = simulated(rng, 0.0, 120, 30, known=False)
    bad = Places(np.array([4, 5]), np.array([30, 30]), np.full(2, np.nan))
    found = estimate(joined(places, bad), PRIOR)
    assert found is not None
    assert not found.detected


def test_estimate_of_nothing() -> None:
    assert estimate(places_of_own(np.zeros(0, np.uint16), np.zeros(0, np.uint16)), PRIOR) is None


def test_smallest_share_falls_with_depth_and_sites() -> None:
    rng = np.random.default_rng(5)
    found = [estimate(simulated(rng, 0.0, sites, depth, known=False)[0], PRIOR) for sites, depth in ((20, 15), (120, 30), (1000, 40))]
    levels = [one.smallest for one in found if one is not None]
    assert levels[0] > 0.02 > levels[1] > levels[2]


def test_places_of_own_leaves_out_shallow_and_mixed_places() -> None:
    places = places_of_own(np.array([0, 2, 10, 0], np.uint16), np.array([30, 28, 20, 5], np.uint16))
    assert places.minor.tolist() == [0, 2]
    assert np.isnan(places.frequency).all()


def test_places_of_panel_puts_the_rarer_allele_first() -> None:
    places = places_of_panel(np.array([30, 1], np.uint16), np.array([1, 30], np.uint16), np.array([0.2, 0.3]))
    assert places.minor.tolist() == [1, 1]
    assert places.frequency.tolist() == pytest.approx([0.2, 0.7])


def test_error_prior_is_wide_where_little_was_seen() -> None:
    assert error_prior(0, 100)[1] > error_prior(50, 100_000)[1] > np.log(2) - 1e-9


def test_margin_tells_the_source_from_another() -> None:
    rng = np.random.default_rng(6)
    places, stranger = simulated(rng, 0.03, 200, 30, known=False)
    reads = np.full(len(places), 30)
    not_alt = np.zeros(len(places), bool)
    alt = rng.binomial(reads, np.clip(stranger[: len(places)] / 2, 0.001, 0.999))
    true, share = margin(places, copies_of(reads - alt, alt, not_alt), ERROR)
    other = rng.binomial(reads, np.clip(rng.permutation(stranger[: len(places)]) / 2, 0.001, 0.999))
    false, _ = margin(places, copies_of(reads - other, other, not_alt), ERROR)
    assert true > 3
    assert share == pytest.approx(0.03, rel=0.4)
    assert false < 0


def test_likely_source_names_one_or_none() -> None:
    assert likely_source([])[0] is None
    assert likely_source([Suspect("A", 9.0, 0.02, 50), Suspect("B", 1.0, 0.02, 50)])[0] == "A"
    assert likely_source([Suspect("A", 2.0, 0.02, 50)])[0] is None
    assert "equally" in likely_source([Suspect("A", 9.0, 0.02, 50), Suspect("B", 8.0, 0.02, 50)])[1]
