"""Evidence lines add up as the point system says: compared with the package `acmg-points` on random combinations."""

import random

import pytest
from acmg_points.core import classify

from workflow.acmg_points import CRITERIA, NEVER, Line, Strength, class_of, conflicts, direction_of, total, usual_strength, without_doubles

TOKENS = {
    Strength.SUPPORTING: "Supporting",
    Strength.MODERATE: "Moderate",
    Strength.STRONG: "Strong",
    Strength.VERY_STRONG: "VeryStrong",
    Strength.STAND_ALONE: "StandAlone",
}


def line(criterion: str, strength: Strength | None = None, why_not: str = "") -> Line:
    return Line(criterion, strength or usual_strength(criterion), "seen", "a source", "2026", why_not=why_not)


def test_points_and_class_agree_with_acmg_points_on_20000_random_combinations() -> None:
    dice = random.Random(20260601)
    classes = set()
    for _ in range(20_000):
        chosen = dice.sample(CRITERIA, dice.randint(1, 12))
        lines = [line(name, dice.choice([one for one in Strength if one is not Strength.STAND_ALONE or name == "BA1"])) for name in chosen]
        theirs = classify([f"{one.criterion}_{TOKENS[one.strength]}" for one in lines if one.strength])
        assert (total(lines), class_of(total(lines))) == (theirs.total, theirs.points_class.lower()), [one.code for one in lines]
        classes.add(theirs.points_class)
    assert len(classes) == 5, "the combinations reach every class"


@pytest.mark.parametrize("criterion", CRITERIA)
def test_usual_strengths_and_directions_agree_with_acmg_points(criterion: str) -> None:
    (theirs,) = classify([criterion]).applied
    assert (direction_of(criterion), TOKENS[usual_strength(criterion)]) == (theirs.direction, theirs.strength)
    assert line(criterion).points == theirs.points


@pytest.mark.parametrize(
    ("points", "name"),
    [
        (10, "pathogenic"),
        (9, "likely pathogenic"),
        (6, "likely pathogenic"),
        (5, "uncertain significance"),
        (0, "uncertain significance"),
        (-1, "likely benign"),
        (-6, "likely benign"),
        (-7, "benign"),
    ],
)
def test_class_of_at_its_limits(points: int, name: str) -> None:
    assert class_of(points) == name


def test_criteria_of_somebody_elses_classification_are_not_there() -> None:
    assert not NEVER & set(CRITERIA)


def test_a_line_that_does_not_count_adds_nothing_and_says_why() -> None:
    vetoed = line("PVS1", why_not="vetoed")
    assert (vetoed.points, vetoed.as_record()["points"], vetoed.as_record()["why_not"]) == (0, 0, "vetoed")
    assert Line("PVS1", None, "no strength", "s", "r").points == 0


def test_code_names_a_strength_that_is_not_the_usual_one() -> None:
    codes = [line("PM2", Strength.SUPPORTING).code, line("PM2").code, line("PS3", Strength.VERY_STRONG).code, line("BA1").code]
    assert codes == ["PM2_Supporting", "PM2", "PS3_VeryStrong", "BA1"]


def test_without_doubles_counts_the_stronger_of_two_lines_that_say_the_same() -> None:
    lines = without_doubles([line("PM6"), line("PS2"), line("PM2")])
    assert [one.points for one in lines] == [0, 4, 2]
    assert lines[0].why_not == "PS2 says the same, more strongly"


def test_conflicts_are_told_only_between_lines_that_count() -> None:
    assert conflicts([line("PVS1"), line("BS1")]) == ["PVS1 speak for pathogenic, BS1 for benign"]
    assert conflicts([line("PVS1"), line("BS1", why_not="few alleles")]) == []
