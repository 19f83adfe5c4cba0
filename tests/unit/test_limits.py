"""Limit sets, verdicts with signed margins, and the decision that follows."""

import math
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from workflow.cohort import Cohort, Sample
from workflow.errors import InputError
from workflow.limit_sets import key_of, load_limit_sets
from workflow.limits import FOLDER, Decision, Limit, Verdict, limits_of, load_limits
from workflow.metric_names import FILE, IDENTITY, metrics
from workflow.verdicts import decide, gravest, in_words, judge, judge_all

GOOD = {
    "mean_autosome_coverage": (34.0, "x"),
    "pct_autosomes_15x": (97.5, "%"),
    "pct_duplicates": (8.0, "%"),
    "sex_matches_order": (True, ""),
}
HEAD = "name: x\ndate: '2026-01-01'\nmetrics: "
DEPTH = Limit("depth", "x", "higher", 30, unless=Decision.RESEQUENCE, source="somebody")


def decision_for(**changes):
    limits = limits_of(load_limits(None, {}))
    measured = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return decide(
        judge_all(measured, {"cross_contamination_rate": "no sites panel"}, limits, {"sex_matches_order": "ordered female, measured XY"})
    )


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_load_limits_shipped_set_names_a_dated_source_for_every_limit(file):
    content = load_limits(file.stem, {})
    assert content["name"] == file.stem
    for name, limit in limits_of(content).items():
        assert limit.value is None or ("20" in limit.source and limit.unit is not None), name


def test_load_limits_override_replaces_limit_and_source():
    limit = limits_of(load_limits(None, {"mean_autosome_coverage": 25}))["mean_autosome_coverage"]
    assert limit.value == 25
    assert "config" in limit.source
    assert "30" in limit.source
    assert limit.unless is Decision.RESEQUENCE


def test_load_limits_override_gives_a_limit_to_a_metric_without():
    limit = limits_of(load_limits(None, {"pct_reads_mapped": 95}))["pct_reads_mapped"]
    assert judge("pct_reads_mapped", 94.0, "%", limit).leads_to is Decision.HOLD


def test_load_limits_unknown_metric_suggests_the_nearest():
    with pytest.raises(InputError, match="did you mean `mean_autosome_coverage`"):
        load_limits(None, {"mean_autosome_covrage": 20})


@pytest.mark.parametrize("metric", ["mean_insert_size", "sex_matches_order"])
def test_load_limits_override_of_a_metric_without_direction_is_refused(metric):
    with pytest.raises(InputError, match="no better side"):
        load_limits(None, {metric: 300})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\n", "required"),
        (HEAD + "{depth: {label: d, unit: x, limit: 3}}\n", "dependency|better"),
        (
            HEAD + "{mean_autosome_covrage: {label: d, unit: x}}\n",
            "mean_autosome_covrage` is no metric .did you mean `mean_autosome_coverage`",
        ),
        (HEAD + "{pct_duplicates: {label: d, unit: fraction}}\n", "its unit is 'fraction', but pct_duplicates is measured in '%'"),
        (HEAD + "{pct_duplicates: {label: d, unit: '%', limit: 120, better: lower, unless: hold, source: s}}", "its limit is 120, outside"),
        (HEAD + "{sex_matches_order: {label: d, unit: '', limit: 1, better: equal, unless: hold, source: s}}", "is yes or no"),
        (HEAD + "{depth: {label: d, unit: x, limt: 3}}\n", "limt"),
        ("[1", "not valid YAML"),
        (
            HEAD + "{mean_autosome_coverage: {label: d, unit: x, limit: 30, better: higher, unless: hold, source: s, borderline: 27}}",
            "bad side",
        ),
    ],
    ids=[
        "incomplete",
        "limit without direction",
        "unknown metric",
        "another unit",
        "impossible",
        "number for yes or no",
        "typo",
        "not YAML",
        "inverted range",
    ],
)
def test_load_limits_bad_file_is_one_sentence(tmp_path, text, message):
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        load_limits(file, {})
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_load_limits_missing_file_names_the_sets_that_ship():
    with pytest.raises(InputError, match="genvej-germline"):
        load_limits(Path("nowhere.yaml"), {})


