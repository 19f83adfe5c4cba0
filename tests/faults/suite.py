"""`make faults`: every fault at every stage, and the table of what became of each: `python -m tests.faults.suite`."""

import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path

from tests.faults.chains import NOT_TRIED, Outcome, chain
from tests.faults.released import damage_each, metadata_lost
from tests.faults.sealing import kill_each_step
from tests.faults.table import FAULTS, STAGES
from tests.faults.tools import DISK, TOOLS, spoil_each
from tests.faults.work import ROOT, Work, prepare, remove

TABLE = ROOT / "benchmarks" / "faults.tsv"
Row = tuple[str, ...]
Part = Callable[[Path, Callable[[str], None]], list[Outcome]]


def parts(base: Work, stages: Collection[str] = ()) -> dict[str, Part]:
    """Return what can be done apart, by name: each takes a folder and a way to tell how far it is; of some `stages` only, if named."""
    struck = [stage for stage in STAGES if not stages or stage.name in stages]
    found: dict[str, Part] = {
        fault.name: partial(lambda fault, folder, tell: chain(base, folder, [(fault, stage) for stage in struck], tell), fault)
        for fault in FAULTS
    }
    for name, entries in (("tool", TOOLS), ("disk", DISK)):
        for stage, some in groupby((one for one in entries if not stages or one.stage in stages), key=lambda one: one.stage):
            entry = list(some)
            found[f"{name}: {stage}"] = partial(lambda entry, folder, tell: spoil_each(base, folder, entry, tell), entry)
    if stages:
        return found
    found["sealing"] = lambda folder, tell: kill_each_step(base, folder, tell)
    found["released"] = lambda folder, tell: damage_each(base, folder, tell)
    found["metadata"] = lambda folder, tell: metadata_lost(base, folder, tell)
    return found


def commit() -> str:
    """Return the last commit that changed the workflow or the suite, `-dirty` behind it if files differ from it."""
    tested = ("Snakefile", "rules", "scripts", "workflow", "envs", "tests/faults")
    told = [
        subprocess.run(["git", *command, "--", *tested], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
        for command in (("log", "-1", "--format=%h"), ("status", "--porcelain"))
    ]
    return told[0] + ("-dirty" if told[1] else "")


def read_table(file: Path, of: str) -> list[Row]:
    """Return the rows of a table, all of one commit.

    Raises:
        SystemExit: a row is of another commit: what one version of the workflow withstood says nothing of another.
    """
    with open(file, newline="") as handle:
        rows = [tuple(row) for row in csv.reader(handle, delimiter="\t")][1:]
    if other := {row[-1] for row in rows} - {of}:
        raise SystemExit(f"{file}: rows of commit {', '.join(sorted(other))}; this is {of}")
    return rows


def write_table(file: Path, kept: Iterable[Row], outcomes: Iterable[Outcome], of: str) -> None:
    """Write one line an outcome, below rows that are kept and were not done again."""
    new = [(one.fault, one.stage, one.outcome, " ".join(one.bad.split())[:300], of) for one in outcomes]
    done = {row[:2] for row in new}
    with open(file, "w", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        writer.writerow(("fault", "stage", "outcome", "bad", "commit"))
        writer.writerows([*(row for row in kept if row[:2] not in done), *new])


def run_parts(
    base: Work, folder: Path, only: str, jobs: int, tell_all: Callable[[list[Outcome]], None], stages: Collection[str] = ()
) -> list[Outcome]:
    """Do the parts whose name holds one of some words, in the order of the words; write the table as it grows, and return all outcomes."""
    begin = time.monotonic()
    done: dict[int, list[Outcome]] = {}

    def tell(text: str) -> None:
        print(f"[{time.monotonic() - begin:5.0f} s] {' '.join(text.split())[:400]}", flush=True)

    def one(numbered: tuple[int, tuple[str, Part]]) -> None:
        number, (name, part) = numbered
        try:
            done[number] = part(folder / f"part{number}", tell)
        except Exception as error:  # a broken part is a bad outcome, not the end of the others
            done[number] = [Outcome(name, "", "the suite failed", repr(error))]
        tell_all(all_outcomes())

    def all_outcomes() -> list[Outcome]:
        return [outcome for _, some in sorted(done.items()) for outcome in some]

    all_parts = parts(base, stages)
    chosen = list({name: all_parts[name] for word in only.split(",") for name in all_parts if word in name}.items())
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, enumerate(chosen)))
    return all_outcomes()


def main() -> int:
    """Run the suite; return 1 if one outcome is bad."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="do the parts whose name holds one of these words, commas between them")
    parser.add_argument("--stages", default="", help="do these stages only, commas between them; without sealing and released files")
    parser.add_argument("--jobs", type=int, default=2, help="parts at a time")
    parser.add_argument("--table", type=Path, default=TABLE, help="where the table is written")
    parser.add_argument("--add", type=Path, nargs="*", default=[], help="tables of the same commit whose rows are taken over")
    options = parser.parse_args()
    of = commit()
    stages = frozenset(filter(None, options.stages.split(",")))
    if unknown := stages - {one.stage for one in (*TOOLS, *DISK)} - {one.name for one in STAGES}:
        parser.error(f"no such stage: {', '.join(sorted(unknown))}")
    kept = [row for file in options.add for row in read_table(file, of)]
    folder = Path(tempfile.mkdtemp(prefix="genvej-faults."))
    try:
        base = prepare(folder / "base")
        tell = partial(write_table, options.table, kept, of=of)
        outcomes = run_parts(base, folder, options.only, options.jobs, tell, stages)
    finally:
        remove(folder) if folder.is_dir() else shutil.rmtree(folder, ignore_errors=True)
    bad = [one for one in outcomes if one.bad]
    untried = [one for one in outcomes if one.outcome.startswith(NOT_TRIED)]
    for one in (*untried, *bad):
        print(f"{'BAD' if one.bad else 'NOT TRIED'}: {one.fault} | {one.stage}: {one.bad or one.outcome}", file=sys.stderr)
    print(f"{len(outcomes)} faults done, {len(bad)} with a bad outcome, {len(untried)} not tried; table: {options.table}")
    return 1 if bad or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
