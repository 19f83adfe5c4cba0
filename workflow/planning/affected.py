"""Which samples and cases a plan touches, from which stage on, and why in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.costs.stages import order_of_stages, stage_of
from workflow.planning.jobs import Graph, PlannedJob

NEW, STALE, DONE = "new", "stale", "done"
FOR_ALL = "run"
MOST_WHYS = 6


@dataclass(frozen=True)
class Unit:
    """A sample or case.

    `state` is new, stale or done, or what its receipt says; `begins` the first stage that is made anew, `whys` are in words.
    """

    kind: str
    name: str
    state: str
    whys: tuple[str, ...]
    jobs: int
    begins: str
    stages: tuple[str, ...]

    @property
    def is_affected(self) -> bool:
        """Whether any job of its own would run."""
        return self.jobs > 0


def affected(graph: Graph, judged: Mapping[tuple[str, str], tuple[str, Sequence[str]]] | None = None) -> list[Unit]:
    """Return every sample, then every case.

    Args:
        graph: what would run.
        judged: state and reasons by (kind, name) where receipts tell them; they are told before those of Snakemake.
    """
    jobs: dict[tuple[str, str], list[PlannedJob]] = defaultdict(list)
    for job in graph.jobs:
        jobs[job.subject].append(job)
    names = [("sample", name) for name in graph.cohort.samples] + [("case", name) for name in graph.cohort.cases]
    return [_unit(kind, name, jobs[kind, name], graph.settings.results, (judged or {}).get((kind, name))) for kind, name in names]


def _unit(kind: str, name: str, jobs: Sequence[PlannedJob], results: Path, receipt: tuple[str, Sequence[str]] | None) -> Unit:
    is_new = not (results / f"{kind}s" / name / "release.json").is_file()
    stages = [stage for stage in order_of_stages() if any(stage_of(job.rule) == stage for job in jobs)]
    state = (receipt[0] if receipt else NEW if is_new else STALE) if jobs else DONE
    whys = list(receipt[1]) if receipt and jobs else []
    if jobs and is_new and not whys:
        whys = ["it has no results yet"]
    elif not whys:
        whys = list(reasons(jobs))
    return Unit(kind, name, state, tuple(dict.fromkeys(whys)), len(jobs), stages[0] if stages else "", tuple(stages))


def reasons(jobs: Iterable[PlannedJob]) -> Iterable[str]:
    """Give in words why some jobs run: those that run by themselves, each sentence once, at most MOST_WHYS.

    A file that is only there for a while (`temp`) is no reason: whoever needs it is.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for job in jobs:
        for why in job.whys:
            if not (why.startswith("not there yet") and all(temporary for _, temporary in job.outputs)):
                found[why].append(job.rule)
    for why, rules in list(found.items())[:MOST_WHYS]:
        yield f"{', '.join(dict.fromkeys(rules))}: {why}"
    if len(found) > MOST_WHYS:
        yield f"and {len(found) - MOST_WHYS} more reasons"
    if not found:
        yield "it follows from what else is made anew"