@pytest.mark.parametrize(
    ("limit", "value", "margin", "verdict"),
    [
        (DEPTH, 34.5, 4.5, Verdict.PASS),
        (DEPTH, 30.0, 0.0, Verdict.PASS),
        (DEPTH, 29.9, -0.1, Verdict.FAIL),
        (Limit("dup", "x", "lower", 20, source="s"), 8.0, 12.0, Verdict.PASS),
        (Limit("dup", "x", "lower", 20, source="s"), 21.0, -1.0, Verdict.FAIL),
        (Limit("cont", "x", "lower", 3, borderline=2, source="s"), 2.5, 0.5, Verdict.BORDERLINE),
        (Limit("cont", "x", "lower", 3, borderline=2, source="s"), 2.0, 1.0, Verdict.PASS),
        (Limit("cov", "x", "higher", 30, borderline=32, source="s"), 31.0, 1.0, Verdict.BORDERLINE),
        (Limit("sex", "x", "equal", True, source="s"), False, None, Verdict.FAIL),
        (Limit("sex", "x", "equal", True, source="s"), True, None, Verdict.PASS),
    ],
)
def test_judge_margin_is_signed_and_in_the_unit_of_the_metric(limit, value, margin, verdict):
    judged = judge("metric", value, "x", limit)
    assert judged.verdict is verdict
    assert judged.margin == (None if margin is None else pytest.approx(margin))


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_judge_without_a_number_is_never_a_pass(value):
    judged = judge("depth", value, "x", DEPTH)
    assert judged.verdict is Verdict.NOT_EVALUATED
    assert judged.value is None
    assert judged.leads_to is Decision.HOLD


def test_judge_other_unit_than_the_limit_is_refused():
    with pytest.raises(ValueError, match="fraction"):
        judge("depth", 0.97, "fraction", DEPTH)


def test_judge_metric_without_limit_decides_nothing():
    judged = judge("count_snvs", 4_100_000, "variants", None)
    assert (judged.verdict, judged.leads_to, judged.limit) == (Verdict.NO_LIMIT, Decision.RELEASE, None)


def test_decide_everything_kept_releases_and_tells_what_was_not_evaluated():
    decision, reasons, notes = decision_for()
    assert decision is Decision.RELEASE
    assert reasons == ["all 4 limits that could be evaluated are kept"]
    assert any("another human" in note and "no sites panel" in note for note in notes)


def test_decide_short_of_depth_only_resequences():
    decision, reasons, _ = decision_for(mean_autosome_coverage=(24.0, "x"), pct_autosomes_15x=(80.0, "%"))
    assert decision is Decision.RESEQUENCE
    assert reasons[0] == "mean depth over the autosomes is 24x, 6x below the limit of at least 30x"
    assert len(reasons) == 2


def test_decide_sex_mismatch_holds_even_when_depth_is_short():
    decision, reasons, _ = decision_for(mean_autosome_coverage=(24.0, "x"), sex_matches_order=(False, ""))
    assert decision is Decision.HOLD
    assert any("ordered female, measured XY" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("change", "decision"),
    [
        ({"pct_duplicates": (31.0, "%")}, Decision.HOLD),
        ({"cross_contamination_rate": (0.05, "fraction")}, Decision.FAIL),
        ({"cross_contamination_rate": (0.025, "fraction")}, Decision.HOLD),
        ({"mean_autosome_coverage": None}, Decision.HOLD),
        ({"sex_matches_order": None}, Decision.RELEASE),
    ],
    ids=["duplicates", "contaminated", "contamination borderline", "depth unknown", "sex not evaluated is a note"],
)
def test_decide_one_breach_leads_to(change, decision):
    assert decision_for(**change)[0] is decision


def test_gravest_of_nothing_releases():
    assert gravest([]) is Decision.RELEASE
    assert gravest([Decision.HOLD, Decision.FAIL, Decision.RESEQUENCE]) is Decision.FAIL


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (29.44, "x", "29.44x"),
        (95, "%", "95 %"),
        (85_000_000_000, "bp", "85,000,000,000 bp"),
        (True, "", "yes"),
        (0.025, "fraction", "2.5 %"),
    ],
)
def test_in_words(value, unit, words):
    assert in_words(value, unit) == words


SOURCED = {
    "genvej-germline": {"mean_autosome_coverage": 30, "pct_autosomes_15x": 95, "pct_duplicates": 20},
    "danish-wgs": {"mean_autosome_coverage": 30},
    "danish-tumour": {"mean_autosome_coverage": 60},
    "genomde-germline": {"mean_autosome_coverage": 30, "pct_ordered_20x": 80, "pct_bases_q30": 85},
    "genomde-tumour": {"mean_autosome_coverage": 100, "pct_ordered_30x": 80},
    "genomics-england": {"pct_autosomes_15x": 95, "yield_bp_q30": 85e9, "cross_contamination_rate": 0.03},
    "stockholm-rare-disease": {"median_autosome_coverage": 25, "pct_duplicates": 20, "cross_contamination_rate": 0.02},
}


