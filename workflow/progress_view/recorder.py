"""What the run's main process writes down of its progress: `<results>/progress/state.json` and the page beside it, every few seconds.

Events are only counted; a thread of its own writes, so seldom that it takes less than a two-hundredth of the time. Nothing
here may stop a run.
"""

import contextlib
import heapq
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.failed_run import last_error
from workflow.progress_view.state import FORMAT, STATE, begun_of
from workflow.retention.peak_disk import PeakDisk

EVERY = 5.0  # seconds between two looks whether there is news
BEAT = 30.0  # seconds after which the state is written although there is none: a sign of life
SHARE = 200  # a write that takes a second is followed by this many without one
SLOWEST = 10
MOST_FAILED = 1000
COUNTS = ("stage", "planned", "done", "running", "failed")


@dataclass(frozen=True)
class Work:
    """A job of the run: rule, sample or case (empty for the run as a whole), log, what it makes for good and for a while."""

    rule: str
    subject: str
    place: str
    log: str
    kept: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()


@dataclass
class Subject:
    """Jobs of a sample or case: planned, done, at work, failed; seconds that its jobs took; the stage of its newest job."""

    planned: int = 0
    done: int = 0
    running: int = 0
    failed: int = 0
    seconds: float = 0.0
    stage: str = ""


