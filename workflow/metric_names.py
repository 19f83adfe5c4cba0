"""The names that metrics go by (`resources/metrics.yaml`): their units, which values are possible, which of them say who a sample is."""

import functools
from collections.abc import Mapping
from typing import Any

from workflow.digests import ROOT
from workflow.yaml_files import load_yaml

FILE = ROOT / "resources" / "metrics.yaml"
IDENTITY = (
    "sex_matches_order",
    "cross_contamination_rate",
    "cross_contamination_upper_bound",
    "lanes_agree",
    "identity_matches_order",
    "relations_match_order",
    "unexpected_relations",
)
"""Metrics on which no limit set is silent: what a set does not say of them, the default set says."""
HIGHEST = {"%": 100.0, "fraction": 1.0}


@functools.cache
def metrics() -> dict[str, dict[str, Any]]:
    """Return `{name: {unit, ga4gh, label, definition, differs}}` of every metric."""
    content: dict[str, dict[str, Any]] = load_yaml(FILE)
    return content


def is_yes_or_no(name: str) -> bool:
    """Return whether a metric has no number."""
    one = metrics()[name]
    return one["unit"] == "" and not one.get("count", False)


def impossible(name: str, one: Mapping[str, Any]) -> str:
    """Return why a limit could never be met or missed, in words; empty if it is possible.

    Args:
        name: a known metric.
        one: its entry in a limit set: unit, and perhaps limit and borderline.
    """
    unit, yes_or_no = metrics()[name]["unit"], is_yes_or_no(name)
    if one["unit"] != unit:
        return f"its unit is {one['unit'] or 'none'!r}, but {name} is measured in {unit or 'no unit'!r}"
    for key in ("limit", "borderline"):
        if key not in one:
            continue
        value = one[key]
        if isinstance(value, bool) != yes_or_no:
            return f"its {key} is {value}, but {name} is {'yes or no' if yes_or_no else 'a number'}"
        if not yes_or_no and not 0 <= value <= HIGHEST.get(unit, float("inf")):
            return f"its {key} is {value:g}, outside of what {name} can be ({unit or 'a number'})"
    return ""
