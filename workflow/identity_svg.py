"""Drawings of identity as plain SVG: depth of X against Y with the karyotypes, and contamination with intervals."""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

Data = Mapping[str, Any]
PLOT_LEFT, PLOT_TOP, PLOT, PLOT_HEIGHT = 40, 8, 360, 260
X_HIGH, Y_HIGH = 1.75, 1.25  # ratios at the ends of the axes; four copies of X lie beyond and are told in the table
ROW, NAME, SCALE, LEAST = 20, 132, 380, 0.0005  # contamination: height of a row, room for names, width of the scale, its least level
MOST_ROWS = 40


def sex_plot(sex: Data) -> Markup:
    """Return depth of Y against depth of X, both over the autosomes, in boxes of karyotypes; those that differ from the order are named."""
    parts = [_box(one) for one in sex["regions"] if one["x"] + one["tolerance"] <= X_HIGH and one["y"] + one["tolerance"] <= Y_HIGH]
    for step in range(4):
        parts.append(f'<text class="mid soft" x="{_x(step / 2):.1f}" y="{PLOT_TOP + PLOT_HEIGHT + 15}">{step / 2:.1f}</text>')
    for step in range(3):
        parts.append(f'<text class="end soft" x="{PLOT_LEFT - 6}" y="{_y(step / 2) + 4:.1f}">{step / 2:.1f}</text>')
    rows = [one for one in sex["rows"] if one["x"] is not None and one["y"] is not None]
    agreeing = "".join(f"M{_x(one['x']):.1f} {_y(one['y']):.1f}h0" for one in rows if one["agrees"] is not False)
    parts.append(f'<path class="kept" d="{agreeing}"/>' if agreeing else "")
    parts += [_odd(one) for one in rows if one["agrees"] is False]
    names = (
        f'<text class="mid soft" x="{PLOT_LEFT + PLOT / 2}" y="{PLOT_TOP + PLOT_HEIGHT + 31}">depth of X over the autosomes</text>'
        f'<text class="mid soft" transform="translate(11 {PLOT_TOP + PLOT_HEIGHT / 2}) rotate(-90)">depth of Y</text>'
    )
    frame = f'<path class="axis" d="M{PLOT_LEFT} {PLOT_TOP}v{PLOT_HEIGHT}h{PLOT}"/>'
    size = f"0 0 {PLOT_LEFT + PLOT + 8} {PLOT_TOP + PLOT_HEIGHT + 36}"
    label = f"Depth of X and Y of {len(rows)} samples; the numbers are in the table"
    return Markup(f'<svg class="plot" role="img" aria-label="{label}" viewBox="{size}">{frame}{"".join(parts)}{names}</svg>')


def _x(ratio: float) -> float:
    return PLOT_LEFT + PLOT * min(max(ratio, 0) + 0.1, X_HIGH + 0.1) / (X_HIGH + 0.1)


def _y(ratio: float) -> float:
    return PLOT_TOP + PLOT_HEIGHT * (1 - min(max(ratio, 0) + 0.08, Y_HIGH + 0.08) / (Y_HIGH + 0.08))


def _box(region: Data) -> str:
    left, right = _x(max(region["x"] - region["tolerance"], 0)), _x(region["x"] + region["tolerance"])
    bottom = PLOT_TOP + PLOT_HEIGHT if not region["y"] else _y(region["y"] - region["tolerance"])
    top = _y(region["y"] + region["tolerance"])
    return (
        f'<rect class="region" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="4"/>'
        f'<text class="mid soft" x="{(left + right) / 2:.1f}" y="{top + 12:.1f}">{region["name"]}</text>'
    )


def _odd(one: Data) -> str:
    """Return a sample whose measured sex is not that of the order: a cross with its name, on the side that has room."""
    x, y = _x(one["x"]), _y(one["y"])
    right = x < PLOT_LEFT + PLOT * 0.62
    side, at = ("start", x + 8) if right else ("end", x - 8)
    name = html.escape(one["sample"] if len(one["sample"]) <= 20 else one["sample"][:19] + "…")
    cross = f'<path class="cross" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8"/>'
    return f'{cross}<text class="{side} halo strong bad-ink" x="{at:.1f}" y="{y + 4:.1f}">{name}</text>'


def contamination_plot(rows: Sequence[Data], limit: float | None, borderline: float | None) -> Markup:
    """Return estimates with intervals on a logarithmic scale, the smallest detectable level of each as a grey bar from the left.

    Args:
        rows: those to draw, at most MOST_ROWS, fractions of reads; value None = not evaluated.
        limit: limit of the rate, None if there is none.
        borderline: where a person must look although the limit is kept.
    """
    height = 22 + ROW * len(rows)
    high = max([0.1, *(one["high"] or one["value"] or 0 for one in rows)]) * 1.2
    parts = []
    for level in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0):
        if level <= high:
            x = _level(level, high)
            parts.append(f'<path class="grid" d="M{x:.1f} 4V{height - 16}"/>')
            parts.append(f'<text class="mid soft" x="{x:.1f}" y="{height - 3}">{100 * level:g} %</text>')
    parts += [f'<path class="limit" d="M{_level(limit, high):.1f} 2V{height - 16}"/>'] if limit else []
    parts += [f'<path class="border" d="M{_level(borderline, high):.1f} 2V{height - 16}"/>'] if borderline else []
    for number, one in enumerate(rows):
        parts.append(_estimate(one, 4 + ROW * (number + 0.5), high, limit, borderline))
    label = "Contamination with 95 % intervals; the numbers are in the table"
    return Markup(
        f'<svg class="contamination" role="img" aria-label="{label}" viewBox="0 0 {NAME + SCALE + 10} {height}">{"".join(parts)}</svg>'
    )


def _level(value: float, high: float) -> float:
    """Return where a fraction lies; what is below LEAST lies at the left end."""
    return NAME + SCALE * math.log(max(value, LEAST) / LEAST) / math.log(high / LEAST)


def _estimate(one: Data, y: float, high: float, limit: float | None, borderline: float | None) -> str:
    name = html.escape(one["sample"] if len(one["sample"]) <= 19 else one["sample"][:18] + "…")
    parts = [f'<text class="end" x="{NAME - 8}" y="{y + 4:.1f}">{name}</text>']
    if one["value"] is None:
        return "".join([*parts, f'<text class="start soft" x="{NAME + 6}" y="{y + 4:.1f}">not evaluated</text>'])
    if one["detectable"] is not None:
        parts.append(f'<rect class="blind" x="{NAME}" y="{y - 5:.1f}" width="{_level(one["detectable"], high) - NAME:.1f}" height="10"/>')
    if one["low"] is not None and one["high"] is not None:
        parts.append(f'<path class="interval" d="M{_level(one["low"], high):.1f} {y:.1f}H{_level(one["high"], high):.1f}"/>')
    x = _level(one["value"], high)
    if limit is not None and one["value"] > limit:
        parts.append(f'<path class="cross" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8"/>')
    elif borderline is not None and one["value"] > borderline:
        parts.append(f'<path class="triangle" d="M{x:.1f} {y - 5:.1f}l5 9h-10z"/>')
    else:
        parts.append(f'<circle class="now" cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>')
    return "".join(parts)
