"""How the page of a release puts things into words and drawings: filters of its templates. Each takes plain data of index.json."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from workflow import identity_svg, margin_svg
from workflow.identity_parts import of_interest
from workflow.page_words import OVERRIDES, sentence
from workflow.release_waiting import GRAVITY

Data = Mapping[str, Any]
MOST_IN_MATRIX = 24  # samples
MARKS = {"produced": ("p", "✓"), "missing": ("m", "✕"), "waived": ("w", "W"), "not applicable": ("n", "–")}
TONES = {
    "stop": "bad",
    "missing": "bad",
    "fail": "bad",
    "undecided": "bad",
    "hold": "warn",
    "sign": "warn",
    "resequence": "warn",
    "notice": "",
}
RELATIONS = {"same person": "=", "parent and child": "PC", "full siblings": "FS", "second degree": "2°"}
FOUND = {
    "same person under two names": "=", "expected same person who is not": "≠", "relation of the order that is not there": "≠",
    "relation that is not in the order": "+", "exchange": "⇄",
}  # fmt: skip
SCALES = ((1e9, "Gb"), (1e6, "Mb"), (1e3, "kb"))


def short(value: float | bool | None, unit: str) -> str:
    """Return a value with its unit as an axis has it: 30x, 95 %, 85 Gb; `–` for none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "fraction":
        return "< 0.001 %" if 0 < value < 1e-5 else f"{100 * value:.3g} %"
    if unit == "bp" and abs(value) >= 10_000:
        size, name = next(one for one in SCALES if abs(value) >= one[0])
        return f"{value / size:.3g} {name}"
    number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{number}x" if unit == "x" else f"{number} {'' if unit == 'ratio' else unit}".strip()


def many(number: int, noun: str) -> str:
    """Return a number with its noun: 1 sample, 1,000 samples."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def tone(gravity: str) -> str:
    """Return the colour class of a decision or of what an item asks for."""
    return {"release": "good"}.get(gravity, TONES.get(gravity, ""))


def told(why: str, names: Sequence[str]) -> str:
    """Return a reason as a sentence; names of samples, cases and files, and words with capitals of their own, stay as they are."""
    first = why.split(" ", 1)[0].rstrip(":,;")
    begun = why if first in names or not first.replace("-", "").isalpha() else sentence(why)
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."


def by_gravity(items: Iterable[Data]) -> list[tuple[str, int]]:
    """Return how many items ask for what, the gravest first."""
    counts = Counter(one["gravity"] for one in items)
    return [(name, counts[name]) for name in GRAVITY if counts[name]]


def causes(items: Iterable[Data]) -> dict[str, str]:
    """Return the address on the page of the gravest item of each subject, by `kind subject`."""
    found: dict[str, str] = {}
    for one in items:
        found.setdefault(f"{one['kind']} {one['subject']}", f"#{one['id']}")
    return found


def split_rows(table: Data) -> tuple[list[Data], list[Data]]:
    """Return the rows of a grid that need a look, and those that are green throughout."""
    fine = {"produced", "not applicable"}
    green = [
        one
        for one in table["rows"]
        if one["decision"] == "release" and not one["before"] and all(not c or c["status"] in fine for c in one["cells"])
    ]
    names = {one["subject"] for one in green}
    return [one for one in table["rows"] if one["subject"] not in names], green


def mark(status: str) -> tuple[str, str]:
    """Return class and symbol of a cell."""
    return MARKS[status]


def limited(metrics: Iterable[Data]) -> list[Data]:
    """Return the numeric metrics that have a limit."""
    return [one for one in metrics if one["limit"] is not None and not _is_yes_or_no(one)]


def unlimited(metrics: Iterable[Data]) -> list[Data]:
    """Return the numeric metrics that are only reported."""
    return [one for one in metrics if not one["limit"] is not None and not _is_yes_or_no(one)]


def yes_or_no(metrics: Iterable[Data]) -> list[Data]:
    """Return the metrics that are answers."""
    return [one for one in metrics if _is_yes_or_no(one)]


def _is_yes_or_no(metric: Data) -> bool:
    return any(isinstance(one, bool) for one in (metric["limit"], *(value["value"] for value in metric["values"])))


def verdicts(metric: Data) -> list[tuple[str, int]]:
    """Return how many samples have which verdict, the worst first."""
    counts = Counter(one["verdict"] for one in metric["values"])
    return [(name, counts[name]) for name in ("fail", "borderline", "not evaluated", "pass", "no limit") if counts[name]]


def measured(metric: Data) -> int:
    """Return how many samples have a value."""
    return sum(one["value"] is not None for one in metric["values"])


def limit_words(metric: Data) -> str:
    """Return a metric's limit and direction in words."""
    if metric["limit"] is None:
        return "no limit, reported only"
    side = {"higher": "at least ", "lower": "at most "}.get(metric["better"], "must be ")
    border = f", borderline from {short(metric['borderline'], metric['unit'])}" if metric["borderline"] is not None else ""
    return f"{side}{short(metric['limit'], metric['unit'])}{border}"


