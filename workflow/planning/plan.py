"""A plan put together: who is affected and why, what it costs, whose answer may change, limits; as plan.json holds it."""

import datetime
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.costs.energy import model_of
from workflow.costs.history import History, read_history
from workflow.costs.prices import prices_of
from workflow.costs.sacct import Partition, ask, with_accounting
from workflow.costs.sizes import Sizes
from workflow.files import read_json
from workflow.grid import grid
from workflow.planning import gates
from workflow.planning.account import account
from workflow.planning.affected import DONE, FOR_ALL, NEW, Unit, affected
from workflow.planning.answers import FIRST, MAY, NO, UNTOLD, Answer, Teller
from workflow.planning.changes import changes, read_before, told
from workflow.planning.forecast import Forecaster, forecast
from workflow.planning.jobs import Graph
from workflow.planning.outcome import outcome

SCHEMA = "genvej-plan/1"
FILE, PAGE = "plan/plan.json", "plan/index.html"
MOST_JOBS = 5000
"""Jobs that plan.json names one by one; of more, only their numbers by rule stand in it."""
Data = dict[str, Any]


def make_plan(graph: Graph, limits: Mapping[str, float], cores: int | None, partition: Partition | None) -> Data:
    """Return the content of plan.json.

    Args:
        graph: what would run.
        limits: limits by name.
        cores: what the work will have (None = this machine's, or the partition's).
        partition: the SLURM partition, if one was named.
    """
    settings = graph.settings
    own = _history([settings.results])
    history = _history([settings.results, *settings.costs.history])
    units = affected(graph, graph.judged)
    energy, prices = model_of(settings.costs.energy), prices_of(settings.costs.prices)
    before = read_before(settings, own)
    differing = changes(before, graph.identity)
    answers = Teller(graph, before, differing).answers(units)
    cores = cores or (partition.cores if partition else None)
    waits = [wait for wait in (partition.median_wait_s, partition.long_wait_s) if wait is not None] if partition else []
    costs = forecast(graph.jobs, Forecaster(history, Sizes(graph.cohort, graph.chunks, history.sizes), energy), prices, cores, waits)
    counts = _counts(units, answers)
    found = gates.amounts(counts["samples"]["affected"], counts["cases"]["affected"], counts["answers"]["counted"], costs)
    judged = gates.judge(limits, found)
    now = time.time()
    return {
        "schema": SCHEMA,
        "made": datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="seconds"),
        "made_at": round(now, 2),
        "workflow": {"now": graph.identity["id"], "before": before.identity["id"] if before.identity else None},
        "changes": [told(one) for one in differing],
        "counts": counts,
        "why": why(units, graph),
        "affected": [_unit(unit) for unit in units if unit.is_affected],
        "forecast": costs,
        "partition": {"name": partition.name, "cores": partition.cores} if partition else None,
        "answers": [_answer(one) for one in answers],
        "limits": judged,
        "verdict": gates.WITHIN if all(one["verdict"] == gates.WITHIN for one in judged) else gates.BEYOND,
        "sentence": gates.sentence(judged),
        "jobs": [[job.rule, dict(job.wildcards)] for job in graph.jobs] if len(graph.jobs) <= MOST_JOBS else None,
        "history": {"jobs": len(history.jobs), "folders": 1 + len(settings.costs.history)},
        "account": account(own, settings, graph.cohort, grid(settings, graph.cohort), energy, prices, cores),
        "last_plan": _last(settings.results, own),
        "energy_model": dict(settings.costs.energy),
    }


def _history(folders: Sequence[Path]) -> History:
    """Return the history of some folders, with what SLURM counted where a job's own line lacks it."""
    found = read_history(folders)
    lacking = [job.slurm for job in found.jobs if job.slurm and job.cpu_s is None]
    return History(tuple(with_accounting(found.jobs, ask(lacking))), found.runs, found.sizes) if lacking else found


def _counts(units: Sequence[Unit], answers: Sequence[Answer]) -> Data:
    of_kind: Data = {}
    for kind in ("sample", "case"):
        own = [unit for unit in units if unit.kind == kind]
        of_kind[f"{kind}s"] = {
            "all": len(own),
            "affected": sum(unit.is_affected for unit in own),
            "new": sum(unit.state == NEW for unit in own),
            "done": sum(unit.state == DONE for unit in own),
        }
    states = Counter(one.state for one in answers)
    told = {"may_change": states[MAY], "untold": states[UNTOLD], "stay": states[NO], "first": states[FIRST]}
    return of_kind | {"answers": told | {"counted": sum(one.counts for one in answers), "flips": sum(len(one.flips) for one in answers)}}


def why(units: Sequence[Unit], graph: Graph) -> list[Data]:
    """Return the affected units that have the same reasons together, the largest group first; and what is done once for all."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for unit in units:
        if unit.is_affected:
            whys = tuple(text.replace(unit.name, "…") for text in unit.whys)
            groups[unit.kind, unit.begins, whys].append(unit.name)
    rows = [{"kind": kind, "begins": begins, "whys": list(whys), "names": names} for (kind, begins, whys), names in groups.items()]
    rows.sort(key=lambda row: -len(row["names"]))
    shared = Counter(job.rule for job in graph.jobs if job.subject[0] == FOR_ALL)
    return rows + ([{"kind": FOR_ALL, "begins": "", "whys": ["done once for all"], "names": sorted(shared)}] if shared else [])


def _unit(unit: Unit) -> Data:
    return {"kind": unit.kind, "name": unit.name, "state": unit.state, "begins": unit.begins, "stages": list(unit.stages),
            "jobs": unit.jobs, "whys": list(unit.whys)}  # fmt: skip


def _answer(one: Answer) -> Data:
    flips = [flip.as_json() for flip in one.flips]
    return {"case": one.case, "state": one.state, "whys": list(one.whys), "touched": [dict(row) for row in one.touched], "flips": flips}


def _last(results: Path, history: History) -> Data | None:
    """Return what became of the plan that lies in the results folder, if there is one and something ran since."""
    try:
        return outcome(read_json(results / FILE), history)
    except (OSError, ValueError, KeyError, TypeError):
        return None
