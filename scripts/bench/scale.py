"""How planning grows with the cohort, beside Snakemake without receipts on the same tree: `make scale`.

    python -m scripts.bench.scale RUN/config.yaml [--samples 100,1000,10000,60000] [--plain 1000] [--work FOLDER] [--table FILE] [--prepare]

RUN is a finished run of one sample (scripts/bench/receipt_tree.py). CPU (user and system), wall and peak memory are those of the whole
command, as its process and its children used them (wait4); each is measured as often as `--repeat` says, and the run with the least CPU
is kept. Dry runs: what is measured is everything up to the first job. `plain` is the same Snakefile with receipts switched off. Trees are
written by processes of their own, since a child's peak begins with the memory of the process that it was forked from; `--prepare` only
writes them, so that they can be measured later, on a quiet machine.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.bench.dry_run import Cost, measure
from scripts.bench.receipt_tree import add_sample, read_run
from workflow.digests import ROOT
from workflow.files import atomic

COLUMNS = ("samples", "what", "planner", "cpu_s", "wall_s", "max_rss_mb", "plain_over_ours_cpu", "plain_over_ours_rss")
NOTE = (
    "# Planning of finished cohorts, dry runs of the whole command; scripts/bench/scale.py. CPU s (user + system), wall s, peak "
    "memory in MB (10^6 bytes). plain: the same Snakefile without receipts; not measured beyond 1,000 samples, where it takes minutes and "
    "gigabytes. 0 samples: Snakemake on a file of one rule, the floor. A timing depends on the machine: look at the ratios.\n"
)
NOTHING, ONE, FLOOR = "nothing to do", "one new sample", "a rule without files"


def least(tree: Path, repeat: int) -> Cost:
    """Return the measurement with the least CPU of several."""
    return min((measure(tree) for _ in range(repeat)), key=lambda one: one.cpu)


def prepare(run_config: Path, tree: Path, samples: int) -> None:
    """Write a tree, unless it is there, and let a first run make the index of receipts from them.

    Raises:
        CalledProcessError: it cannot be written.
    """
    if not tree.exists():
        command = [sys.executable, "-m", "scripts.bench.receipt_tree", str(run_config), str(tree), str(samples)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        print(f"{samples} samples: the index of receipts took {measure(tree)}", flush=True)


def rows_of(run_config: Path, work: Path, samples: int, plain: bool, repeat: int) -> list[tuple[str, ...]]:
    """Measure on a tree and remove it; return rows of the table.

    Raises:
        RuntimeError: there is something to do in the tree.
    """
    tree = work / f"tree{samples}"
    prepare(run_config, tree, samples)
    idle = least(tree, repeat)
    if "Nothing to be done" not in (tree / "scale.log").read_text(encoding="utf-8"):
        raise RuntimeError(f"{tree} is not of this version of the workflow: remove it, it is written anew")
    rows = _rows(samples, NOTHING, idle, measure(tree, plain=True) if plain else None)
    add_sample(read_run(run_config), tree)
    rows += _rows(samples, ONE, least(tree, repeat), None)
    shutil.rmtree(tree)
    return rows


def floor(work: Path) -> list[tuple[str, ...]]:
    """Return the row of Snakemake by itself: one rule that neither needs nor makes a file."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        tree = Path(folder)
        (tree / "Snakefile").write_text('rule all:\n    shell: "true"\n', encoding="utf-8")
        (tree / "config.yaml").write_text("{}\n", encoding="utf-8")
        cost = min((measure(tree, tree / "Snakefile") for _ in range(2)), key=lambda one: one.cpu)
    return [("0", FLOOR, "snakemake", *_told(cost), "", "")]


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
    parser.add_argument("--prepare", action="store_true", help="write the trees under --work and measure nothing")
    asked = parser.parse_args()
    work = asked.work or Path(tempfile.mkdtemp(prefix="genvej-scale-", dir=asked.config.absolute().parent.parent))
    for samples in map(int, asked.samples.split(",")):
        if asked.prepare:
            prepare(asked.config.absolute(), work.absolute() / f"tree{samples}", samples)
            continue
        rows = rows_of(asked.config.absolute(), work.absolute(), samples, samples <= asked.plain, asked.repeat)
        write_table(asked.table, rows)
        print("\n".join("\t".join(row) for row in rows), flush=True)
    if not asked.prepare:
        write_table(asked.table, floor(work.absolute()))


if __name__ == "__main__":
    main()