def own_limits(metrics: Iterable[Data]) -> list[str]:
    """Return each limit that the config sets in the place of the limit set's own, in words, with that one."""
    own = [one for one in metrics if str(one["source"]).startswith(OVERRIDES)]
    return [f"{one['label']} {limit_words(one)} {one['source'].removeprefix(OVERRIDES).strip()}" for one in own]


def metric_id(metric: Data) -> str:
    """Return the id of a metric's drawing."""
    return f"m-{metric['set']}-{metric['name']}"


def blamed(item: Data, metrics: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the metrics that stand in the way of a sample, each with its value, limit and verdict."""
    rows = []
    for metric in metrics:
        one = next((value for value in metric["values"] if value["sample"] == item["subject"]), None)
        if one and metric["name"] in item["metrics"]:
            rows.append({**one, "id": metric_id(metric), "label": metric["label"], "unit": metric["unit"], "limit": limit_words(metric)})
    return rows


def strip(metric: Data) -> Markup:
    """Return a metric's samples, limit and history as a drawing."""
    return margin_svg.strip(metric, short)


def trend(metric: Data) -> Markup:
    """Return a metric's trend by month as a drawing."""
    return margin_svg.trend(metric, short)


def sex_plot(sex: Data) -> Markup:
    """Return depth of X against Y as a drawing."""
    return identity_svg.sex_plot(sex)


def contamination_rows(part: Data) -> list[Data]:
    """Return the samples of the contamination drawing, the worst first; those that were not evaluated last."""
    order = sorted(part["rows"], key=lambda one: (one["value"] is None, -(one["value"] or 0), one["sample"]))
    return order[: identity_svg.MOST_ROWS]


def contamination_plot(rows: Sequence[Data], metrics: Sequence[Data]) -> Markup:
    """Return contamination with its intervals and limits as a drawing."""
    metric = next((one for one in metrics if one["name"] == "cross_contamination_rate"), None)
    limit, border = (metric["limit"], metric["borderline"]) if metric else (None, None)
    return identity_svg.contamination_plot(rows, limit, border)


def matrix(part: Data) -> dict[str, Any]:
    """Return `{names, rows, left_out}`: below the diagonal a cell a pair `{css, text, title}`."""
    samples, kinship = part["matrix"]["samples"], part["matrix"]["kinship"]
    chosen = of_interest(samples, part, MOST_IN_MATRIX)
    place = {name: number for number, name in enumerate(samples)}
    rows = [[_pair(part, (name, other), kinship[place[name]][place[other]]) for other in chosen[:at]] for at, name in enumerate(chosen)]
    return {"names": chosen, "rows": rows, "left_out": len(samples) - len(chosen)}


def _pair(part: Data, both: tuple[str, str], kinship: float | None) -> dict[str, str]:
    """Return the cell of a pair: a finding on it, else the relation that the order names, else that they are not related."""
    number = "cannot be had" if kinship is None else f"{kinship:.3f}"
    for one in part["findings"]:
        if set(one["samples"]) == set(both) and one["where"] == "run":
            return {"css": "odd", "text": FOUND.get(one["kind"], "!"), "title": f"{one['kind']}: {one['words']}"}
    for one in part["pairs"]:
        if {one["a"], one["b"]} == set(both):
            css = "kin" if one["found"] == "yes" else "unknown"
            text = RELATIONS.get(one["relation"], "R") + ("" if css == "kin" else "?")
            return {
                "css": css,
                "text": text,
                "title": f"{' and '.join(both)}: {one['relation']} as ordered: {one['found']}; kinship {number}",
            }
    css, text = ("unknown", "?") if kinship is None else ("far", "·")
    return {"css": css, "text": text, "title": f"{' and '.join(both)}: kinship {number}"}


_ALL = (
    short, many, tone, told, by_gravity, causes, split_rows, mark, limited, unlimited, yes_or_no, verdicts, measured, limit_words,
    own_limits, metric_id, blamed, strip, trend, sex_plot, contamination_rows, contamination_plot, matrix,
)  # fmt: skip
FILTERS = {one.__name__: one for one in _ALL}
