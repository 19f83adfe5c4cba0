"""Jobs that a dead main process left in SLURM: they end before anything is submitted, since they write the files of this run.

They are found by the mark at the end of their names, which is of the working directory: a lost `.snakemake` hides none. They are
cancelled and not taken over, since Snakemake has made its plan without them and would make their files again.
"""

import contextlib
import json
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workflow.cluster.slurm import QueuedJob, cancel, queued
from workflow.errors import InputError
from workflow.files import atomic

STATE = Path(".snakemake") / "genvej.cluster.json"
PATIENCE = 300.0  # seconds until a cancelled job has gone
SHOWN = 3


def end_leftovers(
    mark: str, *, patience: float = PATIENCE, ask: Callable[[str], list[QueuedJob]] = queued, stop: Callable[[list[str]], None] = cancel
) -> int:
    """Cancel the jobs of this working directory that are in the queue, and wait until they are gone; return how many there were.

    Raises:
        InputError: they belong to a run on another machine, or do not go.
    """
    left = ask(mark)
    if not left:
        return 0
    host = last_host()
    if host and host != socket.gethostname():
        raise InputError(
            f"{len(left)} jobs of this folder are in SLURM, submitted from {host}: a run may be alive there. "
            f"Wait for its end; or, if it is dead, start from {host}, or end its jobs: `scancel {' '.join(job.number for job in left)}`"
        )
    names = ", ".join(f"{job.name} ({job.number}, {job.state.lower()})" for job in left[:SHOWN])
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    print(
        f"genvej: an earlier run left {len(left)} jobs in SLURM: {names}{more}; they are cancelled before anything is submitted.",
        file=sys.stderr,
        flush=True,
    )
    stop([job.number for job in left])
    _wait_until_gone(mark, patience, ask)
    return len(left)


def _wait_until_gone(mark: str, patience: float, ask: Callable[[str], list[QueuedJob]]) -> None:
    deadline, pause = time.monotonic() + patience, 0.5
    while left := ask(mark):
        if time.monotonic() > deadline:
            raise InputError(
                f"{len(left)} cancelled jobs of an earlier run are still there after {patience:g} s ({left[0].number}, {left[0].state})"
            )
        time.sleep(pause)
        pause = min(2 * pause, 10.0)


def was_on_cluster() -> bool:
    """Return whether the last run in this folder submitted jobs."""
    return STATE.is_file()


def last_host() -> str | None:
    """Return the machine of the last run that submitted jobs, None if none is known."""
    with contextlib.suppress(OSError, ValueError):
        return str(json.loads(STATE.read_text())["host"])
    return None


def note_run() -> None:
    """Write down that this folder's jobs are submitted from this machine."""
    with atomic(STATE) as part:
        part.write_text(json.dumps({"host": socket.gethostname()}) + "\n")
