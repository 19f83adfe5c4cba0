"""Decisions on samples and cases from records as the stages above write them."""

import pytest

from scripts.decide_case import check_members, check_records, decide_case
from scripts.decide_release import decide_sample, judge_sex, merge
from workflow.limits import Decision, load_limits
from workflow.made_by import programs_of_header, programs_of_lines
from workflow.variant_metrics import genotyped, read_rows, variant_metrics

QC = {
    "sample": "hg001",
    "territory": {"name": "autosomes of the genome", "bases": 2_700_000_000},
    "metrics": {
        "mean_autosome_coverage": {"value": 34.2, "unit": "x"},
        "pct_autosomes_15x": {"value": 97.0, "unit": "%"},
        "pct_duplicates": {"value": 7.5, "unit": "%"},
        "read_pairs": {"value": 400_000_000, "unit": "pairs"},
    },
    "not_evaluated": {"cross_contamination_rate": "no sites panel"},
}
STATS = """\
# PSC, Per-sample counts.
# PSC\t[2]id\t[3]sample\t[4]nRefHom\t[5]nNonRefHom\t[6]nHets\t[7]nTransitions\t[8]nTransversions\t[9]nIndels\t[10]average depth\
\t[11]nSingletons\t[12]nHapRef\t[13]nHapAlt\t[14]nMissing
PSC\t0\tkid\t3\t10\t20\t20\t10\t9\t30.0\t1\t0\t0\t2
PSC\t0\tlost\t0\t0\t0\t0\t0\t0\t0.0\t0\t0\t0\t44
# PSI, Per-Sample Indels.
# PSI\t[2]id\t[3]sample\t[4]in-frame\t[5]out-frame\t[6]not applicable\t[7]out/(in+out) ratio\t[8]nInsHets\t[9]nDelHets\t[10]nInsAltHoms\
\t[11]nDelAltHoms
PSI\t0\tkid\t0\t0\t0\t0.00\t3\t2\t1\t2
PSI\t0\tlost\t0\t0\t0\t0.00\t0\t0\t0\t0
""".splitlines(keepends=True)


def karyotype(measured="XX", declared="female", agrees=True, ratios=(0.99, 0.01)):
    return {
        "declared": declared,
        "measured": measured,
        "x_depth_ratio": ratios[0],
        "y_depth_ratio": ratios[1],
        "agrees": agrees,
        "reason": "X has 0 bases of sequence outside PAR in the territory",
    }


def decided(qc=QC, sex=None, calls=({}, {})):
    return decide_sample(qc, sex or karyotype(), calls, load_limits(None, {}))


def test_decide_sample_good_one_is_released_with_every_metric_and_its_source():
    record = decided()
    assert record["decision"] == "release"
    by_name = {metric["name"]: metric for metric in record["metrics"]}
    assert by_name["mean_autosome_coverage"]["margin"] == pytest.approx(4.2)
    assert by_name["sex_matches_order"]["verdict"] == "pass"
    assert by_name["cross_contamination_rate"]["verdict"] == "not evaluated"
    assert by_name["read_pairs"]["verdict"] == "no limit"
    assert all({"name", "value", "unit", "limit", "margin", "verdict", "source"} == set(metric) for metric in record["metrics"])
    assert any("no sites panel" in note for note in record["notes"])


def test_decide_sample_wrong_sex_is_held_with_what_was_ordered_and_measured():
    record = decided(sex=karyotype("XY", "female", False, (0.5, 0.5)))
    assert record["decision"] == "hold"
    assert "ordered female, measured XY" in record["reasons"][0]


def test_decide_sample_without_the_depth_metric_is_not_released():
    record = decided({**QC, "metrics": {key: one for key, one in QC["metrics"].items() if key != "mean_autosome_coverage"}})
    assert record["decision"] == "hold"
    assert "not evaluated" in record["reasons"][0]


@pytest.mark.parametrize(
    ("record", "agrees", "words"),
    [
        (karyotype(), True, "measured XX"),
        (karyotype(None, "female", None, (0.75, 0.0)), False, "fit no karyotype"),
        (karyotype(None, "female", None, (None, None)), None, "0 bases"),
        (karyotype("XY", "unknown", None, (0.5, 0.5)), None, "names no sex"),
    ],
    ids=["agrees", "between two karyotypes", "no X in the territory", "no sex ordered"],
)
def test_judge_sex(record, agrees, words):
    found, facts = judge_sex(record)
    assert found is agrees
    assert words in facts


def test_variant_metrics_counts_and_ratios():
    metrics, missing = variant_metrics(read_rows(STATS, "PSC")["kid"], read_rows(STATS, "PSI")["kid"])
    assert {name: value for name, (value, _) in metrics.items()} == {
        "count_snvs": 30,
        "count_insertions": 4,
        "count_deletions": 4,
        "ratio_heterozygous_homozygous_snv": 2.0,
        "ratio_heterozygous_homozygous_indel": 1.667,
        "ratio_insertion_deletion": 1.0,
        "ratio_transitions_transversions_snv": 2.0,
    }
    assert missing == {}


