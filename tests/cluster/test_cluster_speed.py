"""Submission keeps up, and SLURM is asked little: counted, not judged by a clock."""

import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from tests.cluster.conftest import begin, jobs, wait_for
from workflow.cluster.slurm import cancel, mark_of

pytestmark = pytest.mark.cluster
JOBS = 200


def test_questions_to_the_accounting_do_not_grow_with_the_jobs(tmp_path: Path) -> None:
    node = subprocess.run(["hostname", "-s"], capture_output=True, text=True, check=True).stdout.strip()
    subprocess.run(["scontrol", "update", f"nodename={node}", "state=drain", "reason=tests"], check=True)
    try:
        wanted = ",".join(f"n{number}.hold" for number in range(JOBS))
        at_work = begin(tmp_path, "--config", f"wanted={wanted}", "seconds=0")
        wait_for(lambda: len(jobs(tmp_path)) == JOBS, 300)
        cancel([job.number for job in jobs(tmp_path)])
        at_work.wait(300)
    finally:
        subprocess.run(["scontrol", "update", f"nodename={node}", "state=resume"], check=True)
    said = (tmp_path / "run.log").read_text()
    asked = int(re.search(r"accounting was asked (\d+) times", said)[1])
    seconds = submitted_in(tmp_path)
    print(f"{JOBS} jobs submitted in {seconds:.0f} s; the accounting was asked {asked} times")
    assert asked < JOBS / 4
    assert said.count("was cancelled by a person") == JOBS


def submitted_in(work: Path) -> float:
    """Return the seconds between the first and the last submission of a folder's jobs, as the accounting has them."""
    told = subprocess.run(["sacct", "-X", "-nP", "--format", "JobName%60,Submit"], capture_output=True, text=True, check=True).stdout
    times = [datetime.fromisoformat(line.split("|")[1]) for line in told.splitlines() if line.split("|")[0].endswith(mark_of(work))]
    return (max(times) - min(times)).total_seconds()
