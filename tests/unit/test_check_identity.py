"""What identity.json says, and how the release decision takes it."""

import numpy as np

from scripts.check_identity import RATE, UPPER, contamination_check, lane_check, merged, places_of, sex_check
from scripts.decide_release import decide_sample
from scripts.name_sources import is_asked
from tests.unit.test_decide_release import QC, karyotype
from workflow.contamination import Estimate, Places
from workflow.limits import load_limits
from workflow.site_counts import SiteCounts
from workflow.site_panel import panel_of

PLACES = Places(np.array([0]), np.array([30]), np.array([np.nan]))
PANEL = panel_of([("1", 5, "A", "G", 0.3), ("X", 5, "A", "G", 0.3)], name="p", assembly="GRCh38", release="1")


def estimated(share: float, low: float, high: float, *, detected: bool, smallest: float = 0.01) -> Estimate:
    return Estimate(share, low, high, detected, 9.0 if detected else 0.0, smallest, 1e-4, 100, 3000)


def decided(found: Estimate | None, **more: object):
    check = contamination_check(found, PLACES)
    return decide_sample(QC, karyotype(), ({}, {}), load_limits(None, {}), [merged(QC["sample"], PANEL, [check])])


def test_clean_sample_is_released_with_its_estimate() -> None:
    record = decided(estimated(0.0, 0.0, 0.003, detected=False))
    assert record["decision"] == "release"
    assert next(one for one in record["metrics"] if one["name"] == RATE)["verdict"] == "pass"


def test_contamination_above_the_limit_fails() -> None:
    record = decided(estimated(0.05, 0.03, 0.08, detected=True))
    assert record["decision"] == "fail"
    assert any("share of reads from another human is 5 %" in reason for reason in record["reasons"])


def test_contamination_that_may_be_two_percent_holds() -> None:
    assert decided(estimated(0.012, 0.008, 0.024, detected=True))["decision"] == "hold"
    assert decided(estimated(0.006, 0.002, 0.024, detected=False))["decision"] == "hold"


def test_contamination_surely_below_two_percent_is_released() -> None:
    assert decided(estimated(0.006, 0.004, 0.009, detected=True))["decision"] == "release"


def test_too_few_reads_are_not_evaluated_and_never_zero() -> None:
    check = contamination_check(estimated(0.0, 0.0, 0.09, detected=False, smallest=0.05), PLACES)
    assert RATE not in check["metrics"]
    assert UPPER not in check["metrics"]
    assert "from 5.00% on it would be seen" in check["not_evaluated"][RATE]
    assert decided(None)["decision"] == "release"
    assert any("not evaluated" in note and "no homozygous alternative site" in note for note in decided(None)["notes"])


def counts(ref: list[list[int]], alt: list[list[int]], own: np.ndarray | None = None) -> SiteCounts:
    more = {"own_counts": np.zeros((len(ref), 3, 0), np.uint16) if own is None else own, "controls": np.array([0, 0])}
    first, second = np.array(ref, np.uint16), np.array(alt, np.uint16)
    return SiteCounts("s", PANEL.digest, tuple(f"L{n}" for n in range(len(ref))), first, second, first * 0, more)


def test_places_of_takes_autosomes_only() -> None:
    assert len(places_of(counts([[30, 30]], [[0, 0]]), PANEL)) == 1


def test_lane_check_without_reads_of_a_lane_is_not_evaluated() -> None:
    own = np.zeros((3, 3, 80), np.uint16)
    own[:2, 1] = 20
    check = lane_check(counts([[30, 0]] * 2 + [[0, 0]], [[0, 0]] * 3, own), PANEL)
    assert "1 of 3 lanes have no read" in check["not_evaluated"]["lanes_agree"]


def test_foreign_lane_fails_the_sample() -> None:
    own = np.zeros((2, 3, 80), np.uint16)
    own[0, 0], own[1, 1] = 20, 20
    check = lane_check(counts([[30, 0]] * 2, [[0, 0]] * 2, own), PANEL)
    record = decide_sample(QC, karyotype(), ({}, {}), load_limits(None, {}), [merged(QC["sample"], PANEL, [check])])
    assert record["decision"] == "fail"
    assert any("lane" in reason and "another person" in reason for reason in record["reasons"])


def test_sex_check_says_why_not() -> None:
    record = karyotype(measured=None, agrees=None, ratios=(None, None))
    assert sex_check(record)["not_evaluated"] == {"sex_matches_order": record["reason"]}


def test_is_asked_for_what_is_suspicious_or_could_not_be_judged() -> None:
    clean = {"contamination": {"suspicious": False}, "not_evaluated": {}}
    unknown = {"contamination": None, "not_evaluated": {RATE: "no site"}}
    assert not is_asked(clean, 2)
    assert is_asked({"contamination": {"suspicious": True}, "not_evaluated": {}}, 1000)
    assert is_asked(unknown, 2)
    assert not is_asked(unknown, 1000)
