"""What the main job costs, stage by stage: `make bench` runs the demo into a folder of its own and prints a table.

CPU, wall and memory come from Snakemake's own benchmark files, disk from looking at the folder once a second. Timings depend on the
machine and on what else it does: they are printed and kept (benchmarks/demo.tsv), never asserted.
"""

import csv
import os
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "benchmarks" / "demo.tsv"
COLUMNS = ("rule", "jobs", "cpu_s", "wall_s", "max_rss_mb", "written_mb")


@dataclass
class Cost:
    """What the jobs of one rule cost together; memory is that of the largest job, in MB as Snakemake counts them."""

    rule: str
    jobs: int = 0
    cpu_s: float = 0
    wall_s: float = 0
    max_rss_mb: float = 0
    written_mb: float = 0

    def add(self, row: dict[str, str]) -> None:
        """Add one job, a row of a benchmark file."""
        self.jobs += 1
        self.cpu_s += _number(row["cpu_time"])
        self.wall_s += _number(row["s"])
        self.max_rss_mb = max(self.max_rss_mb, _number(row["max_rss"]))
        self.written_mb += _number(row["io_out"])

    def as_row(self) -> list[str]:
        """Return the cells of the table."""
        return [self.rule, str(self.jobs), *(f"{value:.1f}" for value in (self.cpu_s, self.wall_s, self.max_rss_mb, self.written_mb))]


def _number(text: str) -> float:
    """Return a benchmark's number; a job that ended before it was sampled has `NA` or `-`."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def costs(benchmarks: Path) -> list[Cost]:
    """Return the cost of each rule under a folder of benchmark files (`<rule>.tsv` or `<rule>/….tsv`), the dearest first."""
    by_rule: dict[str, Cost] = {}
    for path in sorted(benchmarks.rglob("*.tsv")):
        rule = path.relative_to(benchmarks).parts[0].removesuffix(".tsv")
        with open(path, newline="") as handle:
            for row in csv.DictReader(handle, delimiter="\t"):
                by_rule.setdefault(rule, Cost(rule)).add(row)
    return sorted(by_rule.values(), key=lambda cost: -cost.cpu_s)


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files in a folder, hard links counted once; files that go while we look are passed over."""
    sizes = {status.st_ino: status.st_size for status in _statuses(folder)}
    return sum(sizes.values())


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(place, name))
            except FileNotFoundError:
                continue


class PeakDisk(threading.Thread):
    """Looks at a folder once a second and remembers the most bytes it held."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.peak, self._done = folder, 0, threading.Event()

    def run(self) -> None:
        """Look until stopped."""
        while not self._done.wait(1):
            self.peak = max(self.peak, folder_bytes(self.folder))

    def stop(self) -> int:
        """End, and return the peak in bytes."""
        self._done.set()
        self.join()
        return max(self.peak, folder_bytes(self.folder))


def run_demo(results: Path, cores: int) -> dict[str, float]:
    """Run the demo into `results` and return what the whole of it cost."""
    command = ["snakemake", "--snakefile", "Snakefile", "--directory", ".", "--configfile", "config/demo.yaml"]
    command += ["--config", f"results={results}", "--cores", str(cores), "--quiet", "rules"]
    disk, before, start = PeakDisk(results), resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    disk.start()
    subprocess.run(command, cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.monotonic() - start
    return {"wall_s": wall, "cpu_s": cpu, "peak_disk_mb": disk.stop() / 1e6, "final_disk_mb": folder_bytes(results) / 1e6}


def previous(table: Path) -> dict[str, list[str]]:
    """Return the rows of the last table by rule; empty if there is none."""
    if not table.exists():
        return {}
    with open(table, newline="") as handle:
        rows = [row for row in csv.reader(handle, delimiter="\t") if row and not row[0].startswith("#")]
    return {row[0]: row for row in rows[1:]}


def main() -> None:
    """Run, print the new table beside the old CPU seconds, keep it."""
    cores = len(os.sched_getaffinity(0))
    subprocess.run(["make", "-s", "data"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="genvej-bench-") as folder:
        whole = run_demo(Path(folder) / "results", cores)
        found = costs(Path(folder) / "results" / "benchmarks")
    old = previous(TABLE)
    print("".join(f"{name:>26}" if not i else f"{name:>12}" for i, name in enumerate((*COLUMNS, "cpu_before"))))
    for cost in found:
        cells = [*cost.as_row(), old.get(cost.rule, ["", "", "-"])[2]]
        print("".join(f"{cell:>26}" if not i else f"{cell:>12}" for i, cell in enumerate(cells)))
    print(f"{cores} cores: " + ", ".join(f"{name} {value:.0f}" for name, value in whole.items()))
    with open(TABLE, "w", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        handle.write(f"# the demo on {cores} cores: " + ", ".join(f"{name} {value:.0f}" for name, value in whole.items()) + "\n")
        writer.writerows([COLUMNS, *(cost.as_row() for cost in found)])


if __name__ == "__main__":
    main()
