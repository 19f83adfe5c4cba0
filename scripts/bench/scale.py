"""How planning grows with the cohort, beside Snakemake without receipts on the same tree: `make scale`.

    python -m scripts.bench.scale RUN/config.yaml [--samples 100,1000,10000,60000] [--plain 1000] [--work FOLDER] [--table FILE]

RUN is a finished run of one sample (scripts/bench/receipt_tree.py). CPU (user and system), wall and peak memory are those of the whole
command, as its process and its children used them (wait4); each is measured as often as `--repeat` says, and the run with the least CPU
is kept. Dry runs: what is measured is everything up to the first job. `plain` is the same Snakefile with receipts switched off.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.receipt_tree import add_sample, read_run, write_tree
from workflow.digests import ROOT
from workflow.files import atomic

COLUMNS = ("samples", "what", "planner", "cpu_s", "wall_s", "max_rss_mb", "plain_over_ours_cpu", "plain_over_ours_rss")
NOTE = (
    "# Planning of finished cohorts, dry runs of the whole command; scripts/bench/scale.py. CPU s (user + system), wall s, peak "
    "memory in MB (10^6 bytes). plain: the same Snakefile without receipts. A timing depends on the machine: look at the ratios.\n"
)
PLAIN = (
    "import sys; from snakemake.cli import main; import workflow.receipts.cohort_plan as plan; plan.judge = lambda *_: None; "
    "main(sys.argv[1:])"
)
NOTHING, ONE = "nothing to do", "one new sample"


@dataclass(frozen=True)
class Cost:
    """What a command cost: CPU s, wall s, peak memory in MB (10^6 bytes)."""

    cpu: float
    wall: float
    memory: float


def measure(tree: Path, *, plain: bool = False) -> Cost:
    """Return what a dry run in a tree costs.

    Raises:
        RuntimeError: it failed.
    """
    start = [sys.executable, "-c", PLAIN] if plain else [sys.executable, "-m", "snakemake"]
    arguments = [
        "--snakefile",
        str(ROOT / "Snakefile"),
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


def least(tree: Path, repeat: int, *, plain: bool = False) -> Cost:
    """Return the measurement with the least CPU of several."""
    return min((measure(tree, plain=plain) for _ in range(repeat)), key=lambda one: one.cpu)


def rows_of(run_config: Path, work: Path, samples: int, plain: bool, repeat: int) -> list[tuple[str, ...]]:
    """Build a tree, measure on it, remove it; return rows of the table."""
    tree = work / f"tree{samples}"
    run = read_run(run_config)
    write_tree(run, tree, samples)
    try:
        measure(tree)  # the index of receipts is made from them once
        rows = _rows(samples, NOTHING, least(tree, repeat), measure(tree, plain=True) if plain else None)
        add_sample(run, tree)
        return rows + _rows(samples, ONE, least(tree, repeat), None)
    finally:
        shutil.rmtree(tree)


def _rows(samples: int, what: str, ours: Cost, plain: Cost | None) -> list[tuple[str, ...]]:
    ratios = (f"{plain.cpu / ours.cpu:.1f}", f"{plain.memory / ours.memory:.1f}") if plain else ("", "")
    rows: list[tuple[str, ...]] = [(str(samples), what, "receipts", *_told(ours), *ratios)]
    return rows + ([(str(samples), what, "plain", *_told(plain), "", "")] if plain else [])


def _told(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.cpu:.2f}", f"{cost.wall:.1f}", f"{cost.memory:.0f}"


def write_table(file: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Write the table; rows of cohorts that were not measured now are kept."""
    kept: list[tuple[str, ...]] = []
    if file.is_file():
        old = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(("#", COLUMNS[0]))]
        kept = [tuple(row) for row in old if row[0] not in {one[0] for one in rows}]
    every = sorted([*kept, *rows], key=lambda row: (int(row[0]), row[1] != NOTHING, row[2]))
    with atomic(file) as part:
        part.write_text(NOTE + "\n".join("\t".join(row) for row in [COLUMNS, *every]) + "\n", encoding="utf-8")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--samples", default="100,1000,10000,60000")
    parser.add_argument("--plain", type=int, default=1000, help="largest cohort that is also planned without receipts")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--work", type=Path, help="folder for the trees, on the file system of RUN (hard links)")
    parser.add_argument("--table", type=Path, default=ROOT / "benchmarks" / "scale.tsv")
    asked = parser.parse_args()
    work = asked.work or Path(tempfile.mkdtemp(prefix="genvej-scale-", dir=asked.config.absolute().parent.parent))
    for samples in map(int, asked.samples.split(",")):
        rows = rows_of(asked.config.absolute(), work.absolute(), samples, samples <= asked.plain, asked.repeat)
        write_table(asked.table, rows)
        print("\n".join("\t".join(row) for row in rows), flush=True)


if __name__ == "__main__":
    main()
