"""How the frequency store grows: `python -m scripts.bench.cohort_growth --store DIR [--steps 7] [--output TSV]`.

DIR is a store of a real cohort. Each step adds as many new people again and measures; a later call goes on where an earlier one stopped. A
new person is a real one, but variants that three people or fewer of a segment have stand at places of their own: as many new rare
variants come in as with real people, or more. Of each kind of work the fastest wall clock (`_ms`) and the median of CPU time (`_cpu`) are
told, in ms; `cold` is a view opened anew, `warm` the same one asked again. Adding is without the genome's own files, which are told apart.
"""

import argparse
import csv
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from scripts.bench.cohort_renewal import grow
from workflow.cohort_store.admission import Candidate
from workflow.cohort_store.genome_file import GenomeFile
from workflow.cohort_store.model import Person, Variant
from workflow.cohort_store.people import Row
from workflow.cohort_store.segment import Segment
from workflow.cohort_store.versions import GENOMES, SEGMENTS, read_version
from workflow.cohort_store.view import View, open_view
from workflow.cohort_store.writing import Writer, open_writer

REPEATS = 15
Figures = dict[str, Any]
Time = tuple[float, float]


def timed(work: Callable[[], object]) -> Time:
    """Return wall clock and CPU time of some work, in ms."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def told(times: Mapping[str, Sequence[Time]]) -> Figures:
    """Return the fastest wall clock and the median CPU time of each kind of work."""
    fastest = {f"{name}_ms": round(min(wall for wall, _ in one), 2) for name, one in times.items()}
    return fastest | {f"{name}_cpu": round(statistics.median(cpu for _, cpu in one), 2) for name, one in times.items()}


def _candidate(store: Path, row: Row, name: str) -> Candidate:
    genome = GenomeFile(store / GENOMES / row.token).genome()
    if name != row.sample:  # an equal genome under another name is refused
        genome = replace(genome, calls=dict(list(genome.calls.items())[1:]))
    return Candidate(Person(name), genome, row.karyotype, "not named", "chr", store)


def measure(store: Path, seed: int) -> Figures:
    """Return one row of the table."""
    row: Figures = {}
    with open_view(store) as view:
        row |= {"genomes": view.version.count, "segments": len(view.version.segments)}
        known = [one for contig in {name for name, _ in view.windows} for table in view.region(contig, 1, 1 << 28) for one, _ in table]
        row["variants"] = len(known)
    dice = random.Random(seed)
    row |= _queries(store, [dice.sample(known, 1000) for _ in range(3)])
    row |= _disk(store)
    with open_writer(store, "measure") as writer:
        row |= _changes(writer, store, seed)
    return row


def _queries(store: Path, samples: Sequence[Sequence[Variant]]) -> Figures:
    found: dict[str, list[Time]] = {}
    for variants in samples:
        with open_view(store) as view:
            for name in ("frequency_1000_cold", "frequency_1000_warm"):
                found.setdefault(name, []).append(timed(partial(view.frequency, variants)))
            found.setdefault("an_1000_warm", []).append(timed(partial(_each_an, view, variants)))
        for one in variants[:REPEATS]:
            with open_view(store) as view:
                for name in ("carriers_cold", "carriers_warm"):
                    found.setdefault(name, []).append(timed(partial(view.carriers, one)))
    return told(found)


def _each_an(view: View, variants: Sequence[Variant]) -> None:
    for one in variants:
        view.an(one.contig, [one.pos])


def _disk(store: Path) -> Figures:
    with open_view(store) as view:
        segments = [Segment(store / SEGMENTS / name) for name in view.version.segments]
    size = sum(file.stat().st_size for segment in segments for file in segment.folder.iterdir())
    carriers = sum(int(segment.open(window).counts["people"].sum()) for segment in segments for window in segment.windows)
    return {"carriers": carriers, "bytes_a_carrier": round(size / carriers, 3)}


def _changes(writer: Writer, store: Path, seed: int) -> Figures:
    """Add and withdraw one person five times; take one of the first people out of a segment, and put them back."""
    rows = [row for row in writer.people.all() if not row.sample.startswith("new")]
    times: dict[str, list[Time]] = {"own_files": [], "add": [], "withdraw": [], "erase": []}
    dice = random.Random(seed)
    for turn in range(5):
        one = _candidate(store, dice.choice(rows), f"new{seed}m{turn}")
        alone = timed(partial(writer.write, [one]))
        times["own_files"].append(alone)
        both = timed(partial(writer.add, [one]))
        times["add"].append((both[0] - alone[0], both[1] - alone[1]))
        times["withdraw"].append(timed(partial(writer.withdraw, [one.person.sample], erase=False)))
    row = dice.choice(rows)
    victim = _candidate(store, row, row.sample)
    times["withdraw"].append(timed(partial(writer.withdraw, [row.sample], erase=False)))
    times["erase"].append(timed(writer.erase))
    writer.add([victim])
    return told(times)


def main(arguments: Sequence[str] | None = None) -> int:
    """Grow and measure; a row a step is appended to the table."""
    parser = argparse.ArgumentParser(prog="cohort_growth", description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=7, metavar="N", help="how many times the cohort is added again (default 7)")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/cohort_growth.tsv"))
    parser.add_argument("--compact", action="store_true", help="compact to one segment at the end and measure once more")
    given = parser.parse_args(arguments)
    base = given.store.with_suffix(".base")  # the first people's segments, which leaving must not change
    if not base.exists():
        for name in read_version(given.store).segments:
            shutil.copytree(given.store / SEGMENTS / name, base / name)
        _tell(given.output, measure(given.store, 1) | {"batch_cpu_s": ""})
    for _ in range(given.steps):
        seed = read_version(given.store).number
        seconds = grow(given.store, base, seed)
        _tell(given.output, measure(given.store, seed) | {"batch_cpu_s": round(seconds, 1)})
    if given.compact:
        with open_writer(given.store, "compact") as writer:
            seconds = timed(lambda: writer.compact(everything=True))[1] / 1000
        _tell(given.output, measure(given.store, 2) | {"batch_cpu_s": round(seconds, 1)})
    return 0


def _tell(output: Path, row: Figures) -> None:
    is_new = not output.exists()
    with output.open("a", newline="") as handle:
        table = csv.DictWriter(handle, list(row), delimiter="\t", lineterminator="\n")
        if is_new:
            table.writeheader()
        table.writerow(row)
    print(row, flush=True)


if __name__ == "__main__":
    sys.exit(main())
