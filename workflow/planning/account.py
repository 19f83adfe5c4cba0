"""What a results folder has cost so far, and when disk and cores run out: the part of a plan that looks back."""

import datetime
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean, median
from typing import Any

from workflow.cohort import Cohort
from workflow.costs.by_stage import by_depth, by_sample, by_stage, depths
from workflow.costs.capacity import forecast
from workflow.costs.energy import JOULES_A_KWH, EnergyModel
from workflow.costs.history import History
from workflow.costs.prices import Prices
from workflow.deliverables import Owed
from workflow.settings import Settings

MOST_SAMPLES = 50
Data = dict[str, Any]


def account(
    history: History, settings: Settings, cohort: Cohort, grid: list[Owed], energy: EnergyModel, prices: Prices, cores: int | None
) -> Data:
    """Return what was spent by stage, depth and sample, the median sample, failures, measured energy, and the forecast of capacity.

    `history` is of this results folder, `grid` the deliverables, whose sizes are what a sample keeps; `cores` None is this machine's.
    """
    kept = kept_gb(settings.results, grid, cohort)
    samples = by_sample(history, cohort, energy, prices, kept)
    finished = {name for name in receipt_days(settings.results) if name in cohort.samples}
    done = [one for one in samples if one["sample"] in finished]
    return {
        "stages": by_stage(history, energy),
        "depths": by_depth(history, cohort, depths(settings.results, cohort)),
        "samples": samples,
        "sample": {name: _median(done, name) for name in ("cpu_hours", "kwh", "kg_co2", "kept_gb", "money")} | {"of": len(done)},
        "currency": prices.currency,
        "failed": sum(not job.ok for job in history.jobs),
        "sampled": sum(job.source == "benchmark" for job in history.jobs),
        "measured_kwh": _measured(history),
        "capacity": forecast(
            sorted(day for folder in (settings.results, *settings.costs.history) for day in receipt_days(folder).values()),
            datetime.date.today(),
            free_gb=shutil.disk_usage(_there(settings.results)).free / 1e9,
            gb_per_sample=fmean(kept[name] for name in finished) if finished else None,
            cores=cores or os.cpu_count() or 1,
            cpu_hours=fmean(one["cpu_hours"] for one in done) if done else None,
        ),
    }


def _median(rows: list[Data], name: str) -> float | None:
    values = [row[name] for row in rows if row[name] is not None]
    return median(values) if values else None


def _measured(history: History) -> float | None:
    """Return the kWh that processors measured over all runs that had a meter; None where none had."""
    joules = [run["joules"] for run in history.runs if run.get("joules") is not None]
    return sum(joules) / JOULES_A_KWH if joules else None


def _there(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that exists."""
    found = folder.absolute()
    while not found.exists():
        found = found.parent
    return found


def receipt_days(results: Path) -> dict[str, datetime.date]:
    """Return the day on which each sample of a results folder was finished, as the date of its receipt says it."""
    files = (results / "release" / "receipts" / "samples").glob("*.json")
    return {file.stem: datetime.date.fromtimestamp(file.stat().st_mtime) for file in files}


def kept_gb(results: Path, grid: list[Owed], cohort: Cohort) -> Mapping[str, float]:
    """Return the GB that each sample keeps: its own deliverables, and its share of those of its case."""
    found = dict.fromkeys(cohort.samples, 0.0)
    for cell in grid:
        try:
            size = (results / cell.file).stat().st_size / 1e9
        except OSError:
            continue
        owners = [cell.subject] if cell.kind == "sample" else list(cell.names)
        for name in owners:
            if name in found:
                found[name] += size / len(owners)
    return found
