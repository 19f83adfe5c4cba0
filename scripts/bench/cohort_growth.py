"""How the frequency store grows: `python -m scripts.bench.cohort_growth --store DIR --to 20000 [--output TSV]`.

DIR is a store of a real cohort. Each step adds a batch of new genomes and measures; a later call goes on where an earlier one stopped.
A new genome is a real one of the first batch, whose variants that few people have there (three or fewer) stand at places of their own: it
brings as many new rare variants as a real person does. Times are wall clock in ms; `cold` is a view opened anew, `warm` the same one asked
again. Figures of adding and withdrawing are without the genome's own files, which are told apart.
"""

import argparse
import csv
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from workflow.cohort_store.admission import Candidate
from workflow.cohort_store.alleles import code_of_allele
from workflow.cohort_store.calls import Calls, Genome
from workflow.cohort_store.genome_file import GenomeFile
from workflow.cohort_store.model import Person, Variant
from workflow.cohort_store.segment import Segment
from workflow.cohort_store.versions import GENOMES, SEGMENTS
from workflow.cohort_store.view import View, open_view
from workflow.cohort_store.writing import Writer, open_writer

RARE, SPREAD, REPEATS = 3, 400, 15
SNVS = np.array([code_of_allele(ref, alt) for ref in "ACGT" for alt in "ACGT" if ref != alt], np.uint64)
Row = dict[str, Any]
Rare = dict[str, set[tuple[int, int]]]


