"""One run of the workflow in one folder: survives a killed predecessor, reruns for content and not for dates.

Snakemake's own defaults make a killed run need `--unlock --rerun-incomplete`, and make a fresh clone rerun every script.
Genvej's promise is "the same command again", so this module settles both when the Snakefile is read.
"""

import contextlib
import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from inspect import iscoroutinefunction
from pathlib import Path
from typing import IO, Any

import snakemake.jobs
from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.settings.types import DAGSettings

from workflow.output_check import check_outputs
from workflow.time_limits import bound_jobs

RUN, JOBS = "genvej.run.lock", "genvej.jobs.lock"
_looking: list[bool] = []  # filled in a process that only looks at what would run: it takes no lock and removes none
_held: list[IO[str]] = []  # open for the life of the process: the kernel frees these locks however the process ends


def prepare_session(workflow: Any) -> None:
    """Settle locks and rerun rules for the process that has just begun to read its Snakefile.

    Args:
        workflow: Snakemake's workflow object.
    """
    _ignore_script_dates()
    _redo_incomplete_files()
    _look_behind_ancient_files()
    state = Path(".snakemake")
    bound_jobs(state / JOBS)
    check_outputs()
    _hear_of_an_end_without_a_lock()
    _tell_of_a_full_disk()
    if _looking:
        return
    if not workflow.is_main_process:
        _hold(state / JOBS, fcntl.LOCK_SH)
    elif state.is_dir() and _hold(state / RUN, fcntl.LOCK_EX, patience=3):
        _remove_stale_locks(state / "locks")
    elif (state / RUN).exists() and os.access(state / RUN, os.W_OK):
        print("genvej: another run is at work in this folder; wait for its end, and do not unlock the folder.", file=sys.stderr, flush=True)


def only_look() -> None:
    """Let this process read the Snakefile without becoming a run: another may be at work in the folder, and nothing of it is touched."""
    _looking[:] = [True]


def start_run() -> None:
    """Before the first job of a run: wait for jobs that a killed run left behind."""
    _wait_for_orphans(Path(".snakemake") / JOBS)


def uses_conda(workflow: Any) -> bool:
    """Return whether jobs run inside conda environments (`--sdm conda`) and not with the tools on PATH."""
    return any(method.name == "CONDA" for method in workflow.deployment_settings.deployment_method)


def _ignore_script_dates() -> None:
    """Switch off Snakemake's rerun trigger by script modification time: `code_of` follows the content, imports included."""
    assert callable(snakemake.jobs.get_script_mtime), "this Snakemake names its script date function otherwise"
    snakemake.jobs.get_script_mtime = lambda path: 0.0  # noqa: ARG005


def _redo_incomplete_files() -> None:
    """Make again what a killed run left unfinished, as `--rerun-incomplete` does: the settings object exists, but is not in reach yet."""
    assert "force_incomplete" in DAGSettings.__dataclass_fields__, "this Snakemake names its setting otherwise"
    DAGSettings.force_incomplete = property(lambda self: True, lambda self, value: None)  # noqa: ARG005


def _hear_of_an_end_without_a_lock() -> None:
    """Let SIGTERM be answered in a thread of its own.

    Snakemake's answer takes the lock of a semaphore. The signal may come while the same thread holds that lock, and the run then waits for
    itself for ever.
    """
    original = JobScheduler.exit_gracefully

    def exit_gracefully(self: Any, *signalled: Any) -> None:
        threading.Thread(target=original, args=(self, *signalled)).start()

    JobScheduler.exit_gracefully = exit_gracefully


def _tell_of_a_full_disk() -> None:
    """Say in one sentence that Snakemake itself could not read or write a file; it shows the places in its code where that happened."""
    original = JobScheduler.schedule

    def schedule(self: Any) -> Any:
        try:
            return original(self)
        except OSError as error:
            what = f"{error.filename or 'a file of this run'}: {error.strerror or error}"
            raise WorkflowError(f"error: {what}; the run stops here. Make room or give access, and run the same command again.") from None

    JobScheduler.schedule = schedule


def _look_behind_ancient_files() -> None:
    """Let Snakemake ask each job behind an `ancient` file whether it must run.

    Where a job runs, it asks none of those that come after it, since they will run as well; but not those that only an ancient file
    joins to it. One sample more would hide what a changed limit means for all others (https://github.com/snakemake/snakemake/issues/4166).
    """
    assert iscoroutinefunction(DAG.update_needrun), "this Snakemake finds out otherwise which jobs must run"
    original = DAG.update_needrun

    async def update_needrun(self: Any, *args: Any, **options: Any) -> None:
        self.bfs = _jobs_after  # within `update_needrun` this search has one use: whom not to ask
        try:
            await original(self, *args, **options)
        finally:
            self.__dict__.pop("bfs", None)

    DAG.update_needrun = update_needrun


def _jobs_after(edges: Mapping[Any, Mapping[Any, Any]], first: Any) -> Iterator[Any]:
    """Give a job and all that come after it other than through ancient files; `edges` are job → later job → files."""
    waiting, seen = [first], {first}
    while waiting:
        yield (job := waiting.pop())
        for after, files in edges[job].items():
            if after not in seen and not all(file.is_ancient for file in files):
                seen.add(after)
                waiting.append(after)


def _hold(path: Path, kind: int, patience: float = 0) -> bool:
    """Take a lock for the life of this process; return False if somebody else has it (or the folder cannot be written)."""
    try:
        handle = open(path, "a")  # noqa: SIM115 - kept open on purpose
    except OSError:
        return False
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                handle.close()
                return False
            time.sleep(0.2)
        else:
            _held.append(handle)
            return True


def _wait_for_orphans(path: Path) -> None:
    """Wait until no job of a killed run is at work in this folder: two writers of one file must not meet."""
    with open(path, "a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print(
                f"genvej: jobs of an earlier run that was killed are still at work in this folder{_named(path)}; waiting for them to end.",
                file=sys.stderr,
                flush=True,
            )
            fcntl.flock(handle, fcntl.LOCK_EX)


def _named(path: Path) -> str:
    """Return the process ids of those that have a file open, in brackets; empty where they are another user's or another machine's."""
    wanted = os.stat(path)
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(link), wanted):
                found.add(int(link.parts[2]))
    others = sorted(found - {os.getpid()})
    return f" (process {', '.join(map(str, others))})" if others else ""


def _remove_stale_locks(folder: Path) -> None:
    """Remove Snakemake's lock files; called only while no other run of Genvej lives in this folder."""
    stale = sorted(folder.glob("*.lock"))
    for lock in stale:
        os.unlink(lock)
    if stale:
        print(
            "genvej: an earlier run in this folder was killed; its lock is removed and its unfinished files are made again.",
            file=sys.stderr,
            flush=True,
        )
