"""How a job ended on the cluster: what its state means, whether trying again helps, and one sentence with a remedy for a person."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from workflow.cluster.slurm import Record

WORKING = frozenset(
    {
        "PENDING",
        "RUNNING",
        "REQUEUED",
        "REQUEUE_HOLD",
        "REQUEUE_FED",
        "RESIZING",
        "SUSPENDED",
        "COMPLETING",
        "CONFIGURING",
        "STOPPED",
        "SIGNALING",
        "",
    }
)
"""States of a job that has not ended."""
OUT_OF_TIME = re.compile(r"^error: .* was still at work after .*, the time limit of this job, and was stopped", re.MULTILINE)
SAID = 3  # sentences of a job that are passed on


class Why(Enum):
    """Why a job failed."""

    MEMORY = "memory"
    TIME = "time"
    NODE = "node"
    PREEMPTED = "preempted"
    CANCELLED = "cancelled"
    OWN = "own"


@dataclass(frozen=True)
class End:
    """A failed job: why, what SLURM measured, and what the job itself said."""

    why: Why
    record: Record
    max_rss_mb: float = 0.0
    said: tuple[str, ...] = ()

    @property
    def is_worth_a_retry(self) -> bool:
        """Return whether the next attempt, with more memory and time or on another node, may end otherwise."""
        return self.why in {Why.MEMORY, Why.TIME, Why.NODE, Why.PREEMPTED}


def why_failed(record: Record, steps: Iterable[Record] = (), log: str = "") -> Why:
    """Return why a job failed, by the states of the job and its steps and by what SLURM wrote into the job's log.

    A job that goes beyond its memory is OUT_OF_MEMORY where control groups watch, and FAILED or CANCELLED with a line in its log where
    SLURM's own sampling does; one that the kernel killed ends with signal 9. SLURM looks at time limits only now and then, so that a
    job's watcher (`workflow/bounded.py`) may stop it first.
    """
    states = {record.state, *(step.state for step in steps)}
    codes = {record.code, *(step.code for step in steps)}
    if "OUT_OF_MEMORY" in states or re.search(r"memory limit|oom[-_ ]kill|out of memory", log, re.IGNORECASE):
        return Why.MEMORY
    if record.state in {"TIMEOUT", "DEADLINE"} or OUT_OF_TIME.search(log):
        return Why.TIME
    if record.state in {"NODE_FAIL", "BOOT_FAIL"}:
        return Why.NODE
    if record.state == "PREEMPTED":
        return Why.PREEMPTED
    if record.state == "CANCELLED":
        return Why.CANCELLED
    return Why.MEMORY if codes & {"0:9", "137:0"} else Why.OWN


def end_of(record: Record, steps: Sequence[Record], log: Path | None) -> End:
    """Put together what is known of a failed job; `log` is the job's output on the cluster."""
    text = log.read_text(encoding="utf-8", errors="replace") if log and log.is_file() else ""
    return End(why_failed(record, steps, text), record, max((step.max_rss_mb for step in steps), default=0.0), told_errors(text))


def told_errors(log: str) -> tuple[str, ...]:
    """Return the sentences that Genvej's own jobs leave in their output (lines that begin with `error:`), each once."""
    found = (line.strip().removeprefix("error:").strip() for line in log.splitlines() if line.startswith("error:"))
    return tuple(dict.fromkeys(line for line in found if line))[:SAID]


def in_words(end: End, job: str, memory_mb: int | None, minutes: int | None) -> str:
    """Return what happened to a job, without its remedy.

    Args:
        end: how it ended.
        job: the job for a person, `align_reads HG002`.
        memory_mb: what it had asked for.
        minutes: the time that it had asked for.
    """
    had = f"{memory_mb:,} MB" if memory_mb else "its memory"
    used = f", {end.max_rss_mb:,.0f} MB were seen in use" if end.max_rss_mb else ""
    number, nodes = end.record.number, end.record.nodes if end.record.nodes not in {"", "None assigned"} else ""
    where = f" on {nodes}" if nodes else ""
    what = {
        Why.MEMORY: f"ran out of memory{where} ({had} asked for{used})",
        Why.TIME: f"was stopped{where} at its time limit of {f'{minutes:,} min' if minutes else end.record.limit}",
        Why.NODE: f"was lost: its node{f' {nodes}' if nodes else ''} failed",
        Why.PREEMPTED: f"had to make room{where} for a job with precedence",
        Why.CANCELLED: f"was cancelled{where} by a person or the cluster (scancel)",
        Why.OWN: f"failed{where}: " + ("; ".join(end.said) if end.said else f"it ended with status {end.record.code.partition(':')[0]}"),
    }[end.why]
    return f"{job} {what.rstrip('.')} [SLURM job {number}]"


def remedy(end: End, rule: str, memory_mb: int | None, minutes: int | None) -> str:
    """Return what a person can do about it."""
    again = "run the same command again"
    return {
        Why.MEMORY: f"{again}, with more memory: `--set-resources {rule}:mem_mb={2 * (memory_mb or 4000)}`, or in the profile",
        Why.TIME: f"{again}, with more time: `--set-resources {rule}:runtime={2 * (minutes or 240)}`, or in the profile",
        Why.NODE: f"{again}; if it happens on the same node again, leave it out with `--slurm-exclude-failed-nodes`",
        Why.PREEMPTED: f"{again}, or choose a partition or QOS that is not preempted",
        Why.CANCELLED: f"it was not tried again since somebody wanted it to end; {again} to go on",
        Why.OWN: f"see its log, mend the cause and {again}",
    }[end.why]
