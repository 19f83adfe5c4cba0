"""How the page of a case writes and draws numbers: filters of its templates. Each takes plain data of report.json."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.page_words import plain

Data = Mapping[str, Any]
LEAST_SHOWN = 0.005  # a share that is written 0.00
SCORE_PARTS = ("phenotype_score", "variant_score", "inheritance_score")


def number(value: float) -> str:
    """Return a count with thousands apart."""
    return f"{value:,}"


def percent(share: float) -> str:
    """Return a share as percent, never rounded up to 100 nor down to 0."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{min(share, 0.999) if share < 1 else 1:.1%}".replace(".0%", "%").replace("%", " %")


def score(value: object) -> str:
    """Return a score with its sign and two decimals; text (not evaluated) as it is."""
    return signed(float(value)) if isinstance(value, int | float) else plain(value)


def points(value: object) -> str:
    """Return a sum of points with its sign, 0 without one; text as it is."""
    return f"{value:+d}".replace("-", "−").replace("+0", "0") if isinstance(value, int) else plain(value)


def signed(value: float) -> str:
    """Return a number with its sign and two decimals."""
    return f"{value:+.2f}".replace("-", "−")


def contributions(one: Data) -> list[dict[str, Any]]:
    """Return what each feature adds to a gene's score, the most first, and what was not told takes away, with lengths of bars (0 to 1)."""
    parts = [
        {"label": _named(term), "log_lr": term["log_lr"], "because": term.get("because", ""), "source": term.get("source", "")}
        for term in sorted(one["terms"], key=lambda term: -term["log_lr"])
    ]
    rest = (
        ("features of the disease that were not told", "not_told_log_lr"),
        ("what an average gene gets from these features", "usual_log_lr"),
    )
    parts += [{"label": label, "log_lr": one[key], "because": "", "source": ""} for label, key in rest if one.get(key)]
    longest = max((abs(part["log_lr"]) for part in parts), default=0) or 1
    return [{**part, "length": abs(part["log_lr"]) / longest, "weighs": abs(part["log_lr"]) >= LEAST_SHOWN} for part in parts]


def _named(term: Data) -> str:
    """Return a feature's name, with where it is from or that it is absent."""
    name = term["label"] or term["id"]
    if term.get("excluded"):
        name = f"no {name}"
    return f"{name} ({term['kind']})" if term.get("kind") in {"laboratory", "imaging"} else str(name)


def score_scale(candidates: Iterable[Data]) -> tuple[float, float]:
    """Return the lowest and highest part of any candidate's score, 0 included: what the bars of a page are drawn to."""
    parts = [part for one in candidates for part in _parts(one)]
    return min([0, *parts]), max([0, *parts])


def score_bars(one: Data, scale: tuple[float, float]) -> dict[str, Any]:
    """Return where zero is, and where the bar of each part begins and how long it is, in percent of the scale."""
    low, high = scale
    unit = 100 / ((high - low) or 1)
    bars = [((min(part, 0) - low) * unit, abs(part) * unit) for part in _parts(one)]
    return {"zero": -low * unit, "bars": bars}


def _parts(one: Data) -> list[float]:
    return [float(part) if _is_number(part) else 0.0 for part in (one[name] for name in SCORE_PARTS)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def value(metric: Data) -> str:
    """Return a metric's value with its unit."""
    return _measured(metric["value"], metric["unit"])


def limit(metric: Data) -> str:
    """Return a metric's limit and its direction, which the sign of the margin tells."""
    given, margin_ = metric["limit"], metric["margin"]
    if given is None:
        return "none"
    if margin_ is None or isinstance(given, bool):
        return _measured(given, metric["unit"])
    at_least = abs((metric["value"] - given) - margin_) <= abs((given - metric["value"]) - margin_)
    return f"{'at least' if at_least else 'at most'} {_measured(given, metric['unit'])}"


def margin(metric: Data) -> str:
    """Return a metric's margin: above zero on the good side of its limit."""
    given = metric["margin"]
    return "–" if given is None else ("+" if given >= 0 else "−") + _measured(abs(given), metric["unit"])


def _measured(given: object, unit: str) -> str:
    if given is None:
        return "not measured"
    if isinstance(given, bool) or not isinstance(given, int | float):
        return {True: "yes", False: "no"}.get(given, str(given)) if isinstance(given, bool) else str(given)
    if unit == "fraction":
        return f"{100 * given:.3g} %"
    text = f"{given:,.0f}" if abs(given) >= 1000 else f"{given:.4g}"
    return f"{text}{'' if unit == 'x' else ' '}{unit if unit != 'ratio' else ''}".rstrip()


FILTERS = {
    one.__name__: one for one in (number, percent, score, points, signed, contributions, score_scale, score_bars, value, limit, margin)
}
