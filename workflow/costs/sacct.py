"""What SLURM's accounting says of jobs: CPU, memory and energy as the cluster counted them, and how long jobs wait in a partition."""

import datetime
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from workflow.costs.history import JobCost
from workflow.errors import InputError

FIELDS = ("JobID", "State", "ElapsedRaw", "TotalCPU", "MaxRSS", "ConsumedEnergyRaw", "Submit", "Start", "Partition")
AT_ONCE = 500  # jobs in one question
TIME = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)(?:\.(\d+))?")
UNITS = {"": 1.0, "K": 1024.0, "M": 1024.0**2, "G": 1024.0**3, "T": 1024.0**4}


@dataclass(frozen=True)
class Accounted:
    """One job of SLURM; None where it does not say (`sacct` leaves steps of some kinds empty)."""

    cpu_s: float | None
    max_rss_mb: float | None
    joules: float | None
    waited_s: float | None


def seconds_of(text: str) -> float | None:
    """Return seconds of SLURM's `[days-]hours:minutes:seconds`, None for anything else.

    >>> seconds_of("1-02:03:04"), seconds_of("03:04.5"), seconds_of("")
    (93784.0, 184.5, None)
    """
    found = TIME.fullmatch(text.strip())
    if not found:
        return None
    days, hours, minutes, rest, part = found.groups()
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes)) * 60 + int(rest)
    return whole + float(f"0.{part or 0}")


def bytes_of(text: str) -> float | None:
    """Return bytes of SLURM's sizes (`1234K`, `2.5G`), None for anything else."""
    found = re.fullmatch(r"([\d.]+)([KMGT]?)", text.strip())
    return float(found[1]) * UNITS[found[2]] if found else None


def ask(jobs: Iterable[str]) -> dict[str, Accounted]:
    """Return what `sacct` says of jobs by their numbers, in as few questions as can be; nothing where there is no `sacct`."""
    numbers = list(dict.fromkeys(jobs))
    if not numbers or not shutil.which("sacct"):
        return {}
    text = "".join(_sacct("--jobs", ",".join(numbers[at : at + AT_ONCE])) for at in range(0, len(numbers), AT_ONCE))
    return parse(text)


def _sacct(*more: str) -> str:
    command = ["sacct", "--noheader", "--parsable2", f"--format={','.join(FIELDS)}", *more]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    except (OSError, subprocess.SubprocessError):
        return ""  # a machine with SLURM's programs and no accounting: nothing is known, and the lines of the jobs stand


def parse(text: str) -> dict[str, Accounted]:
    """Return jobs by number out of `sacct --parsable2`: the largest memory and energy of a job's steps, CPU of the job itself."""
    rows: dict[str, list[dict[str, str]]] = {}
    for line in text.splitlines():
        row = dict(zip(FIELDS, line.split("|"), strict=False))
        rows.setdefault(row["JobID"].partition(".")[0], []).append(row)
    return {number: _job(steps) for number, steps in rows.items()}


def _job(rows: list[dict[str, str]]) -> Accounted:
    whole = rows[0]
    memory = [size for row in rows if (size := bytes_of(row.get("MaxRSS", ""))) is not None]
    energy = [float(text) for row in rows if (text := row.get("ConsumedEnergyRaw", "")).isdigit()]
    return Accounted(
        cpu_s=seconds_of(whole.get("TotalCPU", "")),
        max_rss_mb=max(memory) / 1e6 if memory else None,
        joules=max(energy) if energy and max(energy) > 0 else None,
        waited_s=_waited(whole.get("Submit", ""), whole.get("Start", "")),
    )


def _waited(submit: str, start: str) -> float | None:
    """Return the seconds between two of SLURM's times (`2026-03-01T12:00:00`)."""
    try:
        return (datetime.datetime.fromisoformat(start) - datetime.datetime.fromisoformat(submit)).total_seconds()
    except ValueError:
        return None


def with_accounting(jobs: Iterable[JobCost], known: Mapping[str, Accounted]) -> list[JobCost]:
    """Return jobs with CPU and memory as SLURM counted them, where their own line lacks them.

    A job that ran in a group shares its number with others: it keeps the numbers of its own line.
    """
    found = []
    for job in jobs:
        told = known.get(job.slurm)
        if told and job.cpu_s is None:
            job = replace(job, cpu_s=told.cpu_s, max_rss_mb=job.max_rss_mb or told.max_rss_mb, source="sacct")
        found.append(job)
    return found


@dataclass(frozen=True)
class Partition:
    """A partition of the cluster: cores in working order, and how long jobs waited in the last days (seconds; None if nobody knows)."""

    name: str
    cores: int
    median_wait_s: float | None
    long_wait_s: float | None


def partition(name: str) -> Partition:
    """Return a partition as `sinfo` and `sacct` describe it; waits are of the last seven days, median and ninth decile.

    Raises:
        InputError: there is no SLURM here, or no such partition.
    """
    if not shutil.which("sinfo"):
        remedy = "plan on a machine of the cluster, or name a number of cores"
        raise InputError(f"the partition `{name}` cannot be looked up: there is no `sinfo` on this machine", remedy=remedy)
    names = _sinfo("--format=%R")
    cores = _sinfo("--partition", name, "--format=%C")
    if name not in names.split() or not cores.strip():
        known = ", ".join(dict.fromkeys(names.split())) or "none"
        raise InputError(f"there is no partition `{name}`", remedy=f"partitions of this cluster: {known}")
    allocated, idle, *_ = (int(number) for number in cores.split()[0].split("/"))
    waits = _waits(name)
    tenth = sorted(waits)[int(0.9 * (len(waits) - 1))] if waits else None
    return Partition(name, allocated + idle, statistics.median(waits) if waits else None, tenth)


def _sinfo(*options: str) -> str:
    try:
        return subprocess.run(["sinfo", "--noheader", *options], capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError("SLURM does not answer (`sinfo`)", remedy="plan with a number of cores") from error


def _waits(name: str) -> list[float]:
    """Return the waits of jobs of a partition that began in the last seven days."""
    text = _sacct("--allocations", "--allusers", "--partition", name, "--starttime=now-7days")
    return [job.waited_s for job in parse(text).values() if job.waited_s is not None and job.waited_s >= 0]
