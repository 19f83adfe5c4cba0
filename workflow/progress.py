"""What a person sees while it runs: jobs done of all, by stage, time elapsed, what is at work; and how it ended.

The plain `snakemake` command gets it without flags: a handler on Snakemake's own logger listens to the events of the run.
Nothing is shown in a dry run, in the jobs' own processes, when nothing is to be done, with `--quiet` or `--quiet progress`
(Snakemake does not say then which jobs have ended).
"""

import functools
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from snakemake.io import is_flagged
from snakemake.logging import logger
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

from workflow.progress_view.page import write_page
from workflow.progress_view.recorder import Recorder, works_of
from workflow.progress_view.times import duration
from workflow.summary import summary

__all__ = ["Progress", "ProgressHandler", "attach_progress", "duration", "summary"]

EVERY = 3.0  # seconds between two lines at least
HEARTBEAT = 60.0  # seconds after which a line comes although nothing has ended
NAMED = 3  # running jobs told by name


@dataclass
class Progress:
    """How far a run is. `stage_of` names the stage of a rule; `started` is the clock's time at its first job, None before."""

    stage_of: Callable[[str], str]
    planned: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    running: dict[int, tuple[str, str]] = field(default_factory=dict)
    started: float | None = None

    def plan(self, counts: Mapping[str, int]) -> None:
        """Take the number of jobs by rule."""
        self.planned = Counter({rule: count for rule, count in counts.items() if rule != "total"})

    def begin(self, job: int, rule: str, wildcards: Mapping[str, str]) -> None:
        """Note that a job has begun."""
        self.running[job] = (rule, " ".join(wildcards.values()))

    def end(self, job: int, finished: bool = True) -> None:
        """Note that a job has ended."""
        rule, _ = self.running.pop(job, ("", ""))
        if finished and rule:
            self.done[rule] += 1

    def line(self, now: float) -> str:
        """Return the state in one line: `[genvej 1m20s] 12/57 jobs · alignment 2/3 · now: align_reads hg001`."""
        parts = [f"[genvej {duration(now - (self.started or now))}] {self.done.total()}/{self.planned.total()} jobs"]
        for stage in dict.fromkeys(self.stage_of(rule) for rule, _ in self.running.values()):
            if stage:
                parts.append(f"{stage} {self._of_stage(self.done, stage)}/{self._of_stage(self.planned, stage)}")
        if self.running:
            names = [" ".join(filter(None, job)) for job in self.running.values()]
            parts.append(f"now: {', '.join(names[:NAMED])}{f' and {len(names) - NAMED} more' if len(names) > NAMED else ''}")
        return " · ".join(parts)

    def _of_stage(self, counts: Counter[str], stage: str) -> int:
        return sum(count for rule, count in counts.items() if self.stage_of(rule) == stage)


class ProgressHandler(logging.Handler):
    """Turn Snakemake's log events into lines on `stream`, at most one every EVERY seconds and at least one every HEARTBEAT.

    The `recorder`, if there is one, is told of them too; `jobs` gives it the jobs of the run, when the first of them begins.
    """

    def __init__(
        self, progress: Progress, stream: TextIO, clock: Callable[[], float] = time.monotonic,
        recorder: Recorder | None = None, jobs: Callable[[], Iterable[Any]] = tuple,
    ) -> None:  # fmt: skip
        super().__init__(logging.INFO)
        self.progress, self.stream, self.clock, self.recorder, self.jobs = progress, stream, clock, recorder, jobs
        self.shown = float("-inf")
        self.pulse: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take one event; an event that cannot be read is passed over, since progress must never stop a run."""
        try:
            event = getattr(record, "event", None)
            if self.recorder and event is not None:
                self._record(self.recorder, event, record.__dict__)
            self._take(event, record.__dict__)
        except Exception:
            self.handleError(record)

    def _record(self, recorder: Recorder, event: LogEvent, record: Mapping[str, Any]) -> None:
        if event == LogEvent.JOB_STARTED and self.progress.started is None:
            recorder.plan(works_of(self.jobs(), lambda file: bool(is_flagged(file, "temp"))))
        elif event == LogEvent.JOB_INFO:
            recorder.begin(record["jobid"])
        elif event == LogEvent.JOB_FINISHED:
            recorder.end(record["job_id"])
        elif event == LogEvent.JOB_ERROR:
            recorder.fail(record["jobid"])

    def _take(self, event: LogEvent | None, record: Mapping[str, Any]) -> None:
        progress = self.progress
        if event == LogEvent.RUN_INFO and record.get("stats"):
            progress.plan(record["stats"])
        elif event == LogEvent.JOB_STARTED and progress.started is None:
            progress.started = self.clock()
        elif event == LogEvent.JOB_INFO and progress.started is not None:
            progress.begin(record["jobid"], record["rule_name"], record.get("wildcards") or {})
            self._show()
        elif event == LogEvent.JOB_FINISHED:
            progress.end(record["job_id"])
            self._show(last=progress.done.total() == progress.planned.total())
        elif event == LogEvent.JOB_ERROR:
            progress.end(record["jobid"], finished=False)

    def _show(self, last: bool = False) -> None:
        """Write a line unless one was written just now or nothing is at work (the next job says more); the last one always."""
        now = self.clock()
        if last or (self.progress.running and now - self.shown >= EVERY):
            self.shown = now
            print(self.progress.line(now), file=self.stream, flush=True)
        self._beat(last)

    def _beat(self, last: bool) -> None:
        """Set the timer that shows a sign of life while long jobs run."""
        if self.pulse:
            self.pulse.cancel()
        self.pulse = None if last or not self.progress.running else threading.Timer(HEARTBEAT, self._pulse)
        if self.pulse:
            self.pulse.daemon = True
            self.pulse.start()

    def _pulse(self) -> None:
        self.acquire()
        try:
            self._show()
        finally:
            self.release()

    def close(self) -> None:
        """Stop the timer when Snakemake ends its logging, and leave the state as it is in the end."""
        if self.pulse:
            self.pulse.cancel()
        if self.recorder:
            self.recorder.close()
        super().close()


def attach_progress(workflow: Any, results: Path) -> None:
    """Show the progress of the run that `workflow` (Snakemake's object) is about to begin, in its main process only, and keep its state.

    Args:
        workflow: Snakemake's workflow object.
        results: the results folder, in which `progress/` holds state and page.
    """
    quiet = set(getattr(workflow.output_settings, "quiet", None) or ())
    if not workflow.is_main_process or quiet & {Quietness.ALL, Quietness.PROGRESS}:
        return
    if not any(isinstance(handler, ProgressHandler) for handler in logger.handlers):
        stage_of = stage_finder(workflow)
        recorder = Recorder(results, stage_of, show=write_page)
        logger.addHandler(ProgressHandler(Progress(stage_of), sys.stderr, recorder=recorder, jobs=lambda: in_order(workflow)))


def in_order(workflow: Any) -> list[Any]:
    """Return the jobs of a run in the order in which their rules are written: that of the data."""
    place = {rule.name: number for number, rule in enumerate(workflow.rules)}
    return sorted(workflow.dag.needrun_jobs(), key=lambda job: place[job.rule.name])


def stage_finder(workflow: Any) -> Callable[[str], str]:
    """Return a function that names a rule's stage: its rule file's name in words; empty for the Snakefile's own rules."""

    @functools.cache
    def stage_of(rule: str) -> str:
        file = Path(str(workflow.get_rule(rule).snakefile))
        return file.stem.replace("_", " ") if file.suffix == ".smk" else ""

    return stage_of
