"""The state of runs: kept by the recorder from Snakemake's events, judged alive or dead, put together, estimated, shown."""

import io
import json
import logging
import os
import random
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from scripts import show_progress
from workflow.errors import InputError
from workflow.progress import Progress, ProgressHandler
from workflow.progress_view.estimate import estimate
from workflow.progress_view.overview import overview
from workflow.progress_view.page import render_progress
from workflow.progress_view.recorder import Recorder
from workflow.progress_view.state import SILENT, STATE, Life, RunState, begun_of, life_of, load_state
from workflow.progress_view.terminal import as_text

RULES = (("align_reads", "alignment"), ("call_sample", "small variants"), ("decide_release", "release"))
STAGES = dict(RULES)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Simulated:
    """A run of some samples, three jobs each, whose events go through the real handler; nothing is written until asked for."""

    def __init__(self, results: Path, samples: int = 4) -> None:
        self.results, self.clock, self.log = results, Clock(), results / "logs" / "x.log"
        self.jobs = [
            SimpleNamespace(
                jobid=len(RULES) * number + step, rule=SimpleNamespace(name=rule), wildcards_dict={"sample": f"s{number}"},
                output=[str(results / f"{rule}.s{number}")], log=[str(self.log)],
            )
            for number in range(samples)
            for step, (rule, _) in enumerate(RULES)
        ]  # fmt: skip
        self.recorder = Recorder(results, lambda rule: STAGES.get(rule, ""), self.clock)
        self.recorder.thread = SimpleNamespace()  # type: ignore[assignment] # no thread writes
        self.handler = ProgressHandler(
            Progress(lambda rule: STAGES.get(rule, "")), io.StringIO(), self.clock, self.recorder, lambda: self.jobs
        )
        self.send(LogEvent.RUN_INFO, stats={rule: samples for rule, _ in RULES})
        self.send(LogEvent.JOB_STARTED, jobs=[0])

    def send(self, event: LogEvent, **fields: Any) -> None:
        self.handler.handle(logging.makeLogRecord({"event": event, "levelno": logging.INFO, **fields}))

    def begin(self, job: int) -> None:
        self.send(LogEvent.JOB_INFO, jobid=job, rule_name=self.jobs[job].rule.name, wildcards=self.jobs[job].wildcards_dict)

    def end(self, job: int) -> None:
        self.send(LogEvent.JOB_FINISHED, job_id=job)

    def fail(self, job: int) -> None:
        self.send(LogEvent.JOB_ERROR, jobid=job, rule_name=self.jobs[job].rule.name)

    def run(self, job: int, seconds: float = 10.0) -> None:
        self.begin(job)
        self.clock.now += seconds
        self.end(job)

    def state(self) -> dict[str, Any]:
        return json.loads(json.dumps(self.recorder.state()))


@pytest.fixture
def run(tmp_path: Path) -> Simulated:
    return Simulated(tmp_path / "results")


def view_of(run: Simulated, life: Life = Life.RUNNING) -> Any:
    return overview([RunState(run.results, run.state(), life)], run.clock.now)


def test_recorder_counts_jobs_by_state_stage_and_sample(run: Simulated) -> None:
    run.run(0, 30)
    run.begin(1)
    run.begin(3)
    view = view_of(run)
    assert view.stages["alignment"] == {"waiting": 2, "running": 1, "done": 1, "failed": 0}
    assert view.jobs == {"waiting": 9, "running": 2, "done": 1, "failed": 0}
    assert [(one.name, one.state, one.done) for one in view.subjects[:3]] == [
        ("s0", "running", 1),
        ("s1", "running", 0),
        ("s2", "waiting", 0),
    ]
    assert view.slowest[0] == (30.0, "align_reads", "s0")


def test_recorder_tells_what_failed_with_log_and_reason(run: Simulated) -> None:
    run.log.parent.mkdir(parents=True)
    run.log.write_text("reading\nerror: no space left on device\n")
    run.begin(0)
    run.fail(0)
    view = view_of(run)
    assert view.failed[0]["said"] == "no space left on device"
    assert view.failed[0]["log"] == str(run.log)
    assert view.counts["failed"] == 1
    assert "align_reads s0: no space left on device" in as_text(view)


def test_recorder_forgets_a_failure_that_a_retry_mends(run: Simulated) -> None:
    run.begin(0)
    run.fail(0)
    run.run(0)
    view = view_of(run)
    assert (view.jobs["failed"], view.jobs["done"], view.failed) == (0, 1, [])
    assert view.subjects[0].state == "partly done"


def test_recorder_measures_the_disk_of_a_sample(run: Simulated) -> None:
    run.results.mkdir()
    Path(run.jobs[0].output[0]).write_bytes(b"x" * 700)
    run.run(0)
    assert run.state()["disk"] == {"s0": 700}


def test_recorder_keeps_what_the_run_before_knew(run: Simulated, tmp_path: Path) -> None:
    run.run(0, 40)
    run.recorder.write()
    later = Simulated(tmp_path / "results", 2)
    assert later.state()["durations"]["align_reads"] == [1, 40.0, 1600.0]
    assert later.state()["known"] == []


def test_recorder_says_at_the_end_whether_all_is_done(run: Simulated) -> None:
    for job in range(len(run.jobs)):
        run.run(job)
    run.recorder.close()
    state = load_state(run.results, run.clock.now)
    assert state
    assert (state.life, state.content["ended"]["well"]) == (Life.DONE, True)


