"""What the planned jobs will cost: CPU, time, memory, disk, energy and money, each with an interval of 90 %, by stage and in all."""

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from workflow.costs.curves import Curve, Guess, Shape, fit, rounded, total
from workflow.costs.defaults import Row, read_defaults
from workflow.costs.energy import EnergyModel
from workflow.costs.history import History, JobCost
from workflow.costs.prices import Prices
from workflow.costs.sizes import Sizes
from workflow.costs.stages import SNAKEMAKE, order_of_stages, stage_of
from workflow.planning.jobs import PlannedJob
from workflow.planning.schedule import Played, play

HISTORY, TABLE, NOTHING = "history", "default table", "nothing known"
SMALL = Shape(0.5, 0.0, 0.0, 0.0)
"""CPU seconds of a job of a rule that neither history nor table knows: about what the small ones take. The plan names such rules."""
MAIN_CPU, MAIN_START = 0.12, 4.0
"""CPU seconds of Snakemake's main process a job, and before the first (benchmarks/demo.tsv: 8.6 for 71 jobs and their own starts)."""
KEEPS_COPIES = frozenset({"seal_release"})
"""Rules that leave more than their outputs: a sealed version's copies. What such a job wrote counts as what it leaves."""
UNKNOWN_SIZE = 0.05  # MB of an output of which nothing is known
INDEX_BYTES = {".l2b": 0.25, ".mbw": 2.0, ".bwt": 1.0, ".sa": 0.5, ".pac": 0.25}
"""Bytes of an aligner's index a byte of its FASTA, by ending: minibwa 0.6 and bwa 0.7.17, the same for chromosome 1 and 21 of GRCh38."""


@dataclass(frozen=True)
class Known:
    """What is known of one rule.

    `efficiency` is the part of its threads' time that a job is at work, `wall_a_cpu` its seconds by the clock a CPU second.
    """

    cpu: Curve
    efficiency: float
    wall_a_cpu: float
    memory_mb: float
    written: Curve | None
    sizes: tuple[Curve, ...]
    source: str


