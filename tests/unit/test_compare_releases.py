"""Two trees compared through the command: what changed, why, against which limits; and what is refused."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.compare_releases import main
from tests.results_trees import CANDIDATES, KNOWLEDGE, PARTS, RECORDS, make_tree, put, write_candidates
from workflow.digests import ROOT
from workflow.impact_page import MOST_SHOWN

NEW = PARTS | {"id": "bbbbbbbbbbbb"}


def parts(**changed):
    """Return the parts of another version: `tools={"gatk": "5"}` changes a value, None takes it away."""
    merged = {name: {key: value for key, value in (PARTS[name] | new).items() if value is not None} for name, new in changed.items()}
    return NEW | merged


def compare(tmp_path, new, old=None, *more):
    """Compare a tree with the plain one; return status, summary and rows."""
    old = old or make_tree(tmp_path / "old")
    status = main([str(old), str(new), "--output", str(tmp_path / "impact"), *more])
    folder = next(path for path in (tmp_path / "impact").iterdir() if path.is_dir())
    with open(folder / "changes.tsv", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    return status, json.loads((folder / "summary.json").read_text()), rows, (folder / "report.html").read_text()


def causes(rows):
    return {row["kind"]: row["cause"] for row in rows}


def test_main_same_tree_twice_says_no_change(tmp_path, capsys):
    tree = make_tree(tmp_path / "tree")
    status, summary, rows, page = compare(tmp_path, tree, tree)
    assert (status, rows, summary["changes"], summary["verdict"]) == (0, [], 0, "within")
    assert "No change." in page
    assert "no change" in capsys.readouterr().out
    assert summary["counted"]["calls in both"] == 7


def test_main_new_version_that_changed_nothing_names_what_differs_and_no_change(tmp_path):
    status, summary, rows, page = compare(tmp_path, make_tree(tmp_path / "new", parts=parts(tools={"gatk": "5"})))
    assert (status, rows) == (0, [])
    assert summary["differences"] == [{"name": "tool gatk", "old": "4.6.2.0", "new": "5", "changes": 0}]
    assert "No change." in page
    assert "tool gatk" in page


def test_main_changed_calls_have_the_one_thing_upstream_as_cause(tmp_path):
    new = make_tree(tmp_path / "new", parts=parts(tools={"gatk": "5"}), records=RECORDS[1:], candidates=CANDIDATES[1:])
    status, summary, rows, page = compare(tmp_path, new)
    assert {row["cause"] for row in rows} == {"tool gatk (4.6.2.0 → 5)"}
    assert [row["kind"] for row in rows] == ["variant lost", "candidate left"]
    assert status == 3  # 1 of 6 passed calls is beyond 100 per million
    assert {one["name"]: one["verdict"] for one in summary["measures"]} == {
        "genotype_changes": "within",
        "lost_passed_calls": "beyond",
        "top_candidate_changes": "beyond",
        "decision_changes": "within",
        "unexplained_changes": "within",
    }
    assert 'role="alert"' not in page


def test_main_other_caller_is_one_cause_and_not_its_tools_and_rules_too(tmp_path):
    other = parts(
        parameters={"caller": "freebayes"},
        tools={"gatk": None, "freebayes": "1.3.6"},
        code={"rules/gatk.smk": None, "rules/freebayes.smk": "3"},
    )
    _, summary, rows, _ = compare(tmp_path, make_tree(tmp_path / "new", parts=other, records=RECORDS[1:]))
    assert [one["name"] for one in summary["differences"]] == ["parameter caller"]
    assert causes(rows) == {"variant lost": "parameter caller (gatk → freebayes)"}


def test_main_several_things_upstream_are_one_of_them(tmp_path):
    new = parts(tools={"gatk": "5"}, code={"Snakefile": "1", "scripts/rank_candidates.py": "3"})
    _, _, rows, _ = compare(tmp_path, make_tree(tmp_path / "new", parts=new, records=RECORDS[1:]))
    assert causes(rows) == {"variant lost": "one of: tool gatk; code Snakefile"}


def test_main_change_that_nothing_explains_is_loud(tmp_path, capsys):
    """Calls changed, and all that differs lies downstream of them."""
    new = make_tree(tmp_path / "new", parts=parts(code={"scripts/rank_candidates.py": "3"}), records=RECORDS[1:])
    status, summary, rows, page = compare(tmp_path, new)
    assert causes(rows) == {"variant lost": "unexplained"}
    assert status == 3
    assert 'role="alert"><strong>1 change without a cause' in page
    assert "UNEXPLAINED" in capsys.readouterr().out
    assert next(one for one in summary["measures"] if one["name"] == "unexplained_changes")["count"] == 1


def test_main_knowledge_release_moves_ranks_and_only_ranks(tmp_path):
    knowledge = [KNOWLEDGE[0], KNOWLEDGE[1] | {"release": "2026-01", "files": [{"file": "hpo", "sha256": "other"}]}]
    turned = [("1", *CANDIDATES[1][1:-1], "3.000"), ("2", *CANDIDATES[0][1:])]
    _, _, rows, _ = compare(tmp_path, make_tree(tmp_path / "new", parts=NEW, knowledge=knowledge, candidates=turned))
    assert {row["cause"] for row in rows} == {"knowledge hpo (2025-01 → 2026-01)"}
    assert [(row["kind"], row["gene"], row["old"], row["new"]) for row in rows] == [
        ("rank changed", "LMNA", "1", "2"),
        ("rank changed", "NTRK1", "2", "1"),
        ("score changed", "NTRK1", "1.000", "3.000"),
    ]


def test_main_other_content_under_the_same_release_is_told(tmp_path):
    knowledge = [KNOWLEDGE[0] | {"files": [{"file": "g", "sha256": "other"}]}, KNOWLEDGE[1]]
    record = RECORDS[0].replace("missense_variant", "stop_gained")
    _, summary, rows, _ = compare(tmp_path, make_tree(tmp_path / "new", knowledge=knowledge, records=(record, *RECORDS[1:])))
    assert summary["differences"][0]["old"].startswith("2025-01, content ")
    assert rows[0]["cause"].startswith("knowledge gene_models (2025-01, content ")


def test_main_score_moved_by_rounding_is_no_change(tmp_path):
    new = make_tree(tmp_path / "new", candidates=[(*CANDIDATES[0][:-1], "2.501"), (*CANDIDATES[1][:-1], "1.002")])
    _, _, rows, _ = compare(tmp_path, new)
    assert [(row["gene"], row["new"]) for row in rows] == [("NTRK1", "1.002")]


def test_main_rank_moves_through_calls_where_only_their_reads_differ(tmp_path):
    moved = RECORDS[0].replace("0/1:9", "0/1:5")
    candidates = [(*CANDIDATES[0][:-1], "2.000"), CANDIDATES[1]]
    new = make_tree(tmp_path / "new", parts=parts(tools={"gatk": "5"}), records=(moved, *RECORDS[1:]), candidates=candidates)
    assert causes(compare(tmp_path, new)[2]) == {"score changed": "tool gatk (4.6.2.0 → 5)"}


def test_main_verdict_and_decision_come_from_their_own_limit(tmp_path):
    new = parts(parameters={"release.limits.depth.limit": 40, "release.limits.duplicates.limit": 9})
    status, _, rows, _ = compare(tmp_path, make_tree(tmp_path / "new", parts=new, verdict="fail", decision="hold"))
    assert status == 3
    assert {row["cause"] for row in rows} == {"parameter release.limits.depth.limit (30 → 40)"}
    assert [(row["kind"], row["sample"], row["field"]) for row in rows] == [
        ("verdict changed", "kid", "depth"),
        ("decision changed", "kid", "decision"),
        ("decision changed", "", "decision"),
    ]


def test_main_other_reads_and_terms_are_inputs_of_their_own_case(tmp_path):
    new = make_tree(tmp_path / "new", reads="s", terms=("HP:2",), records=RECORDS[1:], candidates=CANDIDATES[::-1])
    _, summary, rows, _ = compare(tmp_path, new)
    assert [one["name"] for one in summary["differences"]] == ["input: reads of kid", "input: terms of case family"]
    assert causes(rows)["variant lost"].startswith("input: reads of kid (")
    assert rows[0]["cause"] == causes(rows)["variant lost"]


def test_main_tree_older_than_ids_is_compared_with_its_code_as_the_one_difference(tmp_path):
    old = make_tree(tmp_path / "old", parts=None)
    run = json.loads((old / "provenance/run.json").read_text())
    put(old / "provenance/run.json", run | {"genvej": run["genvej"] | {"code": "0ldc0de0000000000"}})
    _, summary, rows, _ = compare(tmp_path, make_tree(tmp_path / "new", records=RECORDS[1:]), old)
    assert summary["from"]["id"] == "0ldc0de00000"
    assert causes(rows) == {"variant lost": "version whose parts were not recorded (0ldc0de00000 → aaaaaaaaaaaa)"}


def test_main_says_which_samples_only_one_tree_has(tmp_path):
    new = make_tree(tmp_path / "new")
    manifest = json.loads((new / "release/manifest.json").read_text())["files"]
    put(new / "release/manifest.json", {"files": [one for one in manifest if one["subject"] != "mum"]})
    _, summary, _, page = compare(tmp_path, new)
    assert summary["not_compared"]["samples only in from"] == ["mum"]
    assert "Samples only in from, not compared: mum" in page


def test_main_long_lists_are_cut_on_the_page_and_say_so(tmp_path):
    many = tuple(f"chr2 {pos} T A PASS . 0/1:9 0/0:9" for pos in range(100, 150 + MOST_SHOWN))
    _, _, rows, page = compare(tmp_path, make_tree(tmp_path / "new", parts=parts(tools={"gatk": "5"}), records=(*RECORDS, *many)))
    assert len(rows) == 50 + MOST_SHOWN
    assert f"The first {MOST_SHOWN} of {50 + MOST_SHOWN}" in page


def test_main_files_that_an_older_tool_made_are_told_since_they_do_not_show_the_new_one(tmp_path):
    new = make_tree(tmp_path / "new", parts=parts(tools={"samtools": "1.20"}))
    put(new / "provenance/tools.json", {"tools": [{"name": "samtools", "version": "1.20"}, {"name": "bwa", "version": "0.7.17"}]})
    kid = json.loads((new / "samples/kid/release.json").read_text())
    put(new / "samples/kid/release.json", kid | {"versions": {"genvej": "0.1", "samtools": "1.16.1", "bwa": "0.7.17-r1188"}})
    _, summary, rows, page = compare(tmp_path, new)
    assert rows == []
    assert summary["not_run_anew"] == {"from": [], "to": ["samtools 1.16.1 made the files, samtools 1.20 is in use (1 of 2 samples)"]}
    assert "Not run anew (to):" in page


def test_main_own_limits_decide(tmp_path):
    limits = (
        (ROOT / "resources/impact/limits.yaml").read_text().replace("limit: 100", "limit: 1000000").replace("limit: 1\n", "limit: 100\n")
    )
    (tmp_path / "limits.yaml").write_text(limits)
    new = make_tree(tmp_path / "new", parts=parts(tools={"gatk": "5"}), records=RECORDS[1:], candidates=CANDIDATES[1:])
    assert compare(tmp_path, new, None, "--limits", str(tmp_path / "limits.yaml"))[0] == 0


def test_main_page_loads_nothing_and_escapes_what_it_shows(tmp_path):
    record = RECORDS[0].replace("p.Arg1Gly", "<script>x</script>")
    _, _, _, page = compare(tmp_path, make_tree(tmp_path / "new", parts=parts(tools={"bcftools": "2"}), records=(record, *RECORDS[1:])))
    assert "<script>" not in page
    assert "&lt;script&gt;x" in page
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


# --- what is refused, through the command line --------------------------------------------------------------------------


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "scripts.compare_releases", *map(str, arguments)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


def break_off(tree: Path) -> None:
    (tree / "release/completeness.json").unlink()


def lose_calls(tree: Path) -> None:
    (tree / "cases/family/family.vcf.gz").unlink()


def cut_json(tree: Path) -> None:
    (tree / "provenance/run.json").write_text("{")


def rename_samples(tree: Path) -> None:
    put(tree / "release/manifest.json", {"files": []})


def cut_calls(tree: Path) -> None:
    (tree / "cases/family/family.vcf.gz").write_text("##fileformat=VCFv4.2\n")


MISTAKES = {
    "half a run": (break_off, "the run in this folder has not ended"),
    "a file gone": (lose_calls, "this file of the manifest is gone"),
    "a cut record": (cut_json, "this is no whole JSON"),
    "no sample in common": (rename_samples, "have no sample in common"),
    "a cut VCF": (cut_calls, "this is no whole VCF"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_command_refuses_a_tree_that_cannot_be_compared(tmp_path, name):
    spoil, says = MISTAKES[name]
    old, new = make_tree(tmp_path / "old"), make_tree(tmp_path / "new")
    spoil(new)
    done = command(old, new, "--output", tmp_path / "impact")
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list((tmp_path / "impact").glob("*")) or not (tmp_path / "impact").exists()


def test_command_refuses_a_folder_that_is_no_tree_another_assembly_and_bad_limits(tmp_path):
    old, other = make_tree(tmp_path / "old"), make_tree(tmp_path / "other", assembly="GRCh37")
    (tmp_path / "limits.yaml").write_text("name: x\n")
    for arguments, says in (
        ((old, tmp_path / "nowhere"), "this is no results tree of Genvej"),
        ((old, other), "compare results on one assembly"),
        ((old, old, "--limits", tmp_path / "limits.yaml"), "is a required property"),
        ((old, old, "--limits", tmp_path / "none.yaml"), "cannot be read as YAML"),
    ):
        done = command(*arguments, "--output", tmp_path / "impact")
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
        assert says in done.stderr


def test_command_gives_three_beyond_limits(tmp_path):
    old, new = make_tree(tmp_path / "old"), make_tree(tmp_path / "new", decision="hold")
    done = command(old, new, "--output", tmp_path / "impact")
    assert done.returncode == 3
    assert "decision changed: unexplained" in done.stdout


def test_write_candidates_of_the_builder_is_read_back(tmp_path):
    from workflow.candidate_changes import read_candidates

    write_candidates(tmp_path / "c.tsv", CANDIDATES)
    assert [row["score"] for row in read_candidates(tmp_path / "c.tsv").values()] == ["2.500", "1.000"]


def test_a_class_that_changed_is_told(tmp_path):
    from workflow.candidate_changes import CandidateCounts, compare_candidates

    for name, words in (("old.tsv", "uncertain significance"), ("new.tsv", "pathogenic")):
        cells = {"gene": "A", "chrom": "1", "pos": "5", "ref": "A", "alt": "C", "rank": "1", "score": "2", "class": words}
        (tmp_path / name).write_text("\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n")
    found = list(compare_candidates(tmp_path / "old.tsv", tmp_path / "new.tsv", "c", CandidateCounts()))
    assert [(one.field, one.old, one.new) for one in found] == [("class", "uncertain significance", "pathogenic")]
