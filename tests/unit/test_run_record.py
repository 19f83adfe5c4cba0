"""Provenance: what was run, without names of people, with and without git; what the tools answered."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts.hash_knowledge import describe
from scripts.record_run import digest_of_sequence, record
from workflow.digests import ROOT
from workflow.run_record import COMMAND, STARTED, commit_of, digest_of_code, digest_of_config, files_of_source, impersonal, remember_run
from workflow.tool_answers import questions, read_answers, tool_records
from workflow.tools import read_pins


def git(folder, *arguments):
    environment = os.environ | {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "Snakefile").write_text("rule all\n")
    git(tmp_path, "add", "Snakefile")
    git(tmp_path, "commit", "-q", "-m", "x")
    return tmp_path


def test_commit_of_tells_commit_and_whether_files_differ(repository):
    clean = commit_of(repository)
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (repository / "Snakefile").write_text("rule other\n")
    assert commit_of(repository) == {"commit": clean["commit"], "dirty": True}


def test_commit_of_a_copy_without_history_is_unknown_even_inside_another_repository(repository):
    copy = repository / "copy"
    copy.mkdir()
    assert commit_of(copy) == {"commit": None, "dirty": None}


def test_digest_of_code_follows_content_and_names_but_not_dates_or_caches(tmp_path):
    (tmp_path / "rules").mkdir()
    rule = tmp_path / "rules/a.smk"
    rule.write_text("rule a\n")
    first = digest_of_code(tmp_path)
    os.utime(rule, (1, 1))
    (tmp_path / "workflow/__pycache__").mkdir(parents=True)
    (tmp_path / "workflow/__pycache__/x.pyc").write_text("x")
    assert digest_of_code(tmp_path) == first
    rule.write_text("rule b\n")
    assert digest_of_code(tmp_path) != first


def test_impersonal_keeps_the_command_and_drops_who_ran_it_where():
    here = Path("/home/jens.hansen/genomes")
    line = impersonal(
        [
            "/home/jens.hansen/venv/bin/snakemake",
            "--snakefile",
            f"{ROOT}/Snakefile",
            "--directory",
            str(here),
            "--cores",
            "4",
            "-C",
            "/users/abc/x.yaml",
        ],
        here,
    )
    assert line == "snakemake --snakefile GENVEJ/Snakefile --directory . --cores 4 -C /users/…/x.yaml"


def test_remember_run_leaves_command_and_start_for_the_jobs(monkeypatch):
    monkeypatch.setenv(COMMAND, "")
    monkeypatch.setenv(STARTED, "")
    remember_run(["/usr/bin/snakemake", "--cores", "2"])
    assert os.environ[COMMAND] == "snakemake --cores 2"
    assert os.environ[STARTED].endswith("+00:00")


def test_record_names_no_host_and_no_user():
    content = record(
        "c0ffee",
        {"id": "aaaaaaaaaaaa"},
        {"name": "GRCh38"},
        [{"name": "hpo"}],
        {COMMAND: "snakemake", STARTED: "2026-11-23T10:00:00+00:00"},
    )
    assert set(content) == {"genvej", "workflow", "command", "started", "ended", "config", "snakemake", "python", "reference", "knowledge"}
    assert content["config"] == {"sha256": "c0ffee"}
    assert content["workflow"] == {"id": "aaaaaaaaaaaa"}
    assert content["started"] <= content["ended"]


def test_digest_of_sequence_follows_the_bases_and_not_the_place_of_the_file():
    line = "@SQ\tSN:chr1\tLN:9\tM5:aaa\tUR:file:/{}/ref.fa\n"
    assert digest_of_sequence("@HD\tVN:1.6\n" + line.format("here")) == digest_of_sequence(line.format("there"))
    assert digest_of_sequence(line) != digest_of_sequence(line.replace("aaa", "bbb"))


def test_digest_of_config_does_not_depend_on_the_order_of_keys():
    assert digest_of_config({"a": 1, "b": {"c": 2, "d": 3}}) == digest_of_config({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest_of_config({"a": 1}) != digest_of_config({"a": 2})


def test_describe_hashes_every_file_of_a_source(tmp_path):
    for name in ("hp.obo", "phenotype.hpoa"):
        (tmp_path / name).write_text(name)
    assert files_of_source(tmp_path / "hp.obo") == [str(tmp_path / "hp.obo")]
    content = describe({"name": "hpo", "release": "2025-01"}, files_of_source(tmp_path))
    assert [(one["file"], one["bytes"]) for one in content["files"]] == [("hp.obo", 6), ("phenotype.hpoa", 14)]
    assert len({one["sha256"] for one in content["files"]}) == 2


def test_questions_ask_each_environment_for_the_tools_in_use_only():
    asked = questions(["samtools", "bcftools", "bwa", "gatk"])
    assert "freebayes" not in asked, "no environment is built for a caller that is not in use"
    assert "samtools samtools --version" in asked["alignment"]
    assert any(line.startswith("bwa ") for line in asked["alignment"])
    assert any(line.startswith("gatk ") for line in asked["gatk"])


def test_tool_records_read_the_version_that_answered_and_compare_it_with_the_pin():
    pin = read_pins()["samtools"].version
    lines = [
        "noise",
        "## samtools PATH",
        f"samtools {pin}",
        "Using htslib",
        "## fastp conda",
        "fastp 0.0.1",
        "## bwa PATH",
        "command not found",
    ]
    records = {one["name"]: one for one in tool_records([("alignment", *answer) for answer in read_answers(lines)])}
    assert (records["samtools"]["version"], records["samtools"]["agrees"], records["samtools"]["source"]) == (pin, True, "PATH")
    assert (records["fastp"]["version"], records["fastp"]["agrees"], records["fastp"]["source"]) == ("0.0.1", False, "conda")
    assert (records["bwa"]["version"], records["bwa"]["agrees"]) == (None, False)


def test_tool_records_keep_two_versions_of_one_tool_apart():
    answers = [
        ("alignment", "samtools", "conda", "samtools 1.16.1"),
        ("gatk", "samtools", "conda", "samtools 1.21"),
        ("coverage", "samtools", "conda", "samtools 1.16.1"),
    ]
    assert [(one["version"], one["environments"]) for one in tool_records(answers)] == [
        ("1.16.1", ["alignment", "coverage"]),
        ("1.21", ["gatk"]),
    ]
