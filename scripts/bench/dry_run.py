"""What a dry run costs as a whole command."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from workflow.digests import ROOT

PLAIN = (
    "import sys; from snakemake.cli import main; import workflow.receipts.cohort_plan as plan; plan.judge = lambda *_: None; "
    "main(sys.argv[1:])"
)


@dataclass(frozen=True)
class Cost:
    """What a command cost: CPU s, wall s, peak memory in MB (10^6 bytes)."""

    cpu: float
    wall: float
    memory: float


def measure(tree: Path, snakefile: Path = ROOT / "Snakefile", *, plain: bool = False) -> Cost:
    """Return what a dry run in a tree costs.

    Raises:
        RuntimeError: it failed.
    """
    start = [sys.executable, "-c", PLAIN] if plain else [sys.executable, "-m", "snakemake"]
    arguments = [
        "--snakefile",
        str(snakefile),
        "--directory",
        ".",
        "--configfile",
        "config.yaml",
        "--cores",
        "2",
        "-n",
        "-q",
        "all",
    ]
    began = time.monotonic()
    child = os.fork()
    if not child:
        os.chdir(tree)
        log = os.open(tree / "scale.log", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.execve(sys.executable, [*start, *arguments], os.environ | {"PYTHONPATH": str(ROOT)})
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"the dry run in {tree} failed:\n{(tree / 'scale.log').read_text()[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss * 1024 / 1e6)
