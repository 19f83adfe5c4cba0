"""Several runs put together for a person: by state and stage, samples and cases, what failed and why, what took long, when it is done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.progress_view.estimate import Estimate, estimate
from workflow.progress_view.state import Life, RunState

STATES = ("waiting", "running", "done", "failed")
LISTED = 10
SUBJECT = ("planned", "done", "running", "failed", "seconds", "stage")


@dataclass(frozen=True)
class Subject:
    """A sample or case: its state (`waiting`, `running`, `partly done`, `done` or `failed`), jobs, and the stage of its newest job."""

    name: str
    state: str
    done: int
    planned: int
    seconds: float
    stage: str


@dataclass(frozen=True)
class One:
    """One run among several: its folder, what became of it, jobs done of all, when it will be done, its last sign of life."""

    name: str
    life: Life
    done: int
    planned: int
    failed: int
    started: float
    updated: float
    estimate: Estimate | None


@dataclass(frozen=True)
class Overview:
    """All that a person sees; times in seconds since 1970, durations in seconds, disk in bytes.

    `jobs` counts jobs by state; `stages` likewise for each stage, in the order of the data. `left` is when all runs will be done.
    """

    runs: Sequence[One]
    jobs: Mapping[str, int]
    stages: Mapping[str, Mapping[str, int]]
    subjects: Sequence[Subject]
    running: Sequence[tuple[str, str, float]]
    failed: Sequence[Mapping[str, Any]]
    slowest: Sequence[tuple[float, str, str]]
    slowest_subjects: Sequence[Subject]
    disk: Sequence[tuple[int, str]]
    left: Estimate | None
    made: float
    counts: Mapping[str, int] = field(default_factory=dict)


def overview(states: Sequence[RunState], now: float) -> Overview:
    """Return the overview of the states of some runs.

    Args:
        states: at least one; what a run that was stopped has at work counts as waiting, since nobody works on it.
        now: seconds since 1970.
    """
    runs = [_one(state, now) for state in states]
    stages: dict[str, dict[str, int]] = {}
    for state in states:
        for rule in state.content["rules"].values():
            _add(stages.setdefault(rule["stage"] or "other", dict.fromkeys(STATES, 0)), rule, state.life)
    subjects = [_subject(name, row, state.life) for state in states for name, row in state.content["subjects"].items()]
    at_work = [(rule, place, since) for state in states if state.life is Life.RUNNING for rule, place, since, _ in state.content["running"]]
    disk = [(size, name) for state in states for name, size in state.content["disk"].items()]
    lefts = [one.estimate for one in runs if one.life is Life.RUNNING]
    return Overview(
        runs=runs,
        jobs={name: sum(stage[name] for stage in stages.values()) for name in STATES},
        stages=stages,
        subjects=sorted(subjects, key=lambda one: (one.name.startswith("case "), one.name)),
        running=sorted(at_work, key=lambda job: job[2]),
        failed=[failure for state in states for failure in state.content["failed"]],
        slowest=sorted((tuple(job) for state in states for job in state.content["slowest"]), reverse=True)[:LISTED],
        slowest_subjects=sorted((one for one in subjects if one.seconds), key=lambda one: -one.seconds)[:LISTED],
        disk=sorted(disk, reverse=True)[:LISTED],
        left=_latest(lefts),
        made=now,
        counts=_counted(subjects),
    )


def _one(state: RunState, now: float) -> One:
    content = state.content
    rules = content["rules"].values()
    done, planned = sum(rule["done"] for rule in rules), sum(rule["planned"] for rule in rules)
    left = estimate(content, now) if state.life is Life.RUNNING else None
    return One(str(state.results), state.life, done, planned, len(content["failed"]), content["started"], content["updated"], left)


def _add(stage: dict[str, int], rule: Mapping[str, Any], life: Life) -> None:
    """Add a rule's jobs to its stage."""
    running = rule["running"] if life is Life.RUNNING else 0
    stage["done"] += rule["done"]
    stage["failed"] += rule["failed"]
    stage["running"] += running
    stage["waiting"] += rule["planned"] - rule["done"] - rule["failed"] - running


def _subject(name: str, row: Sequence[Any], life: Life) -> Subject:
    one = dict(zip(SUBJECT, row, strict=True))
    if one["failed"]:
        state = "failed"
    elif one["done"] == one["planned"]:
        state = "done"
    elif one["running"] and life is Life.RUNNING:
        state = "running"
    else:
        state = "partly done" if one["done"] else "waiting"
    return Subject(name, state, one["done"], one["planned"], one["seconds"], one["stage"])


def _latest(lefts: Iterable[Estimate | None]) -> Estimate | None:
    """Return when the last of several runs will be done; None if that cannot be told of one of them."""
    known = [left for left in lefts if left]
    if not known or len(known) < len(list(lefts)):
        return None
    return Estimate(max(left.low for left in known), max(left.middle for left in known), max(left.high for left in known))


def _counted(subjects: Iterable[Subject]) -> dict[str, int]:
    found = dict.fromkeys(("waiting", "partly done", "running", "done", "failed"), 0)
    for subject in subjects:
        found[subject.state] += 1
    return found
