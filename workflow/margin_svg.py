"""Drawings of a metric as plain SVG: this run's samples against the limit and the centre's history on one axis, and the trend by month.

Nothing hangs on colour alone: a sample that keeps its limit is a dot, a borderline one a triangle, one beyond it a cross; the bad side
is hatched.
"""

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

Data = Mapping[str, Any]
LEFT, WIDTH, RIGHT = 14, 612, 14
LANE, MOST_DOTS, BAND, AXIS = 13, 48, 15, 18  # heights: a lane of labels, the dots at most, the history, the axis
MANY = 40  # samples from which dots stand in columns
DOT, MOST_LABELS, FEW_LABELS, LETTER = 6.0, 10, 4, 6.1  # diameter of a dot, names written out, and of too many, width of a letter
TREND_LEFT, TREND_WIDTH, TREND_HEIGHT = 42, 190, 62


class Axis(NamedTuple):
    """The values at the left and right end of an axis of `width` pixels."""

    low: float
    high: float
    left: float = LEFT
    width: float = WIDTH

    def x(self, value: float) -> float:
        """Return where a value lies."""
        return float(self.left + self.width * (value - self.low) / (self.high - self.low))


def strip(metric: Data, text: Any) -> Markup:
    """Return one metric of index.json as a drawing; `text` writes a value with its unit."""
    values = [(one["sample"], float(one["value"]), one["verdict"]) for one in metric["values"] if one["value"] is not None]
    axis = axis_of(metric, [value for _, value, _ in values])
    dots = dots_of(values, axis)
    edge = None if metric["limit"] is None else axis.x(float(metric["limit"]))
    labels, lanes = _labels(values, axis, dots, edge, lambda value: text(value, metric["unit"]))
    top = 16 + LANE * lanes
    floor = top + dots
    height = floor + BAND + AXIS
    parts = [
        _limit(metric, axis, floor + BAND, text),
        _history(metric["history"], axis, floor + 3),
        _ticks(axis, floor + BAND, text, metric["unit"]),
        _samples(values, axis, floor - 4, top),
        labels,
    ]
    size = f"0 0 {LEFT + WIDTH + RIGHT} {height}"
    return Markup(
        f'<svg class="strip" role="img" aria-label="{html.escape(_told(metric, values, text))}" viewBox="{size}">{"".join(parts)}</svg>'
    )


def axis_of(metric: Data, values: Sequence[float]) -> Axis:
    """Return an axis that holds the run's values, the limits, and the history; whole steps at both ends, not below zero without need."""
    history = metric["history"]
    bounds = [*values, *([] if metric["limit"] is None else [float(metric["limit"])]), *history["quantiles"], *history["values"]]
    bounds += [metric["borderline"]] if metric["borderline"] is not None else []
    low, high = min(bounds, default=0.0), max(bounds, default=1.0)
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    step = step_of(high - low + 2 * margin)
    begin, end = math.floor((low - margin) / step) * step, math.ceil((high + margin) / step) * step
    begin = max(begin, 0.0) if low >= 0 else begin
    return Axis(begin, min(end, 100.0) if metric["unit"] == "%" and high <= 100 else end)


def _y(axis: Axis, level: float) -> float:
    """Return the height of a value in a trend."""
    return TREND_HEIGHT + 4 - TREND_HEIGHT * (level - axis.low) / (axis.high - axis.low)


