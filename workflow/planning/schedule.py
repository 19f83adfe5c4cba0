"""How long the planned jobs take on some cores, and how much disk they hold meanwhile: played through, job by job.

As Snakemake does, a job starts as soon as those before it have ended and its threads are free, the first in the plan's order first. A
file counts from the end of its job to that of its last reader if it is temporary; one that is made anew gives back its old size as its
job begins, unless a sealed version holds the same bytes (a hard link). Scratch files within a job are not known.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.planning.jobs import PlannedJob


@dataclass(frozen=True)
class Played:
    """What came out: seconds by the clock; MB at the peak and at the end beside what is there now; seconds by job number when it ended."""

    wall_s: float
    peak_mb: float
    final_mb: float
    ended: Mapping[int, float]


def play(
    jobs: Sequence[PlannedJob], walls: Mapping[int, float], sizes: Mapping[int, Sequence[float]], cores: int, most_jobs: int | None = None
) -> Played:
    """Play the jobs through.

    Args:
        jobs: in an order in which each comes after those that it needs.
        walls: seconds of each job, by its number.
        sizes: MB of each of its outputs.
        cores: what there is; a job that asks for more gets all of it.
        most_jobs: how many may be at work at once (None = as many as fit).
    """
    disk = _Disk(jobs, sizes)
    waiting_for = {job.number: len(job.needs) for job in jobs}
    followers: dict[int, list[int]] = defaultdict(list)
    by_number = {job.number: job for job in jobs}
    for job in jobs:
        for need in job.needs:
            followers[need].append(job.number)
    ready = [job.number for job in jobs if not job.needs]
    heapq.heapify(ready)
    running: list[tuple[float, int]] = []
    ended: dict[int, float] = {}
    clock, free = 0.0, cores
    while ready or running:
        held_back = []
        while ready and (most_jobs is None or len(running) < most_jobs):
            number = heapq.heappop(ready)
            threads = min(by_number[number].threads, cores)
            if threads <= free:
                free -= threads
                disk.begin(by_number[number])
                heapq.heappush(running, (clock + walls[number], number))
            else:
                held_back.append(number)
                if len(held_back) > cores:
                    break
        for number in held_back:
            heapq.heappush(ready, number)
        clock, number = heapq.heappop(running)
        free += min(by_number[number].threads, cores)
        ended[number] = clock
        disk.end(by_number[number])
        for follower in followers[number]:
            waiting_for[follower] -= 1
            if not waiting_for[follower]:
                heapq.heappush(ready, follower)
    return Played(clock, disk.peak, disk.now, ended)


class _Disk:
    """MB on disk beside what is there now."""

    def __init__(self, jobs: Sequence[PlannedJob], sizes: Mapping[int, Sequence[float]]) -> None:
        self.sizes, self.now, self.peak = sizes, 0.0, 0.0
        self.readers: dict[str, int] = defaultdict(int)
        self.temporary: dict[str, float] = {}
        for job in jobs:
            for file in dict.fromkeys(job.inputs):
                self.readers[file] += 1

    def begin(self, job: PlannedJob) -> None:
        self.now -= sum(_freed(Path(file)) for file, _ in job.outputs)

    def end(self, job: PlannedJob) -> None:
        for (file, temporary), size in zip(job.outputs, self.sizes[job.number], strict=True):
            self.now += size
            if temporary:
                self.temporary[file] = size
        self.peak = max(self.peak, self.now)
        for file in dict.fromkeys(job.inputs):
            self.readers[file] -= 1
            if not self.readers[file]:
                self.now -= self.temporary.pop(file, 0.0)


def _freed(file: Path) -> float:
    """Return the MB that are free again once a file is removed: none where it is not there, or has another name somewhere."""
    try:
        status = file.stat()
    except OSError:
        return 0.0
    return status.st_size / 1e6 if status.st_nlink == 1 else 0.0
