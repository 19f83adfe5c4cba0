"""The least depth at which a sample may claim that a position was assessed, derived from recall by depth.

What is judged at a depth is a *window*: the variants at this depth and at as few more as make ENOUGH. They are the worst off of all that a
limit there lets through; recall over everything at this depth or more would be carried by the deep majority and say little about it.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workflow.depth_tables import recall_of

VARIANTS = "SNV het"
LEVEL, LEAST_BOUND = 0.99, 0.95
ENOUGH = 120
"""Variants of a window: so many show LEVEL even if one is missed."""
WIDEST = 5
"""Depths of a window at most."""
FIRST = ENOUGH // (2 * WIDEST)
"""Variants at the first depth of a window at least: it must not live off its deep end."""
DEEPEST = 30
"""No limit is looked for beyond: depth is hardly what is missing there."""
RULE = (
    "The limit is the least depth at which the heterozygous SNVs with just so many reads, the worst off that it lets through, "
    f"reach a recall of {100 * LEVEL:.0f}\u00a0% with a lower bound of the 95\u00a0% interval of at least {100 * LEAST_BOUND:.0f}\u00a0%, "
    f"and above which, up to {DEEPEST} reads, none is shown to fall short (an upper bound below {100 * LEVEL:.0f}\u00a0%). "
    f"“Just so many” is that depth, and one to {WIDEST - 1} more where it takes them to count {ENOUGH} variants."
)

Row = dict[str, Any]


def window(observed: pd.DataFrame, start: int) -> Row:
    """Return recall of the heterozygous SNVs at `start` reads and as few more as make ENOUGH.

    The keys are depth_from, depth_to, observed_first (at `start` itself) and those of `recall_of`.
    """
    here = observed[observed.variants == VARIANTS]
    parts = [here[here.depth.between(start, start + more)] for more in range(WIDEST)]
    more = next((more for more, part in enumerate(parts) if len(part) >= ENOUGH), WIDEST - 1)
    return {"depth_from": start, "depth_to": start + more, "observed_first": len(parts[0]), **recall_of(parts[more])}


def windows(observed: pd.DataFrame) -> list[Row]:
    """Return the windows at 1 to DEEPEST reads."""
    return [window(observed, start) for start in range(1, DEEPEST + 1)]


def holds(found: Mapping[str, Any]) -> bool | None:
    """Tell what a window shows: True, a recall of LEVEL or more with a lower bound of LEAST_BOUND or more; False, one below LEVEL.

    None if it shows neither: the interval holds LEVEL, or there are few variants at its first depth.
    """
    if found["recall"] is None or found["observed_first"] < FIRST:
        return None
    if found["recall_high"] < LEVEL:
        return False
    return True if found["recall"] >= LEVEL and found["recall_low"] >= LEAST_BOUND else None


def find_limit(found: list[Row]) -> int | None:
    """Return the least depth whose window holds, and behind which no window fails; None if there is none.

    What a window leaves open is no proof: it cannot be the limit, and does not speak against it.
    """
    limit = None
    for one in reversed(found):
        verdict = holds(one)
        if verdict is False:
            break
        if verdict:
            limit = one["depth_from"]
    return limit


def report_limit(observed: Mapping[str, pd.DataFrame], derived_from: str, callable_: Mapping[str, int]) -> Row:
    """Return the content of limit.json.

    Args:
        observed: observations of each group of samples, by its name.
        derived_from: the group that the limit is derived from; the others check it.
        callable_: min_depth and min_mapping_quality as they are set.
    """
    groups = {name: _of_group(part, callable_["min_depth"]) for name, part in observed.items()}
    chosen = groups[derived_from]
    return {
        "conclusion": conclusion(chosen["limit"], callable_["min_depth"], chosen["at"]),
        "rule": RULE,
        "variants": VARIANTS,
        "level": LEVEL,
        "least_bound": LEAST_BOUND,
        "derived_from": derived_from,
        "limit": chosen["limit"],
        "configured": callable_["min_depth"],
        "min_mapping_quality": callable_["min_mapping_quality"],
        "groups": groups,
    }


def _of_group(observed: pd.DataFrame, configured: int) -> Row:
    here, found = observed[observed.variants == VARIANTS], windows(observed)
    return {
        "limit": find_limit(found),
        "below": recall_of(here[here.depth < configured]),
        "at": window(observed, configured),
        "from": recall_of(here[here.depth >= configured]),
        "limit_of_all_deeper": _limit_of_all_deeper(here),
        "windows": found,
    }


def _limit_of_all_deeper(here: pd.DataFrame) -> int | None:
    """Return the least depth from which on all variants together reach LEVEL and LEAST_BOUND: laxer, since the deep majority carries it."""
    found = {depth: recall_of(here[here.depth >= depth]) for depth in range(1, DEEPEST + 1)}
    return next(
        (depth for depth, one in found.items() if one["observed"] and one["recall"] >= LEVEL and one["recall_low"] >= LEAST_BOUND), None
    )


def conclusion(limit: int | None, configured: int, at: Mapping[str, Any]) -> str:
    """Return in one or two sentences what follows for `callable.min_depth`; `at` is the window at the limit that is set."""
    seen = f"{at['tp']} of {at['observed']} heterozygous SNVs with {at['depth_from']} to {at['depth_to']} reads were found"
    share = f"{100 * LEVEL:.0f}\u00a0%"
    if limit is None:
        return f"These samples are too small to derive a limit: at no depth up to {DEEPEST} reads is a recall of {share} shown ({seen})."
    told = f"From {limit} reads on, a recall of {share} of heterozygous SNVs is shown"
    if limit == configured:
        return f"{told}, which is the limit that is set ({seen})."
    if limit < configured:
        return f"{told}; the limit that is set, {configured}, is on the safe side ({seen})."
    if holds(at) is None:
        return f"{told}; at the limit that is set, {configured}, neither this nor the contrary is shown ({seen})."
    return f"{told}; at the limit that is set, {configured}, recall falls short ({seen}): raise it."
