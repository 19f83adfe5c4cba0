"""Tables out of kept records: side by side with ratios, by stage, accuracy, growth, and what became slower; as text or Markdown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.bench.records import TOTAL, Accuracy, Row

OURS = "ours"
BUDGET = 1.10  # CPU against the kept table from which a stage is marked as slower
NOTICED = 1.0  # CPU seconds: smaller differences are noise
MEASURES = ("cpu_s", "wall_s", "memory_mb", "written_mb", "disk_mb")
HEADS = ("CPU s", "wall s", "memory MB", "written MB", "disk MB beside alignment")


@dataclass(frozen=True)
class Table:
    """A table to show: title, column names, cells."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def as_text(self) -> str:
        """Return the table with columns of even width, the first to the left."""
        lines = [self.head, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        body = ("  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines)
        return "\n".join([self.title, *body])

    def as_markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.head, ["---", *["--:"] * (len(self.head) - 1)], *self.rows]
        return f"**{self.title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def totals(rows: Sequence[Row], reads: str) -> dict[str, Row]:
    """Return the TOTAL of each chain on a set."""
    return {row.chain: row for row in rows if row.reads == reads and row.stage == TOTAL}


def ratio(ours: float, theirs: float) -> str:
    """Return ours / theirs with two decimals, `–` where theirs was not measured."""
    return f"{ours / theirs:.2f}" if theirs > 0 else "–"


def label(reads: str) -> str:
    """Return what a set is called in a title."""
    return {
        "real": "real reads (3 samples)",
        "demo": "simulated on the demo's reference (small)",
        "job": "the whole main job on the demo",
    }.get(reads, f"{reads} Mb at 30x")


def side_by_side(rows: Sequence[Row], reads: str) -> Table:
    """Return the totals of all chains on a set, and ours divided by each other chain."""
    found = totals(rows, reads)
    cells = [
        [chain, *(f"{getattr(row, name):,.0f}" for name in MEASURES), ratio(row.disk_mb, row.alignment_mb)] for chain, row in found.items()
    ]
    if ours := found.get(OURS):
        for chain, row in found.items():
            if chain != OURS:
                cells.append([f"ours / {chain}", *(ratio(getattr(ours, name), getattr(row, name)) for name in MEASURES), ""])
    return Table(f"FASTQ to filtered VCF, {label(reads)}", ("chain", *HEADS, "disk / alignment"), cells)


def by_stage(rows: Sequence[Row], reads: str) -> Table:
    """Return every stage of every chain on a set."""
    names = MEASURES[:4]
    cells = [
        [f"{row.chain}: {row.stage}", str(row.jobs), *(f"{getattr(row, name):,.1f}" for name in names)]
        for row in rows
        if row.reads == reads
    ]
    return Table(f"By stage, {label(reads)}", ("stage", "jobs", *HEADS[:4]), cells)


def accuracy(found: Sequence[Accuracy]) -> Table:
    """Return counts and F1 by set and sample, chains side by side."""
    chains = list(dict.fromkeys(one.chain for one in found))
    cells = []
    for key in dict.fromkeys((one.reads, one.sample, one.kind) for one in found):
        mine = {one.chain: one for one in found if (one.reads, one.sample, one.kind) == key}
        cells.append([f"{label(key[0])}: {key[1]} {key[2]}", *(_counts(mine.get(chain)) for chain in chains)])
    return Table("TP/FP/FN and F1, genotypes, PASS calls", ("set", *chains), cells)


def _counts(one: Accuracy | None) -> str:
    return f"{one.truth_tp}/{one.query_fp}/{one.truth_fn} {one.f1:.4f}" if one else "–"


def exponent(small: float, large: float, factor: float) -> float | None:
    """Return the power with which a measure grows when the genome grows by `factor` (1 = linear), None if it cannot be told."""
    return math.log(large / small) / math.log(factor) if small > 0 and large > 0 else None


def growth(rows: Sequence[Row], small: str = "2.5", large: str = "10") -> Table:
    """Return the growth exponents of each chain between two sizes in Mb."""
    first, last = totals(rows, small), totals(rows, large)
    cells = []
    for chain in first.keys() & last.keys():
        powers = (exponent(getattr(first[chain], name), getattr(last[chain], name), float(large) / float(small)) for name in MEASURES)
        cells.append([chain, *("–" if power is None else f"{power:.2f}" for power in powers)])
    return Table(f"Growth exponent from {small} to {large} Mb (1 = linear)", ("chain", *HEADS), sorted(cells))


def regressions(kept: Sequence[Row], new: Sequence[Row]) -> Table:
    """Return CPU of our stages now and as kept; `SLOWER` marks more than the budget."""
    before = {(row.reads, row.stage): row.cpu_s for row in kept if row.chain == OURS}
    cells = []
    for row in new:
        if row.chain == OURS and (row.reads, row.stage) in before:
            old = before[row.reads, row.stage]
            cells.append(
                [f"{label(row.reads)}: {row.stage}", f"{old:.1f}", f"{row.cpu_s:.1f}", ratio(row.cpu_s, old), verdict(old, row.cpu_s)]
            )
    return Table("Ours, new against old", ("stage", "CPU s kept", "CPU s now", "now / kept", ""), cells)


def verdict(old: float, new: float) -> str:
    """Return `SLOWER` if a stage takes more CPU than the budget allows, `faster` if it is as much below, else nothing."""
    if new > BUDGET * old and new - old > NOTICED:
        return "SLOWER"
    return "faster" if old > BUDGET * new and old - new > NOTICED else ""
