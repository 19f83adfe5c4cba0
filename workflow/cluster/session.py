"""What a run's session has to do with SLURM: the plugin is adapted as the Snakefile is read, the cluster asked as the run begins."""

import inspect
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from workflow.cluster.leftover_jobs import end_leftovers, note_run, was_on_cluster
from workflow.cluster.site_check import check_site
from workflow.cluster.slurm import accounts, mark_of, partitions
from workflow.cluster.submission import Site, wrap_submit
from workflow.cluster.watching import Watch, check_active_jobs

PLUGIN = "snakemake_executor_plugin_slurm"
SUBMITTING = 8  # submissions at the same time
_site = Site(mark_of("."))
_watch = Watch()


def prepare_cluster(workflow: Any) -> None:
    """Adapt the plugin for SLURM where it is loaded: names, limits, and how jobs are watched."""
    plugin: Any = sys.modules.get(PLUGIN)
    if plugin is None or not workflow.is_main_process:
        return
    assert inspect.isasyncgenfunction(plugin.Executor.check_active_jobs), "this plugin watches its jobs otherwise"
    assert {"job", "params", "settings"} <= set(inspect.signature(plugin.get_submit_command).parameters), "this plugin submits otherwise"
    _site.mark = mark_of(".")
    plugin.get_submit_command = wrap_submit(plugin.get_submit_command, _site)
    plugin.validate_account = lambda account, logger: account  # noqa: ARG005 - asked once, in `start_cluster`
    plugin.Executor.check_active_jobs = check_active_jobs(_watch)
    plugin.ThreadPoolExecutor = _more_hands


def _more_hands(max_workers: int, **options: Any) -> ThreadPoolExecutor:
    """Return threads for submission, each of which waits for SLURM: with the plugin's two, a busy head node submits few jobs a second."""
    return ThreadPoolExecutor(max(max_workers, SUBMITTING), **options)


def start_cluster(workflow: Any) -> None:
    """Before the first job: check the profile against the cluster, and end what an earlier run left in the queue.

    Raises:
        InputError: the profile cannot work here, or leftovers do not go.
    """
    on_slurm = getattr(workflow.executor_plugin, "name", "") == "slurm"
    if on_slurm:
        jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_local]
        for job in workflow.dag.needrun_jobs():
            if job.is_local:
                job.rule.restart_times = 0
        _site.partitions = partitions()
        check_site(jobs, _site.partitions, accounts())
    if on_slurm or (was_on_cluster() and shutil.which("squeue")):
        end_leftovers(_site.mark)
    if on_slurm:
        note_run()


def end_cluster() -> None:
    """After a run on the cluster: say how many jobs failed there (each was told as it failed), and how often SLURM was asked."""
    if _watch.questions:
        failed = f"{_watch.failed} of the cluster's jobs failed; why stands above, by job. " if _watch.failed else ""
        print(f"genvej: {failed}SLURM's accounting was asked {_watch.questions} times.", file=sys.stderr, flush=True)
