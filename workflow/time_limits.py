"""How long a job may take: a `runtime` for every rule, and a watcher (`bounded.py`) that ends a job which hangs.

A cluster enforces `runtime` by itself; on one machine Snakemake only notes it. So the watcher stands before each command that Snakemake
starts, wherever it starts it. It also ends a job whose Snakemake was killed, and what a killed job leaves at work: no file has two writers.
"""

import binascii
import inspect
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from snakemake.resources import Resources
from snakemake.shell import shell

BOUNDED = Path(__file__).with_name("bounded.py")
_account: list[Path] = []  # the folder in which jobs leave a line on what they cost; none before `keep_account`
Minutes = Callable[[Any, int], int]


def hours(number: float) -> Minutes:
    """Return a rule's `runtime`: `number` hours, in minutes, as many times as it was attempted."""

    def minutes(wildcards: Any, attempt: int) -> int:  # noqa: ARG001 - Snakemake chooses what to give by these names
        return max(1, round(number * 60 * attempt))

    return minutes


def give_time(workflow: Any, minutes: Minutes) -> None:
    """Give a `runtime` to the rules that have none: not from themselves, `--set-resources` or `--default-resources`."""
    for rule in workflow.rules:
        if "runtime" not in rule.resources:
            rule.resources.update(Resources.from_mapping({"runtime": minutes}))


def keep_account(folder: Path) -> None:
    """Let each job leave a line on what it cost in `<folder>/node-<8 digits>.jsonl`: a file a machine, whose name is not told."""
    node = binascii.crc32(os.uname().nodename.encode())
    _account[:] = [folder.absolute() / f"node-{node:08x}.jsonl"]


def account_of(name: str, wildcards: Any, context: Mapping[str, Any]) -> str:
    """Return what the watcher is told to write beside a job's cost, as JSON; empty where no account is kept."""
    if not _account:
        return ""
    facts = {"rule": name, "wildcards": dict(wildcards.items()) if wildcards else {}, "threads": context.get("threads") or 1}
    job = os.environ.get("SLURM_JOB_ID")
    return json.dumps({"file": str(_account[0]), "facts": facts | ({"slurm": job} if job else {})})


def bound_jobs(lock: Path) -> None:
    """Let each job's command run under the watcher; `lock` is held by all that a job starts."""
    assert callable(shell._get_process_prefix), "this Snakemake begins its shell commands otherwise"
    original = shell._get_process_prefix

    def prefix(shell_exec: str | None = None) -> str:
        caller = inspect.currentframe()
        given = caller.f_back.f_locals if caller and caller.f_back else {}
        return watched(given.get("func_context", {}), given.get("context", {}), lock) + str(original(shell_exec))

    shell._get_process_prefix = prefix


def watched(rule: Mapping[str, Any], context: Mapping[str, Any], lock: Path) -> str:
    """Return the shell command, to stand before a job's own, that starts the job anew under the watcher; empty for what is no job.

    Args:
        rule: the variables of the function that Snakemake makes of a rule; `self` is a script's frame in a script-rule.
        context: what Snakemake passes to the shell: `resources` with `runtime` in minutes, `container_img`.
        lock: the file that jobs hold.
    """
    script = rule.get("self", None)
    name, wildcards = (script.rulename, script.wildcards) if script else (rule.get("rule"), rule.get("wildcards"))
    minutes = getattr(context.get("resources"), "runtime", None)
    if not name or not isinstance(minutes, int) or context.get("container_img"):
        return ""
    job = " ".join([name, *map(str, wildcards or ())])
    words = [sys.executable, "-I", "-S", str(BOUNDED), str(60 * minutes), job, str(os.getpid()), str(lock.absolute())]
    account = shlex.quote(account_of(name, wildcards, context))
    again = 'bash ${BASH_EXECUTION_STRING+-c} "${BASH_EXECUTION_STRING-$0}"'  # a long command comes as a file, and not after -c
    export = f"export GENVEJ_BOUNDED=1 GENVEJ_ACCOUNT={account}"
    return f'if [ -z "${{GENVEJ_BOUNDED-}}" ]; then {export}; exec {shlex.join(words)} {again}; fi; unset GENVEJ_BOUNDED; '
