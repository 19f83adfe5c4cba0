"""What a plan said and what then happened: jobs, CPU and disk of the runs since, held against the forecast."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from workflow.costs.history import History
from workflow.costs.stages import SNAKEMAKE, stage_of

Data = Mapping[str, Any]


def outcome(plan: Data, history: History) -> dict[str, Any] | None:
    """Return how the runs since a plan compare with it; None where nothing ran since.

    Args:
        plan: an earlier plan.json.
        history: jobs of the results folder.

    Returns:
        `{made, ended, jobs: {planned, ran, unplanned, not_run}, cpu_hours: {planned, low, high, actual, ratio, inside}, wall_hours: {…},
        stages: [{name, planned, actual, ratio}], failed}`; `ratio` is actual over planned, None where nothing was planned. Wall is that
        of the runs.
    """
    since = history.since(plan["made_at"])
    if not since.jobs:
        return None
    forecast = plan["forecast"]
    main = sum(float(run["main_cpu_s"]) for run in since.runs)
    actual = (sum(job.cpu_s or 0.0 for job in since.jobs) + main) / 3600
    planned = Counter({one["name"]: one["jobs"] for one in forecast["rules"]})
    ran = Counter(job.rule for job in since.jobs if job.ok)
    return {
        "made": plan["made"],
        "jobs": {"planned": planned.total(), "ran": ran.total(), "unplanned": dict(ran - planned), "not_run": dict(planned - ran)},
        "cpu_hours": _held(forecast["cpu_hours"], actual),
        "wall_hours": _held(forecast["wall_hours"], sum(float(run["wall_s"]) for run in since.runs) / 3600),
        "stages": _stages(forecast, since, main / 3600),
        "failed": sum(not job.ok for job in since.jobs),
    }


def _held(forecast: Data, actual: float) -> dict[str, Any]:
    ratio = round(actual / forecast["value"], 3) if forecast["value"] else None
    return {**forecast, "actual": float(f"{actual:.4g}"), "ratio": ratio, "inside": forecast["low"] <= actual <= forecast["high"]}


def _stages(forecast: Data, since: History, main: float) -> list[dict[str, Any]]:
    spent: dict[str, float] = defaultdict(float)
    for job in since.jobs:
        spent[stage_of(job.rule)] += (job.cpu_s or 0.0) / 3600
    spent[SNAKEMAKE] += main
    told = {one["name"]: one["cpu_hours"]["value"] for one in forecast["stages"]}
    return [
        {"name": name, "planned": told.get(name, 0.0), "actual": float(f"{spent[name]:.4g}"),
         "ratio": round(spent[name] / told[name], 3) if told.get(name) else None}
        for name in dict.fromkeys([*told, *spent])
    ]  # fmt: skip
