"""The growth of the frequency store as a drawing: `python -m scripts.bench.cohort_plot [TSV] [SVG]`, both in benchmarks/ by default."""

import csv
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, GAP, BOTTOM = 300, 190, 54, 34, 70, 40
LINES = {
    "Asking, ms of CPU": {
        "carriers_cold_cpu": "carriers, cold",
        "carriers_warm_cpu": "carriers, warm",
        "frequency_1000_cold_cpu": "1,000 variants, cold",
        "frequency_1000_warm_cpu": "1,000 variants, warm",
        "an_1000_warm_cpu": "AN of 1,000 sites, one by one",
    },
    "Changing, ms of CPU": {
        "add_cpu": "add",
        "withdraw_cpu": "withdraw (counted no more)",
        "own_files_cpu": "own files",
        "erase_cpu": "erase from all files",
    },
    "Disk, bytes a carrier": {"bytes_a_carrier": "compacted by variant"},
}
COLOURS = ("#1b6ca8", "#c2452d", "#3a7d44", "#7a4b9d", "#8a6d1b")
Rows = Sequence[Mapping[str, str]]


def panel(title: str, lines: Mapping[str, str], rows: Rows, left: int) -> list[str]:
    """Return one drawing: values against genomes, both from 0 or, where they differ a hundredfold, on a logarithmic scale."""
    values = [float(row[name]) for row in rows for name in lines]
    most, least = max(values), max(min(values), 0.01)
    most_genomes = max(float(row["genomes"]) for row in rows)
    log = most / least > 30

    def y(value: float) -> float:
        share = math.log(max(value, least) / least) / math.log(most / least) if log else value / most
        return TOP + HEIGHT * (1 - share)

    def x(genomes: float) -> float:
        return left + WIDTH * genomes / most_genomes

    marks = [10.0**power for power in range(-2, 6) if least <= 10.0**power <= most] if log else rounded(most)
    parts = [f'<text x="{left}" y="18" class="title">{title}{", logarithmic" if log else ""}</text>']
    for mark in marks:
        parts.append(
            f'<path d="M{left} {y(mark):.1f}h{WIDTH}" class="grid"/><text x="{left - 6}" y="{y(mark) + 4:.1f}" class="end">{mark:g}</text>'
        )
    for genomes in rounded(most_genomes):
        parts.append(f'<text x="{x(genomes):.1f}" y="{TOP + HEIGHT + 16}" class="mid">{genomes:,.0f}</text>')
    for number, (name, words) in enumerate(lines.items()):
        points = " ".join(f"{x(float(row['genomes'])):.1f},{y(float(row[name])):.1f}" for row in rows)
        colour = COLOURS[number]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{point.split(",")[0]}" cy="{point.split(",")[1]}" r="2.5" fill="{colour}"/>' for point in points.split()]
        parts.append(f'<text x="{left}" y="{TOP + HEIGHT + 36 + 15 * number}" fill="{colour}">{words}</text>')
    return parts


def rounded(most: float) -> list[float]:
    """Return round numbers from 0 to at most `most`, three to seven of them."""
    power = 10.0 ** math.floor(math.log10(most))
    step = next(part * power for part in (0.2, 0.5, 1.0, 2.0) if most / (part * power) <= 6)
    return [number * step for number in range(int(most / step) + 1)]


def drawing(rows: Rows) -> str:
    """Return the whole drawing."""
    width = LEFT + len(LINES) * (WIDTH + GAP)
    height = TOP + HEIGHT + BOTTOM + 15 * max(map(len, LINES.values()))
    parts = [part for at, (title, lines) in enumerate(LINES.items()) for part in panel(title, lines, rows, LEFT + at * (WIDTH + GAP))]
    style = "text{font:12px sans-serif}.title{font-weight:bold}.end{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:#ddd}"
    body = "\n".join(parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><style>{style}</style>'
    return f'{head}\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'


def main(arguments: Sequence[str]) -> int:
    """Draw."""
    table, picture = (
        Path(one) for one in (*arguments, *("benchmarks/cohort_growth.tsv", "benchmarks/cohort_growth.svg")[len(arguments) :])
    )
    with table.open() as handle:
        rows = sorted(csv.DictReader(handle, delimiter="\t"), key=lambda row: int(row["genomes"]))
    picture.write_text(drawing(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
