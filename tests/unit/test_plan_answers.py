"""Whose answer may change: worked out before a run, held against what the run's own code then gives."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pysam
import pytest

from tests.unit import test_rank_candidates as ranking
from workflow.config_sections import Knowledge
from workflow.limits import load_limits
from workflow.planning.affected import Unit
from workflow.planning.answers import FIRST, MAY, NO, UNTOLD, Teller
from workflow.planning.answers_hpo import HpoAnswers
from workflow.planning.answers_limits import flips
from workflow.planning.answers_panels import panels_changed
from workflow.planning.answers_tables import TableAnswers
from workflow.planning.changes import Before
from workflow.version_differences import Difference

CASES = sorted(path.parent.name for path in ranking.CASES.glob("*/expected.tsv"))


def newer_release(folder: Path, changes: dict[str, str]) -> Path:
    """Write an HPO release in which some words of the annotations are others."""
    shutil.copytree(ranking.HPO[0].parent, folder)
    file = folder / "phenotype.hpoa"
    text = file.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return folder


def settings_of(hpo: Path) -> Any:
    """Return the settings that name an HPO release."""
    return SimpleNamespace(knowledge={"hpo": SimpleNamespace(path=hpo)})


def case_of(name: str) -> Any:
    """Return a case of the cohort as far as it is looked at."""
    return SimpleNamespace(name=name, question=None)


def keys(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return what names candidates, in their order."""
    return [(row["gene"], str(row["pos"]), row["alt"]) for row in rows]


@pytest.mark.parametrize("case", CASES)
def test_the_same_release_touches_nobody(case: str, tmp_path: Path) -> None:
    _, found = ranking.rank(case, tmp_path)
    assert HpoAnswers(settings_of(ranking.HPO[0].parent)).of(found, case_of(case)) == ([], [])