def test_recorder_that_cannot_write_stops_no_run(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    run = Simulated(tmp_path / "results")
    run.run(0)
    run.recorder.close()
    assert run.recorder.ended


def test_life_of_a_run_is_that_of_its_process(run: Simulated) -> None:
    content = run.state()
    assert life_of(content, run.clock.now + 1e6) is Life.RUNNING
    assert life_of(content | {"process": 2**22 + 1}, run.clock.now) is Life.STOPPED
    assert life_of(content | {"begun": content["begun"] - 1}, run.clock.now) is Life.STOPPED  # another process has its number
    assert life_of(content | {"ended": {"time": 1.0, "well": False}}, run.clock.now) is Life.FAILED


def test_life_of_a_run_on_another_machine_is_told_by_its_last_sign(run: Simulated) -> None:
    content = run.state() | {"host": f"not-{socket.gethostname()}"}
    assert life_of(content, content["updated"] + SILENT - 1) is Life.RUNNING
    assert life_of(content, content["updated"] + SILENT + 1) is Life.STOPPED


def test_begun_of_a_process() -> None:
    assert begun_of(os.getpid())
    assert begun_of(2**22 + 1) is None


def test_stopped_run_has_nothing_at_work(run: Simulated) -> None:
    run.begin(0)
    view = view_of(run, Life.STOPPED)
    assert (view.jobs["running"], view.running, view.jobs["waiting"]) == (0, [], 12)
    assert "stopped: its main process is gone" in as_text(view)


def test_estimate_holds_the_truth_in_most_runs() -> None:
    """Jobs of three rules with durations that scatter by 40 %, eight at once; told at a third and at two thirds of the way."""
    held = []
    for seed in range(30):
        dice = random.Random(seed)
        means = {"align_reads": 900.0, "call_sample": 300.0, "decide_release": 20.0}
        jobs = [(rule, means[rule] * dice.lognormvariate(0, 0.4)) for _ in range(60) for rule in means]
        held += _told(jobs, slots=8)
    assert sum(held) / len(held) >= 0.75


def _told(jobs: list[tuple[str, float]], slots: int) -> list[bool]:
    """Return whether the truth lies in the interval, at a third and two thirds of the jobs."""
    free, ends = [0.0] * slots, []
    for rule, seconds in jobs:
        at = free.index(min(free))
        ends.append((free[at], free[at] + seconds, rule))
        free[at] += seconds
    found = []
    for part in (1 / 3, 2 / 3):
        now = sorted(end for _, end, _ in ends)[int(len(ends) * part)]
        state: dict[str, Any] = {"started": 0.0, "running": [], "durations": {}, "known": [], "rules": {}}
        for start, end, rule in ends:
            one = state["rules"].setdefault(rule, {"planned": 0, "done": 0, "running": 0, "failed": 0})
            one["planned"] += 1
            if end <= now:
                one["done"] += 1
                numbers = state["durations"].setdefault(rule, [0, 0.0, 0.0])
                state["durations"][rule] = [numbers[0] + 1, numbers[1] + end - start, numbers[2] + (end - start) ** 2]
            elif start <= now:
                one["running"] += 1
                state["running"].append([rule, "", start, ""])
        state["known"] = list(state["durations"])
        told = estimate(state, now)
        assert told
        found.append(told.low <= max(free) - now <= told.high)
    return found


def test_estimate_says_nothing_from_few_jobs(run: Simulated) -> None:
    for job in range(9):
        run.run(job)
    assert estimate(run.state(), run.clock.now) is None
    run.run(9)
    assert estimate(run.state(), run.clock.now)


def test_overview_of_several_runs_is_their_sum_and_ends_with_the_last(tmp_path: Path) -> None:
    runs = [Simulated(tmp_path / name, 5) for name in ("a", "b")]
    for run in runs:
        for job in range(11):
            run.run(job, 10 if run is runs[0] else 60)
    states = [RunState(run.results, run.state(), Life.RUNNING) for run in runs]
    view = overview(states, max(run.clock.now for run in runs))
    assert sum(view.jobs.values()) == 30
    assert len(view.subjects) == 10
    assert view.left
    assert view.left.middle == max(one.estimate.middle for one in view.runs if one.estimate)
    assert "all 2 runs: done in" in as_text(view)


def test_page_escapes_and_renews_itself_while_a_run_is_at_work(run: Simulated) -> None:
    run.log.parent.mkdir(parents=True)
    run.log.write_text("error: <script>alert(1)</script>\n")
    run.begin(0)
    run.fail(0)
    page = render_progress(view_of(run))
    assert '<meta http-equiv="refresh" content="15">' in page
    assert "&lt;script&gt;alert(1)" in page
    assert "http://" not in page.replace('http-equiv="', "")
    assert 'http-equiv="refresh"' not in render_progress(view_of(run, Life.STOPPED))


def test_show_progress_reads_shards_and_names_a_folder_without_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Simulated(tmp_path / "shard1" / "results")
    one.run(0)
    one.recorder.write()
    (tmp_path / "shard2" / "results").mkdir(parents=True)
    show_progress.main([str(tmp_path / "shard1"), str(tmp_path / "shard2"), "--page", str(tmp_path / "page.html")])
    told = capsys.readouterr().out
    assert "1 of 12 jobs" in told
    assert "no run has left its state here" in told
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")


def test_show_progress_refuses_what_is_no_state(tmp_path: Path) -> None:
    (tmp_path / STATE).parent.mkdir()
    (tmp_path / STATE).write_text('{"format": 99}')
    with pytest.raises(InputError, match="no state of a run"):
        show_progress.main([str(tmp_path)])
    with pytest.raises(InputError, match="no such folder"):
        show_progress.main([str(tmp_path / "none")])
