"""Progress lines from Snakemake's own log events, and the closing summary."""

import io
import json
import logging
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from workflow import progress as module
from workflow.progress import Progress, ProgressHandler, duration
from workflow.summary import summary

ROOT = Path(__file__).resolve().parents[2]
STAGES = {"align_reads": "alignment", "gatk_genotype": "small variants", "all": ""}


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def run():
    """A handler with its stream and clock, and a function that sends it an event."""
    stream, clock = io.StringIO(), Clock()
    handler = ProgressHandler(Progress(STAGES.__getitem__), stream, clock)

    def send(event, **fields):
        record = logging.makeLogRecord({"event": event, "levelno": logging.INFO, **fields})
        handler.handle(record)

    yield SimpleNamespace(send=send, lines=lambda: stream.getvalue().splitlines(), clock=clock, handler=handler)
    handler.close()


def begin(run):
    run.send(LogEvent.RUN_INFO, stats={"align_reads": 2, "gatk_genotype": 4, "all": 1, "total": 7})
    run.send(LogEvent.JOB_STARTED, jobs=[1])


def test_handler_tells_jobs_stage_time_and_what_is_at_work(run):
    begin(run)
    run.clock.now += 80
    run.send(LogEvent.JOB_INFO, jobid=1, rule_name="align_reads", wildcards={"sample": "hg001"})
    assert run.lines() == ["[genvej 1m20s] 0/7 jobs · alignment 0/2 · now: align_reads hg001"]


def test_handler_counts_finished_jobs_and_closes_with_all_of_them(run):
    begin(run)
    for job, rule in enumerate(["align_reads", "align_reads", *["gatk_genotype"] * 4, "all"]):
        run.send(LogEvent.JOB_INFO, jobid=job, rule_name=rule, wildcards={})
        run.send(LogEvent.JOB_FINISHED, job_id=job)
    assert run.lines()[-1] == "[genvej 0s] 7/7 jobs"


def test_handler_keeps_quiet_between_two_lines(run):
    begin(run)
    for job in range(5):
        run.send(LogEvent.JOB_INFO, jobid=job, rule_name="gatk_genotype", wildcards={})
    assert len(run.lines()) == 1
    run.clock.now += module.EVERY
    run.send(LogEvent.JOB_FINISHED, job_id=0)
    assert run.lines()[-1].endswith("1/7 jobs · small variants 1/4 · now: gatk_genotype, gatk_genotype, gatk_genotype and 1 more")


def test_handler_says_nothing_in_a_dry_run(run):
    run.send(LogEvent.RUN_INFO, stats={"align_reads": 2, "total": 2})
    run.send(LogEvent.JOB_INFO, jobid=1, rule_name="align_reads", wildcards={})
    assert run.lines() == []


def test_handler_failed_job_is_not_done_and_no_longer_at_work(run):
    begin(run)
    run.send(LogEvent.JOB_INFO, jobid=1, rule_name="align_reads", wildcards={})
    run.send(LogEvent.JOB_ERROR, jobid=1)
    run.clock.now += 10
    run.send(LogEvent.JOB_INFO, jobid=2, rule_name="gatk_genotype", wildcards={})
    assert run.lines()[-1] == "[genvej 10s] 0/7 jobs · small variants 0/4 · now: gatk_genotype"


def test_handler_gives_a_sign_of_life_while_a_long_job_runs(run, monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT", 0.01)
    begin(run)
    run.send(LogEvent.JOB_INFO, jobid=1, rule_name="align_reads", wildcards={})
    run.clock.now += 3600
    run.handler.pulse.join(timeout=10)
    assert run.lines()[-1].startswith("[genvej 1h00m] 0/7 jobs")


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0s"), (59.9, "59s"), (80, "1m20s"), (3 * 3600 + 5 * 60 + 1, "3h05m")])
def test_duration(seconds, words):
    assert duration(seconds) == words


def snakemake(folder, *arguments):
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [line for line in done.stderr.splitlines() if line.startswith("[genvej")]


def test_attach_progress_speaks_in_a_plain_run_and_never_in_a_dry_or_idle_one(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "small_variants.smk").write_text('rule call_all:\n    output: "called.txt"\n    shell: "touch {output}"\n')
    (tmp_path / "Snakefile").write_text(
        f'import sys\nsys.path.insert(0, "{ROOT}")\nfrom pathlib import Path\nfrom workflow.progress import attach_progress\n'
        'attach_progress(workflow, Path("results"))\n'
        'include: "rules/small_variants.smk"\nrule all:\n    default_target: True\n    input: "called.txt"\n'
    )
    assert snakemake(tmp_path, "--dry-run") == []
    assert not (tmp_path / "results").exists()
    lines = snakemake(tmp_path)
    assert lines[0].endswith("0/2 jobs · small variants 0/1 · now: call_all")
    assert lines[-1].endswith("2/2 jobs")
    state = json.loads((tmp_path / "results" / "progress" / "state.json").read_text())
    assert (state["ended"]["well"], state["rules"]["call_all"]["done"]) == (True, 1)
    assert "100 % of 2 jobs" in (tmp_path / "results" / "progress" / "index.html").read_text()
    assert snakemake(tmp_path) == []


def decided(folder, kind, name, decision, *reasons):
    file = folder / kind / name / "release.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"decision": decision, "reasons": reasons}))


def test_summary_tells_each_decision_with_its_reason_and_the_pages(tmp_path):
    cohort = SimpleNamespace(samples={"hg001": None, "hg002": None}, cases={"c1": None})
    settings = SimpleNamespace(results=tmp_path)
    assert summary(settings, cohort) == ""
    decided(tmp_path, "samples", "hg001", "release", "all 4 limits are kept")
    decided(tmp_path, "samples", "hg002", "resequence", "mean depth is 9x")
    decided(tmp_path, "cases", "c1", "resequence", "member hg002")
    text = summary(settings, cohort)
    assert "2 samples (1 release, 1 resequence) in 1 case\n" in text
    assert "sample hg002  resequence  mean depth is 9x" in text
    assert str(tmp_path / "cases/c1/report.html") in text


def test_summary_of_many_samples_lists_those_that_are_not_released(tmp_path):
    cohort = SimpleNamespace(samples={f"s{n:03d}": None for n in range(300)}, cases={"c": None})
    for name in cohort.samples:
        decided(tmp_path, "samples", name, "hold" if name == "s123" else "release", "sex")
    text = summary(SimpleNamespace(results=tmp_path), cohort)
    assert "s123" in text
    assert "s122" not in text