class Recorder:
    """Counts the events of a run and keeps its state on disk."""

    def __init__(
        self, results: Path, stage_of: Callable[[str], str], clock: Callable[[], float] = time.time,
        show: Callable[[Mapping[str, Any], Path], None] | None = None,
    ) -> None:  # fmt: skip
        """Keep the state of the run whose results folder is given; `show` makes a page of a state."""
        self.folder, self.stage_of, self.clock, self.show = results / Path(STATE).parent, stage_of, clock, show
        self.works: dict[int, Work] = {}
        self.planned: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.running: dict[int, float] = {}
        self.failed: dict[int, dict[str, Any]] = {}
        self.subjects: dict[str, Subject] = {}
        self.durations: dict[str, list[float]] = {}
        self.slowest: list[tuple[float, str, str]] = []
        self.disk = PeakDisk()
        self.earlier = earlier_facts(results / STATE)
        self.started = self.updated = clock()
        self.ended: dict[str, Any] | None = None
        self.dirty = False
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.thread: threading.Thread | None = None

    def plan(self, works: Mapping[int, Work]) -> None:
        """Take the jobs of the run by number, and begin to write."""
        with self.lock:
            self.works = dict(works)
            self.planned = Counter(work.rule for work in works.values())
            for work in works.values():
                self.subjects.setdefault(work.subject, Subject()).planned += 1
            self.started, self.dirty = self.clock(), True
        if self.thread is None:
            self.thread = threading.Thread(target=self._keep, name="progress", daemon=True)
            self.thread.start()

    def begin(self, job: int) -> None:
        """Note that a job has begun, or was handed to the cluster."""
        if work := self.works.get(job):
            with self.lock:
                subject = self.subjects[work.subject]
                if self.failed.pop(job, None):
                    subject.failed -= 1
                if job not in self.running:
                    subject.running += 1
                subject.stage = self.stage_of(work.rule)
                self.running[job], self.dirty = self.clock(), True

    def end(self, job: int) -> None:
        """Note that a job has ended well."""
        if (work := self.works.get(job)) and job in self.running:
            with self.lock:
                seconds = self._leave(job, work)
                self.done[work.rule] += 1
                self.subjects[work.subject].done += 1
                numbers = self.durations.setdefault(work.rule, [0, 0.0, 0.0])
                numbers[0] += 1
                numbers[1] += seconds
                numbers[2] += seconds * seconds
                (heapq.heappush if len(self.slowest) < SLOWEST else heapq.heappushpop)(self.slowest, (seconds, work.rule, work.place))
                self.disk.add(work.subject, work.kept, work.temporary)

    def fail(self, job: int) -> None:
        """Note that a job has failed."""
        if (work := self.works.get(job)) and job in self.running:
            with self.lock:
                seconds = self._leave(job, work)
                self.subjects[work.subject].failed += 1
                if len(self.failed) < MOST_FAILED:
                    self.failed[job] = {
                        "rule": work.rule,
                        "place": work.place,
                        "seconds": seconds,
                        "log": work.log,
                        "said": _said(work.log),
                    }

    def _leave(self, job: int, work: Work) -> float:
        """Take a job off what is at work and return its seconds."""
        seconds = max(0.0, self.clock() - self.running.pop(job))
        subject = self.subjects[work.subject]
        subject.running -= 1
        subject.seconds += seconds
        self.dirty = True
        return seconds

    def state(self) -> dict[str, Any]:
        """Return the state as JSON holds it."""
        failing = Counter(self.works[job].rule for job in self.failed)
        active = Counter(self.works[job].rule for job in self.running)
        rules = {
            rule: dict(zip(COUNTS, (self.stage_of(rule), count, self.done[rule], active[rule], failing[rule]), strict=True))
            for rule, count in self.planned.items()
        }
        at_work = sorted(self.running.items(), key=lambda one: one[1])
        return {
            "format": FORMAT,
            "process": os.getpid(),
            "begun": begun_of(os.getpid()),
            "host": socket.gethostname(),
            "started": self.started,
            "updated": self.clock(),
            "ended": self.ended,
            "rules": rules,
            "subjects": {name: list(vars(one).values()) for name, one in self.subjects.items() if name},
            "running": [[self.works[job].rule, self.works[job].place, since, self.works[job].log] for job, since in at_work],
            "failed": list(self.failed.values()),
            "slowest": [[round(seconds, 1), rule, place] for seconds, rule, place in sorted(self.slowest, reverse=True)],
            "durations": self.earlier["durations"] | self.durations,
            "known": sorted(self.durations),
            "disk": {name: size for name, size in self.disk.all_peaks(self.earlier["disk"]).items() if name},
        }

    def _keep(self) -> None:
        pause = EVERY
        while not self.stop.wait(pause):
            before = time.monotonic()
            with contextlib.suppress(Exception):  # a full disk is told by the jobs; progress must never stop a run
                self.write(only_news=True)
            pause = max(EVERY, SHARE * (time.monotonic() - before))

    def write(self, only_news: bool = False) -> None:
        """Write the state, and its page, unless there is no news and the last sign of life is recent."""
        with self.lock:
            if only_news and not self.dirty and self.clock() - self.updated < BEAT:
                return
            state, self.dirty, self.updated = self.state(), False, self.clock()
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{Path(STATE).name}.part"
        part.write_text(json.dumps(state, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        part.replace(self.folder / Path(STATE).name)
        if self.show:
            self.show(state, self.folder)

    def close(self) -> None:
        """Write the state for the last time: the run has ended."""
        if self.thread is None or self.ended:
            return
        self.stop.set()
        with self.lock:
            self.ended = {"time": self.clock(), "well": self.done.total() == self.planned.total()}
        with contextlib.suppress(Exception):
            self.write()


def earlier_facts(file: Path) -> dict[str, Any]:
    """Return what the state of the run before knew of durations by rule and disk by sample; nothing where none can be read."""
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        return {"durations": dict(state["durations"]), "disk": dict(state["disk"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"durations": {}, "disk": {}}


def _said(log: str) -> str:
    """Return the last error in a log, empty where it tells of none."""
    with contextlib.suppress(OSError):
        return last_error(Path(log)) if log else ""
    return ""


def works_of(jobs: Iterable[Any], is_temporary: Callable[[Any], bool]) -> dict[int, Work]:
    """Return Snakemake's jobs as the recorder knows them, by number.

    Args:
        jobs: jobs that will run.
        is_temporary: whether an output is removed once nobody needs it.
    """
    found = {}
    for job in jobs:
        wildcards = dict(job.wildcards_dict)
        kept: list[str] = []
        temporary: list[str] = []
        for file in job.output:
            (temporary if is_temporary(file) else kept).append(str(file))
        subject = wildcards.get("sample") or (f"case {wildcards['case']}" if "case" in wildcards else "")
        log = str(job.log[0]) if job.log else ""
        found[job.jobid] = Work(job.rule.name, subject, " ".join(map(str, wildcards.values())), log, tuple(kept), tuple(temporary))
    return found