def timed(work: Callable[[], object]) -> float:
    """Return the wall clock of some work, in ms."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def rare_codes(view: View) -> Rare:
    """Return (position, allele) of the variants that few people have, by contig."""
    found: Rare = {}
    for contig in {contig for contig, _ in view.windows}:
        for table in view.region(contig, 1, 1 << 28):
            rare = {(one.pos, code_of_allele(one.ref, one.alt)) for one, counts in table if counts.people <= RARE}
            found.setdefault(contig, set()).update(rare)
    return found


def renewed(genome: Genome, rare: Rare, dice: np.random.Generator) -> Genome:
    """Return a genome whose rare variants are others: SNVs at most 400 bases away."""
    calls = {contig: _renewed(one, rare.get(contig, set()), dice) for contig, one in genome.calls.items()}
    left = {int(code) for one in calls.values() for code in one.codes.tolist()}
    return Genome(calls, genome.judged, {code: letters for code, letters in genome.long.items() if code in left})


def _renewed(calls: Calls, rare: set[tuple[int, int]], dice: np.random.Generator) -> Calls:
    at = np.array([pair in rare for pair in zip(calls.positions.tolist(), calls.codes.tolist(), strict=True)], bool)
    positions, codes = calls.positions.copy(), calls.codes.copy()
    positions[at] += dice.integers(-SPREAD, SPREAD, int(at.sum())).astype(np.int32)
    codes[at] = dice.choice(SNVS, int(at.sum()))
    order = np.lexsort((codes, positions))
    _, first = np.unique(np.stack([positions[order].astype(np.uint64), codes[order]]), axis=1, return_index=True)
    order = order[np.sort(first)]
    alt, copies, counted, filters = calls.alt_copies[order], calls.copies[order], calls.counted[order], calls.filters[order]
    return Calls(positions[order], codes[order], alt, copies, counted, filters)


def grow(store: Path, count: int, seed: int, rare: Rare) -> float:
    """Add new genomes as one batch; return the seconds it took, compaction apart."""
    dice = np.random.default_rng(seed)
    with open_writer(store, "growth") as writer:
        rows = sorted((row for row in writer.people.all() if not row.sample.startswith("new")), key=lambda row: row.sample)
        start = time.perf_counter()
        writer.add([_candidate(store, row.token, row.karyotype, f"new{seed}x{at}", rare, dice) for at, row in enumerate(rows[:count])])
        return time.perf_counter() - start


def _candidate(store: Path, token: str, karyotype: str, name: str, rare: Rare, dice: np.random.Generator) -> Candidate:
    genome = renewed(GenomeFile(store / GENOMES / token).genome(), rare, dice)
    return Candidate(Person(name), genome, karyotype, "not named", "chr", store)


def measure(store: Path, rare: Rare, seed: int) -> Row:
    """Return one row of the table."""
    row: Row = {}
    dice = random.Random(seed)
    with open_view(store) as view:
        row |= {"genomes": view.version.count, "segments": len(view.version.segments), "waiting": len(view.version.genomes)}
        known = [one for contig in {name for name, _ in view.windows} for table in view.region(contig, 1, 1 << 28) for one, _ in table]
        row["variants"] = len(known)
    row |= _queries(store, [dice.sample(known, 1000) for _ in range(3)])
    row |= _disk(store)
    with open_writer(store, "measure") as writer:
        row |= _changes(writer, store, rare, seed)
    return row


def _queries(store: Path, samples: Sequence[Sequence[Variant]]) -> Row:
    found: dict[str, list[float]] = {}
    for variants in samples:
        with open_view(store) as view:
            for name in ("frequency_1000_cold", "frequency_1000_warm"):
                found.setdefault(name, []).append(timed(partial(view.frequency, variants)))
            found.setdefault("an_1000_warm", []).append(timed(partial(_each_an, view, variants)))
        for one in variants[:REPEATS]:
            with open_view(store) as view:
                for name in ("carriers_cold", "carriers_warm"):
                    found.setdefault(name, []).append(timed(partial(view.carriers, one)))
    return {name: round(statistics.median(times), 2) for name, times in found.items()}


def _each_an(view: View, variants: Sequence[Variant]) -> None:
    for one in variants:
        view.an(one.contig, [one.pos])


def _disk(store: Path) -> Row:
    with open_view(store) as view:
        segments = [Segment(store / SEGMENTS / name) for name in view.version.segments]
        size = sum(file.stat().st_size for segment in segments for file in segment.folder.iterdir())
        carriers = sum(int(segment.open(window).counts["people"].sum()) for segment in segments for window in segment.windows)
    own = sum(file.stat().st_size for file in (store / GENOMES).glob("*/*"))
    return {"carriers": carriers, "bytes_a_carrier": round(size / carriers, 3), "bytes_a_carrier_genomes": round(own / carriers, 3)}


def _changes(writer: Writer, store: Path, rare: Rare, seed: int) -> Row:
    rows = [row for row in writer.people.all() if row.sample.startswith("new")] or writer.people.all()
    added, withdrawn, erased, own = [], [], [], []
    for turn in range(5):
        row = random.Random(seed + turn).choice(rows)
        one = _candidate(store, row.token, row.karyotype, f"new{seed}m{turn}", rare, np.random.default_rng(turn))
        alone = timed(partial(writer.write, [one]))
        own.append(alone)
        added.append(timed(partial(writer.add, [one])) - alone)
        withdrawn.append(timed(partial(writer.withdraw, [one.person.sample], erase=False)))
    victim = random.Random(seed).choice(rows)
    withdrawn.append(timed(partial(writer.withdraw, [victim.sample], erase=False)))
    erased.append(timed(writer.erase))
    facts = {"own_files": statistics.median(own), "add": statistics.median(added), "withdraw": max(withdrawn), "erase": erased[0]}
    return {name: round(value, 1) for name, value in facts.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Grow and measure; a row a step is appended to the table."""
    parser = argparse.ArgumentParser(prog="cohort_growth", description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--to", type=int, default=20_000, metavar="N")
    parser.add_argument("--batch", type=int, default=3202, metavar="N")
    parser.add_argument("--steps", type=int, default=1, metavar="N", help="batches of this call")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/cohort_growth.tsv"))
    given = parser.parse_args(arguments)
    rare_file = given.store.with_suffix(".rare.npy")
    with open_view(given.store) as view:
        first = view.version.count
        rare: Rare = np.load(rare_file, allow_pickle=True).item() if rare_file.exists() else rare_codes(view)
    if not rare_file.exists():
        np.save(rare_file, np.array(rare, dtype=object), allow_pickle=True)
        _tell(given.output, measure(given.store, rare, 1) | {"batch_s": ""})
    for step in range(given.steps):
        if first + step * given.batch < given.to:
            seconds = grow(given.store, given.batch, first + step, rare)
            _tell(given.output, measure(given.store, rare, first + step) | {"batch_s": round(seconds, 1)})
    return 0


def _tell(output: Path, row: Row) -> None:
    is_new = not output.exists()
    with output.open("a", newline="") as handle:
        table = csv.DictWriter(handle, list(row), delimiter="\t", lineterminator="\n")
        if is_new:
            table.writeheader()
        table.writerow(row)
    print(row, flush=True)


if __name__ == "__main__":
    sys.exit(main())
