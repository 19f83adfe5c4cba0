"""Somebody else's chains and ours, side by side in one run: `make bench`.

    python -m scripts.bench [--sets job,real,2.5,5,10] [--chains ours,classical,classical-our-jvm,light] [--cores N]

Prints costs, ratios, accuracy and growth, and what became slower since the kept tables (benchmarks/). A set's kept rows are
replaced when all chains ran on it. Timings depend on the machine and on what else it does: they are printed and kept, never asserted.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.bench.job import JOB, measure_job
from scripts.bench.pages import TABLES, keep, measured_sets, note_of
from scripts.bench.real import real_set
from scripts.bench.records import Accuracy, Row, accuracy_of, index_rows, read_records, rows_of
from scripts.bench.run import CHAINS, build_indexes, run_chain
from scripts.bench.score import can_score
from scripts.bench.sets import SIZES, ReadSet, data_root, demo_set, large_set, shared_root
from scripts.bench.tables import accuracy, by_stage, growth, regressions, side_by_side
from scripts.setup.common import SetupError
from scripts.setup.debian import setup_debian
from workflow.errors import InputError
from workflow.tools import check_tools, read_pins, real_version, tools_for


def default_sets() -> tuple[str, ...]:
    """Return every set that can be made here."""
    return (JOB, "real", *SIZES) if (shared_root() / "giab").is_dir() else (JOB, "demo")


def load_set(name: str) -> ReadSet:
    """Return a set of reads by name, made now if need be."""
    if name == "demo":
        print("small set: no large reference is at hand (GENVEJ_SHARED), start-up of the tools weighs heavily in what follows")
        return demo_set()
    return real_set() if name == "real" else large_set(name)


def bring_tools(sets: Sequence[str]) -> None:
    """Install the read simulator if a set needs it, and see that the tools of every chain are the pinned ones.

    Raises:
        SetupError, InputError: a tool is missing or of another release, and cannot be installed here.
    """
    art = read_pins()["art_illumina"]
    if set(sets) - {JOB, "real"} and real_version(art) is None:
        setup_debian([art])
        check_tools([art.name])
    check_tools(tuple({*tools_for(aligner="minibwa", caller="gatk"), *tools_for(aligner="bwa", caller="freebayes")}))


def measure_set(name: str, chains: Sequence[str], cores: int, scoring: bool) -> tuple[list[Row], list[Accuracy]]:
    """Run the chains on a set, one after the other."""
    reads, work = load_set(name), data_root() / "work"
    rows = index_rows(name, build_indexes(reads, work, cores))
    found: list[Accuracy] = []
    for chain in chains:
        print(f"{name}: {chain} …", flush=True)
        result = run_chain(chain, reads, work, cores, scoring)
        stages = rows_of(name, chain, result.run, result.alignment_mb, result.extra.values())
        print(by_stage(stages, name).as_text(), flush=True)
        rows += stages
        found += accuracy_of(name, chain, result.scores)
    return rows, found


def show(rows: Sequence[Row], found: Sequence[Accuracy], kept: Sequence[Row]) -> None:
    """Print every table of what was measured now."""
    sets = measured_sets(rows)
    tables = [by_stage(rows, name) for name in sets if name == JOB] + [side_by_side(rows, name) for name in sets if name != JOB]
    tables += [growth(rows)] if {"2.5", "10"} <= set(sets) else []
    tables += [accuracy(found)] if found else []
    for table in [*tables, regressions(kept, rows)]:
        if table.rows:
            print(f"\n{table.as_text()}", flush=True)


def last_lines(log: Path) -> str:
    """Return the end of a log, empty if there is none."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]) if log.exists() else ""


def main(arguments: list[str]) -> int:
    """Measure, print, keep; return 1 if a chain failed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=",".join(default_sets()))
    parser.add_argument("--chains", default=",".join(CHAINS))
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args(arguments)
    sets, chains = options.sets.replace(",", " ").split(), options.chains.replace(",", " ").split()
    if unknown := [name for name in (*sets, *chains) if name not in (JOB, "real", "demo", *SIZES, *CHAINS)]:
        parser.error(f"unknown: {', '.join(unknown)}")
    return bench(sets, chains, options.cores)


def bench(sets: Sequence[str], chains: Sequence[str], cores: int) -> int:
    """Measure each set; one that fails does not stop the others."""
    bring_tools(sets)
    if not (scoring := can_score()):
        print("aardvark is not on PATH: accuracy is not measured in this run")
    kept = read_records(TABLES / "chains.tsv", Row) + read_records(TABLES / "demo.tsv", Row)
    rows: list[Row] = []
    found: list[Accuracy] = []
    failed = []
    for name in sets:
        try:
            more = (measure_job(data_root() / "work", cores), []) if name == JOB else measure_set(name, chains, cores, scoring)
        except (subprocess.CalledProcessError, OSError) as error:
            failed.append(name)
            print(f"{name} failed: {error}\n{last_lines(data_root() / 'work' / 'snakemake.log')}", file=sys.stderr)
            continue
        rows, found = rows + more[0], found + more[1]
        if name == JOB or set(chains) == set(CHAINS):
            keep(more[0], more[1], note_of(cores))
    show(rows, found, kept)
    return int(bool(failed))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (SetupError, InputError) as error:
        sys.exit(f"make bench: {error}")
