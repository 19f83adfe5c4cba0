"""A real SLURM of one node (`make slurm-test`), and runs on it through the command line that users type."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.setup import slurm as set_up
from tests.pipeline.conftest import run_demo
from workflow.cluster.slurm import QueuedJob, mark_of, queued

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "config/profiles/slurm"
QUICK = ["--seconds-between-status-checks", "2", "--latency-wait", "5"]


@pytest.fixture(scope="session", autouse=True)
def cluster() -> None:
    """Start SLURM; it stays up, since another test run may use it."""
    os.environ["PATH"] += ":/usr/sbin"
    set_up.start()


@pytest.fixture(scope="session")
def demo_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the demo on this machine alone and return its working directory, which tests leave as it is."""
    return run_demo(tmp_path_factory.mktemp("alone") / "work")


def command(work: Path, *more: str, snakefile: Path = ROOT / "tests/cluster/faults.smk") -> list[str]:
    """Return the command line of a run through the profile."""
    start = [sys.executable, "-m", "snakemake", "--profile", str(PROFILE), "--snakefile", str(snakefile)]
    return [*start, "--directory", str(work), *QUICK, *more]


def run(work: Path, *more: str, **options: Path) -> subprocess.CompletedProcess[str]:
    """Run to the end and return what was said."""
    return subprocess.run(command(work, *more, **options), cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)


def begin(work: Path, *more: str, **options: Path) -> subprocess.Popen[str]:
    """Start a run as from a terminal, where Ctrl-C is heard whatever this process ignores; what it says goes to `run.log`."""
    words = ["env", "--default-signal=INT", *command(work, *more, **options)]
    with open(work / "run.log", "w") as log:
        return subprocess.Popen(words, cwd=work, text=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait_for(asked: Callable[[], object], seconds: float = 120) -> None:
    """Wait until `asked` gives something true."""
    deadline = time.monotonic() + seconds
    while not asked():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.3)


def jobs(work: Path) -> list[QueuedJob]:
    """Return the jobs of a working directory that are in the queue."""
    return queued(mark_of(work))


def attempts(work: Path, name: str) -> list[str]:
    """Return when attempts of a job began and ended, in order."""
    order = work / f"{name}.order"
    return order.read_text().split() if order.is_file() else []