CHANGES = {
    "share": ("9/10", "1/10"),
    "mode": ("HP:0000006", "HP:0000007"),
    "terms": ("HP:0003701", "HP:0001639"),
    "disease": ("OMIM:900001", "OMIM:900009"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_scores_under_a_newer_release_are_what_ranking_then_gives(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENVEJ_CACHE", str(tmp_path / "cache"))
    old, new = CHANGES[change]
    newer = HpoAnswers(settings_of(newer_release(tmp_path / "newer", {old: new})))
    before = {case: ranking.rank(case, tmp_path)[1] for case in CASES}
    monkeypatch.setattr(ranking, "HPO", [tmp_path / "newer" / file.name for file in ranking.HPO])
    (tmp_path / "after").mkdir()
    touched = 0
    for case, one in before.items():
        after = ranking.rank(case, tmp_path / "after")[1]
        told = newer.of(one, case_of(case))
        assert told is not None
        touched += len(told[0])
        scores = dict(zip(keys(one["candidates"]), [row["score"] for row in one["candidates"]], strict=True))
        then = dict(zip(keys(after["candidates"]), [row["score"] for row in after["candidates"]], strict=True))
        named = {(row["gene"], row["variant"].split(":")[1].split()[0]) for row in told[0]}
        assert named == {key[:2] for key in scores if scores[key] != then[key]}
        assert bool(told[1]) == (keys(one["candidates"]) != keys(after["candidates"]))
        if told[0]:
            ranked = newer.ranking(one, case_of(case))
            assert ranked
            assert {key: newer.score(row, ranked) for key, row in zip(keys(one["candidates"]), one["candidates"], strict=True)} == then
    assert touched


def write_vcf(path: Path, records: list[str]) -> Path:
    """Write a bgzipped, indexed VCF with ClinVar's fields."""
    header = "##fileformat=VCFv4.2\n##contig=<ID=chr1>\n"
    header += '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="s">\n##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="r">\n'
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path.write_text(header + columns + "".join(f"{one}\n" for one in records))
    return Path(pysam.tabix_index(str(path), preset="vcf", force=True))


def clinvar(pos: int, word: str, alt: str = "T") -> str:
    """Return a record of ClinVar."""
    return f"chr1\t{pos}\t1\tA\t{alt}\t.\t.\tCLNSIG={word};CLNREVSTAT=criteria_provided"


@pytest.fixture
def tables(tmp_path: Path) -> Any:
    """Return what makes the answers of two ClinVar releases, over a reference of A, and a case with calls at 100 to 400."""
    fasta = tmp_path / "ref.fa"
    fasta.write_text(">chr1\n" + "A" * 1000 + "\n")
    pysam.faidx(str(fasta))
    (tmp_path / "results/cases/fam").mkdir(parents=True)
    calls = tmp_path / "results/cases/fam/fam.vcf"
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=chr1>", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    calls.write_text("\n".join([*lines, *(f"chr1\t{pos}\t.\tA\tT\t.\t.\t." for pos in (100, 200, 300, 400))]) + "\n")
    pysam.tabix_index(str(calls), preset="vcf", force=True)

    def make(old: list[str], new: list[str]) -> TableAnswers:
        before, now = write_vcf(tmp_path / "old.vcf", old), write_vcf(tmp_path / "new.vcf", new)
        return TableAnswers(Knowledge("clinvar", now, "2025", "vcf", ()), before, "2023", fasta, tmp_path / "results")

    return make


CANDIDATES = {
    "case": "fam",
    "candidates": [{"gene": "G1", "chrom": "chr1", "pos": 100, "ref": "A", "alt": "T"}],
    "withheld": [{"gene": "G2", "chrom": "chr1", "pos": 200, "ref": "A", "alt": "T"}],
}


def test_tables_tell_a_candidate_whose_record_changed(tables: Any) -> None:
    old, new = [clinvar(100, "Uncertain_significance"), clinvar(500, "Benign")], [clinvar(100, "Pathogenic"), clinvar(500, "Pathogenic")]
    touched, whys = tables(old, new).of(CANDIDATES)
    assert [(one["gene"], one["variant"]) for one in touched] == [("G1", "chr1:100 A>T")]
    assert "Uncertain_significance → Pathogenic" in touched[0]["what"]
    assert len(whys) == 1


def test_tables_tell_a_variant_that_was_left_out_and_a_call_that_became_pathogenic(tables: Any) -> None:
    old = [clinvar(200, "Benign"), clinvar(300, "Uncertain_significance"), clinvar(400, "Benign")]
    new = [clinvar(200, "Benign"), clinvar(300, "Likely_pathogenic"), clinvar(400, "Likely_benign")]
    touched, _ = tables(old, new).of(CANDIDATES)
    assert [one["variant"] for one in touched] == ["chr1:300 A>T"]  # 400 is no candidate, and no word makes it one
    touched, _ = tables([clinvar(200, "Benign")], [clinvar(200, "Uncertain_significance")]).of(CANDIDATES)
    assert [one["gene"] for one in touched] == ["G2"]


def test_tables_alike_touch_nobody(tables: Any) -> None:
    records = [clinvar(100, "Pathogenic"), clinvar(300, "Pathogenic", "C")]
    assert tables(records, records).of(CANDIDATES) == ([], [])


def panels(folder: Path, name: str, genes: str) -> Path:
    """Write a panel."""
    file = folder / name
    file.write_text("panel\tgene\n" + "".join(f"heart\t{gene}\n" for gene in genes.split()))
    return file


def test_panels_tell_genes_that_come_and_go(tmp_path: Path) -> None:
    old, new = panels(tmp_path, "old.tsv", "LMNA TTN"), panels(tmp_path, "new.tsv", "LMNA MYH7")
    told = panels_changed(old, new, "heart")
    assert told
    assert [(one["gene"], one["what"].split()[0]) for one in told[0]] == [("MYH7", "comes"), ("TTN", "leaves")]
    assert panels_changed(old, new, "LMNA") == ([], [])
    assert panels_changed(old, new, "") == ([], [])
    assert panels_changed(None, new, "heart") is None


def release(folder: Path, depth: float, decision: str, limit: float = 30, **more: Any) -> Path:
    """Write the release record of a sample with two metrics."""
    metrics = [
        {"name": "mean_autosome_coverage", "value": depth, "unit": "x", "limit": limit, "margin": depth - limit,
         "verdict": "pass" if depth >= limit else "fail", "source": ""},
        {"name": "pct_reads_mapped", "value": None, "unit": "%", "limit": None, "margin": None, "verdict": "not evaluated", "source": ""},
    ]  # fmt: skip
    file = folder / "release.json"
    file.write_text(json.dumps({"sample": "s1", "decision": decision, "metrics": metrics} | more))
    return file


def depth_limit(value: float) -> dict[str, Any]:
    """Return a limit set with depth alone, as `load_limits` gives it."""
    one = load_limits(None, {"mean_autosome_coverage": value})["metrics"]["mean_autosome_coverage"]
    return {"name": "x", "date": "", "metrics": {"mean_autosome_coverage": one}}


def test_flips_tell_a_decision_that_a_new_limit_turns(tmp_path: Path) -> None:
    file = release(tmp_path, 28, "resequence")
    (flip,) = flips(file, depth_limit(25))
    assert (flip.old, flip.new, flip.metrics[0]["limit_before"], flip.metrics[0]["margin"]) == ("resequence", "release", 30, 3)
    assert flip.in_words().startswith("decision on s1: resequence → release: mean_autosome_coverage 28 against 25")
    assert flips(file, depth_limit(29)) == []
    assert flips(tmp_path / "none.json", depth_limit(29)) == []


def test_flips_say_that_a_person_decided(tmp_path: Path) -> None:
    override = {"signed_by": "A. Berg (lead)", "override": {"before": "resequence"}}
    (flip,) = flips(release(tmp_path, 28, "release", **override), depth_limit(25))
    assert flip.by_person
    assert "a person decided otherwise" in flip.in_words()


def teller(results: Path, changes: list[Difference], *, old: dict[str, Path] | None = None) -> Teller:
    """Return what tells answers of one case of one sample, both named fam."""
    sample = SimpleNamespace(name="fam", genes="")
    case = SimpleNamespace(name="fam", members=(sample,), proband=sample, question=None)
    settings = SimpleNamespace(results=results, knowledge={})
    graph = SimpleNamespace(
        settings=settings, cohort=SimpleNamespace(cases={"fam": case}), limits={"default": depth_limit(30)}, limit_keys={"fam": "default"}
    )
    return Teller(graph, Before(None, old or {}), changes)  # type: ignore[arg-type]


def units(case: tuple[str, ...], sample: tuple[str, ...] = ()) -> list[Unit]:
    """Return the units of the case with the stages that are made anew."""
    return [
        Unit(kind, "fam", "stale", ("why",), len(stages), stages[0] if stages else "", stages)
        for kind, stages in (("sample", sample), ("case", case))
    ]


def finished(results: Path) -> Path:
    """Write a case that has an answer."""
    (results / "cases/fam").mkdir(parents=True)
    (results / "cases/fam/candidates.tsv").write_text("rank\n")
    (results / "interpretation").mkdir()
    (results / "interpretation/fam.json").write_text(json.dumps(CANDIDATES))
    return results


def test_answers_of_a_case_without_one_is_the_first(tmp_path: Path) -> None:
    assert [one.state for one in teller(tmp_path, []).answers(units(("report",)))] == [FIRST]


def test_answers_stay_where_only_pages_are_made_anew(tmp_path: Path) -> None:
    (one,) = teller(finished(tmp_path), []).answers(units(("report",)))
    assert (one.state, one.counts) == (NO, False)


def test_answers_cannot_be_told_where_calls_are_made_anew(tmp_path: Path) -> None:
    caller = Difference("parameter caller", "freebayes", "gatk", frozenset({"calls"}))
    (one,) = teller(finished(tmp_path), [caller]).answers(units(("annotation",), ("gatk",)))
    assert (one.state, one.counts) == (UNTOLD, True)
    assert "caller (freebayes → gatk)" in one.whys[0]


def test_answers_cannot_be_told_where_code_changed_or_nothing_is_recorded(tmp_path: Path) -> None:
    code = Difference("code scripts/rank_candidates.py", "1", "2", frozenset({"ranking"}))
    assert [one.state for one in teller(finished(tmp_path), [code]).answers(units(("interpretation",)))] == [UNTOLD]
    (one,) = teller(tmp_path, []).answers(units(("interpretation",)))
    assert one.state == UNTOLD
    assert "no recorded difference says why: why" in one.whys[0]


def test_answers_with_a_decision_that_turns_may_change(tmp_path: Path) -> None:
    (finished(tmp_path) / "samples/fam").mkdir(parents=True)
    release(tmp_path / "samples/fam", 40, "resequence", limit=50)
    (one,) = teller(tmp_path, []).answers(units((), ("release",)))
    assert (one.state, one.flips[0].new) == (MAY, "release")


def test_answers_are_not_told_of_a_case_with_nothing_to_do(tmp_path: Path) -> None:
    assert teller(finished(tmp_path), []).answers(units(())) == []
