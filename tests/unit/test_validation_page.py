"""The pages of a validation, out of tables and reads built here."""

import re
from types import SimpleNamespace
from typing import Any

import pysam
import pytest

from scripts import collect_false_calls, join_validation, render_validation
from tests.report_case import CHANGE
from tests.unit.test_score_tables import EXAMPLE, allele, table
from workflow.files import read_json, write_json
from workflow.score_files import write_curve, write_summary, write_variants
from workflow.score_tables import curve, summary
from workflow.validation_page import render_sample, stratum, title

UNSIGNED = CHANGE | {"status": "unsigned change", "from": "bbbbbbbbbbbb", "why": "there is no sign-off"}
REFERENCE = "GATCCTAGGCATGTCAGTCCATAGCTTACAGATTGCAACG" * 3


@pytest.fixture
def folder(tmp_path: Any) -> Any:
    """Return a folder with the tables of a score and a CRAM of 12 reads, half of them with G at position 30 (1-based)."""
    alleles = EXAMPLE.assign(call_set="PASS")
    flagged = table(allele("call", 30, "TP", call_set="ALL", qual=8.0, filter="LowQual"))
    rows = summary(alleles, {"homopolymer_4to6": (alleles.pos <= 20).to_numpy()}, {"all": 100, "homopolymer_4to6": 30})
    write_summary(tmp_path / "summary.tsv", [row | {"sample": "anna", "scorer": "aardvark", "finding": ""} for row in rows])
    write_curve(tmp_path / "curve.tsv", curve(alleles))
    both = table(*alleles.to_dict("records"), *flagged.to_dict("records"))
    write_variants(tmp_path / "variants.tsv.gz", both, {"homopolymer_4to6": (both.pos <= 20).to_numpy()}, ["chr1"])
    records = {"truth": {"scored": 4}, "PASS": {"scored": 4, "FILTER is not PASS": 1}, "ALL": {"scored": 5}}
    about = {
        "confident_bases": 100,
        "truth_sample": "HG002",
        "records": records,
        "findings": ["2 of 9 SNVs & so on"],
        "scorer": "aardvark",
        "scorer_version": "1.1.0",
    }
    write_json(tmp_path / "score.json", {"sample": "anna", **about})
    write_json(tmp_path / "change.json", UNSIGNED)
    write_reads(tmp_path)
    return tmp_path


def write_reads(folder: Any) -> None:
    (folder / "ref.fa").write_text(f">chr1\n{REFERENCE}\n")
    pysam.faidx(str(folder / "ref.fa"))
    header = pysam.AlignmentHeader.from_text(f"@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:{len(REFERENCE)}\n")
    with pysam.AlignmentFile(str(folder / "a.cram"), "wc", header=header, reference_filename=str(folder / "ref.fa")) as out:
        for number in range(12):
            bases = REFERENCE[:60] if number % 2 else f"{REFERENCE[:29]}G{REFERENCE[30:60]}"
            out.write(pysam.AlignedSegment.fromstring(f"q{number}\t0\tchr1\t1\t60\t60M\t*\t0\t0\t{bases}\t{'I' * 60}", header))
    pysam.index(str(folder / "a.cram"))


def collected(folder: Any) -> dict[str, Any]:
    names = {
        "summary": "summary.tsv",
        "curve": "curve.tsv",
        "variants": "variants.tsv.gz",
        "score": "score.json",
        "cram": "a.cram",
        "fasta": "ref.fa",
    }
    given = SimpleNamespace(**{key: str(folder / name) for key, name in names.items()})
    params = SimpleNamespace(reference="GRCh38", caller="gatk", min_mapping_quality=20)
    collect_false_calls.main(input=given, output=[folder / "report.json"], params=params, wildcards=SimpleNamespace(sample="anna"))
    content: dict[str, Any] = read_json(folder / "report.json")
    return content