def step_of(span: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that divides a span into four to nine."""
    raw = span / 5
    power = float(10.0 ** math.floor(math.log10(raw)))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= raw), 10 * power)


def dots_of(values: Sequence[tuple[str, float, str]], axis: Axis) -> float:
    """Return the height of the dots: a row each for those that would lie on each other, between three rows and MOST_DOTS."""
    bins: dict[int, int] = {}
    for _, value, _ in values:
        place = round(axis.x(value) / DOT)
        bins[place] = bins.get(place, 0) + 1
    return min(max(3, 1.5 + max(bins.values(), default=1)) * (DOT + 1), MOST_DOTS)


def _ticks(axis: Axis, floor: float, text: Any, unit: str) -> str:
    step = step_of(axis.high - axis.low)
    first = math.ceil(axis.low / step - 1e-9)
    ticks = [step * number for number in range(first, math.floor(axis.high / step + 1e-9) + 1)]
    parts = [f'<path class="axis" d="M{axis.left} {floor}h{axis.width}"/>']
    for one in ticks:
        x = axis.x(one)
        side = "start" if x < axis.left + 15 else "end" if x > axis.left + axis.width - 15 else "mid"
        parts.append(
            f'<path class="axis" d="M{x:.1f} {floor}v4"/><text class="{side} soft" x="{x:.1f}" y="{floor + 14}">{text(one, unit)}</text>'
        )
    return "".join(parts)


def _limit(metric: Data, axis: Axis, floor: float, text: Any) -> str:
    """Return the bad side as a hatched ground, the borderline zone, and the limit as a line with its value."""
    if metric["better"] not in {"higher", "lower"} or metric["limit"] is None:
        return ""
    x = axis.x(float(metric["limit"]))
    begin, end = (axis.left, x) if metric["better"] == "higher" else (x, axis.left + axis.width)
    parts = [f'<rect class="bad" x="{begin:.1f}" y="14" width="{end - begin:.1f}" height="{floor - 14}"/>', _hatch(begin, end, floor)]
    if metric["borderline"] is not None:
        outer = axis.x(metric["borderline"])
        near, far = sorted((x, outer))
        parts.append(f'<rect class="near" x="{near:.1f}" y="14" width="{far - near:.1f}" height="{floor - 14}"/>')
        parts.append(f'<path class="border" d="M{outer:.1f} 14V{floor}"/>')
    side = "end" if x > axis.left + axis.width - 60 else "start" if x < axis.left + 60 else "mid"
    parts.append(f'<path class="limit" d="M{x:.1f} 12V{floor}"/>')
    parts.append(f'<text class="{side} strong bad-ink" x="{x:.1f}" y="9">limit {text(metric["limit"], metric["unit"])}</text>')
    return "".join(parts)


def _hatch(begin: float, end: float, floor: float) -> str:
    """Return slanted lines from the top to the floor between two places, cut off at both."""
    rise = floor - 14
    lines = []
    at = begin - rise + 6
    while at < end:
        left, right = max(at, begin), min(at + rise, end)
        if right > left:
            lines.append(f"M{left:.0f} {floor - (left - at):.0f}L{right:.0f} {floor - (right - at):.0f}")
        at += 9
    return f'<path class="hatch" d="{"".join(lines)}"/>'


def _history(history: Data, axis: Axis, top: float) -> str:
    """Return the history under the dots: 5 to 95 % light, 25 to 75 % dark, the median a line; single marks where samples are few."""
    middle = top + 5
    if not history["quantiles"]:
        return "".join(f'<path class="past" d="M{axis.x(one):.1f} {top}v9"/>' for one in history["values"])
    low, quarter, median, three, high = (axis.x(one) for one in history["quantiles"])
    return (
        f'<rect class="wide" x="{low:.1f}" y="{middle - 4}" width="{max(high - low, 1):.1f}" height="8"/>'
        f'<rect class="inner" x="{quarter:.1f}" y="{middle - 4}" width="{max(three - quarter, 1):.1f}" height="8"/>'
        f'<path class="median" d="M{median:.1f} {middle - 6}v12"/>'
    )


def _samples(values: Sequence[tuple[str, float, str]], axis: Axis, floor: float, top: float) -> str:
    """Return the dots, stacked where they would lie on each other, and the marks of those that do not keep their limit."""
    bins: dict[int, int] = {}
    marks: dict[str, list[tuple[float, float]]] = {}
    placed = sorted(values, key=lambda one: (one[2] in {"fail", "borderline"}, one[1]))
    for _, value, verdict in placed:
        place = round(axis.x(value) / DOT)
        x = place * DOT if len(values) > MANY else axis.x(value)
        row = bins[place] = bins.get(place, -1) + 1
        marks.setdefault(verdict, []).append((x, row))
    most = max(bins.values(), default=0)
    rise = min(DOT + 0.5, (floor - top) / most) if most else DOT
    parts = []
    for verdict, places in marks.items():
        parts.append(_marks(verdict, [(x, floor - row * rise) for x, row in places]))
    return "".join(parts)


def _marks(verdict: str, places: Sequence[tuple[float, float]]) -> str:
    if verdict == "fail":
        return f'<path class="cross" d="{"".join(f"M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8" for x, y in places)}"/>'
    if verdict == "borderline":
        return f'<path class="triangle" d="{"".join(f"M{x:.1f} {y - 5:.1f}l5 9h-10z" for x, y in places)}"/>'
    name = "kept" if verdict == "pass" else "free"
    return f'<path class="{name}" d="{"".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)}"/>'


def _labels(values: Sequence[tuple[str, float, str]], axis: Axis, dots: float, edge: float | None, text: Any) -> tuple[str, int]:
    """Return the names above the dots with thin lines down to them, and how many lanes they take: breaches first, then the ends."""
    ends = [min(values, key=lambda one: one[1]), max(values, key=lambda one: one[1])] if values else []
    breaches = sorted((one for one in values if one[2] in {"fail", "borderline"}), key=lambda one: one[2] != "fail")
    if len(values) <= MOST_LABELS:
        wanted = list(values)
    else:
        wanted = list(dict.fromkeys([*breaches[: MOST_LABELS if len(breaches) <= MOST_LABELS else FEW_LABELS], *ends]))
    lanes: list[float] = []
    placed = []
    for sample, value, verdict in sorted(wanted, key=lambda one: one[1]):
        name = f"{sample if len(sample) <= 18 else sample[:17] + '…'} {text(value)}"
        wide = len(name) * LETTER
        x = axis.x(value)
        left = min(max(_aside(x - wide / 2, wide, x, edge), 2), axis.left + axis.width + RIGHT - wide - 2)
        lane = next((number for number, end in enumerate(lanes) if end + 6 <= left), len(lanes))
        lanes[lane : lane + 1] = [left + wide]
        placed.append((name, verdict, x, left + wide / 2, lane))
    floor = 16 + LANE * len(lanes)
    parts = []
    for name, verdict, x, middle, lane in placed:
        y = 14 + LANE * (len(lanes) - lane)
        css = {"fail": "bad-ink strong", "borderline": "warn-ink strong"}.get(verdict, "")
        parts.append(f'<path class="lead" d="M{x:.1f} {y + 2}V{floor + dots - 11:.1f}"/>')
        parts.append(f'<text class="mid halo {css}" x="{middle:.1f}" y="{y}">{html.escape(name)}</text>')
    return "".join(parts), len(lanes)


def _aside(left: float, wide: float, x: float, edge: float | None) -> float:
    """Return where a name of some width begins, so that it stays on its sample's side of the limit."""
    if edge is None or not left < edge < left + wide:
        return left
    return edge + 4 if x > edge else edge - wide - 4


def _told(metric: Data, values: Sequence[tuple[str, float, str]], text: Any) -> str:
    """Return the drawing in words, for those who do not see it."""
    if not values:
        return f"{metric['label']}: no value"
    low, high = min(value for _, value, _ in values), max(value for _, value, _ in values)
    beyond = [sample for sample, _, verdict in values if verdict == "fail"]
    span = text(low, metric["unit"]) if low == high else f"{text(low, metric['unit'])} to {text(high, metric['unit'])}"
    return f"{metric['label']}: {len(values)} samples, {span}" + (f"; beyond the limit: {', '.join(beyond[:20])}" if beyond else "")


def trend(metric: Data, text: Any) -> Markup:
    """Return the trend by month: the median as a line on its quartiles, the limit dashed, and this run's median at the end."""
    months = metric["history"]["months"]
    run = _middle(float(one["value"]) for one in metric["values"] if one["value"] is not None)
    levels = [value for month in months for value in (month["low"], month["high"])] + ([] if run is None else [run])
    axis = axis_of({**metric, "limit": None, "borderline": None, "history": {"quantiles": [], "values": levels}}, [])
    step = TREND_WIDTH / max(len(months), 1)
    points = [(TREND_LEFT + step * (number + 0.5), month) for number, month in enumerate(months)]
    up, down, line = (_points(axis, points, name) for name in ("high", "low", "median"))
    floor, end = TREND_HEIGHT + 17, TREND_LEFT + TREND_WIDTH + 12
    parts = [
        f'<path class="axis" d="M{TREND_LEFT} 4v{TREND_HEIGHT}h{TREND_WIDTH + 12}"/>',
        f'<text class="end soft" x="{TREND_LEFT - 4}" y="11">{text(axis.high, metric["unit"])}</text>',
        f'<text class="end soft" x="{TREND_LEFT - 4}" y="{TREND_HEIGHT + 4}">{text(axis.low, metric["unit"])}</text>',
        *_limit_across(metric, axis),
        f'<polygon class="wide" points="{" ".join([*up, *reversed(down)])}"/><polyline class="line" points="{" ".join(line)}"/>',
        f'<text class="start soft" x="{TREND_LEFT}" y="{floor}">{months[0]["month"]}</text>',
        f'<text class="end soft" x="{end}" y="{floor}">this run</text>',
        f'<circle class="now" cx="{end - 5}" cy="{_y(axis, run):.1f}" r="3.5"/>' if run is not None else "",
    ]
    label = f"Median of {metric['label']} by month, {months[0]['month']} to {months[-1]['month']}, and of this run"
    size = f"0 0 {end + 2} {TREND_HEIGHT + 22}"
    return Markup(f'<svg class="trend" role="img" aria-label="{html.escape(label)}" viewBox="{size}">{"".join(parts)}</svg>')


def _middle(values: Iterable[float]) -> float | None:
    """Return the median, the upper one of two; None of nothing."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else None


def _points(axis: Axis, points: Sequence[tuple[float, Data]], name: str) -> list[str]:
    """Return the points of one line of a trend."""
    return [f"{x:.1f},{_y(axis, month[name]):.1f}" for x, month in points]


def _limit_across(metric: Data, axis: Axis) -> list[str]:
    """Return the limit as a dashed line if it lies within the trend's axis."""
    limit = metric["limit"]
    if limit is None or not axis.low <= float(limit) <= axis.high:
        return []
    return [f'<path class="limit dashed" d="M{TREND_LEFT} {_y(axis, float(limit)):.1f}h{TREND_WIDTH + 12}"/>']