def test_shipped_sets_are_those_of_the_manual_with_the_limits_of_their_source():
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(SOURCED)
    for name, limits in SOURCED.items():
        found = {metric: one["limit"] for metric, one in load_limits(name, {})["metrics"].items() if "limit" in one}
        assert {metric: limit for metric, limit in found.items() if metric not in IDENTITY} | {
            metric: found[metric] for metric in limits
        } == limits, name


def test_no_set_is_silent_on_identity():
    said = set(load_limits(None, {})["metrics"]) & set(IDENTITY)
    assert "sex_matches_order" in said
    for name in SOURCED:
        assert said <= set(load_limits(name, {})["metrics"])


def tumour_at(depth):
    return judge("mean_autosome_coverage", depth, "x", limits_of(load_limits("danish-tumour", {}))["mean_autosome_coverage"])


@pytest.mark.parametrize(
    ("depth", "leads_to"), [(59.0, Decision.RESEQUENCE), (75.0, Decision.HOLD), (90.0, Decision.RELEASE), (100.0, Decision.RELEASE)]
)
def test_danish_tumour_between_its_least_and_its_aim_is_held(depth, leads_to):
    assert tumour_at(depth).leads_to is leads_to


def test_borderline_is_told_with_its_distance_from_the_limit():
    assert "borderline, 15x from the limit of 60x" in tumour_at(75.0).reason


def settings(limits=None, overrides=None):
    return SimpleNamespace(release=SimpleNamespace(limits=limits, overrides=overrides or {}), file="config.yaml")


def sheet(*samples):
    made = [Sample(name, "c", role, "female", "yes", None, "", order) for name, role, order in samples]
    return Cohort({one.name: one for one in made}, {}, {})


COHORT = sheet(("kid", "proband", "RD"), ("mother", "mother", ""), ("lump", "tumour", ""))


def chosen(limits=None, overrides=None, cohort=COHORT):
    sets = load_limit_sets(settings(limits, overrides), cohort)
    return {name: sets[key_of(one, sets)]["name"] for name, one in cohort.samples.items()}


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        (None, ["genvej-germline", "genvej-germline", "danish-tumour"]),
        ("danish-wgs", ["danish-wgs", "danish-wgs", "danish-tumour"]),
        ({"tumour": "genomde-tumour"}, ["genvej-germline", "genvej-germline", "genomde-tumour"]),
        ({"RD": "stockholm-rare-disease", "default": "danish-wgs"}, ["stockholm-rare-disease", "danish-wgs", "danish-tumour"]),
        ({"RD": "danish-wgs", "proband": "genomics-england"}, ["danish-wgs", "genvej-germline", "danish-tumour"]),
    ],
    ids=["nothing said", "one set", "by role", "by order", "order before role"],
)
def test_sample_is_judged_by_the_set_of_its_order_or_role(limits, names):
    assert list(chosen(limits).values()) == names


@pytest.mark.parametrize(
    ("limits", "overrides", "words"),
    [
        ({"tumor": "danish-tumour"}, {}, "`release.limits.tumor` is neither an order of the samples nor a role .did you mean `tumour`"),
        ({"RD": "danish-wsg"}, {}, "names neither a file nor a set that ships"),
        (None, {"mean_autosome_covrage": 20}, "did you mean `mean_autosome_coverage`"),
        (None, {"pct_autosomes_15x": 120}, "its limit is 120, outside of what pct_autosomes_15x can be"),
    ],
    ids=["typo of a role", "unknown set", "unknown metric", "impossible limit"],
)
def test_load_limit_sets_refuses(limits, overrides, words):
    with pytest.raises(InputError, match=words):
        chosen(limits, overrides)


def test_override_holds_for_chosen_sets_and_not_for_the_tumours_default():
    sets = load_limit_sets(settings("danish-wgs", {"mean_autosome_coverage": 25}), COHORT)
    depth = {key: one["metrics"]["mean_autosome_coverage"]["limit"] for key, one in sets.items()}
    assert depth == {"default": 25, "tumour": 60}
    assert chosen({"danish": "danish-wgs"}, cohort=sheet(("a", "proband", "danish"))) == {"a": "danish-wgs"}


def test_metrics_are_named_once_and_counts_take_numbers():
    names = re.findall(r"(?m)^([a-z_0-9]+):", FILE.read_text())
    assert len(names) == len(set(names)) == len(metrics())
    limit = limits_of(load_limits(None, {"unexpected_relations": 0}))["unexpected_relations"]
    assert judge("unexpected_relations", 1, "", limit).leads_to is Decision.HOLD
    assert all(one["label"] and one["definition"] and one["differs"] for one in metrics().values())
