"""Plan before work, through the command line: what would run, limits, older knowledge; and nothing is run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.conftest import RESULTS, ROOT, snakemake
from tests.pipeline.tiny_person import write_person


def plan(work: Path, *more: str, config: dict[str, Any] | None = None, output: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Plan the demo, with keys of its config changed."""
    content = yaml.safe_load((work / "config/demo.yaml").read_text()) | (config or {})
    target = output or work
    (target / "planned.yaml").write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "scripts.plan_run", "--configfile", str(target / "planned.yaml"), "--directory", str(work)]
    done = subprocess.run([*command, "--output", str(target), *more], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr
    return done


def read(folder: Path) -> dict[str, Any]:
    """Return plan.json."""
    return dict(json.loads((folder / "plan/plan.json").read_text()))


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and date of every file of the results."""
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}


def test_a_finished_run_has_nothing_to_do_and_tells_what_it_cost(finished: Path, tmp_path: Path) -> None:
    before = state(finished / RESULTS / "samples")
    done = plan(finished, output=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing to do (2 samples are done)" in done.stdout
    told = read(tmp_path)
    assert (told["forecast"]["jobs"], told["affected"], told["changes"]) == (0, [], [])
    spent = {row["stage"]: row for row in told["account"]["stages"]}
    assert spent["alignment"]["jobs"] == 2
    assert spent["alignment"]["cpu_s"] > 1
    assert {row["sample"] for row in told["account"]["samples"]} == {"lmna", "control"}
    assert told["account"]["sample"]["of"] == 2
    assert "Nothing to do" in (tmp_path / "plan/index.html").read_text()
    assert state(finished / RESULTS / "samples") == before


def test_a_changed_limit_is_planned_with_its_decisions_and_limits_fail_it(finished: Path, tmp_path: Path) -> None:
    changed = {"release": {"overrides": {"mean_autosome_coverage": 2}}}
    done = plan(finished, "--limit", "changed_answers=0", "samples=2", "kwh=100", config=changed, output=tmp_path)
    told = read(tmp_path)
    assert [one["name"] for one in told["changes"]] == [
        "parameter release.limits.mean_autosome_coverage.limit",
        "parameter release.limits.mean_autosome_coverage.borderline",
    ] or "parameter release.limits.mean_autosome_coverage.limit" in {one["name"] for one in told["changes"]}
    assert told["counts"]["samples"]["affected"] == 2
    rules = {rule for rule, _ in told["jobs"]}
    assert {"decide_release", "decide_case", "seal_release"} <= rules
    assert not rules & {"align_reads", "gatk_haplotypecaller", "rank_candidates"}
    assert told["forecast"]["sources"]["nothing known"] == []
    assert told["forecast"]["cpu_hours"]["low"] < told["forecast"]["cpu_hours"]["value"] < told["forecast"]["cpu_hours"]["high"]
    turned = sum(bool(one["flips"]) for one in told["answers"])
    assert done.returncode == (3 if turned else 0)
    if turned:
        assert re.fullmatch(
            rf"error: the plan is beyond its limits: answers that may change {turned} \(limit 0\)\.", done.stderr.splitlines()[-1]
        )
    verdicts = {one["name"]: one["verdict"] for one in told["limits"]}
    assert (verdicts["samples"], verdicts["kwh"]) == ("within", "within")


def older(folder: Path, **more: Any) -> dict[str, Any]:
    """Return a config whose HPO release is older than the one in use: a copy of it that says so."""
    knowledge = yaml.safe_load((ROOT / "config/demo.yaml").read_text())["knowledge"]
    shutil.copytree(ROOT / "resources/reference/demo/hpo", folder / "hpo")
    ontology = (folder / "hpo/hp.obo").read_text()
    assert "2025-01-16" in ontology[:500]
    (folder / "hpo/hp.obo").unlink()
    (folder / "hpo/hp.obo").write_text(ontology.replace("2025-01-16", "2023-06-17", 1))
    return {"knowledge": knowledge | {"hpo": {"path": str(folder / "hpo"), "release": "2023-06-17"}}, **more}


def test_older_knowledge_is_refused_by_plan_and_run_alike(finished: Path, tmp_path: Path) -> None:
    config = older(tmp_path)
    done = plan(finished, config=config, output=tmp_path)
    assert done.returncode == 2
    words = "`knowledge.hpo` is release 2023-06-17, older than 2025-01-16, which these results were made with"
    assert words in done.stderr
    assert "older_knowledge: [hpo]" in done.stderr
    assert not (tmp_path / "plan").exists()
    (tmp_path / "older.yaml").write_text(yaml.safe_dump(yaml.safe_load((ROOT / "config/demo.yaml").read_text()) | config))
    ran = snakemake(finished, "--configfile", str(tmp_path / "older.yaml"), "--dry-run")
    assert ran.returncode != 0
    assert words in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr


def test_older_knowledge_is_planned_where_it_is_meant(finished: Path, tmp_path: Path) -> None:
    done = plan(finished, config=older(tmp_path, older_knowledge=["hpo"]), output=tmp_path)
    assert done.returncode == 0, done.stderr
    (change,) = read(tmp_path)["changes"]
    assert (change["name"], change["old"], change["new"], change["older"]) == ("knowledge hpo", "2025-01-16", "2023-06-17", True)
    assert "goes back from 2025-01-16 to 2023-06-17" in (tmp_path / "plan/index.html").read_text()


@pytest.mark.parametrize(
    ("more", "config", "words"),
    [
        (["--limit", "cpu_hour=1"], {}, "there is no limit `cpu_hour` (did you mean `cpu_hours`?)"),
        (["--limit", "cpu_hours=lots"], {}, "`lots` is no number"),
        (["--config", "caller"], {}, "`--config caller` is not of the form KEY=VALUE"),
        ([], {"older_knowledge": ["clinvar"]}, "`older_knowledge` names `clinvar`, which is no configured knowledge source"),
        ([], {"plan": {"limits": {"cpu_hour": 3}}}, "cpu_hours"),
        ([], {"costs": {"watts_per_core": -1}}, "costs.watts_per_core"),
    ],
)
def test_bad_input_is_one_sentence(finished: Path, tmp_path: Path, more: list[str], config: dict[str, Any], words: str) -> None:
    done = plan(finished, *more, config=config, output=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("error: ")
    assert not (tmp_path / "plan").exists()


def test_the_target_plan_runs_nothing(tmp_path: Path) -> None:
    work = write_person(tmp_path / "anna")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    done = subprocess.run(
        [*command, "--configfile", str(work / "config.yaml"), "--cores", "2", "plan"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = read(work / "results")
    assert told["counts"]["samples"] == {"all": 1, "affected": 1, "new": 1, "done": 0}
    assert ["align_reads", {"sample": "anna"}] in told["jobs"]
    assert told["answers"][0]["state"] == "first answer"
    assert not (work / "results/samples").exists()
    assert not (work / "results/release/expected.tsv").exists()
    assert not [file for file in os.listdir(work) if file.endswith((".l2b", ".dict"))]
