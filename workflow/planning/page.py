"""The page of a plan: plan.json in, one self-contained HTML file out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2

from workflow.impact_page import many, plain_number, thousands
from workflow.page_frame import environment, inlined
from workflow.planning.answers import FIRST, MAY, NO, UNTOLD

STYLES = ("page.css", "impact/impact.css", "plan/plan.css")
ORDER = (MAY, UNTOLD, FIRST, NO)
MOST_NAMES, MOST_ROWS, MOST_TOUCHED = 30, 100, 8


def render_plan(plan: Mapping[str, Any]) -> str:
    """Return the HTML page of a plan."""
    answers = grouped(plan["answers"])
    most = {"most_names": MOST_NAMES, "most_rows": MOST_ROWS, "most_touched": MOST_TOUCHED}
    return _environment().get_template("plan/index.html.j2").render(plan=plan, answers=answers, **most, **inlined("style", STYLES)) + "\n"


def _environment() -> jinja2.Environment:
    made = environment()
    made.filters.update(
        many=many, thousands=thousands, plain_number=plain_number, short=short, span=span, lasting=lasting, disk=disk, energy=energy
    )
    return made


def grouped(answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return cases of one state and the same reasons together, those that stay last; what is touched stands with a single case only."""
    rows: dict[tuple[str, tuple[str, ...]], list[Mapping[str, Any]]] = defaultdict(list)
    for one in answers:
        rows[one["state"], tuple(text.replace(one["case"], "…") if len(answers) > 1 else text for text in one["whys"])].append(one)
    found = [
        {
            "state": state,
            "whys": list(whys) if len(same) > 1 else list(same[0]["whys"]),
            "cases": [one["case"] for one in same],
            "touched": same[0]["touched"] if len(same) == 1 else [],
        }
        for (state, whys), same in rows.items()
    ]
    return sorted(found, key=lambda row: ORDER.index(row["state"]))


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


def disk(gigabytes: float) -> str:
    """Return a size for a person: 44 MB, 1.2 GB, 3.4 TB.

    >>> disk(0.0439), disk(1.23), disk(3400)
    ('43.9 MB', '1.23 GB', '3.4 TB')
    """
    if abs(gigabytes) < 1:
        return f"{short(gigabytes * 1000)} MB"
    return f"{short(gigabytes)} GB" if abs(gigabytes) < 1000 else f"{short(gigabytes / 1000)} TB"


def energy(kwh: float) -> str:
    """Return an energy for a person: 1.9 Wh, 12 kWh, 3.4 MWh.

    >>> energy(0.0019), energy(12), energy(3400)
    ('1.9 Wh', '12 kWh', '3.4 MWh')
    """
    if kwh < 0.1:
        return f"{short(kwh * 1000)} Wh"
    return f"{short(kwh)} kWh" if kwh < 1000 else f"{short(kwh / 1000)} MWh"


def lasting(hours: float) -> str:
    """Return a time for a person: 40 s, 12 min, 3.5 h, 4 days.

    >>> lasting(0.0111), lasting(0.2), lasting(3.5), lasting(100)
    ('40 s', '12 min', '3.5 h', '4.2 days')
    """
    if hours < 1 / 60:
        return f"{_two(hours * 3600)} s"
    if hours < 1:
        return f"{_two(hours * 60)} min"
    return f"{_two(hours)} h" if hours < 48 else f"{_two(hours / 24)} days"


def _two(number: float) -> str:
    """Return a number with two significant digits."""
    return f"{number:,.0f}" if number >= 99.5 else f"{number:.2g}"
