"""What jobs did cost: the lines that runs left, read back; older runs' benchmark files where there are no lines; `sacct` where it is.

A failed or stopped job costs too and is kept apart (`ok` false): it says nothing of what a job needs.
"""

import bisect
import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workflow.costs.places import FOLDER, JOBS, OUTPUTS, RUNS

Key = tuple[str, tuple[tuple[str, str], ...]]
SLACK = 5.0  # seconds by which clocks of two machines may differ


@dataclass(frozen=True)
class JobCost:
    """One job that ended. Times in seconds, `began` and `ended` since 1970; MB are 10^6 bytes; None is not measured.

    Attributes:
        gb: how much it had to do (`Sizes`), None if unknown.
        outputs: MB and whether it is temporary, of each file that it made, in the order of its rule.
        source: `kernel` (a line of its own), `benchmark` (Snakemake's samples), `sacct`.
    """

    rule: str
    wildcards: Mapping[str, str]
    cpu_s: float | None
    wall_s: float
    max_rss_mb: float | None
    read_mb: float | None
    written_mb: float | None
    threads: int
    began: float
    ok: bool = True
    gb: float | None = None
    outputs: tuple[tuple[float, bool], ...] = ()
    source: str = "kernel"
    slurm: str = ""

    @property
    def key(self) -> Key:
        """Return what names the job: rule and wildcards."""
        return key_of(self.rule, self.wildcards)


@dataclass(frozen=True)
class History:
    """Jobs and runs of one or more results folders, in the order of time; `sizes` are GB of FASTQ of samples that were seen."""

    jobs: tuple[JobCost, ...]
    runs: tuple[Mapping[str, Any], ...]
    sizes: Mapping[str, float] = field(default_factory=dict)

    def since(self, began: float) -> "History":
        """Return what began at a time or later."""
        return History(
            tuple(job for job in self.jobs if job.began >= began), tuple(run for run in self.runs if run["began"] >= began), self.sizes
        )

    def by_rule(self) -> dict[str, list[JobCost]]:
        """Return the jobs that ended well, by rule."""
        found: dict[str, list[JobCost]] = defaultdict(list)
        for job in self.jobs:
            if job.ok:
                found[job.rule].append(job)
        return found


def key_of(rule: str, wildcards: Mapping[str, str]) -> Key:
    """Return what names a job."""
    return rule, tuple(sorted((str(name), str(value)) for name, value in wildcards.items()))


def read_history(folders: Iterable[Path]) -> History:
    """Return the history of results folders; a folder without any adds nothing."""
    jobs: list[JobCost] = []
    runs: list[Mapping[str, Any]] = []
    sizes: dict[str, float] = {}
    for folder in folders:
        made = _outputs(folder / FOLDER / OUTPUTS)
        told = [_with_outputs(job, made) for job in _jobs(folder / FOLDER)]
        jobs += told
        jobs += _benchmarks(folder / "benchmarks", {job.key for job in told})
        runs += list(_lines(folder / FOLDER / RUNS))
        sizes |= _sizes(made)
    return History(tuple(sorted(jobs, key=lambda job: job.began)), tuple(sorted(runs, key=lambda run: run["began"])), sizes)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    """Give the lines of a file; one that a full disk cut is passed over."""
    if file.is_file():
        with open(file, encoding="utf-8") as handle:
            for text in handle:
                try:
                    line = json.loads(text)
                except ValueError:
                    continue
                if isinstance(line, dict):
                    yield line


def _jobs(folder: Path) -> Iterator[JobCost]:
    for file in sorted(folder.glob(JOBS)):
        for line in _lines(file):
            try:
                yield _job(line)
            except (KeyError, TypeError, ValueError):
                continue


def _job(line: Mapping[str, Any]) -> JobCost:
    return JobCost(
        rule=line["rule"],
        wildcards=line["wildcards"],
        cpu_s=_number(line.get("cpu_s")),
        wall_s=float(line["wall_s"]),
        max_rss_mb=_number(line.get("max_rss_mb")),
        read_mb=_number(line.get("read_mb")),
        written_mb=_number(line.get("written_mb")),
        threads=int(line.get("threads") or 1),
        began=float(line["began"]),
        ok=line["exit"] == 0,
        slurm=str(line.get("slurm", "")),
    )


def _number(value: Any) -> float | None:
    number = float(value) if isinstance(value, int | float | str) and value not in {"", "NA", "-"} else math.nan
    return number if math.isfinite(number) else None


def _outputs(file: Path) -> dict[Key, list[dict[str, Any]]]:
    """Return the lines on what jobs made, by job, in the order of time."""
    found: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for line in _lines(file):
        if {"rule", "wildcards", "ended", "outputs"} <= line.keys():
            found[key_of(line["rule"], line["wildcards"])].append(line)
    return found


def _with_outputs(job: JobCost, made: Mapping[Key, Sequence[Mapping[str, Any]]]) -> JobCost:
    """Return a job with what it made: the first line on it that is not older than its end."""
    lines = made.get(job.key, ())
    at = bisect.bisect_left([line["ended"] for line in lines], job.began + job.wall_s - SLACK)
    if not job.ok or at == len(lines):
        return job
    line = lines[at]
    return replace(job, gb=line.get("gb"), outputs=tuple((float(mb), bool(temp)) for mb, temp in line["outputs"]))


def _sizes(made: Mapping[Key, Sequence[Mapping[str, Any]]]) -> dict[str, float]:
    """Return GB of FASTQ of samples, out of jobs that have only the sample as wildcard."""
    newest = {key[1][0][1]: lines[-1].get("gb") for key, lines in made.items() if [name for name, _ in key[1]] == ["sample"]}
    return {sample: float(gb) for sample, gb in newest.items() if gb}


def _benchmarks(folder: Path, told: set[Key]) -> Iterator[JobCost]:
    """Give Snakemake's own benchmark files of jobs that have no line: `<rule>/<wildcards>.tsv`, or `<rule>.tsv` for one of the whole run.

    Its CPU time is sampled and misses the end of a job (and all of a short one, which says NA): a lower bound, used where nothing else is.
    """
    seen = {(rule, tuple(sorted(value for _, value in wildcards))) for rule, wildcards in told}
    for file in sorted(folder.rglob("*.tsv")):
        place = file.relative_to(folder).with_suffix("").parts
        values = tuple(part for word in place[1:] for part in word.split("."))
        if (place[0], tuple(sorted(values))) not in seen and (job := _sampled(file, place[0], values)):
            yield job


def _sampled(file: Path, rule: str, values: Sequence[str]) -> JobCost | None:
    """Return the job of a benchmark file; `values` are those of its wildcards in the order of its path."""
    with open(file, encoding="utf-8", newline="") as handle:
        row = (list(csv.DictReader(handle, delimiter="\t")) or [{}])[-1]
    wall = _number(row.get("s"))
    if wall is None:
        return None
    names = ("sample", "chunk") if len(values) == 2 and values[1].isdigit() else ("sample", "unit")
    return JobCost(
        rule=rule,
        wildcards=dict(zip(names, values, strict=False)),
        cpu_s=_number(row.get("cpu_time")),
        wall_s=wall,
        max_rss_mb=_number(row.get("max_rss")),
        read_mb=_number(row.get("io_in")),
        written_mb=_number(row.get("io_out")),
        threads=1,
        began=file.stat().st_mtime - wall,
        source="benchmark",
    )
