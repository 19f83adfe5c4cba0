"""What was spent: by stage, by depth, and by sample, from the history of a results folder."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from workflow.cohort import Cohort
from workflow.costs.energy import EnergyModel
from workflow.costs.history import History, JobCost
from workflow.costs.prices import Prices
from workflow.costs.stages import SNAKEMAKE, order_of_stages, stage_of
from workflow.files import read_json

BANDS = (10.0, 20.0, 27.5, 35.0, 50.0, 80.0)
"""Ends of the bands of mean depth (x) in which costs are told apart."""
DEPTH = "mean_autosome_coverage"
Data = dict[str, Any]


def spent(jobs: Iterable[JobCost], energy: EnergyModel) -> Data:
    """Return `{jobs, failed, cpu_s, wall_s, max_rss_mb, read_mb, written_mb, kwh}` of some jobs together; memory is the most of one."""
    one: Data = {"jobs": 0, "failed": 0, "cpu_s": 0.0, "wall_s": 0.0, "max_rss_mb": 0.0, "read_mb": 0.0, "written_mb": 0.0, "kwh": 0.0}
    for job in jobs:
        one["jobs"] += 1
        one["failed"] += not job.ok
        one["cpu_s"] += job.cpu_s or 0.0
        one["wall_s"] += job.wall_s
        one["max_rss_mb"] = max(one["max_rss_mb"], job.max_rss_mb or 0.0)
        one["read_mb"] += job.read_mb or 0.0
        one["written_mb"] += job.written_mb or 0.0
        one["kwh"] += energy.kwh(job.cpu_s or 0.0, job.wall_s, job.max_rss_mb or 0.0)
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in one.items()}


def by_stage(history: History, energy: EnergyModel) -> list[Data]:
    """Return what each stage spent, in the order of the data; Snakemake's own main process last."""
    stages: dict[str, list[JobCost]] = defaultdict(list)
    for job in history.jobs:
        stages[stage_of(job.rule)].append(job)
    stages[SNAKEMAKE] = [_main_process(run) for run in history.runs]
    return [{"stage": stage, **spent(stages[stage], energy)} for stage in order_of_stages() if stages.get(stage)]


def _main_process(run: Mapping[str, Any]) -> JobCost:
    return JobCost(SNAKEMAKE, {}, run["main_cpu_s"], run["wall_s"], run["main_rss_mb"], None, None, 1, run["began"], ok=run["ok"])


def depths(results: Path, cohort: Cohort) -> dict[str, float]:
    """Return the mean depth of each sample that has one in its qc.json."""
    found = {}
    for name in cohort.samples:
        file = results / "samples" / name / "qc.json"
        try:
            value = read_json(file)["metrics"][DEPTH]["value"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(value, int | float):
            found[name] = float(value)
    return found


def band_of(depth: float | None) -> str:
    """Return the band of a depth in words.

    >>> band_of(31.0), band_of(3.0), band_of(None)
    ('27.5–35x', 'below 10x', 'depth unknown')
    """
    if depth is None:
        return "depth unknown"
    if depth < BANDS[0]:
        return f"below {BANDS[0]:g}x"
    for low, high in itertools.pairwise(BANDS):
        if depth < high:
            return f"{low:g}–{high:g}x"
    return f"{BANDS[-1]:g}x and more"


def shares(job: JobCost, cohort: Cohort) -> dict[str, float]:
    """Return whose a job is: samples and their shares of it; those of a case share alike. Empty for a job of the whole run."""
    sample, case = job.wildcards.get("sample"), job.wildcards.get("case")
    if sample:
        return {sample: 1.0}
    members = [member.name for member in cohort.cases[case].members] if case in cohort.cases else []
    return {name: 1 / len(members) for name in members}


def by_sample(history: History, cohort: Cohort, energy: EnergyModel, prices: Prices, kept_gb: Mapping[str, float]) -> list[Data]:
    """Return what each sample cost from its reads to its release: CPU hours, kWh, kg CO2e, GB kept, money (None without prices).

    What is done for all is shared alike by the samples that anything was done for.
    """
    cpu: dict[str, float] = defaultdict(float)
    kwh: dict[str, float] = defaultdict(float)
    for job in history.jobs:
        used = energy.kwh(job.cpu_s or 0.0, job.wall_s, job.max_rss_mb or 0.0)
        for name, share in (shares(job, cohort) or {"": 1.0}).items():
            cpu[name] += share * (job.cpu_s or 0.0) / 3600
            kwh[name] += share * used
    names = [name for name in cohort.samples if name in cpu]
    of_all = [part[""] / max(1, len(names)) for part in (cpu, kwh)]
    return [_of_sample(name, cpu[name] + of_all[0], kwh[name] + of_all[1], kept_gb.get(name, 0.0), energy, prices) for name in names]


def _of_sample(name: str, cpu_hours: float, kwh: float, kept: float, energy: EnergyModel, prices: Prices) -> Data:
    return {
        "sample": name, "cpu_hours": round(cpu_hours, 5), "kwh": round(kwh, 6), "kg_co2": energy.kg_co2(kwh), "kept_gb": round(kept, 6),
        "money": prices.of(cpu_hours, kept, kwh),
    }  # fmt: skip


def by_depth(history: History, cohort: Cohort, depth: Mapping[str, float]) -> list[Data]:
    """Return CPU hours of one sample by band of depth and stage: `{band, stage, samples, median, least, most}`.

    Without what is done for all, which does not depend on depth.
    """
    cpu: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for job in history.jobs:
        for name, share in shares(job, cohort).items():
            if name in cohort.samples:
                cpu[band_of(depth.get(name)), stage_of(job.rule)][name] += share * (job.cpu_s or 0.0) / 3600
    bands = [band_of(None), band_of(0.0), *(band_of(low) for low in BANDS)]
    rows = [(band, stage) for band in bands for stage in order_of_stages() if (band, stage) in cpu]
    return [{"band": band, "stage": stage, **_middle(list(cpu[band, stage].values()))} for band, stage in rows]


def _middle(values: Sequence[float]) -> Data:
    return {"samples": len(values), "median": round(median(values), 6), "least": round(min(values), 6), "most": round(max(values), 6)}
