"""What a run writes down beside its jobs' own lines (workflow/bounded.py): sizes of what each job made, and the run as a whole.

`<results>/benchmarks/jobs/` holds files of JSON lines, only ever appended to: `node-<digits>.jsonl` (a line a job, written where it ran),
`outputs.jsonl` and `runs.jsonl` (written by the main process). No line names a person or a machine; samples go by their names.
"""

import contextlib
import json
import resource
import time
from collections.abc import Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from snakemake.dag import DAG
from snakemake.io import is_flagged

from workflow.cohort import Cohort
from workflow.costs.energy import Meter
from workflow.costs.places import FOLDER, OUTPUTS, RUNS
from workflow.costs.sizes import Sizes
from workflow.settings import Settings
from workflow.time_limits import keep_account

Line = Mapping[str, Any]


def append(file: Path, line: Line) -> None:
    """Add a line to a file in one write; a disk that is full or read-only costs the line and not the run."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(line, ensure_ascii=False) + "\n")


def keep_accounts(workflow: Any, settings: Settings, cohort: Cohort, chunks: int) -> None:
    """Let each job of this process, and of those that it starts, be written down; `chunks` is the number of pieces of the genome."""
    keep_account(settings.results / FOLDER)
    record_outputs(workflow, settings.results, Sizes(cohort, chunks))


def record_outputs(workflow: Any, folder: Path, sizes: Sizes) -> None:
    """Let the main process note the sizes of a job's files as it ends, those of temporary ones too, which nobody can measure later.

    Args:
        workflow: Snakemake's workflow object.
        folder: the results folder.
        sizes: how much each job has to do.
    """
    assert iscoroutinefunction(DAG.handle_ensure), "this Snakemake looks at the output of a job otherwise"
    if not workflow.is_main_process:
        return
    original = DAG.handle_ensure

    async def handle_ensure(self: Any, job: Any, expanded_output: Iterable[Any]) -> None:
        outputs = list(expanded_output)
        await original(self, job, outputs)
        if outputs and not self.workflow.touch:
            append(folder / FOLDER / OUTPUTS, _line_of(job, outputs, sizes))

    DAG.handle_ensure = handle_ensure


def _line_of(job: Any, outputs: Iterable[Any], sizes: Sizes) -> Line:
    """Return the line of one job; MB are 10^6 bytes, a file that is not there counts 0. A benchmark file is no output."""
    wildcards = dict(job.wildcards_dict)
    files = [[megabytes(Path(file)), bool(is_flagged(file, "temp"))] for file in outputs if file != job.benchmark]
    return {"rule": job.rule.name, "wildcards": wildcards, "ended": round(time.time(), 2), "gb": sizes.of(wildcards), "outputs": files}


def megabytes(path: Path) -> float:
    """Return the size of a file in MB (10^6 bytes); 0 where there is none."""
    try:
        return round(path.stat().st_size / 1e6, 6)
    except OSError:
        return 0.0


class RunRecord:
    """One run from its first job to its end: the line in runs.jsonl says when, how many jobs, what Snakemake itself cost, and energy."""

    def __init__(self, folder: Path, facts: Line, clock: Callable[[], float] = time.time) -> None:
        self.file, self.facts, self.clock = folder / FOLDER / RUNS, facts, clock
        self.began = clock()
        self.meter = Meter()

    def end(self, ok: bool) -> None:
        """Write the line. CPU is that of the main process alone, from its start: what it does before the first job is work as well."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        line: dict[str, Any] = {
            "began": round(self.began, 2),
            "wall_s": round(self.clock() - self.began, 2),
            "main_cpu_s": round(used.ru_utime + used.ru_stime, 2),
            "main_rss_mb": round(used.ru_maxrss * 1024 / 1e6, 1),
            "joules": self.meter.joules(),
            "ok": ok,
        }
        append(self.file, {**self.facts, **line})


_running: list[RunRecord] = []


def begin_run(workflow: Any, settings: Settings, version: str) -> None:
    """Note that the first job of a run is about to begin; `version` is the id of the workflow.

    Paths of knowledge are kept, so that a later plan can look at the release that these results were made with.
    """
    knowledge = {one.name: {"path": str(one.path), "release": one.release} for one in settings.knowledge.values()}
    facts = {
        "version": version,
        "jobs": sum(bool(job.output) for job in workflow.dag.needrun_jobs()),
        "cores": workflow.resource_settings.cores,
    }
    _running[:] = [RunRecord(settings.results, facts | {"knowledge": knowledge})]


def end_run(ok: bool) -> None:
    """Write the line of the run that has ended, if one began in this process."""
    while _running:
        _running.pop().end(ok)
