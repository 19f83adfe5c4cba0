"""What is kept of a run: benchmarks/chains.tsv (cost of each stage) and benchmarks/accuracy.tsv (counts against truth)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from scripts.bench.costs import Cost, Run
from scripts.bench.score import Score

TOTAL, ENGINE, ON_TOP, INDEXES = "TOTAL", "Snakemake itself", "on top: ", "indexes, built once"
METHOD = (
    "CPU seconds and memory (largest process, with the files it maps) are what the kernel reports of each job and all its children at "
    "their end (wait4); bytes written are the pages of files that they made dirty (/proc/<pid>/io). Wall is that of the whole Snakemake "
    "run, peak disk the most that its folder, scratch files included, held when looked at twice a second, less the final CRAM or BAM. "
    "TOTAL is from FASTQ to filtered VCF with gVCF (light: none), without indexes of the reference."
)
Record = TypeVar("Record", "Row", "Accuracy")


@dataclass(frozen=True)
class Row:
    """One stage of one chain on one set, or the TOTAL; MB are 10**6 bytes; disk and alignment only in TOTAL, else 0."""

    reads: str
    chain: str
    stage: str
    jobs: int
    cpu_s: float
    wall_s: float
    memory_mb: float
    written_mb: float
    disk_mb: float = 0.0
    alignment_mb: float = 0.0


@dataclass(frozen=True)
class Accuracy:
    """Counts of one sample and kind (SNV, INDEL) of one chain on one set."""

    reads: str
    chain: str
    sample: str
    kind: str
    truth_tp: int
    query_fp: int
    truth_fn: int
    f1: float


def rows_of(reads: str, chain: str, run: Run, alignment_mb: float, extra: Iterable[Cost]) -> list[Row]:
    """Return the rows of one measured chain: stages, the dearest first, TOTAL, Snakemake, and what we do on top."""
    whole = Cost(TOTAL)
    for cost in run.costs.values():
        whole.add(cost)
    disk = max(0.0, run.peak_disk_mb - alignment_mb)
    rows = [_row(reads, chain, cost.rule, cost) for cost in run.costs.values()]
    rows.append(Row(reads, chain, TOTAL, whole.jobs, whole.cpu_s, run.wall_s, whole.memory_mb, whole.written_mb, disk, alignment_mb))
    rows.append(Row(reads, chain, ENGINE, 1, max(0.0, run.cpu_s - whole.cpu_s), 0.0, 0.0, 0.0))
    return rows + [_row(reads, chain, ON_TOP + cost.rule, cost) for cost in extra]


def index_rows(reads: str, costs: Iterable[Cost]) -> list[Row]:
    """Return what the indexes of the reference cost, which no chain's TOTAL holds."""
    return [_row(reads, INDEXES, cost.rule, cost) for cost in costs]


def _row(reads: str, chain: str, stage: str, cost: Cost) -> Row:
    return Row(reads, chain, stage, cost.jobs, cost.cpu_s, cost.wall_s, cost.memory_mb, cost.written_mb)


def accuracy_of(reads: str, chain: str, scores: Iterable[Score]) -> list[Accuracy]:
    """Return the counts of one chain."""
    return [Accuracy(reads, chain, one.sample, one.kind, one.truth_tp, one.query_fp, one.truth_fn, one.f1) for one in scores]


def read_records(path: Path, kind: type[Record]) -> list[Record]:
    """Return the records of a kept table, none if there is no table."""
    if not path.exists():
        return []
    types: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    with open(path, newline="", encoding="utf-8") as handle:
        lines = csv.DictReader((line for line in handle if not line.startswith("#")), delimiter="\t")
        return [kind(**{name: types[name](text) for name, text in line.items()}) for line in lines]


def write_records(path: Path, records: Sequence[Record], note: str) -> None:
    """Write a kept table, `note` as comment on top; seconds and MB with one decimal, F1 with four."""
    with open(path, "w", newline="", encoding="utf-8") as handle:
        handle.write(f"# {note}\n")
        writer = csv.DictWriter(handle, list(asdict(records[0])), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        for record in records:
            writer.writerow({name: _text(name, value) for name, value in asdict(record).items()})


def _text(name: str, value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if name == "f1" else f"{value:.1f}"
    return str(value)


def replaced(kept: Sequence[Record], new: Sequence[Record]) -> list[Record]:
    """Return the kept records with those of every set that was measured anew in place of the old: one set is always of one run."""
    measured = {record.reads for record in new}
    return [record for record in kept if record.reads not in measured] + list(new)
