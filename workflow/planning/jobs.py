"""The jobs that Snakemake would run now, out of its own graph, without running one or touching a file.

The Snakefile is read as a run reads it, with all its checks; the process only looks (`workflow/session.py`), so that a run may be at work
in the same folder. What the plan says is therefore what a run at the same moment does.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakemake.api import SnakemakeApi
from snakemake.exceptions import WorkflowError
from snakemake.io import is_flagged
from snakemake.settings.enums import Quietness
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

from workflow import session
from workflow.cohort import Cohort
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.settings import Settings


@dataclass(frozen=True)
class PlannedJob:
    """One job that would run.

    Attributes:
        number: its place in the plan; `needs` are the numbers of planned jobs that come before it.
        whys: why it runs by itself, in words; empty for one that only follows others.
        outputs: (path, whether it is temporary).
        threads, mem_mb: what it asks for.
    """

    number: int
    rule: str
    wildcards: Mapping[str, str]
    threads: int
    mem_mb: int | None
    whys: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[tuple[str, bool], ...]
    needs: frozenset[int]

    @property
    def subject(self) -> tuple[str, str]:
        """Return (kind, name) of whom it is for: sample, case, or run."""
        for kind in ("sample", "case"):
            if kind in self.wildcards:
                return kind, self.wildcards[kind]
        return "run", ""


@dataclass(frozen=True)
class Graph:
    """What would run, and what the Snakefile made of config and sheets.

    `identity` and `limits` are as the release has them; `judged` is state and reasons in words of (kind, name), as receipts tell them.
    """

    jobs: tuple[PlannedJob, ...]
    settings: Settings
    cohort: Cohort
    chunks: int
    identity: Mapping[str, Any]
    limits: Mapping[str, Any]
    orders: Mapping[str, Sequence[str]]
    limit_keys: Mapping[str, str]
    judged: Mapping[tuple[str, str], tuple[str, Sequence[str]]]


def ask_snakemake(configs: Sequence[Path], directory: Path, overrides: Mapping[str, Any] | None = None, cores: int | None = None) -> Graph:
    """Return what a run with these config files would do in a folder.

    Args:
        configs: config files, later ones over earlier ones.
        directory: the working directory, to which this process changes.
        overrides: what `--config` would add.
        cores: those of the run (None = this machine's); threads of jobs are of them.

    Raises:
        InputError: what a run would refuse, in the same words.
    """
    files = [file.absolute() for file in configs]
    os.chdir(directory)
    session.only_look()
    quiet = OutputSettings(quiet={Quietness.ALL}, enable_file_logging=False)
    try:
        with SnakemakeApi(quiet) as api:
            asked = api.workflow(
                resource_settings=ResourceSettings(cores=cores or os.cpu_count() or 1),
                config_settings=ConfigSettings(config=dict(overrides or {}), configfiles=files),
                snakefile=ROOT / "Snakefile",
                workdir=Path.cwd(),
            )
            workflow = asked.dag(DAGSettings()).workflow_api._workflow
            workflow._prepare_dag(forceall=False, ignore_incomplete=True, lock_warn_only=True, nolock=True)
            workflow._build_dag()
            return _graph(workflow)
    except WorkflowError as error:
        raise InputError(_plain(str(error))) from None


def _plain(text: str) -> str:
    """Return Snakemake's error without what it puts around our own sentence."""
    return text.strip().removeprefix("error: ").rstrip(".").replace("\n", " ")


def _graph(workflow: Any) -> Graph:
    values = workflow.globals
    return Graph(
        jobs=tuple(_jobs(workflow.dag)),
        settings=values["SETTINGS"],
        cohort=values["COHORT"],
        chunks=len(values["CHUNKS"]),
        identity=values["IDENTITY"],
        limits=values["LIMITS"],
        orders=values["ORDERS"],
        judged=_judged(values.get("PLAN")),
        limit_keys={name: values["key_of"](sample, values["LIMITS"]) for name, sample in values["COHORT"].samples.items()},
    )


def _judged(plan: Any) -> dict[tuple[str, str], tuple[str, Sequence[str]]]:
    """Return what receipts say of each unit that is not done."""
    if plan is None or plan.judgement is None:
        return {}
    return {
        (unit.kind.value, unit.name): (verdict.state.value, [reason.words for reason in verdict.reasons])
        for unit, verdict in plan.judgement.items()
    }


def _jobs(dag: Any) -> Iterator[PlannedJob]:
    """Give the jobs that must run, each after those that it needs; the target rule, which does nothing, is left out."""
    needed = {job for job in dag.needrun_jobs(exclude_finished=False) if job.rule.output or job.rule.name == "plan"}
    numbers: dict[Any, int] = {}
    for job in _in_order(needed, dag.dependencies):
        numbers[job] = len(numbers)
        yield PlannedJob(
            number=numbers[job],
            rule=job.rule.name,
            wildcards={name: str(value) for name, value in job.wildcards_dict.items()},
            threads=int(job.threads),
            mem_mb=_memory(job),
            whys=tuple(_whys(dag.reason(job))),
            inputs=tuple(map(str, job.input)),
            outputs=tuple((str(file), bool(is_flagged(file, "temp"))) for file in job.output),
            needs=frozenset(numbers[one] for one in dag.dependencies[job] if one in needed),
        )


def _in_order(needed: set[Any], dependencies: Mapping[Any, Mapping[Any, Any]]) -> Iterator[Any]:
    """Give jobs so that each comes after those that it needs; by rule and wildcards where the graph leaves it open."""
    done: set[Any] = set()
    waiting = sorted(needed, key=lambda job: (job.rule.name, str(dict(job.wildcards_dict))), reverse=True)
    while waiting:
        job = waiting[-1]
        if job in done:
            waiting.pop()
            continue
        before = [one for one in dependencies[job] if one in needed and one not in done]
        if before:
            waiting += before
        else:
            done.add(waiting.pop())
            yield job


def _memory(job: Any) -> int | None:
    memory = job.resources.get("mem_mb")
    return int(memory) if isinstance(memory, int | float) else None


def _whys(reason: Any) -> Iterator[str]:
    """Give in words why a job runs by itself."""
    if reason._missing_output:
        yield f"not there yet: {_named(reason._missing_output)}"
    if reason._incomplete_output:
        yield f"left unfinished: {_named(reason._incomplete_output)}"
    changed = set(reason._updated_input or ()) - set(reason._updated_input_run or ())
    if changed:
        yield f"newer than the result: {_named(changed)}"
    words = {
        "input_changed": "it takes other files than before",
        "code_changed": "its rule changed",
        "params_changed": "its parameters or its code changed",
        "software_stack_changed": "its tools changed",
        "forced": "it was asked for",
    }
    yield from (text for name, text in words.items() if getattr(reason, name))


def _named(files: Any, most: int = 3) -> str:
    """Return the names of some files without their folders."""
    names = sorted({Path(str(file)).name for file in files})
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
