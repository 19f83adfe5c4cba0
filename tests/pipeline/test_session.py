"""What Genvej changes in Snakemake, tried on a workflow of four rules."""

import subprocess
import sys
from pathlib import Path

from workflow.time_limits import hours

REPO = Path(__file__).resolve().parents[2]
SNAKEFILE = f"""
import sys
sys.path.insert(0, {str(REPO)!r})
from workflow.session import prepare_session
prepare_session(workflow)

SAMPLES = config["samples"].split("-")

rule all:
    input: expand("{{sample}}.result", sample=SAMPLES), "list"

rule verify:
    output: "{{sample}}.verified"
    shell: "touch {{output}}"

rule accept:
    input: expand("{{sample}}.verified", sample=SAMPLES)
    output: "accepted"
    shell: "touch {{output}}"

rule work:
    input: ancient("accepted"), "{{sample}}.verified"
    output: "{{sample}}.result"
    params: limit=config["limit"]
    shell: "echo {{params.limit}} > {{output}}"

rule gather:
    input: expand("{{sample}}.result", sample=SAMPLES)
    output: "list"
    shell: "cat {{input}} > {{output}}"
"""


def run(folder: Path, samples: str, limit: int) -> str:
    """Run the workflow and return what it said."""
    (folder / "Snakefile").write_text(SNAKEFILE)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--config", f"samples={samples}", f"limit={limit}"]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_one_sample_more_does_not_hide_what_a_change_means_for_the_others(tmp_path: Path) -> None:
    run(tmp_path, "a-b", 1)
    assert (tmp_path / "list").read_text() == "1\n1\n"
    run(tmp_path, "a-b-c", 2)
    assert (tmp_path / "list").read_text() == "2\n2\n2\n"
    assert "Nothing to be done" in run(tmp_path, "a-b-c", 2)


def test_one_sample_more_or_less_leaves_the_others_alone(tmp_path: Path) -> None:
    run(tmp_path, "a-b", 1)
    before = (tmp_path / "a.result").stat().st_mtime_ns
    run(tmp_path, "a-b-c", 1)
    run(tmp_path, "a-c", 1)
    assert (tmp_path / "list").read_text() == "1\n1\n"
    assert (tmp_path / "a.result").stat().st_mtime_ns == before
    assert "Nothing to be done" in run(tmp_path, "a-c", 1)


def run_rule(folder: Path, text: str, target: str) -> subprocess.CompletedProcess[str]:
    """Run a Snakefile for one target."""
    (folder / "Snakefile").write_text(text)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--config", "samples=a", "limit=1", "--", target]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=120)


def test_job_that_hangs_is_stopped_and_named(tmp_path: Path) -> None:
    text = (
        SNAKEFILE
        + """
rule hangs:
    output: "{name}.hung"
    resources: runtime=0
    shell: "sleep 1000 | sleep 1001; touch {output}"
"""
    )
    done = run_rule(tmp_path, text, "anna.hung")
    assert done.returncode != 0
    assert "error: hangs anna was still at work after" in done.stderr
    assert "Traceback" not in done.stderr


def test_half_a_file_is_not_kept_though_its_job_ended_well(tmp_path: Path) -> None:
    text = (
        SNAKEFILE
        + """
rule half:
    output: "{name}.json"
    shell: "echo '[1, 2' > {output}"
"""
    )
    done = run_rule(tmp_path, text, "anna.json")
    assert done.returncode != 0
    assert "anna.json: the file cannot be read as json" in done.stderr
    assert not (tmp_path / "anna.json").exists()


def test_time_limit_grows_with_each_attempt() -> None:
    assert [hours(2)(None, attempt) for attempt in (1, 2)] == [120, 240]
    assert hours(0.001)(None, 1) == 1
