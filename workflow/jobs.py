"""The frame that every script of a rule runs in: log file, one-sentence errors."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from workflow.errors import InputError


def run_job(main: Callable[..., None], job: Any) -> None:
    """Call `main(input=…, output=…, params=…, wildcards=…, threads=…)` of a script with Snakemake's `job` object.

    Standard output and error go to the job's log on the level of file descriptors, so that messages of C libraries land there too.
    An InputError becomes one sentence on the real standard error and exit status 1; any other exception leaves its traceback
    in the log and one line on the real standard error.
    """
    person = os.fdopen(os.dup(2), "w")
    if job.log:
        try:
            os.makedirs(os.path.dirname(job.log[0]) or ".", exist_ok=True)
            log = os.open(job.log[0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        except OSError as error:
            print(f"\nerror: {job.rule} cannot write its log {job.log[0]} ({error.strerror}); nothing was done.\n", file=person, flush=True)
            os._exit(1)
        os.dup2(log, 1)
        os.dup2(log, 2)
    try:
        main(input=job.input, output=job.output, params=job.params, wildcards=job.wildcards, threads=job.threads)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        if job.log:
            print(f"\nerror: {error}\n", file=person, flush=True)
        sys.stdout.flush()
        os._exit(1)
    except Exception as error:
        traceback.print_exc()
        place = f" (details in {job.log[0]})" if job.log else ""
        print(f"\nerror: {job.rule} stopped: {type(error).__name__}: {error}{place}\n", file=person, flush=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def run_command(work: Callable[[], int | None]) -> int:
    """Do the work of a command line; return its exit status: 2, and one sentence on standard error, for an error of the user's making.

    Otherwise it is what the work returns, 0 for None.
    """
    try:
        status = work() or 0
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `| head`: who reads has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