def test_variant_metrics_without_variants_are_not_evaluated():
    metrics, missing = variant_metrics(read_rows(STATS, "PSC")["lost"], read_rows(STATS, "PSI")["lost"])
    assert metrics["count_snvs"] == (0, "variants")
    assert set(missing) == {name for name in missing if name.startswith("ratio_")}
    assert len(missing) == 4


def member(name, decision="release", *reasons):
    return {"sample": name, "decision": decision, "reasons": list(reasons)}


def genotypes():
    return {name: genotyped(row) for name, row in read_rows(STATS, "PSC").items()}


def test_decide_case_takes_the_gravest_decision_and_says_whose():
    checks = [check_members(["kid"], ["kid"], genotypes()), check_records(44)]
    record = decide_case([member("kid"), member("mother", "resequence", "too shallow"), member("father", "hold", "sex")], checks, [])
    assert record["decision"] == "hold"
    assert record["reasons"] == ["mother: resequence (too shallow)", "father: hold (sex)"]


def test_decide_case_unevaluated_source_is_a_note():
    knowledge = [
        {"name": "clinvar", "status": "not evaluated", "release": ""},
        {"name": "hpo", "status": "evaluated", "release": "2025-01"},
    ]
    record = decide_case([member("kid")], [check_records(44)], knowledge)
    assert record["decision"] == "release"
    assert record["notes"] == ["clinvar is not evaluated: no such source is configured"]


@pytest.mark.parametrize(
    ("names", "in_calls", "leads_to", "words"),
    [
        (["kid"], ["kid"], Decision.RELEASE, "1 of 1"),
        (["kid", "mother"], ["kid"], Decision.FAIL, "mother not in the joint VCF"),
        (["kid", "lost"], ["kid", "lost"], Decision.FAIL, "no genotype of lost"),
    ],
    ids=["all there", "dropped", "silent"],
)
def test_check_members(names, in_calls, leads_to, words):
    _, found, facts = check_members(names, in_calls, genotypes())
    assert found is leads_to
    assert words in facts


def test_check_records_none_at_all_is_held():
    assert check_records(0)[1] is Decision.HOLD
    assert check_records(1)[1] is Decision.RELEASE


def test_programs_of_header_names_each_program_once():
    header = {"PG": [{"ID": "minibwa", "PN": "minibwa", "VN": "0.1"}, {"ID": "samtools.1", "PN": "samtools", "VN": "1.16.1"}, {"ID": "x"}]}
    assert programs_of_header(header) == {"minibwa": "0.1", "samtools": "1.16.1"}


def test_programs_of_lines_reads_gatk_and_freebayes():
    assert programs_of_lines(['##GATKCommandLine=<ID=HaplotypeCaller,CommandLine="x",Version="4.6.2.0",Date="d">']) == {"gatk": "4.6.2.0"}
    assert programs_of_lines(["##source=freeBayes v1.3.6", "##fileformat=VCFv4.2"]) == {"freebayes": "1.3.6"}


def check(name, value=None, why="", sample="hg001", detail=""):
    found = (
        {"metrics": {name: {"value": value, "unit": ""}}, "not_evaluated": {}} if not why else {"metrics": {}, "not_evaluated": {name: why}}
    )
    return {"sample": sample, **found, "details": {name: detail} if detail else {}}


def test_merge_value_of_a_check_stands_for_what_qc_could_not_evaluate():
    measured, missing, details = merge([QC, check("cross_contamination_rate", 0.04, detail="0.031 to 0.049")], "hg001")
    assert measured["cross_contamination_rate"] == (0.04, "")
    assert "cross_contamination_rate" not in missing
    assert details == {"cross_contamination_rate": "0.031 to 0.049"}


@pytest.mark.parametrize(("second", "holds"), [(True, True), (False, False)])
def test_merge_yes_of_two_checks_holds_only_if_both_say_yes(second, holds):
    measured, _, details = merge(
        [check("sex_matches_order", True, detail="depth"), check("sex_matches_order", second, detail="sites")], "hg001"
    )
    assert measured["sex_matches_order"] == (holds, "")
    assert details["sex_matches_order"] == "depth; sites"


@pytest.mark.parametrize("other", [check("depth", 3), check("depth", 2, sample="hg002")], ids=["two numbers", "another sample"])
def test_merge_contradictions_are_no_result(other):
    with pytest.raises(ValueError, match=r"different values|hg002"):
        merge([check("depth", 2), other], "hg001")


def test_decide_sample_takes_checks_in():
    found = {
        "sample": "hg001",
        "metrics": {"cross_contamination_rate": {"value": 0.05, "unit": "fraction"}},
        "not_evaluated": {},
        "details": {},
    }
    record = decide_sample(QC, karyotype(), ({}, {}), load_limits(None, {}), [found])
    assert record["decision"] == "fail"
