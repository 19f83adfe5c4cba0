"""The default table (`resources/costs/stages.tsv`): what a job of each rule costs before a centre has a history of its own.

It is built from the tables under benchmarks/ by `scripts/build_cost_table.py`, which says how; sizes there are in gigabases. GB of FASTQ
are turned into gigabases by one factor, since the reads of a plan may not have been counted yet.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workflow.costs.curves import Shape
from workflow.digests import ROOT

TABLE = ROOT / "resources" / "costs" / "stages.tsv"
BASES_A_BYTE = 1.7
"""Bases a byte of compressed FASTQ: 1.15 in the demo (qualities of 40 values), some 2.5 with four values, within the table's range."""


@dataclass(frozen=True)
class Row:
    """Costs of one job by GB of FASTQ: CPU and wall seconds on one machine, MB written; MB of memory of the largest process."""

    cpu_s: Shape
    wall_s: Shape
    written_mb: Shape
    max_rss_mb: float
    source: str


@cache
def read_defaults(file: Path = TABLE) -> dict[str, Row]:
    """Return the table by rule."""
    with open(file, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader((line for line in handle if not line.startswith("#")), delimiter="\t"))
    return {row["rule"]: _row(row) for row in rows}


def _row(row: dict[str, str]) -> Row:
    least, most = (float(row[f"gigabases_{end}"]) / BASES_A_BYTE for end in ("least", "most"))
    shapes = {
        name: Shape(float(row[f"{name}_fixed"]), float(row[f"{name}_per_gigabase"]) * BASES_A_BYTE, least, most)
        for name in ("cpu_s", "wall_s", "written_mb")
    }
    return Row(shapes["cpu_s"], shapes["wall_s"], shapes["written_mb"], float(row["max_rss_mb"]), row["source"])
