"""Drawings of the cohort page as plain SVG, narrow enough to be read on a phone; each is followed by the same as a table."""

import datetime
import html
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

Data = Mapping[str, Any]
WIDTH = 360
LABEL, COUNT, ROW, BAR = 100, 62, 24, 15
LEFT, RIGHT, TOP, HIGH = 44, 8, 10, 120
RAIL_LEFT, RAIL, RAIL_ROW = 34, 318, 17
TONES = (0.5, 0.8, 0.95, 0.99)
"""Shares of copies judged from which the next darker tone begins."""


def spectrum_chart(bins: Sequence[Data]) -> Markup:
    """Return a bar a bin, as long as its share of all variants, with the number beside it."""
    most, total = max([one["variants"] for one in bins] + [1]), sum(one["variants"] for one in bins)
    width, parts = WIDTH - LABEL - COUNT, []
    for at, one in enumerate(bins):
        y, long = at * ROW + 4, width * one["variants"] / most
        parts.append(f'<text class="end" x="{LABEL - 6}" y="{y + 12}">{html.escape(one["name"])}</text>')
        parts.append(f'<rect class="c0" x="{LABEL}" y="{y}" width="{max(long, 1 if one["variants"] else 0):.1f}" height="{BAR}" rx="2"/>')
        parts.append(f'<text class="count" x="{LABEL + long + 5:.1f}" y="{y + 12}">{one["variants"]:,}</text>')
    label = f"Variants by allele count and frequency, {total:,} in all; the numbers are in the table"
    return _svg("spectrum", label, len(bins) * ROW + 6, parts)


def growth_chart(steps: Sequence[Data]) -> Markup:
    """Return the genomes counted over time as steps; nothing where all came on one day."""
    days = [_day(one["when"]) for one in steps]
    if len(set(days)) < 2:
        return Markup("")
    most, floor = max(one["count"] for one in steps) or 1, TOP + HIGH
    xs = [LEFT + (WIDTH - LEFT - RIGHT) * (day - days[0]) / (days[-1] - days[0]) for day in days]
    ys = [TOP + HIGH * (1 - one["count"] / most) for one in steps]
    path = f"M{xs[0]:.1f} {floor}V{ys[0]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in zip(xs[1:], ys[1:], strict=True))
    first, last = steps[0]["when"][:10], steps[-1]["when"][:10]
    parts = [
        f'<path class="frame" d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}"/>',
        f'<path class="area" d="{path}V{floor}H{LEFT}Z"/><path class="line" d="{path}"/>',
        f'<text class="end" x="{LEFT - 5}" y="{TOP + 9}">{most:,}</text><text class="end" x="{LEFT - 5}" y="{floor + 1}">0</text>',
        f'<text x="{LEFT}" y="{floor + 16}">{first}</text><text class="end" x="{WIDTH - RIGHT}" y="{floor + 16}">{last}</text>',
        f'<circle class="now" cx="{WIDTH - RIGHT}" cy="{ys[-1]:.1f}" r="3"/>',
    ]
    return _svg("growth", f"Genomes counted from {first} to {last}, now {steps[-1]['count']:,}", floor + 22, parts)


def _day(when: str) -> int:
    """Return a day as a number; of a month its first one."""
    return datetime.date.fromisoformat(f"{when}-01" if len(when) == 7 else when[:10]).toordinal()


def callability_chart(contigs: Sequence[Data], lengths: Mapping[str, int], window: int) -> Markup:
    """Return a rail a contig, on it each window where somebody was judged, the darker the larger the share of copies judged.

    Args:
        contigs: each with `windows`, (number, share) of stretches of `window` bases.
        lengths: bases of every contig.
        window: bases.
    """
    longest = max(lengths.values())
    parts = []
    for at, one in enumerate(contigs):
        y, length = at * RAIL_ROW + 3, lengths[one["contig"]]
        parts.append(f'<text class="end" x="{RAIL_LEFT - 6}" y="{y + 10}">{one["contig"]}</text>')
        parts.append(f'<rect class="rail" x="{RAIL_LEFT}" y="{y}" width="{max(RAIL * length / longest, 3):.1f}" height="11" rx="2"/>')
        for number, share in one["windows"]:
            x, wide = RAIL_LEFT + RAIL * number * window / longest, max(RAIL * min(window, length - number * window) / longest, 2.5)
            parts.append(f'<rect class="t{tone_of(share)}" x="{x:.1f}" y="{y}" width="{wide:.1f}" height="11"/>')
    label = "Share of copies judged along the chromosomes, by stretches of one million bases; by chromosome it is in the table"
    return _svg("rails", label, len(contigs) * RAIL_ROW + 4, parts)


def tone_of(share: float) -> int:
    """Return the tone of a share: 0 below half, 4 at nearly all."""
    return sum(share >= least for least in TONES)


def _svg(name: str, label: str, height: float, parts: Sequence[str]) -> Markup:
    head = f'<svg class="chart {name}" role="img" aria-label="{html.escape(label)}" viewBox="0 0 {WIDTH} {height:.0f}">'
    return Markup(f"{head}{''.join(parts)}</svg>")
