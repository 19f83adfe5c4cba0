"""How submitted jobs are watched: one question to the accounting a round, whatever their number, and one sentence for each that failed.

The plugin's own watch asks for every job of the run by its name, and ten times more for each one that fails; it prints Snakemake's full
report of a failure for each attempt, takes a preempted job for one that will go on, and tries each failure again.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.cluster.job_ends import WORKING, End, end_of, in_words, remedy
from workflow.cluster.slurm import Record, records
from workflow.cluster.submission import rule_of, shared_wildcards
from workflow.errors import InputError

SLOWER, SLOWEST = 5, 60  # seconds that the pause between two rounds grows by where nothing ended, and its greatest length
MISSED = 20  # rounds without a word of a job after which it counts as lost
PREEMPTED_TWICE = 2  # a job that is queued again says so for a moment only


@dataclass
class Watch:
    """What was asked, and what was seen of single jobs."""

    questions: int = 0
    silent: dict[str, int] = field(default_factory=dict)
    preempted: dict[str, int] = field(default_factory=dict)
    failed: int = 0

    def ask(self, numbers: Sequence[str], *, steps: bool = False) -> list[Record] | None:
        """Ask the accounting; None if it does not answer, in which case nothing is concluded."""
        self.questions += 1
        try:
            return records(numbers, steps=steps)
        except InputError as error:
            print(f"genvej: {error}; asked again soon.", file=sys.stderr, flush=True)
            return None

    def verdict(self, number: str, record: Record | None) -> str:
        """Return `done`, `failed` or `working` for a job and its record (None = the accounting does not know it, yet or any more)."""
        if record is None:
            self.silent[number] = self.silent.get(number, 0) + 1
            return "failed" if self.silent[number] >= MISSED else "working"
        self.silent.pop(number, None)
        if record.state == "PREEMPTED":
            self.preempted[number] = self.preempted.get(number, 0) + 1
            return "failed" if self.preempted[number] >= PREEMPTED_TWICE else "working"
        if record.state == "COMPLETED":
            return "done"
        return "working" if record.state in WORKING else "failed"


def check_active_jobs(watch: Watch) -> Any:
    """Return the method that Snakemake calls each round with the jobs that have not ended; it gives back those that still have not."""

    async def check(self: Any, active: list[Any]) -> AsyncIterator[Any]:
        base = self.workflow.remote_execution_settings.seconds_between_status_checks
        if not active:
            self.next_seconds_between_status_checks = base
            return
        numbers = [str(one.external_jobid) for one in active]
        async with self.status_rate_limiter:
            found = await asyncio.to_thread(watch.ask, numbers)
        known = {record.number: record for record in found or []}
        verdicts = {number: watch.verdict(number, known.get(number)) if found is not None else "working" for number in numbers}
        failed = [number for number, verdict in verdicts.items() if verdict == "failed"]
        steps = await asyncio.to_thread(watch.ask, failed, steps=True) if failed else []
        for one, number in zip(active, numbers, strict=True):
            if verdicts[number] == "working":
                yield one
            elif verdicts[number] == "done":
                succeed(self, one)
            else:
                own = [record for record in steps or [] if record.number.partition(".")[0] == number]
                fail(self, watch, one, end_of(known.get(number, Record(number, "NODE_FAIL")), own, log_of(one)))
        ended = any(verdict != "working" for verdict in verdicts.values())
        self.next_seconds_between_status_checks = (
            base if ended else min(self.next_seconds_between_status_checks + SLOWER, max(SLOWEST, base))
        )

    return check


def log_of(one: Any) -> Path | None:
    """Return the file that SLURM wrote a job's output into."""
    log = (one.aux or {}).get("slurm_logfile")
    return Path(log) if log else None


def succeed(executor: Any, one: Any) -> None:
    """Report a job that ended well; its output on the cluster says nothing that its log does not."""
    log = log_of(one)
    if log and not executor.workflow.executor_settings.keep_successful_logs:
        log.unlink(missing_ok=True)
    executor.report_job_success(one)


def fail(executor: Any, watch: Watch, one: Any, end: End) -> None:
    """Report a failed job: one line if it is tried again, else one sentence with its remedy, and Snakemake's own report."""
    job = one.job
    rule, memory, minutes = rule_of(job), whole(job, "mem_mb"), whole(job, "runtime")
    words = in_words(end, " ".join([rule, *shared_wildcards(job)]), memory, minutes)
    attempt, attempts = job.attempt, job.restart_times + 1
    if end.is_worth_a_retry and attempt < attempts:
        print(f"genvej: {words}; attempt {attempt + 1} of {attempts} follows.", file=sys.stderr, flush=True)
        executor.workflow.scheduler.error_callback(job)
        return
    tried = f" in attempt {attempt} of {attempts}" if attempt > 1 else ""
    sentence = f"{words}{tried}; {remedy(end, rule, memory, minutes)}"
    watch.failed += 1
    print(f"\nerror: {sentence}.\n", file=sys.stderr, flush=True)
    job.attempt = max(attempt, attempts)  # no further attempt
    log = log_of(one)
    executor.report_job_error(one, aux_logs=[str(log)] if log else [])


def whole(job: Any, name: str) -> int | None:
    """Return a resource of a job if it is a whole number."""
    value = job.resources.get(name)
    return value if isinstance(value, int) else None
