"""The page of a plan: plan.json in, one self-contained HTML file out."""

from collections.abc import Mapping
from typing import Any

import jinja2

from workflow.impact_page import many, plain_number, thousands
from workflow.page_frame import environment, inlined

STYLES = ("page.css", "impact/impact.css", "plan/plan.css")
MOST_NAMES, MOST_ROWS, MOST_TOUCHED = 30, 100, 8


def render_plan(plan: Mapping[str, Any]) -> str:
    """Return the HTML page of a plan."""
    most = {"most_names": MOST_NAMES, "most_rows": MOST_ROWS, "most_touched": MOST_TOUCHED}
    return _environment().get_template("plan/index.html.j2").render(plan=plan, **most, **inlined("style", STYLES)) + "\n"


def _environment() -> jinja2.Environment:
    made = environment()
    made.filters.update(many=many, thousands=thousands, plain_number=plain_number, short=short, span=span, lasting=lasting)
    return made


def short(number: float | None) -> str:
    """Return a number with three significant digits, its thousands apart; a dash for none.

    >>> short(0.012345), short(12345.6), short(None)
    ('0.0123', '12,300', '–')
    """
    if number is None:
        return "–"
    if number == 0:
        return "0"
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.3g}"


def span(one: Mapping[str, float] | None) -> str:
    """Return the interval of an amount: 1.2 to 3.4."""
    return "–" if one is None else f"{short(one['low'])} to {short(one['high'])}"


def lasting(hours: float) -> str:
    """Return a time for a person: 40 s, 12 min, 3.5 h, 4 days.

    >>> lasting(0.011), lasting(0.2), lasting(3.5), lasting(100)
    ('40 s', '12 min', '3.5 h', '4.2 days')
    """
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.3g} h" if hours < 48 else f"{hours / 24:.2g} days"
