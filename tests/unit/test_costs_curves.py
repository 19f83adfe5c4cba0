"""What a job will cost, from what earlier ones did."""

import math
import random

import pytest

from workflow.costs.curves import COMMON, DEFAULT_COMMON, Curve, Guess, Shape, fit, total
from workflow.costs.defaults import read_defaults
from workflow.costs.stages import stages

SHAPE = Shape(4.0, 200.0, 0.04, 0.2)


def fitted(points: list[tuple[float | None, float]], shape: Shape | None = None) -> Curve:
    """Return a curve that must be there."""
    curve = fit(points, shape)
    assert curve
    return curve


def test_fit_finds_fixed_and_slope_where_sizes_differ() -> None:
    dice = random.Random(3)
    points = [(gb, (10 + 100 * gb) * math.exp(dice.gauss(0, 0.05))) for gb in (1, 2, 4, 8, 16, 32) for _ in range(3)]
    curve = fitted(list(points))
    assert curve.fixed == pytest.approx(10, rel=0.6)
    assert curve.slope == pytest.approx(100, rel=0.05)


def test_fit_of_few_keeps_the_shape_of_the_table_and_their_sum() -> None:
    curve = fitted([(0.1, 48.0), (0.2, 88.0)], SHAPE)  # twice as dear as the table says
    assert (curve.fixed, curve.slope) == pytest.approx((8.0, 400.0))


def test_fit_of_what_was_never_seen_is_the_table() -> None:
    curve = fitted([], SHAPE)
    assert (curve.at(0.1), curve.count) == (pytest.approx(24.0), 0)
    assert fit([], None) is None


def test_fitted_costs_sum_to_what_they_were() -> None:
    points: list[tuple[float | None, float]] = [(1, 5.0), (2, 9.0), (9, 8.0), (12, 30.0), (20, 31.0), (20, 90.0)]
    curve = fitted(points, SHAPE)
    assert sum(curve.at(gb) for gb, _ in points) == pytest.approx(sum(cost for _, cost in points))


def test_slope_and_fixed_are_never_negative() -> None:
    falling = fitted([(1, 50.0), (2, 40.0), (4, 30.0), (8, 20.0), (16, 10.0)])
    assert falling.slope == 0
    assert falling.fixed > 0


def test_unknown_size_gives_the_typical_cost() -> None:
    assert fitted([(1, 4.0), (1, 6.0)]).at(None) == 5.0
    assert fitted([(None, 4.0), (None, 6.0)]).at(3.0) == 5.0


def test_uncertainty_of_many_jobs_is_that_of_the_curve() -> None:
    curve = fitted([(1.0, 10.0 + number % 3) for number in range(30)])
    one, many = curve.sum([1.0]), curve.sum([1.0] * 1000)
    assert many.value == pytest.approx(1000 * one.value)
    relative = [math.log(guess.interval()[1] / guess.value) for guess in (one, many)]
    assert relative[1] < relative[0]
    assert relative[1] >= 1.6 * COMMON  # another machine moves all jobs alike, however many there are


def test_default_table_is_uncertain_by_a_factor_and_says_so() -> None:
    low, high = fitted([], SHAPE).sum([0.1] * 100).interval()
    assert high / low > math.exp(2 * DEFAULT_COMMON)


def test_beyond_the_sizes_seen_uncertainty_grows() -> None:
    curve = fitted([(0.1, 10.0)] * 5, SHAPE)
    near, far = (math.log(curve.sum([gb]).interval()[1] / curve.sum([gb]).value) for gb in (0.1, 100.0))
    assert far > 2 * near


def test_total_adds_common_parts_as_they_are_and_others_in_squares() -> None:
    whole = total([Guess(10, 9.0, 1.0), Guess(20, 16.0, 2.0)])
    assert (whole.value, whole.variance, whole.common) == (30, 25.0, 3.0)


def test_interval_holds_nine_of_ten() -> None:
    dice = random.Random(5)
    curve = fitted([(1.0, 10 * math.exp(dice.gauss(0, 0.3))) for _ in range(200)])
    low, high = curve.sum([1.0]).interval()
    inside = sum(low <= 10 * math.exp(dice.gauss(0, 0.3)) <= high for _ in range(2000))
    assert 0.88 < inside / 2000 < 0.97


def test_interval_of_nothing_is_nothing() -> None:
    assert Guess().interval() == (0.0, 0.0)


def test_default_table_names_rules_that_there_are_and_no_nonsense() -> None:
    table = read_defaults()
    assert table.keys() <= stages().keys()
    assert table["align_reads"].cpu_s.slope > table["filter_calls"].cpu_s.slope > 0
    assert all(min(row.cpu_s.fixed, row.cpu_s.slope, row.written_mb.fixed, row.max_rss_mb) >= 0 for row in table.values())