def test_collect_false_calls_lists_each_allele_once_with_its_reads(folder: Any) -> None:
    report = collected(folder)
    found = {(one["pos"], *one["labels"]): one for one in report["false_calls"]}
    assert set(found) == {("20", "FN"), ("30", "FN"), ("35", "FP"), ("40", "FP")}
    assert found["30", "FN"]["flagged"] == {"call_genotype": "0/1", "qual": "8", "filter": "LowQual", "depth": "30"}
    reads = found["30", "FN"]["reads"]
    assert (reads["alleles"]["alt"]["forward"], reads["alleles"]["ref"]["forward"]) == (6, 6)
    assert report["false_total"] == 4


def test_chosen_of_many_false_calls_is_spread_over_all() -> None:
    found = [{"pos": str(number)} for number in range(1000)]
    shown = collect_false_calls.chosen(found)
    assert len(shown) == 200
    assert (shown[0]["pos"], shown[-1]["pos"]) == ("0", "995")
    assert collect_false_calls.chosen(found[:7]) == found[:7]


def test_render_sample_shows_findings_counts_and_every_false_call(folder: Any) -> None:
    collected(folder)
    given = SimpleNamespace(report=folder / "report.json", change=folder / "change.json")
    render_validation.main(input=given, output=[folder / "report.html"])
    page = (folder / "report.html").read_text()
    text = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
    for words in (
        "2 of 9 SNVs &amp; so on.", "Unsigned change. The workflow changed from version bbbbbbbbbbbb to aaaaaaaaaaaa",
        "there is no sign-off",
        "scorer aardvark 1.1.0 · truth of HG002",
        "homopolymer, 4 to 6 bases", "4 in all", "chr1:20 A&gt;G another genotype",
        "truth 1/1; calls 0/1", "called 0/1 with QUAL 8, and flagged LowQual", "6 of 12 reads show the variant",
        "Flagged by a filter, and so not among the calls that pass: 1",
    ):  # fmt: skip
        assert words in text, words
    assert page.count("<details") == 4
    assert page.count("<polyline") == 4, "two curves and two keys"
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)


def test_render_sample_tells_how_many_false_calls_are_not_shown(folder: Any) -> None:
    page = render_sample(collected(folder) | {"false_total": 4321}, UNSIGNED)
    assert "4 of 4,321 are shown" in page


def test_render_sample_without_a_false_call_says_so(folder: Any) -> None:
    page = render_sample(collected(folder) | {"false_total": 0, "false_calls": []}, UNSIGNED)
    assert "There is none: every variant of the truth was found with its genotype" in page


def test_join_validation_puts_samples_under_each_other(folder: Any) -> None:
    given = SimpleNamespace(summaries=[folder / "summary.tsv"] * 2, scores=[folder / "score.json"] * 2, change=folder / "change.json")
    output = SimpleNamespace(table=folder / "validation.tsv", page=folder / "index.html")
    join_validation.main(input=given, output=output)
    one = (folder / "summary.tsv").read_text().splitlines()
    assert (folder / "validation.tsv").read_text().splitlines() == one + one[1:]
    page = (folder / "index.html").read_text()
    assert "Unsigned change" in page
    assert page.count('href="anna/report.html"') == 4
    assert "anna: 2 of 9 SNVs &amp; so on." in page


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gc_lt25", "GC below 25 %"),
        ("gc_30to55", "GC 30 to 55 %"),
        ("depth_ge50", "depth at least 50 reads"),
        ("not_repeat", "no repeat"),
        ("gc_rich", "gc_rich"),
    ],
)
def test_stratum_is_told_in_words(name: str, words: str) -> None:
    assert stratum(name) == words


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        (["genotype"], "another genotype"),
        (["genotype", "genotype"], "another genotype"),
        (["missing allele"], "missed"),
        (["extra allele"], "called, not in the truth"),
        (["missing allele", "extra allele"], "genotype or place differs"),
    ],
)
def test_title_says_what_is_wrong(errors: list[str], words: str) -> None:
    assert title({"labels": ["x"] * len(errors), "errors": errors}) == words
