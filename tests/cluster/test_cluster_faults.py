"""What a job on SLURM may come to: ends right, no file with two writers, the reason told once."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from scripts.setup import slurm as set_up
from tests.cluster.conftest import attempts, begin, jobs, run, wait_for

pytestmark = pytest.mark.cluster


def wanted(*files: str, seconds: int = 30) -> list[str]:
    return ["--config", f"wanted={','.join(files)}", f"seconds={seconds}"]


def test_a_job_that_is_cancelled_is_told_once_and_not_tried_again(tmp_path: Path) -> None:
    at_work = begin(tmp_path, *wanted("a.hold", "b.hold", seconds=8))
    wait_for(lambda: attempts(tmp_path, "a") and attempts(tmp_path, "b"))
    number = next(job.number for job in jobs(tmp_path) if job.name.startswith("hold.a@"))
    subprocess.run(["scancel", number], check=True)
    assert at_work.wait(120) == 1
    said = (tmp_path / "run.log").read_text()
    assert said.count("was cancelled") == 1
    assert f"hold a was cancelled on {os.uname().nodename} by a person or the cluster (scancel) [SLURM job {number}]" in said
    assert "run the same command again to go on" in said
    assert attempts(tmp_path, "a") == ["begin"]
    assert (tmp_path / "b.hold").exists(), "what does not depend on it goes on"
    assert not (tmp_path / "a.hold").exists()
    assert run(tmp_path, *wanted("a.hold", "b.hold", seconds=8)).returncode == 0
    assert attempts(tmp_path, "b") == ["begin", "end"]


def test_a_job_out_of_memory_gets_more(tmp_path: Path) -> None:
    done = run(tmp_path, *wanted("a.hog"))
    assert done.returncode == 0, done.stderr[-3000:]
    assert int((tmp_path / "a.hog").read_text()) > 600
    assert "hog a ran out of memory" in done.stderr
    assert "(600 MB asked for" in done.stderr
    assert "attempt 2 of 3 follows" in done.stderr
    assert "\nerror:" not in done.stderr


def test_a_job_out_of_memory_to_the_end_is_told_once_with_its_remedy(tmp_path: Path) -> None:
    done = run(tmp_path, *wanted("a.hog"), "--retries", "0")
    assert done.returncode == 1
    assert done.stderr.count("ran out of memory") == 1
    assert "run the same command again, with more memory: `--set-resources hog:mem_mb=1200`" in done.stderr


def test_a_job_beyond_its_time_gets_more(tmp_path: Path) -> None:
    done = run(tmp_path, *wanted("a.slow"))
    assert done.returncode == 0, done.stderr[-3000:]
    assert "slow a was stopped" in done.stderr
    assert "at its time limit of 1 min" in done.stderr
    assert "attempt 2 of 3 follows" in done.stderr
    assert attempts(tmp_path, "a") == ["begin", "begin"]


def test_a_job_that_fails_by_itself_says_why_once_and_is_not_tried_again(tmp_path: Path) -> None:
    done = run(tmp_path, *wanted("a.wrong"))
    assert done.returncode == 1
    assert done.stderr.count(": a: the reads are of another person; nothing is kept [SLURM job") == 1
    assert attempts(tmp_path, "a") == ["begin"]


def test_a_node_that_is_lost_leaves_no_second_writer(tmp_path: Path) -> None:
    at_work = begin(tmp_path, *wanted("a.hold", seconds=20))
    wait_for(lambda: attempts(tmp_path, "a"))
    os.kill(set_up.process_of("slurmd"), signal.SIGKILL)
    try:
        wait_for(lambda: "was lost" in (tmp_path / "run.log").read_text())
    finally:
        set_up.start()
    assert at_work.wait(240) == 0, (tmp_path / "run.log").read_text()[-3000:]
    said = (tmp_path / "run.log").read_text()
    assert "hold a was lost: its node" in said
    assert said.count("was lost") == 1
    order = attempts(tmp_path, "a")
    assert order in (["begin", "end", "begin", "end"], ["begin", "begin", "end"]), (
        "an attempt begins when the one before has ended or was killed"
    )


def test_jobs_of_a_dead_main_process_end_before_anything_is_submitted(tmp_path: Path) -> None:
    at_work = begin(tmp_path, *wanted("a.hold", "b.hold", seconds=60))
    wait_for(lambda: attempts(tmp_path, "a") and attempts(tmp_path, "b"))
    at_work.kill()
    at_work.wait()
    left = jobs(tmp_path)
    assert len(left) == 2
    assert all(job.state == "RUNNING" for job in left)
    done = run(tmp_path, *wanted("a.hold", "b.hold", seconds=1))
    assert done.returncode == 0, done.stderr[-3000:]
    assert "an earlier run left 2 jobs in SLURM: hold." in done.stderr
    assert attempts(tmp_path, "a") == ["begin", "begin", "end"]
    assert jobs(tmp_path) == []


def test_a_run_without_slurm_ends_leftovers_in_slurm_first(tmp_path: Path) -> None:
    at_work = begin(tmp_path, *wanted("a.hold", seconds=60))
    wait_for(lambda: attempts(tmp_path, "a"))
    at_work.kill()
    at_work.wait()
    done = run(tmp_path, *wanted("a.hold", seconds=1), "--executor", "local", "--cores", "1")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "left 1 jobs in SLURM" in done.stderr
    assert attempts(tmp_path, "a") == ["begin", "begin", "end"]


def test_leftovers_of_another_machines_run_are_not_touched(tmp_path: Path) -> None:
    at_work = begin(tmp_path, *wanted("a.hold", seconds=60))
    wait_for(lambda: attempts(tmp_path, "a"))
    at_work.kill()
    at_work.wait()
    (tmp_path / ".snakemake/genvej.cluster.json").write_text('{"host": "login2"}')
    done = run(tmp_path, *wanted("a.hold", seconds=1))
    assert done.returncode == 1
    assert "1 jobs of this folder are in SLURM, submitted from login2: a run may be alive there" in done.stderr
    assert len(jobs(tmp_path)) == 1
    subprocess.run(["scancel", jobs(tmp_path)[0].number], check=True)


def test_ctrl_c_ends_the_run_and_its_jobs(tmp_path: Path) -> None:
    at_work = begin(tmp_path, *wanted("a.hold", seconds=60))
    wait_for(lambda: attempts(tmp_path, "a"))
    at_work.send_signal(signal.SIGINT)
    assert at_work.wait(60) != 0
    wait_for(lambda: not jobs(tmp_path), 60)
