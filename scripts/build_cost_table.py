"""Build resources/costs/stages.tsv, what a job costs before a centre has a history, from this project's own benchmarks.

    python -m scripts.build_cost_table

A rule that benchmarks/chains.tsv measured on two or more simulated sets of one depth (2.5, 10 Mb at 30x) gets a line through them: a
fixed part and one that grows with gigabases. All others were measured on the demo alone (benchmarks/demo.tsv, 0.0044 gigabases a sample):
that cost is taken as fixed, which is too low for whole genomes; a forecast says how far it is from what was measured.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow.digests import ROOT
from workflow.files import atomic

TARGET = ROOT / "resources" / "costs" / "stages.tsv"
DEMO = 0.0044  # gigabases of a sample of the demo
DEPTH = 30  # of the simulated sets; their name is their length in Mb
MEASURES = {"cpu_s": "cpu_s", "wall_s": "wall_s", "written_mb": "written_mb"}
ON_TOP = "on top: "
NO_RULES = {"TOTAL", "Snakemake itself"}
RENAMED = {"check_deliverables": ("check_sample", "check_case")}  # by the script: two rules share it
COLUMNS = (
    "rule",
    *(f"{name}_{part}" for name in MEASURES for part in ("fixed", "per_gigabase")),
    "max_rss_mb",
    "gigabases_least",
    "gigabases_most",
    "source",
)
Row = Mapping[str, str]


def read_table(file: Path) -> tuple[str, list[dict[str, str]]]:
    """Return the comment of a benchmark's table, and the rows of our own chain."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return lines[0].lstrip("# ").split(".")[0], [row for row in rows if row["chain"] == "ours"]


def line_through(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return (fixed, slope) of the straight line of least squares through points, neither below 0; one point is all slope or all fixed."""
    if len(points) == 1:
        return points[0][1], 0.0
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    slope = max(0.0, sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points))
    fixed = mean_y - slope * mean_x
    if fixed >= 0:
        return fixed, slope
    return 0.0, sum(x * y for x, y in points) / sum(x * x for x, _ in points)


def of_rule(rule: str, rows: Sequence[tuple[float, Row]], source: str) -> dict[str, str]:
    """Return the line of a rule from (gigabases, row) of its measurements."""
    sizes = [size for size, _ in rows]
    cells = {"gigabases_least": f"{min(sizes):g}", "gigabases_most": f"{max(sizes):g}"}
    cells |= {"rule": rule, "max_rss_mb": f"{max(float(row['memory_mb']) for _, row in rows):.0f}", "source": source}
    for name, column in MEASURES.items():
        fixed, slope = line_through([(size, float(row[column]) / int(row["jobs"])) for size, row in rows])
        cells |= {f"{name}_fixed": f"{fixed:.3f}", f"{name}_per_gigabase": f"{slope:.2f}"}
    return cells


def build(chains: Path, demo: Path) -> str:
    """Return the text of the table."""
    said, measured = read_table(chains)
    of_demo, small = read_table(demo)
    found: dict[str, dict[str, str]] = {}
    by_rule: dict[str, list[tuple[float, Row]]] = {}
    for row in measured:
        if row["reads"].replace(".", "").isdigit() and row["stage"] not in NO_RULES:
            by_rule.setdefault(row["stage"].removeprefix(ON_TOP), []).append((float(row["reads"]) * DEPTH / 1000, row))
    for rule, rows in by_rule.items():
        found[rule] = of_rule(rule, rows, "chains")
    for row in small:
        for rule in RENAMED.get(row["stage"], (row["stage"],)):
            if rule not in NO_RULES and rule not in found:
                found[rule] = of_rule(rule, [(DEMO, row)], "demo")
    head = [
        "# What one job of each rule costs: a fixed part, and one a gigabase of reads. Built by scripts/build_cost_table.py.",
        f"# chains = benchmarks/chains.tsv ({said}); demo = benchmarks/demo.tsv ({of_demo}). Of this project, MIT like all of it.",
    ]
    lines = ["\t".join(row[name] for name in COLUMNS) for row in found.values()]
    return "\n".join([*head, "\t".join(COLUMNS), *lines]) + "\n"


if __name__ == "__main__":
    with atomic(TARGET) as part:
        part.write_text(build(ROOT / "benchmarks" / "chains.tsv", ROOT / "benchmarks" / "demo.tsv"), encoding="utf-8")
    print(TARGET)
