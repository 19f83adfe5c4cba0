"""What a job is told to SLURM: a name that a person can read, and limits that fit a partition.

Snakemake's plugin for SLURM stays the one that submits. Its own names are one random id for all jobs of a run, its own choice of a
partition takes one name, and it asks `sacctmgr` for the account once a job. Here its command is changed before it is given, in the open.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.cluster.slurm import Partition, job_name

IN_A_JOB = "GENVEJ_CLUSTER_JOB"
"""Set in the environment of each job, where the plugin that submits is not needed (scripts/setup/cluster.py)."""

OWN_MB = 400
"""Memory that Snakemake itself takes in a job on top of the rule's: two of its processes, each of some 150 MB with the workflow read."""


@dataclass
class Site:
    """The cluster as it answered when the run began, and the mark of the run's jobs."""

    mark: str
    partitions: Mapping[str, Partition] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


def wrap_submit(original: Callable[..., str], site: Site) -> Callable[..., str]:
    """Return the plugin's `get_submit_command` with names and limits of ours."""

    def submit(job: Any, params: Mapping[str, Any], **options: Any) -> str:
        return adapted(original(job, params, **options), name_of(job, site.mark), site.partitions)

    return submit


def name_of(job: Any, mark: str) -> str:
    """Return the name of a job or a group of jobs: its rule or group, and the wildcards that all its jobs share."""
    return job_name(rule_of(job), shared_wildcards(job), mark)


def rule_of(job: Any) -> str:
    """Return a job's rule, or the name of its group."""
    return str(job.groupid if job.is_group() else job.rule.name)


def shared_wildcards(job: Any) -> list[str]:
    """Return the values of a job's wildcards; of a group, those that its jobs have, each once, at most three."""
    if not job.is_group():
        return [str(value) for value in job.wildcards or ()]
    values = dict.fromkeys(str(value) for one in sorted(job.jobs, key=lambda one: str(one.rule.name)) for value in one.wildcards or ())
    return list(values)[:3]


def adapted(call: str, name: str, partitions: Mapping[str, Partition]) -> str:
    """Change the plugin's sbatch command: our name, the mark in the environment, the partitions and limits that fit it."""
    call = re.sub(r"--job-name \S+", f"--job-name {name}", call, count=1)
    call = re.sub(r"--export=ALL\b", f"--export=ALL,{IN_A_JOB}=1", call, count=1)
    call = re.sub(r" --mem (\d+)", lambda found: f" --mem {int(found[1]) + OWN_MB}", call, count=1)
    minutes, memory = _number(r" -t (\d+)", call), _number(r" --mem (\d+)", call)
    named = re.search(r" -p ('[^']*'|\S+)", call)
    if not named or not partitions:
        return call
    wanted = split_names(shlex.split(named[1])[0])
    fit = fitting([partitions[one] for one in wanted if one in partitions], minutes, memory)
    if not fit:
        return call
    call = call.replace(named[0], f" -p {','.join(one.name for one in fit)}", 1)
    return _capped(call, fit, minutes, memory)


def split_names(text: str) -> list[str]:
    """Return the names in a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def fitting(partitions: Sequence[Partition], minutes: int | None, memory_mb: int | None) -> list[Partition]:
    """Return the partitions that a job fits into; where none is large enough, as a later attempt may find, the largest ones."""
    roomy = [one for one in partitions if one.is_up and _fits(one, minutes, memory_mb)]
    if roomy:
        return roomy
    largest = max(((one.memory_mb, one.minutes or 10**9) for one in partitions), default=None)
    return [one for one in partitions if (one.memory_mb, one.minutes or 10**9) == largest]


def _fits(partition: Partition, minutes: int | None, memory_mb: int | None) -> bool:
    return (partition.minutes is None or (minutes or 0) <= partition.minutes) and (memory_mb or 0) <= partition.memory_mb


def _capped(call: str, partitions: Iterable[Partition], minutes: int | None, memory_mb: int | None) -> str:
    """Ask for no more than the partitions have: a job that asks for more waits in the queue for ever."""
    longest = min((one.minutes for one in partitions if one.minutes is not None), default=None)
    if minutes and longest is not None and minutes > longest:
        call = re.sub(r" -t \d+", f" -t {longest}", call, count=1)
    most = max((one.memory_mb for one in partitions), default=0)
    if memory_mb and most and memory_mb > most:
        call = re.sub(r" --mem \d+", f" --mem {most}", call, count=1)
    return call


def _number(pattern: str, call: str) -> int | None:
    found = re.search(pattern, call)
    return int(found[1]) if found else None