@dataclass(frozen=True)
class StageCost:
    """The planned jobs of one stage (or rule) together; memory is that of the largest process of one job."""

    name: str
    jobs: int
    cpu_s: Guess
    kwh: Guess
    memory_mb: float
    sources: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plan.json has it: CPU in hours."""
        return {
            "name": self.name, "jobs": self.jobs, "cpu_hours": self.cpu_s.times(1 / 3600).as_json(), "kwh": self.kwh.as_json(),
            "memory_mb": round(self.memory_mb), "sources": list(self.sources),
        }  # fmt: skip


class Forecaster:
    """What history and the default table say of jobs of each rule."""

    def __init__(self, history: History, sizes: Sizes, energy: EnergyModel) -> None:
        self.jobs, self.runs = history.by_rule(), history.runs
        self.gb, self.energy = sizes, energy

    @cache  # noqa: B019 - lives as long as the plan
    def known(self, rule: str) -> Known:
        """Return what is known of a rule."""
        seen = [job for job in self.jobs.get(rule, ()) if job.cpu_s is not None]
        told = read_defaults().get(rule)
        cpu = fit([(job.gb, job.cpu_s) for job in seen if job.cpu_s is not None], told.cpu_s if told else None)
        source = HISTORY if seen else TABLE if told else NOTHING
        return Known(
            cpu=cpu or fit([], SMALL) or Curve(0.5, 0.0, 1.0, 0, 0.0, 0.0, 0.5),
            efficiency=_efficiency(seen, told),
            wall_a_cpu=_wall_a_cpu(seen, told),
            memory_mb=max((job.max_rss_mb for job in seen if job.max_rss_mb), default=told.max_rss_mb if told else 0.0),
            written=fit([(job.gb, job.written_mb) for job in seen if job.written_mb is not None], told.written_mb if told else None),
            sizes=tuple(_sizes(seen)),
            source=source,
        )

    def by(self, jobs: Iterable[PlannedJob], name_of: Any) -> list[StageCost]:
        """Return the cost of jobs by a name of their rules (stage, or the rule itself), in the order of the stages."""
        rules: dict[str, list[PlannedJob]] = defaultdict(list)
        for job in jobs:
            rules[job.rule].append(job)
        groups: dict[str, list[str]] = defaultdict(list)
        for rule in sorted(rules, key=lambda rule: order_of_stages().index(stage_of(rule))):
            groups[name_of(rule)].append(rule)
        return [self._group(name, {rule: rules[rule] for rule in found}) for name, found in groups.items()]

    def _group(self, name: str, rules: dict[str, list[PlannedJob]]) -> StageCost:
        cpu = {rule: self.known(rule).cpu.sum([self.gb.of(job.wildcards) for job in jobs]) for rule, jobs in rules.items()}
        kwh = [cpu[rule].times(self._kwh_a_second(rule)) for rule in rules]
        memory = max(self.known(rule).memory_mb for rule in rules)
        sources = tuple(dict.fromkeys(self.known(rule).source for rule in rules))
        return StageCost(name, sum(map(len, rules.values())), total(cpu.values()), total(kwh), memory, sources)

    def _kwh_a_second(self, rule: str) -> float:
        """Return the energy of one CPU second of a rule, its memory's share included."""
        known = self.known(rule)
        return self.energy.kwh(1.0, known.wall_a_cpu, known.memory_mb)

    def main_process(self, jobs: int) -> StageCost:
        """Return the cost of Snakemake's own main process for so many jobs."""
        seen = [(float(run["jobs"]), float(run["main_cpu_s"])) for run in self.runs if run.get("jobs")]
        curve = fit(seen, Shape(MAIN_START, MAIN_CPU, 1.0, 100.0))
        assert curve
        cpu = curve.sum([float(jobs)] if jobs else [])
        source = HISTORY if seen else TABLE
        return StageCost(SNAKEMAKE, 0, cpu, cpu.times(self.energy.kwh(1.0, 1.0, 150.0)), 150.0, (source,))

    def wall_s(self, job: PlannedJob, cores: int) -> float:
        """Return the seconds of one job by the clock."""
        known = self.known(job.rule)
        return known.cpu.at(self.gb.of(job.wildcards)) / (min(job.threads, cores) * known.efficiency)

    def outputs_mb(self, job: PlannedJob) -> list[float]:
        """Return the MB of each output of a job."""
        known, gb = self.known(job.rule), self.gb.of(job.wildcards)
        if len(known.sizes) == len(job.outputs) and job.rule not in KEEPS_COPIES:
            return [curve.at(gb) for curve in known.sizes]
        whole = known.written.at(gb) if known.written else UNKNOWN_SIZE
        return [_index_mb(path, job.inputs) or whole / len(job.outputs) for path, _ in job.outputs]

    def played(self, jobs: Sequence[PlannedJob], cores: int, overhead_s: float) -> Played:
        """Play the jobs through on some cores; `overhead_s` is what Snakemake takes between two of them."""
        walls = {job.number: self.wall_s(job, cores) + overhead_s for job in jobs}
        return play(jobs, walls, {job.number: self.outputs_mb(job) for job in jobs}, cores)


def _index_mb(path: str, inputs: Sequence[str]) -> float | None:
    """Return the MB of an aligner's index, told by its ending, from the size of its FASTA; None for any other file."""
    share = INDEX_BYTES.get(os.path.splitext(path)[1])
    with contextlib.suppress(OSError):
        return share * os.path.getsize(inputs[0]) / 1e6 if share and inputs else None
    return None


