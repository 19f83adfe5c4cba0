"""Drawings of a depth curve as plain SVG: accuracy against depth with intervals, and recall against the depth at the variant."""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

Data = Mapping[str, Any]
LEFT, TOP, WIDTH, HEIGHT, RIGHT, BOTTOM = 40, 10, 300, 170, 10, 34
LINES = 6
"""Styles that lines are told apart by."""


class Scale(NamedTuple):
    """Where depth (from 0) and a share (up to 1) lie in a drawing."""

    deepest: float
    low: float

    def x(self, depth: float) -> float:
        """Return the place of a depth, in pixels from the left."""
        return LEFT + WIDTH * min(depth / self.deepest, 1)

    def y(self, share: float) -> float:
        """Return the place of a share, in pixels from the top; what lies below the scale stands on its edge."""
        return TOP + HEIGHT * (1 - max(share - self.low, 0) / (1 - self.low))


class Point(NamedTuple):
    """A share at a depth, with its interval."""

    depth: float
    share: float
    low: float
    high: float


def draw_rate(curve: Sequence[Data], rate: str, variant_type: str, zygosity: str = "all") -> Markup:
    """Return a rate of a type of variants against measured depth, a line a sample; `curve` as rows of curve.tsv."""
    rows = [row for row in curve if (row["variant_type"], row["zygosity"]) == (variant_type, zygosity) and row[rate]]
    samples = list(dict.fromkeys(row["sample"] for row in curve))
    scale = _scale([float(row["depth_measured"]) for row in curve], [float(row[rate]) for row in rows])
    parts = [_axes(scale, f"{rate}, %", "reads a base, mean over the confident regions")]
    for number, sample in enumerate(samples):
        own = sorted((row for row in rows if row["sample"] == sample), key=lambda row: float(row["depth_measured"]))
        parts.append(_line(scale, [_point(row, "depth_measured", rate) for row in own], number))
    return _drawing(parts, f"{rate} of {variant_type} against depth; the numbers are in curve.tsv")


def draw_by_depth(by_depth: Sequence[Data], samples: str, variants: str, limit: int | None, configured: int) -> Markup:
    """Return recall against the depth at the variant: dots with intervals, the limit that follows, the one that is set."""
    rows = [row for row in by_depth if (row["samples"], row["variants"]) == (samples, variants) and row["depth_to"]]
    scale = Scale(max([30.0, *(float(row["depth_from"]) for row in rows)]), 0.0)
    parts = [_axes(scale, "recall, %", "reads at the variant")]
    parts.append(_mark(scale, configured, "set", left=limit is not None and configured < limit))
    if limit is not None:
        parts.append(_mark(scale, limit, "derived", left=limit < configured))
    parts += [_dot(scale, _point(row, "depth_from", "recall"), 0) for row in rows]
    return _drawing(parts, f"recall of {variants} against the number of reads at the variant; the numbers are in by_depth.tsv")


def _scale(depths: Sequence[float], shares: Sequence[float]) -> Scale:
    low = min(0.9, math.floor(10 * min(shares, default=1.0)) / 10)
    return Scale(10 * math.ceil(max(depths, default=10) / 10), max(low, 0.0))


def _axes(scale: Scale, up: str, along: str) -> str:
    parts = []
    for step in range(5):
        level = scale.low + (1 - scale.low) * step / 4
        parts.append(f'<path class="grid" d="M{LEFT} {scale.y(level):.1f}h{WIDTH}"/>')
        parts.append(f'<text class="end" x="{LEFT - 5}" y="{scale.y(level) + 3.5:.1f}">{100 * level:.3g}</text>')
    for depth in range(0, int(scale.deepest) + 1, 10 if scale.deepest <= 100 else 50):
        parts.append(f'<path class="grid" d="M{scale.x(depth):.1f} {TOP}v{HEIGHT}"/>')
        parts.append(f'<text class="mid" x="{scale.x(depth):.1f}" y="{TOP + HEIGHT + 14}">{depth}</text>')
    parts.append(f'<text class="mid" x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 29}">{along}</text>')
    parts.append(f'<text class="mid" transform="translate(10 {TOP + HEIGHT / 2}) rotate(-90)">{up}</text>')
    return "".join(parts)


def _point(row: Data, depth: str, rate: str) -> Point:
    return Point(float(row[depth]), float(row[rate]), float(row[f"{rate}_low"]), float(row[f"{rate}_high"]))


def _line(scale: Scale, points: Sequence[Point], number: int) -> str:
    path = " ".join(f"{scale.x(point.depth):.1f},{scale.y(point.share):.1f}" for point in points)
    return f'<polyline class="line{number % LINES}" points="{path}"/>' + "".join(_dot(scale, point, number) for point in points)


def _dot(scale: Scale, point: Point, number: int) -> str:
    x = f"{scale.x(point.depth):.1f}"
    bar = f'<path class="bar line{number % LINES}" d="M{x} {scale.y(point.high):.1f}V{scale.y(point.low):.1f}"/>'
    return f'{bar}<circle class="dot{number % LINES}" cx="{x}" cy="{scale.y(point.share):.1f}" r="3"/>'


def _mark(scale: Scale, depth: int, word: str, *, left: bool) -> str:
    """Return a line at a depth with its word beside it."""
    x, at = scale.x(depth), TOP + HEIGHT - (8 if word == "set" else 22)
    side, place = (" left", x - 4) if left else ("", x + 4)
    return (
        f'<path class="mark {word}" d="M{x:.1f} {TOP}v{HEIGHT}"/><text class="{word}{side}" x="{place:.1f}" y="{at}">{word}: {depth}</text>'
    )


def _drawing(parts: Sequence[str], label: str) -> Markup:
    size = f"0 0 {LEFT + WIDTH + RIGHT} {TOP + HEIGHT + BOTTOM}"
    return Markup(f'<svg class="curve depth" role="img" aria-label="{html.escape(label)}" viewBox="{size}">{"".join(parts)}</svg>')


def key(number: int) -> Markup:
    """Return the sign of a line for a list of keys."""
    style = number % LINES
    return Markup(
        f'<svg class="curve depth" viewBox="0 0 28 10" aria-hidden="true"><polyline class="line{style}" points="0,5 28,5"/>'
        f'<circle class="dot{style}" cx="14" cy="5" r="3"/></svg>'
    )


FILTERS = {one.__name__: one for one in (draw_rate, draw_by_depth, key)}
