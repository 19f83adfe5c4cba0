"""The scripts that any CI calls, and the workflows that call them."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts.release_knowledge import main, overlays, read_new
from workflow.digests import ROOT
from workflow.errors import InputError

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SCRIPTS = ("push", "knowledge-release", "scheduled")


def test_there_is_a_workflow_for_each_script_and_it_calls_nothing_else_of_ours() -> None:
    assert sorted(file.stem for file in WORKFLOWS) == sorted(SCRIPTS)
    for file in WORKFLOWS:
        assert set(re.findall(r"\bci/([a-z-]+)", file.read_text())) == {file.stem}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_workflow_pins_actions_by_commit_and_may_only_read(file: Path) -> None:
    content = yaml.safe_load(file.read_text())
    assert content["permissions"] == {"contents": "read"}
    assert True in content, "YAML reads the key `on` as true"
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one) for one in used)
    assert all("${{" not in step.get("run", "") for step in steps), "what a person types goes in by the environment, never into a script"
    assert all("timeout-minutes" in job for job in content["jobs"].values())


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_can_be_run_and_stops_at_the_first_error(name: str) -> None:
    file = ROOT / "ci" / name
    assert os.access(file, os.X_OK)
    subprocess.run(["bash", "-n", file], check=True)
    assert "set -euo pipefail" in file.read_text()


def test_push_runs_what_continuous_integration_runs() -> None:
    assert (ROOT / "ci/push").read_text().rstrip().endswith("exec .ci/run")


def test_overlays_name_the_new_release_as_knowledge_and_as_reanalysis() -> None:
    new = {"knowledge": {"hpo": {"path": "x", "release": "2025"}}, "older_knowledge": ["hpo"], "name": "spring"}
    plan, cases = overlays(new)
    assert plan == {"knowledge": new["knowledge"], "older_knowledge": ["hpo"]}
    assert cases == {"reanalysis": {"knowledge": new["knowledge"], "name": "spring", "allow_older": True}}
    assert overlays({"knowledge": {}})[1]["reanalysis"]["allow_older"] is False


@pytest.mark.parametrize("text", ["", "knowledge:", "knowledge: {}", "hpo: {path: x}", "knowledge: {hpo: {}}\ncaller: gatk", "a: [", "- 1"])
def test_file_that_names_no_new_knowledge_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "new.yaml").write_text(text)
    with pytest.raises(InputError, match=r"new\.yaml: this (names no new knowledge|cannot be read as YAML)"):
        read_new(tmp_path / "new.yaml")


def test_config_that_is_not_there_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--configfile", str(tmp_path / "c.yaml"), "--new", str(tmp_path / "n.yaml")]) == 2
    assert "there is no such config file" in capsys.readouterr().err
