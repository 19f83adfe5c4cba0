"""Is the profile right for this cluster? Asked of SLURM once, before the first job is submitted."""

import difflib
import getpass
from collections.abc import Iterable, Mapping
from typing import Any

from workflow.cluster.slurm import Partition
from workflow.cluster.submission import _fits, fitting, rule_of, split_names
from workflow.errors import InputError

WHERE = "config/profiles/slurm/config.yaml, or your own profile"


def check_site(jobs: Iterable[Any], partitions: Mapping[str, Partition], accounts: set[str] | None) -> None:
    """Refuse partitions and accounts that SLURM does not know, and jobs that fit into no partition.

    Args:
        jobs: Snakemake's jobs that are to be submitted.
        partitions: those of the cluster, by name.
        accounts: those that the user may use; None where SLURM tells of none.

    Raises:
        InputError: the profile cannot work here.
    """
    for job in jobs:
        resources = job.resources
        names = split_names(str(resources.get("slurm_partition") or ""))
        check_partitions(names, partitions)
        check_account(resources.get("slurm_account"), accounts)
        check_size(job, [partitions[name] for name in names] or [one for one in partitions.values() if one.is_default])


def check_partitions(names: Iterable[str], partitions: Mapping[str, Partition]) -> None:
    """Refuse a partition that the cluster does not have, or that takes no jobs.

    Raises:
        InputError: as said.
    """
    for name in names:
        if name not in partitions:
            near = difflib.get_close_matches(name, partitions, 1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise InputError(
                f"the profile names the partition {name!r}, which this cluster does not have; {meant}"
                f"Partitions here: {', '.join(sorted(partitions))}. Set `slurm_partition` in {WHERE}"
            )
    names = list(names)
    if names and not any(partitions[name].is_up for name in names):
        raise InputError(
            f"no partition of the profile takes jobs at present ({', '.join(names)}); ask the cluster's people, or name another in {WHERE}"
        )


def check_account(account: object, accounts: set[str] | None) -> None:
    """Refuse an account that the user may not use; or none, where the cluster asks for one.

    Raises:
        InputError: as said.
    """
    if accounts is None:
        return
    known = {name.lower() for name in accounts}
    here = f"Accounts of {getpass.getuser()} here: {', '.join(sorted(accounts))}"
    if not account:
        raise InputError(f"the profile names no account, and this cluster asks for one. {here}. Set `slurm_account` in {WHERE}")
    if wrong := [name for name in split_names(str(account)) if name.lower() not in known]:
        raise InputError(
            f"the profile names the account {wrong[0]!r}, which {getpass.getuser()} may not use. {here}. Set `slurm_account` in {WHERE}"
        )


def check_size(job: Any, partitions: list[Partition]) -> None:
    """Refuse a job whose first attempt is larger than every partition that it may go to.

    Raises:
        InputError: as said, with what is the largest there.
    """
    minutes, memory, threads = (_whole(job.resources.get(name)) for name in ("runtime", "mem_mb", "_cores"))
    if not partitions:
        return
    name = rule_of(job)
    if not any(_fits(one, minutes, memory) for one in partitions):
        largest = fitting(partitions, minutes, memory)[0]
        limit = f"{largest.minutes:,} min" if largest.minutes else "any time"
        raise InputError(
            f"{name} asks for {memory or 0:,} MB and {minutes or 0:,} min; the largest partition of the profile, {largest.name}, "
            f"gives {largest.memory_mb:,} MB and {limit}. Name a larger one in {WHERE}, "
            f"or ask for less with `--set-resources {name}:mem_mb=…` and `{name}:runtime=…`"
        )
    most = max(one.cpus for one in partitions)
    if threads and threads > most:
        raise InputError(
            f"{name} asks for {threads} processors, no node of the profile's partitions has more than {most}: `--set-threads {name}={most}`"
        )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
