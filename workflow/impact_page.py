"""The page of a comparison of two versions: summary and first rows in, one self-contained HTML file out."""

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from workflow.candidate_changes import TOLERANCE
from workflow.causes import UNEXPLAINED
from workflow.changes import Change, Kind
from workflow.page_frame import environment, inlined

STYLES = ("page.css", "impact/impact.css")
MOST_SHOWN, MOST_TOTALS, MOST_COLOURS = 200, 60, 5
BAR, GAP, LABEL, WIDTH = 18, 8, 170, 720
Data = Mapping[str, Any]


def render_impact(summary: Data, shown: Mapping[str, Sequence[Change]]) -> str:
    """Return the page.

    Args:
        summary: what summary.json holds, without the digests of the files.
        shown: the first changes of each kind, at most MOST_SHOWN.
    """
    tones = colours(summary["totals"])
    content = {
        "kinds": kind_totals(summary["totals"]),
        "unexplained": sum(one["changes"] for one in summary["totals"] if one["cause"] == UNEXPLAINED),
        "chart": draw_chart(summary["totals"], tones),
        "legend": legend(tones),
        "tolerance": TOLERANCE,
        "most_totals": MOST_TOTALS,
        **inlined("style", STYLES),
    }
    return _environment().get_template("impact/impact.html.j2").render(summary=summary, shown=shown, **content) + "\n"


def _environment() -> jinja2.Environment:
    made = environment()
    made.filters.update(many=many, thousands=thousands, plain_number=plain_number, short_allele=short_allele)
    return made


def many(number: int, noun: str) -> str:
    """Return a number with its noun: 1 call, 2 calls."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def thousands(number: int) -> str:
    """Return a whole number with its thousands apart."""
    return f"{number:,}"


def plain_number(number: float) -> str:
    """Return a number with at most two decimals, its thousands apart."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def short_allele(allele: str) -> str:
    """Return an allele, the middle of a long one left out."""
    return allele if len(allele) <= 20 else f"{allele[:8]}…{len(allele)} bases"


def kind_totals(totals: Sequence[Data]) -> list[tuple[str, int]]:
    """Return the number of changes of each kind that there is, in the order of the kinds."""
    counts: Counter[str] = Counter()
    for one in totals:
        counts[one["kind"]] += one["changes"]
    return [(kind.value, counts[kind.value]) for kind in Kind if counts[kind.value]]


def colours(totals: Sequence[Data]) -> dict[str, str]:
    """Return a class of colour for each cause: the most frequent ones their own, the rest one together, unexplained always red."""
    counts: Counter[str] = Counter()
    for one in totals:
        counts[one["cause"]] += one["changes"]
    named = [cause for cause, _ in counts.most_common() if cause != UNEXPLAINED]
    tones = {cause: f"c{min(place, MOST_COLOURS)}" for place, cause in enumerate(named)}
    return tones | ({UNEXPLAINED: "cx"} if UNEXPLAINED in counts else {})


def legend(tones: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (cause, class of colour), the causes that share the last colour as one."""
    rest = f"c{MOST_COLOURS}"
    named = [(cause, tone) for cause, tone in tones.items() if tone != rest]
    others = sum(tone == rest for tone in tones.values())
    return named + ([(f"{others} other causes" if others > 1 else next(c for c, t in tones.items() if t == rest), rest)] if others else [])


def draw_chart(totals: Sequence[Data], tones: Mapping[str, str]) -> Markup:
    """Return a bar a kind of change, divided by cause; every bar is drawn to the longest, its number beside it."""
    kinds = kind_totals(totals)
    longest = max((total for _, total in kinds), default=1)
    parts = []
    for row, (kind, total) in enumerate(kinds):
        top, left = row * (BAR + GAP), float(LABEL)
        parts.append(f'<text x="{LABEL - 8}" y="{top + 14}" text-anchor="end">{html.escape(kind)}</text>')
        for one in (one for one in totals if one["kind"] == kind):
            wide = max(1.5, one["changes"] / longest * (WIDTH - LABEL - 80))
            title = html.escape(f"{one['changes']:,}: {one['cause']}")
            place = f'x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{BAR}"'
            parts.append(f'<rect class="{tones[one["cause"]]}" {place}><title>{title}</title></rect>')
            left += wide
        parts.append(f'<text class="count" x="{left + 8:.1f}" y="{top + 14}">{total:,}</text>')
    height = len(kinds) * (BAR + GAP)
    label = html.escape("; ".join(f"{kind} {total:,}" for kind, total in kinds))
    return Markup(f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>')
