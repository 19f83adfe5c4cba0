"""How long and with how much memory one new sample is fingerprinted and compared with a store: `python -m scripts.bench.identity`.

Makes stores of people who never were (seeded) on the base panel's sites, or on evenly spread ones without a panel. A process of its own,
Python's start included, makes the fingerprint of a new person out of counted bases and compares it; the same person is in the store
under another name. Prints the table and writes it to benchmarks/identity.tsv.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.fingerprint_store import append
from workflow.fingerprints import Fingerprint, Sites, key_of, quantised, sites_of, write_fingerprint
from workflow.panel_places import base_panel
from workflow.site_counts import genotype_likelihoods
from workflow.site_panel import read_panel

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("people", "sites", "depth", "wall_s", "cpu_s", "peak_rss_mb", "found")
ASSEMBLY = "GRCh38"
BATCH = 500


def sites_for(assembly: str) -> Sites:
    """Return the autosomal sites of the base panel, or 10,000 evenly spread ones where this machine has none."""
    if place := base_panel(assembly):
        return sites_of(read_panel(place))[0]
    keys = [key_of(1 + number // 500, 200_000 * (number % 500 + 1), "A", "G") for number in range(10_000)]
    return Sites(assembly, np.array(keys, np.int64), np.full(len(keys), 0.3, np.float32))


def person(sites: Sites, dice: np.random.Generator) -> NDArray[np.int64]:
    """Return copies of the alternative allele at each site of somebody drawn by the sites' frequencies."""
    return dice.binomial(2, np.nan_to_num(sites.frequencies, nan=0.3))


def counted(copies: NDArray[np.int64], depth: float, dice: np.random.Generator) -> NDArray[np.int64]:
    """Return (sites, 2) reference and alternative bases of somebody sequenced to a depth."""
    total = dice.poisson(depth, len(copies))
    alt = dice.binomial(total, np.array([0.002, 0.5, 0.998])[copies])
    return np.stack([total - alt, alt], axis=-1)


def fingerprint(name: str, sites: Sites, counts: NDArray[np.int64]) -> Fingerprint:
    """Return the fingerprint of counted bases."""
    return Fingerprint(name, sites, quantised(genotype_likelihoods(counts[:, 0], counts[:, 1])))


def fill(store: Path, sites: Sites, people: int, first: Fingerprint, dice: np.random.Generator) -> None:
    """Put people into a store: `first`, then others."""
    facts = {"when": "2026-01-01", "decision": "release"}
    for start in range(0, people, BATCH):
        batch = [
            fingerprint(f"P{start + one:06d}", sites, counted(person(sites, dice), 30, dice)) for one in range(min(BATCH, people - start))
        ]
        append(store, [(one, facts) for one in ([first] if not start else []) + batch[0 if start else 1 :]])


def one_step(sites_file: Path, counts: Path, store: Path) -> None:
    """Fingerprint and compare: what the measured process does. Prints the nearest name."""
    from workflow.fingerprints import read_fingerprint
    from workflow.store_search import search

    one = fingerprint("new", read_fingerprint(sites_file).sites, np.load(counts))
    found = search(store, one)
    best = max(found.known, key=lambda known: max(known.pair.odds))
    print(f"{best.pair.name} {best.pair.relation} of {found.compared}")


def measure(sites: Sites, people: int, depths: Sequence[float]) -> list[dict[str, Any]]:
    """Return one row a depth for a store of some people."""
    dice = np.random.default_rng(people)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        work = Path(folder)
        somebody = person(sites, dice)
        write_fingerprint(work / "sites.npz", Fingerprint("", sites, np.zeros((len(sites), 3), np.uint8)))
        fill(work, sites, people, fingerprint("earlier", sites, counted(somebody, 30, dice)), dice)
        rows = []
        for depth in depths:
            np.save(work / "counts.npy", counted(somebody, depth, dice))
            arguments = ["--step", str(work / "sites.npz"), str(work / "counts.npy"), str(work)]
            before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            code = [sys.executable, "-c", MEASURED, *arguments]
            said = subprocess.run(code, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            wall, cpu = time.perf_counter() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            facts = (people, len(sites), depth, round(wall, 2), round(cpu, 2), round(int(said[1]) / 1024), said[0])
            rows.append(dict(zip(COLUMNS, facts, strict=True)))
    return rows


# VmHWM and not ru_maxrss, which begins with what the process that started this one had.
MEASURED = (
    "import sys; from scripts.bench.identity import main; main(sys.argv[1:]);"
    "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(prog="identity", description="Time and memory of one comparison.")
    parser.add_argument("--people", default="100,1000,10000", help="sizes of the stores")
    parser.add_argument("--depths", default="30,5", help="of the new sample")
    parser.add_argument("--step", nargs=3, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        one_step(*options.step)
        return
    sites = sites_for(ASSEMBLY)
    depths = [float(depth) for depth in options.depths.split(",")]
    rows = [row for people in options.people.split(",") for row in measure(sites, int(people), depths)]
    lines = ["\t".join(COLUMNS), *("\t".join(str(row[column]) for column in COLUMNS) for row in rows)]
    (ROOT / "benchmarks" / "identity.tsv").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
