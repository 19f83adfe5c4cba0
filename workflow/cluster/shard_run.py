"""Shards at work: each a Snakemake of its own in a working directory with a lock, a bounded number at a time, ended together.

Nothing is scheduled here but the order of starting: with the profile for SLURM, SLURM decides when and where jobs run.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from workflow.cluster.shards import Shard
from workflow.files import atomic

STATE, LOCK, LOG = "shard.json", "shard.lock", "run.log"
LOOK = 0.2  # seconds between two looks at what is at work


@dataclass
class Standing:
    """How a shard stands: waiting, running, elsewhere (another call has it), done, failed or stopped; times in seconds since 1970."""

    shard: Shard
    folder: Path
    digest: str
    state: str = "waiting"
    status: int | None = None
    started: float | None = None
    ended: float | None = None
    reason: str = ""

    def write(self) -> None:
        """Keep it in the shard's folder."""
        kept = {key: value for key, value in asdict(self).items() if key in {"digest", "state", "status", "started", "ended", "reason"}}
        with atomic(self.folder / STATE) as part:
            part.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

    def recall(self) -> None:
        """Take what an earlier call left, if it was about the same: a shard that is done is not run again."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            kept = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
            if kept["digest"] == self.digest and kept["state"] == "done":
                self.state, self.status, self.started, self.ended = "done", kept["status"], kept["started"], kept["ended"]


@dataclass
class Pool:
    """What is at work, and what was asked to stop."""

    running: dict[str, tuple[Standing, subprocess.Popen[bytes]]] = field(default_factory=dict)
    stopped: int = 0

    def stop(self, signum: int, frame: object) -> None:  # noqa: ARG002 - Python's form of a handler
        """Ask all that is at work to end; nothing new is started."""
        self.stopped = signum
        for _, process in self.running.values():
            process.terminate()


def run_shards(
    standings: Sequence[Standing], command: Callable[[Standing], list[str]], in_flight: int, told: Callable[[Sequence[Standing]], None]
) -> int:
    """Run shards in this order, at most `in_flight` at a time; return the signal that ended it, 0 for none.

    Args:
        standings: the shards; those that are done stay so.
        command: what to start for one.
        in_flight: how many at a time.
        told: called whenever one starts or ends.
    """
    pool = Pool()
    before = {number: signal.signal(number, pool.stop) for number in (signal.SIGTERM, signal.SIGINT)}
    waiting = [one for one in standings if one.state == "waiting"]
    try:
        while (waiting and not pool.stopped) or pool.running:
            changed = gather(pool)
            while waiting and len(pool.running) < in_flight and not pool.stopped:
                begin(pool, waiting.pop(0), command)
                changed = True
            if changed:
                told(standings)
            time.sleep(LOOK if pool.running else 0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return pool.stopped


def begin(pool: Pool, one: Standing, command: Callable[[Standing], list[str]]) -> None:
    """Start a shard, unless another call has it; its lock lives as long as its Snakemake, however this process ends."""
    lock = take_lock(one.folder)
    if lock is None:
        one.state = "elsewhere"
        return
    with lock, open(one.folder / LOG, "wb") as log:
        process = subprocess.Popen(
            command(one), stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[lock.fileno()], start_new_session=True
        )
    one.state, one.started, one.ended, one.status = "running", time.time(), None, None
    one.write()
    pool.running[one.shard.name] = (one, process)


def take_lock(folder: Path) -> IO[str] | None:
    """Return a shard's lock, held; None if somebody else holds it."""
    handle = open(folder / LOCK, "a")  # noqa: SIM115 - given on to the shard's process
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


def gather(pool: Pool) -> bool:
    """Take in what has ended; return whether anything has."""
    ended = [name for name, (_, process) in pool.running.items() if process.poll() is not None]
    for name in ended:
        one, process = pool.running.pop(name)
        one.ended, one.status = time.time(), process.returncode
        one.state = "done" if process.returncode == 0 else "stopped" if pool.stopped else "failed"
        one.reason = "" if one.state == "done" else reason_of(one.folder / LOG)
        one.write()
    return bool(ended)


def reason_of(log: Path) -> str:
    """Return the first sentence of a run's output that says what is wrong, else its last line."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    for sign in ("error:", "Error:", "WorkflowError"):
        for at, line in enumerate(lines):
            if line.startswith(sign):
                rest = line.partition(":")[2].strip() or (lines[at + 1] if at + 1 < len(lines) else "")
                return rest[:300]
    return lines[-1][:300] if lines else ""


def lock_division(folder: Path) -> IO[str]:
    """Return the lock of the whole list, held: two calls must not divide it at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = open(folder / "shards.lock", "a")  # noqa: SIM115 - freed by the caller
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.set_inheritable(handle.fileno(), False)
    return handle
