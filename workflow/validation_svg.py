"""Drawings of accuracy as plain SVG: the curve along QUAL, and a rate with its interval."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

Data = Mapping[str, Any]
LEFT, TOP, WIDTH, HEIGHT, RIGHT, BOTTOM = 46, 10, 300, 190, 12, 34
TYPES = (("SNV", "snv"), ("INDEL", "indel"))


def curves(report: Data) -> Markup:
    """Return precision against recall for SNVs and indels as the least QUAL falls, and a ring at the calls that pass."""
    points = {
        name: [(float(row["recall"]), float(row["precision"])) for row in report["curve"] if _has_point(row, name)] for name, _ in TYPES
    }
    rings = {row["variant_type"]: (row["recall"], row["precision"]) for row in _headline(report["summary"])}
    low = _floor([precision for line in points.values() for _, precision in line])
    parts = [_axes(low)]
    for name, css in TYPES:
        path = " ".join(f"{_x(recall):.1f},{_y(precision, low):.1f}" for recall, precision in points[name])
        parts.append(f'<polyline class="{css}" points="{path}"/>' if path else "")
        recall, precision = rings.get(name, ("", ""))
        if recall and precision:
            parts.append(f'<circle class="{css}" cx="{_x(float(recall)):.1f}" cy="{_y(float(precision), low):.1f}" r="5"/>')
    size = f"0 0 {LEFT + WIDTH + RIGHT} {TOP + HEIGHT + BOTTOM}"
    label = "Precision against recall as the least QUAL falls; the numbers are in curve.tsv"
    return Markup(f'<svg class="curve" role="img" aria-label="{label}" viewBox="{size}">{"".join(parts)}</svg>')


def _has_point(row: Data, name: str) -> bool:
    return row["variant_type"] == name and bool(row["recall"]) and bool(row["precision"])


def _headline(summary: Sequence[Data]) -> list[Data]:
    wanted = {"call_set": "PASS", "level": "genotype", "stratum": "all", "zygosity": "all"}
    return [row for row in summary if wanted.items() <= row.items()]


def _floor(values: Sequence[float]) -> float:
    """Return where an axis begins: below the least value, at 0.95 or a lower twentieth."""
    return min(0.95, max(0.0, math.floor(min(values, default=1.0) * 20 - 1e-9) / 20))


def _x(recall: float) -> float:
    return LEFT + WIDTH * recall


def _y(precision: float, low: float) -> float:
    return TOP + HEIGHT * (1 - max(precision - low, 0) / (1 - low))


def _axes(low: float) -> str:
    ticks = []
    for step in range(5):
        share, level = step / 4, low + (1 - low) * step / 4
        ticks.append(f'<path class="grid" d="M{_x(share):.1f} {TOP}v{HEIGHT}M{LEFT} {_y(level, low):.1f}h{WIDTH}"/>')
        ticks.append(f'<text class="mid" x="{_x(share):.1f}" y="{TOP + HEIGHT + 14}">{100 * share:.0f}</text>')
        ticks.append(f'<text class="end" x="{LEFT - 5}" y="{_y(level, low) + 3.5:.1f}">{100 * level:.4g}</text>')
    names = f'<text class="mid" x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 29}">recall, %</text>'
    turned = f'<text class="mid" transform="translate(11 {TOP + HEIGHT / 2}) rotate(-90)">precision, %</text>'
    return "".join([*ticks, names, turned])


def scale(found: Sequence[Data]) -> float:
    """Return where the scale of some rows' rates begins (it ends at 1): a tenth below their least interval."""
    bounds = [float(row[name]) for row in found for name in ("recall_low", "precision_low") if row[name]]
    return min(0.9, math.floor(10 * min(bounds, default=1.0)) / 10)


def rate(row: Data, name: str, low: float) -> Markup:
    """Return a rate as a dot on its 95 % interval, drawn from `low` to 1."""
    if not row[name]:
        return Markup("")
    left, right, dot = (100 * (float(row[key]) - low) / (1 - low) for key in (f"{name}_low", f"{name}_high", name))
    line = f'<path class="span" d="M{max(left, 0):.1f} 7H{right:.1f}"/>'
    return Markup(
        f'<svg class="rate" viewBox="-4 0 108 14" preserveAspectRatio="xMinYMid" aria-hidden="true"><path class="rail" d="M0 7H100"/>{line}'
        f'<circle class="{"full" if row[name] == "1" else "part"}" cx="{dot:.1f}" cy="7" r="3.6"/></svg>'
    )


FILTERS = {one.__name__: one for one in (curves, scale, rate)}
