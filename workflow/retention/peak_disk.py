"""How much disk a sample or case took at most while it was worked on: the files that its jobs made, as each job ended.

Temporary files count as long as they are there. Not counted: raw reads, and scratch below the folder for temporary files (sorting one
sample's reads takes about as much as its FASTQ files, `workflow/disk.py`).
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflow.disk import KEPT
from workflow.files import read_json

LEAST = 100_000_000  # bytes below which a sample is not held against the bound: of a small one, most is the same for all


@dataclass
class PeakDisk:
    """Bytes by sample or case: `now` and at most (`peak`); of its temporary files, which may be gone at the next look, each one's."""

    peak: dict[str, int] = field(default_factory=dict)
    now: dict[str, int] = field(default_factory=dict)
    temporary: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, subject: str, kept: Iterable[str], temporary: Iterable[str]) -> None:
        """Take in what a job has made, just after it ended and before what it read is removed."""
        before = self.temporary.setdefault(subject, {})
        gone = [file for file in before if not os.path.exists(file)]
        size = self.now.get(subject, 0) - sum(before.pop(file) for file in gone)
        for file in temporary:
            size -= before.get(file, 0)
            before[file] = _size(file)
            size += before[file]
        size += sum(map(_size, kept))
        self.now[subject] = size
        self.peak[subject] = max(size, self.peak.get(subject, 0))

    def all_peaks(self, earlier: Mapping[str, int]) -> dict[str, int]:
        """Return the peaks, those of an earlier run for what this one does not touch."""
        return {**earlier, **self.peak}


def _size(file: str) -> int:
    """Return a file's bytes, or those of what lies directly in a folder; 0 where nothing is."""
    try:
        if os.path.isdir(file):
            return sum(entry.stat().st_size for entry in os.scandir(file) if entry.is_file())
        return os.stat(file).st_size
    except OSError:
        return 0


def beyond_bound(results: Path, peaks: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return (sample, most bytes at once, bound) of samples that took more than a run asks for beforehand (`workflow/disk.py`).

    Args:
        results: the results folder, in which fastq.json tells the bytes of a sample's raw reads.
        peaks: most bytes at once by sample or case; cases, and samples without that file, are passed over.
    """
    found = []
    for sample, peak in peaks.items():
        file = results / "samples" / sample / "fastq.json"
        if peak > LEAST and file.is_file():
            raw = sum(unit[mate]["bytes"] for unit in read_json(file)["units"] for mate in ("fastq_1", "fastq_2"))
            if peak > (bound := round(KEPT * raw)):
                found.append((sample, peak, bound))
    return found