def _efficiency(seen: Sequence[JobCost], told: Row | None) -> float:
    """Return which part of its threads' time a job is at work, at most 1 and at least 0.02."""
    wall = sum(job.wall_s * job.threads for job in seen)
    if wall > 0:
        return min(1.0, max(0.02, sum(job.cpu_s or 0.0 for job in seen) / wall))
    if told and (told.wall_s.fixed + told.wall_s.slope) > 0:
        busy = (told.cpu_s.fixed + told.cpu_s.slope) / (told.wall_s.fixed + told.wall_s.slope)
        return min(1.0, max(0.02, busy / (2 if busy > 1 else 1)))  # measured on two cores
    return 0.8


def _wall_a_cpu(seen: Sequence[JobCost], told: Row | None) -> float:
    """Return the seconds by the clock of a job a CPU second of it, during which its memory is held."""
    cpu = sum(job.cpu_s or 0.0 for job in seen)
    if cpu > 0:
        return sum(job.wall_s for job in seen) / cpu
    if told and (told.cpu_s.fixed + told.cpu_s.slope) > 0:
        return (told.wall_s.fixed + told.wall_s.slope) / (told.cpu_s.fixed + told.cpu_s.slope)
    return 1.0


def _sizes(seen: Sequence[JobCost]) -> Iterable[Curve]:
    """Give the curve of each output of a rule, if its jobs all made the same number of files."""
    made = [job for job in seen if job.outputs]
    if made and len({len(job.outputs) for job in made}) == 1:
        for at in range(len(made[0].outputs)):
            curve = fit([(job.gb, job.outputs[at][0]) for job in made], None)
            if curve:
                yield curve


def forecast(
    jobs: Sequence[PlannedJob], forecaster: Forecaster, prices: Prices, cores: int | None, wait_s: Sequence[float] = ()
) -> dict[str, Any]:
    """Return the cost of a plan as plan.json has it.

    Args:
        jobs: the planned jobs.
        forecaster: what is known of them.
        prices: the price table.
        cores: what they run on (None = this machine's).
        wait_s: median and ninth decile of the wait for a job's start in a partition, seconds.
    """
    cores = cores or os.cpu_count() or 1
    stages = [*forecaster.by(jobs, stage_of), *([forecaster.main_process(len(jobs))] if jobs else [])]
    cpu, kwh = total(one.cpu_s for one in stages), total(one.kwh for one in stages)
    overhead = stages[-1].cpu_s.value / len(jobs) if jobs else 0.0
    played = forecaster.played(jobs, cores, overhead)
    wall = _like(cpu, played.wall_s + (wait_s[0] if wait_s and jobs else 0.0))
    kept = _like(cpu, max(0.0, played.final_mb) / 1000)
    money = prices.of(cpu.value / 3600, kept.value, kwh.value)
    sources = {rule: forecaster.known(rule).source for rule in sorted({job.rule for job in jobs})}
    return {
        "jobs": len(jobs),
        "cores": cores,
        "cpu_hours": cpu.times(1 / 3600).as_json(),
        "wall_hours": wall.times(1 / 3600).as_json(),
        "peak_disk_gb": _like(cpu, played.peak_mb / 1000).as_json(),
        "final_disk_gb": {**kept.as_json(), "value": rounded(played.final_mb / 1000)},
        "kwh": kwh.as_json(),
        "kg_co2": forecaster.energy.kg_co2(kwh.value),
        "cost": None if money is None else {**_like(cpu, money).as_json(), "currency": prices.currency},
        "stages": [one.as_json() for one in stages],
        "rules": [one.as_json() for one in forecaster.by(jobs, lambda rule: rule)],
        "sources": {source: sorted(rule for rule, of in sources.items() if of == source) for source in (HISTORY, TABLE, NOTHING)},
        "largest_memory_mb": round(max((one.memory_mb for one in stages), default=0.0)),
        "size_unknown": sorted({job.subject[1] for job in jobs if job.subject[1] and forecaster.gb.of(job.wildcards) is None}),
        "partition_wait_s": list(wait_s),
    }


def _like(guess: Guess, value: float) -> Guess:
    """Return another amount with the relative uncertainty of a guess."""
    return guess.times(value / guess.value) if guess.value else Guess(value)
