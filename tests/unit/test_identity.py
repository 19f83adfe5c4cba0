"""The id of a version: the same for the same results, another for anything that may change one."""

from dataclasses import replace
from pathlib import Path

import pytest

from workflow import identity
from workflow.chain_places import CODE_ENTERS, EVERYWHERE, PARAMETER_ENTERS, TOOL_ENTERS
from workflow.digests import ROOT
from workflow.identity import NO_RESULT, OTHER_RULES, RESULT_RULES, code_parts, identify, short_id, tool_parts
from workflow.limits import load_limits
from workflow.settings import load_settings


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A working folder with a reference index, regions and one knowledge source."""
    monkeypatch.chdir(tmp_path)
    Path("r.fa.fai").write_text("chr1\t1000\t6\t60\t61\n")
    Path("regions.bed").write_text("chr1\t0\t100\n")
    Path("hpo").mkdir()
    Path("hpo/hp.obo").write_text("x" * 10)
    return tmp_path


CONFIG = {
    "samples": "samples.tsv",
    "units": "units.tsv",
    "reference": {"name": "GRCh38", "fasta": "r.fa"},
    "regions": "regions.bed",
    "knowledge": {"hpo": {"path": "hpo", "release": "2025-01"}},
}


def identified(aligner="minibwa", overrides=None, **config):
    settings = load_settings(CONFIG | config)
    return identify(settings, {"default": load_limits(None, overrides or {})}, aligner)


def test_identify_gives_the_same_id_for_other_sheets_folders_and_disk_care(work):
    first = identified()
    assert len(first["id"]) == 12
    assert set(first) == {"id", "code", "tools", "parameters", "knowledge"}
    assert identified(samples="more.tsv", results="elsewhere", disk={"check": False}, impact="signed") == first


def test_identify_follows_content_and_not_the_place(work):
    first = identified()
    Path("r.fa.fai").rename("moved.fa.fai")
    Path("regions.bed").rename("others.bed")
    Path("hpo").rename("hpo_2025")
    moved = {"path": "hpo_2025", "release": "2025-01"}
    assert identified(reference={"name": "GRCh38", "fasta": "moved.fa"}, regions="others.bed", knowledge={"hpo": moved}) == first


@pytest.mark.parametrize(
    ("part", "key", "change"),
    [
        ("parameters", "caller", {"caller": "freebayes"}),
        ("parameters", "aligner", {"aligner": "bwa"}),
        ("parameters", "callable.min_depth", {"callable": {"min_depth": 12}}),
        ("parameters", "interpretation.max_frequency", {"interpretation": {"max_frequency": 0.02}}),
        ("parameters", "regions", {"regions": None}),
        ("parameters", "release.limits.mean_autosome_coverage.limit", {"overrides": {"mean_autosome_coverage": 25}}),
        ("knowledge", "hpo", {"knowledge": {"hpo": {"path": "hpo", "release": "2026-01"}}}),
    ],
)
def test_identify_tells_what_changed(work, part, key, change):
    first, other = identified(), identified(**change)
    assert first["id"] != other["id"]
    assert first[part][key] != other[part][key]


def test_identify_sees_a_source_that_was_replaced_under_the_same_release(work):
    first = identified()
    Path("hpo/hp.obo").write_text("x" * 11)
    assert identified()["id"] != first["id"]


def test_identify_names_tools_and_rules_of_the_caller_in_use_only(work):
    first = identified(caller="freebayes")
    assert "freebayes" in first["tools"]
    assert not {"gatk", "java", "multiqc"} & set(first["tools"])
    assert "rules/freebayes.smk" in first["code"]
    assert "rules/gatk.smk" not in first["code"]
    assert "bwa" in tool_parts("bwa", "gatk")


def test_short_id_does_not_depend_on_the_order_of_keys():
    assert short_id({"a": {"x": 1, "y": 2}, "b": {}}) == short_id({"b": {}, "a": {"y": 2, "x": 1}})


def test_code_parts_hold_no_page_and_every_script_that_makes_a_result():
    names = set(code_parts("gatk"))
    assert not {f"scripts/{name}.py" for name in NO_RESULT} & names
    assert not [name for name in names if name.endswith((".j2", ".css"))]
    assert {"scripts/rank_candidates.py", "scripts/annotate_variants.py", "scripts/decide_release.py", "workflow/genome.py"} <= names


def test_code_parts_pass_over_comments_docstring_and_layout_of_rules(tmp_path):
    rules = tmp_path / "a.smk"
    rules.write_text('"""Doc."""\n\nrule a:\n    output:\n        "x",\n    shell:\n        "echo 1"\n')
    first = identity._digest_of_rules.__wrapped__(rules)
    rules.write_text('"""Other."""\n# why\nrule a:\n    output:\n        "x",  # here\n\n    shell:\n        "echo 1"\n')
    assert identity._digest_of_rules.__wrapped__(rules) == first
    rules.write_text(rules.read_text().replace("echo 1", "echo 2"))
    assert identity._digest_of_rules.__wrapped__(rules) != first


def test_every_rule_file_is_known_to_change_results_or_not():
    """A new rule file must be put into one of the two lists, or a change of it would pass unsigned."""
    assert {file.stem for file in (ROOT / "rules").glob("*.smk")} <= {*RESULT_RULES, *OTHER_RULES}


def test_every_part_has_a_place_in_the_chain(work):
    """What has none is upstream of everything, which makes causes vague: only shared code and Python packages may be."""
    content = identified()
    files = {*content["code"], *code_parts("freebayes")}
    assert files - set(CODE_ENTERS) == {"Snakefile", "rules/common.smk", "rules/reference.smk"}
    starts = {name for name in content["parameters"] if not any(name == key or name.startswith(f"{key}.") for key in PARAMETER_ENTERS)}
    assert starts == set()
    assert {place for places in TOOL_ENTERS.values() for place in places} <= {
        "alignment",
        "coverage",
        "karyotype",
        "calls",
        "annotation",
        "ranking",
    }
    assert PARAMETER_ENTERS["reference"] == (EVERYWHERE,)


def test_identify_without_an_index_of_the_reference_has_no_contigs(work):
    Path("r.fa.fai").unlink()
    assert identified()["parameters"]["reference.contigs"] is None
    settings = load_settings(CONFIG | {"reference": {"name": "GRCh38", "fasta": "r.fa", "index": "idx"}})
    (work / "idx").mkdir()
    (work / "idx/r.fa.fai").write_text("chr1\t1000\t6\t60\t61\n")
    assert identify(replace(settings), {"default": load_limits(None, {})}, "bwa")["parameters"]["reference.contigs"]
