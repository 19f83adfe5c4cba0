"""Verdicts: read, refused in one sentence, and held against what the page says today."""

import datetime
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.report_case import candidates, write_json, write_vcf
from tests.unit.test_export_case import VARIANT, VERDICT
from workflow.case_verdicts import check_verdicts, facts_of, held_against, load_verdicts, refuse_unknown_variants, without_closed
from workflow.errors import InputError

COHORT: Any = SimpleNamespace(cases={"case1": None, "case2": None})
TODAY = datetime.date(2026, 11, 26)


def saved(**change: Any) -> dict[str, Any]:
    return {key: value for key, value in (VERDICT | change).items() if value is not None}


def test_load_takes_a_folder_or_a_file_and_sorts_by_day(tmp_path: Path) -> None:
    write_json(tmp_path / "b.json", saved(date="2026-11-20"))
    late = Path(write_json(tmp_path / "a.json", saved(date="2026-11-21", author="B")))
    found = load_verdicts(tmp_path, COHORT, TODAY)
    assert [one["date"] for one in found["case1"]] == ["2026-11-20", "2026-11-21"]
    assert list(load_verdicts(late, COHORT, TODAY)["case1"]) == [found["case1"][1]]
    assert load_verdicts(None, COHORT, TODAY) == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"case": "case3"}, "the verdict is on case `case3`, which is not in the sheets"),
        ({"author": None}, "the verdict has no author"),
        ({"author": "  "}, "the verdict has no author"),
        ({"date": None}, "the verdict has no date"),
        ({"date": "20/11/2026"}, "`date` of the verdict must be a day as YYYY-MM-DD"),
        ({"date": "2026-02-30"}, "`date` is no day: 2026-02-30"),
        ({"date": "2026-11-27"}, "`date` is 2026-11-27, which is to come"),
        ({"conclusion": "solved"}, "`conclusion` of the verdict must be explained or possibly explained"),
        ({"schema": "other"}, "this is no verdict that can be read"),
        ({"foo": 1}, "a verdict has no `foo`"),
        ({"variants": [VARIANT]}, "`variants.0.verdict` is missing in the verdict"),
        ({"comment": "patient 010190-1234"}, "what looks like a CPR number"),
    ],
)
def test_a_verdict_that_is_not_as_it_must_be_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    file = Path(write_json(tmp_path / "v.json", saved(**change)))
    with pytest.raises(InputError) as error:
        load_verdicts(file, COHORT, TODAY)
    assert words in str(error.value)
    assert str(error.value).startswith(str(file))


def test_what_is_no_json_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text("{")
    with pytest.raises(InputError, match="no valid JSON"):
        load_verdicts(tmp_path, COHORT, TODAY)
    with pytest.raises(InputError, match="there is no file or folder"):
        load_verdicts(tmp_path / "none", COHORT, TODAY, "config.yaml")


def test_a_variant_that_is_not_in_the_case_is_refused_once_there_are_calls(tmp_path: Path) -> None:
    vcf = write_vcf(tmp_path)
    refuse_unknown_variants("case1", [VERDICT], vcf)
    other = saved(variants=[{**VARIANT, "alt": "G" if VARIANT["alt"] != "G" else "C", "verdict": "causative"}])
    with pytest.raises(
        InputError, match=r"the calls of case case1 have no variant 1-1501-.*, on which Dr Curie gave a verdict on 2026-11-20"
    ):
        refuse_unknown_variants("case1", [other], vcf)
    away = saved(variants=[{**VARIANT, "chrom": "X", "verdict": "causative"}])
    with pytest.raises(InputError, match="no variant X-1501"):
        refuse_unknown_variants("case1", [away], vcf)


def test_check_waits_for_the_calls(tmp_path: Path) -> None:
    settings: Any = SimpleNamespace(results=tmp_path)
    other = saved(variants=[{**VARIANT, "pos": 9, "verdict": "causative"}])
    check_verdicts(settings, {"case1": [other]})
    folder = tmp_path / "cases/case1"
    folder.mkdir(parents=True)
    write_vcf(folder)
    with pytest.raises(InputError, match="no variant"):
        check_verdicts(settings, {"case1": [other]})


def test_held_against_tells_what_changed_since() -> None:
    now = candidates()[0] | {"model": "de novo", "zygosity": "heterozygous"}
    seen = facts_of(now) | {"class": "uncertain significance", "acmg_points": 3}
    judged = saved(
        variants=[
            {**VARIANT, "verdict": "causative", "seen": seen},
            {**VARIANT, "pos": 1800, "verdict": "not relevant", "seen": {"gene": "X"}},
        ],
        seen={"knowledge": {"hpo": "2024-01", "clinvar": "2026"}},
    )
    knowledge = [{"name": "hpo", "evaluated": True, "release": "2025-01-16"}, {"name": "clinvar", "evaluated": False, "release": ""}]
    (told,) = held_against([judged], [now], knowledge)
    assert told["variants"][0]["changed"] == ["class: uncertain significance then, likely pathogenic now", "points: 3 then, 7 now"]
    assert (told["variants"][1]["rank"], told["variants"][1]["changed"]) == (None, ["it is no candidate any more"])
    assert told["changed"] == ["ClinVar: 2026 then, not evaluated now", "Human Phenotype Ontology: 2024-01 then, 2025-01-16 now"]
    assert "seen" not in json.dumps(told)


def test_held_against_is_silent_where_nothing_changed_and_puts_the_latest_first() -> None:
    now = candidates()[0] | {"model": "de novo"}
    judged = saved(variants=[{**VARIANT, "verdict": "causative", "seen": facts_of(now)}], seen={"knowledge": {"hpo": "1"}})
    told = held_against([judged, saved(date="2026-11-25")], [now], [{"name": "hpo", "evaluated": True, "release": "1"}])
    assert [one["date"] for one in told] == ["2026-11-25", "2026-11-20"]
    assert (told[1]["changed"], told[1]["variants"][0]["changed"]) == ([], [])


def test_without_closed_keeps_back_what_may_not_be_told(tmp_path: Path) -> None:
    vcf = write_vcf(tmp_path, named=False)
    scope = {"secondary_findings": {"configured": True, "consent": False}}
    assert without_closed([VERDICT], vcf, scope)[0]["variants"] == []
    assert without_closed([VERDICT], write_vcf(tmp_path), scope) == [VERDICT]
    for told in ({}, {"secondary_findings": {"configured": True, "consent": True}}, {"secondary_findings": {"configured": False}}):
        assert without_closed([VERDICT], vcf, told) == [VERDICT]
