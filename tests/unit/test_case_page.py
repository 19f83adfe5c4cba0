"""What the page says of one case: answer, evidence, family, what was taken out, secondary findings, verdicts."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.bench.case_page import grown
from scripts.collect_report import main as collect
from scripts.knowledge_base import main as knowledge_base
from tests.report_case import CHANGE, candidates, family_found, interpretation, make_case, write_json, write_vcf
from tests.unit.test_export_case import VERDICT
from tests.unit.test_render_report import Page
from workflow.errors import InputError
from workflow.knowledge_base.pinned import known_base
from workflow.knowledge_base.shown import ShownJudgements
from workflow.page import render_page
from workflow.report_answer import probability, sentence_on


def page_of(folder: Path, *, verdicts: list[dict[str, Any]] | None = None, **change: Any) -> tuple[dict[str, Any], str]:
    """Return report.json and the text of the page of a case whose interpretation is changed so."""
    case = make_case(folder)
    case.params.verdicts = verdicts or []
    write_json(Path(case.input.interpretation), interpretation() | change)
    collect(input=case.input, output=case.output, params=case.params)
    report = json.loads(Path(case.output[0]).read_text())
    return report, Page(render_page(report, CHANGE)).text


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    return page_of(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize(
    "words",
    [
        "First of 2 candidates, missense variant, heterozygous, autosomal dominant (possible); likely pathogenic by +7 points.",
        "93 % among the genes listed: each gene of a listed candidate is equally likely before the features",
        "31 % among all genes: each of 4,900 genes is equally likely beforehand",
        "Of 1 ordered genes 1 were not fully seen: LMNA",
        "The evidence disagrees: ClinVar 2026-10 says Benign (1 stars), the points say likely pathogenic",
        "not signed by a person",
        "none yet",
    ],
)
def test_first_screen_answers_how_sure_and_what_is_missing(whole: tuple[dict[str, Any], str], words: str) -> None:
    start = whole[1].index("Is there an answer?")
    assert words in whole[1][start : whole[1].index("Who, and what was asked", start)]


@pytest.mark.parametrize(
    "words",
    [
        "PS3 strong +4 the protein does not fold Dr Curie , 2026-10-01 PMID:12345678",
        "PM2_Supporting supporting +1 not found among 800,000 people gnomAD 4.1",
        "not counted : vetoed by Dr Curie on 2026-10-02: splicing",
        "Earlier : uncertain significance (3: PM2) in version 0001",
        "PS1 : no ClinVar release is configured",
        "de novo, dominant possible mother without it missing : father not sequenced",
        "NM_1.1:c.9A>C in trans one from each parent",
        "mother mosaic 40 3 7.5 % father not known reads not counted",
        "Elevated creatine kinase (laboratory) LOINC 2157-6 Creatine kinase: 900 U/L (reference 30 to 200) shown by 60 %",
        "Muscle 2.1 (AD, green)",
        "2 solved cases of this gene are counted in",
    ],
)
def test_card_shows_lines_models_phase_parents_and_shares(whole: tuple[dict[str, Any], str], words: str) -> None:
    assert words in whole[1]


@pytest.mark.parametrize(
    "words",
    [
        "confirmed 2 of 500 sites without a common allele",
        "2 of 500 sites (0.4 %)",
        "1 uniparental, from the mother (isodisomy)",
        "Not evaluated : runs can be seen in 0 Mb of the autosomes",
        "the second variant of a recessive disease, of which one is among the candidates, may lie here",
        "known pathogenic variants here: not evaluated, no ClinVar release is configured",
        "LOINC 718-7 Haemoglobin: 8 mmol/L gave no feature",
        "1-1700-A-C PS3 (pathogenic): no fold — Dr Curie, 2026-10-01",
        "intronic: not assessed for effect",
    ],
)
def test_page_shows_family_gaps_and_what_was_left_out(whole: tuple[dict[str, Any], str], words: str) -> None:
    assert words.lower() in whole[1].lower()


def test_everything_that_was_taken_out_is_counted_and_named(tmp_path: Path) -> None:
    why = "more frequent than 0.01"
    named = {**interpretation()["withheld"][0], "why": why, "gene": "COMMON"}
    _, text = page_of(tmp_path, counts={"records in the call set": 12, why: 5}, withheld=[named])
    assert re.search(r"records in the call set 12 more frequent than 0\.01 5 1 by name", text)
    assert "COMMON" in text


def test_without_consent_nothing_of_a_secondary_finding_is_on_the_page_or_in_its_data(tmp_path: Path) -> None:
    leak = candidates()[0] | {"gene": "BRCA9", "hgvs_c": "NM_9.9:c.999A>C"}
    told = {"configured": True, "consent": False, "release": "3.2", "because": "no", "inside": [], "genes_outside": 1}
    report, text = page_of(tmp_path, secondary_findings=told | {"findings": [leak], "not_reported": 4})
    assert "BRCA9" not in json.dumps(report)
    assert "c.999A" not in text
    assert report["secondary"]["not_reported"] is None
    assert "Secondary findings : not part of this page (no)" in text


def test_with_consent_secondary_findings_have_a_section_of_their_own(tmp_path: Path) -> None:
    found = candidates()[0] | {"gene": "BRCA9", "hgvs_c": "NM_9.9:c.999A>C"}
    told = {"configured": True, "consent": True, "release": "3.2", "because": "child says yes", "inside": [], "genes_outside": 1}
    report, text = page_of(tmp_path, secondary_findings=told | {"findings": [found], "not_reported": 4})
    start = text.index("Outside of the question, told because child says yes")
    assert text.index("BRCA9") > start
    assert "BRCA9" not in json.dumps([report["candidates"], report["answer"]])


def test_a_verdict_is_shown_with_author_date_and_what_changed_since(tmp_path: Path) -> None:
    seen = {"class": "uncertain significance", "rank": 1}
    verdict = VERDICT | {"variants": [VERDICT["variants"][0] | {"seen": seen}], "seen": {"knowledge": {"hpo": "2024-01-01"}}}
    _, text = page_of(tmp_path, verdicts=[verdict])
    assert "explained Dr Curie, 2026-11-20 data changed since" in text
    assert "class: uncertain significance then, likely pathogenic now" in text
    assert "Human Phenotype Ontology: 2024-01-01 then, 2025-01-16 now" in text
    assert "none yet" not in text


def test_a_family_that_was_not_examined_is_not_evaluated_and_not_sound(tmp_path: Path) -> None:
    nothing = {"evaluated": False, "reason": "no parent was sequenced", "by_chromosome": []}
    _, text = page_of(tmp_path, family=family_found() | {"mendelian": nothing, "parentage": {}, "uniparental": []})
    assert "Mendelian errors Not evaluated : no parent was sequenced" in text
    assert "Not evaluated : both parents are needed" in text


def test_sentence_and_probability_where_little_is_known() -> None:
    one = {"gene": "", "hgvs_c": "", "hgvs_p": "", "hgvs_g": "1:g.5A>C", "consequence": "not evaluated", "zygosity": "heterozygous"}
    one |= {"model": "not evaluated", "class": "not evaluated", "acmg_points": "not evaluated", "posterior": "no known disease"}
    one |= {"gene_posterior": None}
    assert sentence_on([one]) == "No gene 1:g.5A>C: the only candidate, heterozygous; not classified."
    assert probability([one], "") == ["Not evaluated: the features do not speak of this gene"]
    assert sentence_on([]).startswith("No variant of the proband is left")
    assert probability([], "") == []


def test_a_grown_report_makes_a_page_of_as_many_candidates_and_members(whole: tuple[dict[str, Any], str]) -> None:
    report = grown(whole[0], 25, 4)
    assert [one["rank"] for one in report["candidates"]] == list(range(1, 26))
    page = render_page(report, CHANGE)
    assert page.count('<details class="card candidate') == 25
    assert page.count(" data-z=") == 15
    assert Page(page).text.count("member3") >= 25


def base_in(folder: Path, *rows: dict[str, str], centre: str = "here", other: tuple[dict[str, str], ...] = ()) -> list[Any]:
    """Return what a rule's params hold of a knowledge base with these classifications, and another centre's."""
    base = folder / "base"
    assert knowledge_base(["init", "--base", str(base), "--centre", centre]) == 0
    for command, those in ((["add"], rows), (["import", "--centre", "there"], other)):
        if those:
            columns = list(dict.fromkeys(key for row in those for key in row))
            lines = [columns, *([row.get(key, "") for key in columns] for row in those)]
            (folder / "rows.tsv").write_text("".join("\t".join(line) + "\n" for line in lines))
            assert knowledge_base([*command, str(folder / "rows.tsv"), "--base", str(base)]) == 0
    settings: Any = SimpleNamespace(
        knowledge_base=ShownJudgements(base, len(rows) + len(other)), reference=SimpleNamespace(name="GRCh38"), file="config.yaml"
    )
    return known_base(settings)


def judged(folder: Path, base: list[Any], **change: Any) -> tuple[dict[str, Any], str]:
    folder.mkdir()
    case = make_case(folder)
    case.params.base = base
    write_json(Path(case.input.interpretation), interpretation() | change)
    collect(input=case.input, output=case.output, params=case.params)
    report = json.loads(Path(case.output[0]).read_text())
    return report, Page(render_page(report, CHANGE)).text


def name_of(row: dict[str, Any]) -> str:
    return f"1-{row['pos']}-{row['ref']}-{row['alt']}"


OURS = {"class": "uncertain significance", "author": "A. Berg", "date": "2024-01-05", "condition": "MONDO:1", "criteria": "PM2_supporting"}


def test_the_page_shows_every_earlier_judgement_of_a_variant_and_names_no_other_case(tmp_path: Path) -> None:
    first, second = candidates()[:2]
    known = {"variant": name_of(first)}
    base = base_in(
        tmp_path,
        known | OURS | {"case": "secret-case"},
        known | OURS | {"class": "likely pathogenic", "date": "2025-03-01", "case": "case1", "evidence": "seen in three families"},
        {"variant": "1-5-A-C"} | OURS,
        other=(known | OURS | {"class": "benign", "author": "C. Dahl"},),
    )
    report, text = judged(tmp_path / "case", base)
    told = report["candidates"][0]["judged_before"]
    assert [(one["date"], one["category"], one["in_force"], one["conflict"], one["this_case"]) for one in told] == [
        ("2025-03-01", "likely pathogenic", True, True, True),
        ("2024-01-05", "uncertain significance", False, False, False),
        ("2024-01-05", "benign", True, True, False),
    ]
    assert "secret-case" not in json.dumps(report) + text
    for words in (
        "Judged before",
        "likely pathogenic conflict MONDO:1",
        "seen in three families",
        "here, for this case",
        "no longer in force",
        "C. Dahl",
    ):
        assert words in text, words
    assert report["candidates"][1]["judged_before"] == []
    assert "Not in the knowledge base , here, 4 classifications" in text
    assert report["knowledge_base"]["elsewhere"] == []
    assert second["pos"] != first["pos"]


def test_a_variant_that_was_judged_and_is_no_candidate_is_told_unless_its_gene_may_not_be(tmp_path: Path) -> None:
    first = candidates()[0]
    base = base_in(tmp_path, {"variant": name_of(first)} | OURS)
    report, text = judged(tmp_path / "case", base, candidates=candidates()[1:])
    assert [one["variant"] for one in report["knowledge_base"]["elsewhere"]] == [name_of(first)]
    assert "Judged before and not listed 1" in text
    closed = {"secondary_findings": {"configured": True, "consent": False, "because": "no consent", "release": "r"}}
    (tmp_path / "closed").mkdir()
    case = make_case(tmp_path / "closed")
    write_vcf(tmp_path / "closed", named=False)
    case.params.base = base
    write_json(Path(case.input.interpretation), interpretation() | closed | {"candidates": candidates()[1:]})
    collect(input=case.input, output=case.output, params=case.params)
    assert json.loads(Path(case.output[0]).read_text())["knowledge_base"]["elsewhere"] == []


def test_a_page_shows_the_knowledge_base_as_it_was_after_some_classifications(tmp_path: Path) -> None:
    known = {"variant": name_of(candidates()[0])}
    base = base_in(tmp_path, known | OURS, known | OURS | {"class": "benign", "date": "2026-01-01"})
    path, number, digest = base
    settings: Any = SimpleNamespace(knowledge_base=ShownJudgements(Path(path), 1), reference=SimpleNamespace(name="GRCh38"))
    earlier = known_base(settings)
    assert (earlier[1], earlier[2] != digest, number) == (1, True, 2)
    report, _ = judged(tmp_path / "case", earlier)
    assert [one["category"] for one in report["candidates"][0]["judged_before"]] == ["uncertain significance"]
    with pytest.raises(InputError, match="another one than when the run began"):
        judged(tmp_path / "other", [path, 1, digest])
    report, text = judged(tmp_path / "none", [])
    assert report["knowledge_base"] is None
    assert "Judged before" not in text
