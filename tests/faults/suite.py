"""`make faults`: every fault at every stage, and the table of what became of each: `python -m tests.faults.suite`."""

import argparse
import csv
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
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
Part = Callable[[Path, Callable[[str], None]], list[Outcome]]


def parts(base: Work) -> dict[str, Part]:
    """Return what can be done apart, by name: each takes a folder and a way to tell how far it is."""
    found: dict[str, Part] = {
        fault.name: partial(lambda fault, folder, tell: chain(base, folder, [(fault, stage) for stage in STAGES], tell), fault)
        for fault in FAULTS
    }
    for name, entries in (("tool", TOOLS), ("disk", DISK)):
        for stage, some in groupby(entries, key=lambda one: one.stage):
            entry = list(some)
            found[f"{name}: {stage}"] = partial(lambda entry, folder, tell: spoil_each(base, folder, entry, tell), entry)
    found["sealing"] = lambda folder, tell: kill_each_step(base, folder, tell)
    found["released"] = lambda folder, tell: damage_each(base, folder, tell)
    found["metadata"] = lambda folder, tell: metadata_lost(base, folder, tell)
    return found


def write_table(file: Path, outcomes: Iterable[Outcome]) -> None:
    """Write one line an outcome."""
    with open(file, "w", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        writer.writerow(("fault", "stage", "outcome", "bad"))
        writer.writerows((one.fault, one.stage, one.outcome, " ".join(one.bad.split())[:300]) for one in outcomes)


def run_parts(base: Work, folder: Path, only: str, jobs: int, table: Path) -> list[Outcome]:
    """Do the parts whose name holds one of some words, in the order of the words, some at a time; write the table as it grows, and return all outcomes."""
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
        write_table(table, all_outcomes())

    def all_outcomes() -> list[Outcome]:
        return [outcome for _, some in sorted(done.items()) for outcome in some]

    all_parts = parts(base)
    chosen = list({name: all_parts[name] for word in only.split(",") for name in all_parts if word in name}.items())
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, enumerate(chosen)))
    return all_outcomes()


def main() -> int:
    """Run the suite; return 1 if one outcome is bad."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="do the parts whose name holds one of these words, commas between them")
    parser.add_argument("--jobs", type=int, default=2, help="parts at a time")
    parser.add_argument("--table", type=Path, default=TABLE, help="where the table is written")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="genvej-faults."))
    try:
        base = prepare(folder / "base")
        outcomes = run_parts(base, folder, options.only, options.jobs, options.table)
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
