"""What SLURM says about itself, asked by its own commands: partitions, accounts, jobs in the queue, jobs in the accounting."""

import getpass
import hashlib
import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow.errors import InputError

PATIENCE = 60.0  # seconds for an answer


@dataclass(frozen=True)
class Partition:
    """A partition: longest time (minutes) and largest node (MB, processors); None where there is no limit."""

    name: str
    minutes: int | None
    memory_mb: int
    cpus: int
    is_up: bool = True
    is_default: bool = False


@dataclass(frozen=True)
class QueuedJob:
    """A job in the queue: its id, state (PENDING, RUNNING, COMPLETING, …) and name."""

    number: str
    state: str
    name: str


@dataclass(frozen=True)
class Record:
    """A job or a step of one in the accounting; memory in MB (0 = unknown), `code` is `exit:signal`."""

    number: str
    state: str
    code: str = "0:0"
    max_rss_mb: float = 0.0
    elapsed: str = ""
    limit: str = ""
    nodes: str = ""


def ask(*command: str) -> str:
    """Return what a command of SLURM prints.

    Raises:
        InputError: the command is not here, does not answer, or refuses.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    except FileNotFoundError:
        raise InputError(
            f"`{command[0]}` is not on PATH: the profile is for SLURM; run on a node from which jobs can be submitted"
        ) from None
    except subprocess.TimeoutExpired:
        raise InputError(f"SLURM did not answer `{command[0]}` within {PATIENCE:g} s; nothing is submitted") from None
    if done.returncode:
        raise InputError(f"SLURM refused `{command[0]}`: {' '.join(done.stderr.split())}")
    return done.stdout


def partitions() -> dict[str, Partition]:
    """Return the partitions by name; the largest node of each counts."""
    return read_partitions(ask("sinfo", "-h", "-o", "%P|%a|%l|%m|%c"))


def read_partitions(text: str) -> dict[str, Partition]:
    """Read `sinfo -o %P|%a|%l|%m|%c`: name (with `*` if default), up or not, time limit, MB and processors of a node (with `+` if more)."""
    found: dict[str, Partition] = {}
    for line in text.splitlines():
        name, state, limit, memory, cpus = line.strip().split("|")
        plain, before = name.rstrip("*"), found.get(name.rstrip("*"))
        size, cores = (int(value.rstrip("+")) for value in (memory, cpus))
        found[plain] = Partition(
            plain,
            minutes_of(limit),
            max(size, before.memory_mb if before else 0),
            max(cores, before.cpus if before else 0),
            state.startswith("up"),
            name.endswith("*"),
        )
    return found


def minutes_of(text: str) -> int | None:
    """Return a time of SLURM (`days-hours:minutes:seconds`, from the right) in whole minutes, None for no limit."""
    if text.strip().lower() in {"infinite", "unlimited", "n/a", "partition_limit", ""}:
        return None
    days, _, rest = text.rpartition("-")
    parts = [int(part) for part in rest.split(":")]
    seconds = 0
    for part in parts if len(parts) > 1 else [*parts, 0]:
        seconds = 60 * seconds + part
    return (86400 * int(days or 0) + seconds) // 60


def accounts() -> set[str] | None:
    """Return the accounts that this user may use, None where SLURM keeps no accounts or does not tell."""
    try:
        told = ask("sacctmgr", "-nP", "show", "associations", f"user={getpass.getuser()}", "format=account")
    except InputError:
        return None
    return {line.strip() for line in told.splitlines() if line.strip()} or None


def mark_of(folder: str | os.PathLike[str]) -> str:
    """Return the mark that the names of a working directory's jobs end with: `@` and 8 hexadecimal digits of its path."""
    return "@" + hashlib.sha256(os.path.realpath(folder).encode()).hexdigest()[:8]


def job_name(rule: str, wildcards: Iterable[str], mark: str) -> str:
    """Return a name that a person can read, `align_reads.HG002@1a2b3c4d`, of at most 120 letters, digits, `.`, `_` and `-`."""
    words = ".".join([rule, *wildcards])
    return re.sub(r"[^A-Za-z0-9._-]+", "_", words)[: 120 - len(mark)] + mark


def queued(mark: str) -> list[QueuedJob]:
    """Return this user's jobs in the queue whose names end with a mark."""
    return read_queue(ask("squeue", "-h", "-u", getpass.getuser(), "-o", "%i|%T|%j"), mark)


def read_queue(text: str, mark: str) -> list[QueuedJob]:
    """Read `squeue -o %i|%T|%j` and keep the jobs with a mark."""
    rows = (line.strip().split("|", 2) for line in text.splitlines() if line.count("|") >= 2)
    return [QueuedJob(number, state, name) for number, state, name in rows if name.endswith(mark)]


def cancel(numbers: Sequence[str]) -> None:
    """Cancel jobs by their ids, some hundreds at a time."""
    for begin in range(0, len(numbers), 500):
        ask("scancel", *numbers[begin : begin + 500])


FIELDS = ("JobID", "JobIDRaw", "State", "ExitCode", "MaxRSS", "Elapsed", "Timelimit", "NodeList")


def records(numbers: Iterable[str], *, steps: bool = False) -> list[Record]:
    """Return what the accounting knows of jobs; with their steps, which alone have a memory, if asked for."""
    options = ["sacct", "-nP", "--format", ",".join(FIELDS), "-j", ",".join(numbers)]
    return read_records(ask(*options, *([] if steps else ["-X"])))


def read_records(text: str) -> list[Record]:
    """Read sacct's lines of FIELDS; a state loses what follows its first word (`CANCELLED by 0`)."""
    found = []
    for line in text.splitlines():
        parts = line.strip().split("|")
        if len(parts) == len(FIELDS):
            number, _, state, code, rss, elapsed, limit, nodes = parts
            found.append(Record(number, (state.split() or [""])[0].rstrip("+"), code, megabytes(rss), elapsed, limit, nodes))
    return found


def megabytes(text: str) -> float:
    """Return a size of sacct (`48K`, `1.5G`, `300M`, bytes) in MB of 1024 × 1024 bytes, 0 for none."""
    found = re.fullmatch(r"([\d.]+)([KMGT]?)", text.strip())
    return float(found[1]) * {"": 1 / 1024**2, "K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2}[found[2]] if found else 0.0
