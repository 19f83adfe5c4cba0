"""The watcher before each job: time, a parent that is gone, what a killed job leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workflow.bounded import TIMED_OUT, in_words

BOUNDED = Path(__file__).resolve().parents[2] / "workflow" / "bounded.py"


def start(folder: Path, seconds: float, script: str, parent: int | None = None) -> subprocess.Popen[str]:
    """Run a bash script under the watcher."""
    words = [sys.executable, "-I", "-S", str(BOUNDED), str(seconds), "some_rule anna", str(parent or os.getpid()), str(folder / "lock")]
    return subprocess.Popen([*words, "bash", "-c", script], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def gone(pid: int) -> bool:
    """Wait a little for a process to end."""
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(("script", "status"), [("true", 0), ("exit 7", 7), ("kill -9 $$", 137)])
def test_watcher_ends_as_its_job_ends(tmp_path: Path, script: str, status: int) -> None:
    assert start(tmp_path, 60, script).wait(30) == status


def test_job_beyond_its_time_is_stopped_with_all_that_it_started_and_says_so(tmp_path: Path) -> None:
    job = start(tmp_path, 0.5, "sleep 1000 & echo $! > child; sleep 1001 | cat")
    said = job.communicate(timeout=30)[1]
    assert job.returncode == TIMED_OUT
    assert said.strip().startswith("error: some_rule anna was still at work after 0.5 s, the time limit of this job")
    assert said.strip().count("\n") == 0
    assert gone(int((tmp_path / "child").read_text()))


def test_tools_of_a_killed_shell_do_not_go_on(tmp_path: Path) -> None:
    job = start(tmp_path, 60, "sleep 1000 & echo $! > child; kill -9 $$")
    assert job.wait(30) == 137
    assert gone(int((tmp_path / "child").read_text()))


def test_job_ends_when_the_run_that_waits_for_it_is_gone(tmp_path: Path) -> None:
    run = subprocess.Popen(["sleep", "1000"])
    job = start(tmp_path, 60, "sleep 1000 & echo $! > child; wait", parent=run.pid)
    deadline = time.monotonic() + 10
    while not (tmp_path / "child").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert job.wait(30) == 137
    assert gone(int((tmp_path / "child").read_text()))


def keeps_back(process: int, number: signal.Signals) -> bool:
    """Tell whether a process blocks a signal."""
    told = Path(f"/proc/{process}/status").read_text()
    return bool(int(told.partition("SigBlk:")[2].split()[0], 16) >> (number - 1) & 1)


@pytest.mark.parametrize("wait", [0.0, 0.005, 0.02, 0.5])
def test_ctrl_c_ends_a_job_without_a_traceback_of_its_language(tmp_path: Path, wait: float) -> None:
    program = "import time; print('at work', flush=True)\ntry:\n    time.sleep(1000)\nfinally:\n    print('interrupted')"
    job = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            str(BOUNDED),
            "60",
            "some_rule anna",
            str(os.getpid()),
            str(tmp_path / "lock"),
            sys.executable,
            "-c",
            program,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert job.stdout
    while not keeps_back(job.pid, signal.SIGINT):  # before that, a signal meets pytest's own fork, or Python as it starts
        time.sleep(0.001)
    if wait:
        time.sleep(wait)
    else:
        assert job.stdout.readline() == "at work\n"
    os.killpg(job.pid, signal.SIGINT)
    out, error = job.communicate(timeout=30)
    assert job.returncode in {130, -signal.SIGINT}
    assert not error
    assert "interrupted" not in out


@pytest.mark.parametrize(("seconds", "words"), [(3, "3 s"), (1800, "30 min"), (86400, "24 h")])
def test_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def account(folder: Path, script: str, file: Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a bash script under the watcher, which is told to write down what it cost."""
    words = [sys.executable, "-I", "-S", str(BOUNDED), str(seconds), "some_rule anna", str(os.getpid()), str(folder / "lock")]
    order = json.dumps({"file": str(file), "facts": {"rule": "some_rule", "wildcards": {"sample": "anna"}, "threads": 2}})
    environment = os.environ | {"GENVEJ_ACCOUNT": order}
    return subprocess.run(
        [*words, "bash", "-c", script], cwd=folder, env=environment, text=True, capture_output=True, check=False, timeout=60
    )


def test_what_a_job_cost_is_written_down_with_all_that_it_started(tmp_path: Path) -> None:
    burn = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass\nx = bytearray(60_000_000)"
    script = f'test -z "$GENVEJ_ACCOUNT" && ({sys.executable} -c "{burn}"; true) | cat'
    file = tmp_path / "accounts" / "node.jsonl"
    assert account(tmp_path, script, file).returncode == 0
    line = json.loads(file.read_text())
    assert (line["rule"], line["wildcards"], line["threads"], line["exit"]) == ("some_rule", {"sample": "anna"}, 2, 0)
    assert 0.4 <= line["cpu_s"] < 3
    assert line["wall_s"] >= 0.4
    assert line["max_rss_mb"] > 60


def test_a_job_that_fails_or_is_stopped_is_written_down_as_such(tmp_path: Path) -> None:
    file = tmp_path / "node.jsonl"
    account(tmp_path, "exit 7", file)
    account(tmp_path, "sleep 1000", file, seconds=0.3)
    assert [json.loads(line)["exit"] for line in file.read_text().splitlines()] == [7, TIMED_OUT]


def test_an_account_that_cannot_be_written_stops_no_job(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = account(tmp_path, "true", tmp_path / "file" / "below.jsonl")
    assert (done.returncode, done.stderr) == (0, "")


def test_two_attempts_of_one_job_never_work_at_the_same_time(tmp_path: Path) -> None:
    first = start(tmp_path, 60, "touch first; sleep 1.5; rm first; echo first >> order")
    while not (tmp_path / "first").exists():
        time.sleep(0.02)
    second = start(tmp_path, 60, "[ -e first ] && echo both >> order; echo second >> order")
    said = second.communicate(timeout=30)[1]
    first.wait(30)
    assert (tmp_path / "order").read_text().split() == ["first", "second"]
    assert said.startswith("genvej: some_rule anna is still at work elsewhere")


def test_what_a_killed_watcher_left_at_work_keeps_the_next_attempt_waiting(tmp_path: Path) -> None:
    first = start(tmp_path, 60, "touch first; sleep 1.5; rm first")
    while not (tmp_path / "first").exists():
        time.sleep(0.02)
    first.kill()
    second = start(tmp_path, 60, "[ ! -e first ]")
    assert second.wait(30) == 0
