"""What jobs cost: lines of measure.py summed by rule, and the most disk that a folder held."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.measure import JOBS, SHIM

MEASURE = Path(__file__).with_name("measure.py")


@dataclass
class Cost:
    """What the jobs of one rule cost together; memory is that of the largest process. MB are 10**6 bytes."""

    rule: str
    jobs: int = 0
    cpu_s: float = 0
    wall_s: float = 0
    memory_mb: float = 0
    written_mb: float = 0

    def add(self, other: "Cost") -> None:
        """Add the jobs of another cost to this one."""
        self.jobs += other.jobs
        self.cpu_s += other.cpu_s
        self.wall_s += other.wall_s
        self.memory_mb = max(self.memory_mb, other.memory_mb)
        self.written_mb += other.written_mb


@dataclass
class Run:
    """One measured command: its jobs by rule, wall and CPU of everything (Snakemake included), and disk."""

    costs: dict[str, Cost]
    wall_s: float
    cpu_s: float
    peak_disk_mb: float


def costs(lines: Iterable[str]) -> dict[str, Cost]:
    """Return the cost of each rule from the lines that measure.py wrote, the dearest first."""
    by_rule: dict[str, Cost] = {}
    for line in lines:
        job = json.loads(line)
        by_rule.setdefault(job["rule"], Cost(job["rule"])).add(Cost(jobs=1, **job))
    return dict(sorted(by_rule.items(), key=lambda item: -item[1].cpu_s))


def total(parts: Iterable[Cost], name: str) -> Cost:
    """Return the sum of some rules under a name of its own."""
    whole = Cost(name)
    for part in parts:
        whole.add(part)
    return whole


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files in a folder, hard links counted once; files that go while we look are passed over."""
    return sum({status.st_ino: status.st_size for status in _statuses(folder)}.values())


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(place, name))
            except FileNotFoundError:
                continue


class PeakDisk(threading.Thread):
    """Looks at a folder twice a second and remembers the most bytes it held."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.peak, self._done = folder, 0, threading.Event()

    def run(self) -> None:
        """Look until stopped."""
        while not self._done.wait(0.5):
            self.peak = max(self.peak, folder_bytes(self.folder))

    def stop(self) -> int:
        """End, and return the peak in bytes."""
        self._done.set()
        self.join()
        return max(self.peak, folder_bytes(self.folder))


def measured(command: Sequence[str], folder: Path) -> Run:
    """Run a Snakemake command in `folder`, all its scratch files inside, and return what it cost.

    Raises:
        subprocess.CalledProcessError: it failed; what it printed is in `folder`/snakemake.log.
    """
    scratch = folder / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="genvej-bench-") as place, open(folder / "snakemake.log", "a", encoding="utf-8") as log:
        shim, jobs = Path(place) / "bin", Path(place) / "jobs"
        shim.mkdir()
        (shim / "bash").write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {MEASURE} "$@"\n', encoding="utf-8")
        (shim / "bash").chmod(0o755)
        jobs.touch()
        environment = dict(os.environ, PATH=f"{shim}{os.pathsep}{os.environ['PATH']}", TMPDIR=str(scratch))
        environment |= {JOBS: str(jobs), SHIM: str(shim), "JAVA_TOOL_OPTIONS": f"-Djava.io.tmpdir={scratch}"}
        disk, before, start = PeakDisk(folder), _children_cpu(), time.monotonic()
        disk.start()
        try:
            subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)
        finally:
            wall, cpu, peak = time.monotonic() - start, _children_cpu() - before, disk.stop()
        found = costs(jobs.read_text(encoding="utf-8").splitlines())
    shutil.rmtree(scratch)
    return Run(found, wall, cpu, peak / 1e6)


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
