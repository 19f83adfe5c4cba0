"""The least depth at which a sample may claim that a position was assessed, derived from recall by depth.

What is judged is a *window*: the variants at d to d + WINDOW - 1 reads. They are the worst off of all that a limit of d lets through;
recall over everything at d reads or more would be carried by the deep majority and say little about the limit.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workflow.depth_tables import recall_of

VARIANTS = "SNV het"
WINDOW = 3
LEVEL = 0.99
LEAST_BOUND = 0.95
DEEPEST = 40
"""Depths up to here are looked at."""

RULE = (
    f"The limit is the least depth d at which the heterozygous SNVs with d to d + {WINDOW - 1} reads, the worst off that it lets through, "
    f"reach a recall of {LEVEL:.0%} with a lower bound of the 95 % interval of at least {LEAST_BOUND:.0%}, "
    f"and above which no window of {WINDOW} depths is shown to fall short."
)

Row = dict[str, Any]


def windows(observed: pd.DataFrame) -> list[Row]:
    """Return recall in each window: depth_from, depth_to and what `recall_of` gives, shallow first."""
    here = observed[observed.variants == VARIANTS]
    spans = [(start, start + WINDOW - 1) for start in range(1, DEEPEST + 1)]
    return [{"depth_from": start, "depth_to": end, **recall_of(here[here.depth.between(start, end)])} for start, end in spans]


def holds(window: Mapping[str, Any]) -> bool | None:
    """Tell whether a window reaches LEVEL with a lower bound of at least LEAST_BOUND; None if it has too few variants to tell.

    With few variants no result could lift the bound so far: 73 without a miss are the least.
    """
    if window["recall"] is None or (window["recall"] >= LEVEL and window["recall_low"] < LEAST_BOUND):
        return None
    return bool(window["recall"] >= LEVEL)


def find_limit(found: list[Row]) -> int | None:
    """Return the least depth whose window holds, and behind which no window fails; None if there is none.

    Windows that have too few variants to tell are no proof: none of them can be the limit, and none of them speaks against it.
    """
    limit = None
    for window in reversed(found):
        verdict = holds(window)
        if verdict is False:
            break
        if verdict:
            limit = window["depth_from"]
    return limit


def report_limit(observed: Mapping[str, pd.DataFrame], derived_from: str, callable_: Mapping[str, int]) -> Row:
    """Return the content of limit.json.

    Args:
        observed: observations of each group of samples, by its name.
        derived_from: the group that the limit is derived from; the others check it.
        callable_: min_depth and min_mapping_quality as they are set.
    """
    groups = {name: _of_group(part, callable_["min_depth"]) for name, part in observed.items()}
    limit = groups[derived_from]["limit"]
    return {
        "conclusion": conclusion(limit, callable_["min_depth"], groups[derived_from]["at"]),
        "rule": RULE,
        "variants": VARIANTS,
        "window": WINDOW,
        "level": LEVEL,
        "least_bound": LEAST_BOUND,
        "derived_from": derived_from,
        "limit": limit,
        "configured": callable_["min_depth"],
        "min_mapping_quality": callable_["min_mapping_quality"],
        "groups": groups,
    }


def _of_group(observed: pd.DataFrame, configured: int) -> Row:
    here, found = observed[observed.variants == VARIANTS], windows(observed)
    return {
        "limit": find_limit(found),
        "below": recall_of(here[here.depth < configured]),
        "at": recall_of(here[here.depth.between(configured, configured + WINDOW - 1)]),
        "from": recall_of(here[here.depth >= configured]),
        "windows": found,
    }


def conclusion(limit: int | None, configured: int, at: Mapping[str, Any]) -> str:
    """Return in one or two sentences what follows for `callable.min_depth`; `at` is recall at the depths just at the limit that is set."""
    seen = f"at {configured} to {configured + WINDOW - 1} reads {at['tp']} of {at['observed']} heterozygous SNVs were found"
    if limit is None:
        return f"These samples are too small to derive a limit: at no depth can a recall of {LEVEL:.0%} be shown ({seen})."
    told = f"From {limit} reads on, {LEVEL:.0%} of heterozygous SNVs or more are found with their genotype"
    if limit == configured:
        return f"{told}, which is the limit that is set ({seen})."
    verdict = "errs on the safe side" if limit < configured else "claims more than was shown: raise it"
    return f"{told}. The limit that is set, {configured}, {verdict} ({seen})."
