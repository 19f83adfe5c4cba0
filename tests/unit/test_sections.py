"""Genvej's own sections of the quality page."""

from tests.report_case import CHANGE
from workflow.sections import sections


def metric(name, value, limit=None, verdict="pass"):
    return {"name": name, "value": value, "unit": "x", "limit": limit, "margin": None, "verdict": verdict, "source": ""}


SAMPLE = {
    "sample": "kid",
    "decision": "hold",
    "reasons": ["sex as ordered: no", "too many duplicates"],
    "metrics": [
        metric("mean_autosome_coverage", 34.5, 30),
        metric("cross_contamination_rate", None, 0.03, "not evaluated"),
        metric("pct_callable", 98.0),
        metric("count_snvs", 0),
    ],
}
CASE = {"case": "c1", "decision": "hold", "members": [{"sample": "kid", "decision": "hold"}], "reasons": ["kid: hold"]}
KARYOTYPE = {"declared": "female", "measured": None, "x_depth_ratio": None, "y_depth_ratio": None, "agrees": None, "reason": "no X"}
FASTQ = {"sample": "kid", "pairs": 10, "bases": 3000, "units": [{}, {}]}


def made(change=CHANGE):
    return {section["id"]: section for section in sections([SAMPLE], [CASE], {"kid": KARYOTYPE}, [FASTQ], change)}


def test_sections_decisions_show_a_verdict_for_every_metric_with_a_limit():
    row = made()["genvej_decisions"]["data"]["kid"]
    assert row == {
        "decision": "hold",
        "mean_autosome_coverage": "pass",
        "cross_contamination_rate": "not evaluated",
        "reasons": "sex as ordered: no; too many duplicates",
    }


def test_sections_values_are_shown_as_measured_and_a_missing_one_is_no_zero():
    coverage, variants = made()["genvej_coverage"]["data"]["kid"], made()["genvej_variants"]["data"]["kid"]
    assert coverage == {"mean_autosome_coverage": 34.5, "pct_callable": 98.0}
    assert variants == {"count_snvs": 0}


def test_sections_sex_that_was_not_measured_reads_not_evaluated():
    row = made()["genvej_sex"]["data"]["kid"]
    assert (row["declared"], row["measured"], row["agrees"]) == ("female", "not evaluated", "not evaluated")
    assert "x_depth_ratio" not in row


def test_sections_every_column_of_a_row_has_a_header():
    for section in made().values():
        assert (section["plot_type"] == "html") == (section["id"] == "genvej_version")
        for row in section["data"].values() if section["plot_type"] == "table" else ():
            assert set(row) <= set(section["headers"]), section["id"]


def test_sections_cases_and_intake():
    assert made()["genvej_cases"]["data"] == {"c1": {"decision": "hold", "members": "kid (hold)", "reasons": "kid: hold"}}
    assert made()["genvej_intake"]["data"]["kid"] == {"units": 2, "pairs": 10, "bases": 3000}


def test_sections_version_comes_first_and_tells_an_unsigned_change():
    assert next(iter(made())) == "genvej_version"
    assert "Workflow version aaaaaaaaaaaa" in made()["genvej_version"]["data"]
    unsigned = made(CHANGE | {"status": "unsigned change", "from": "bbbbbbbbbbbb", "why": "<there is no sign-off>"})
    assert "<strong>Unsigned change.</strong>" in unsigned["genvej_version"]["data"]
    assert "&lt;there is no sign-off&gt;" in unsigned["genvej_version"]["data"]
