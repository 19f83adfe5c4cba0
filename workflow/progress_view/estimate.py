"""When a run will be done: what is left, by the mean duration of each rule, over how much is at work at once; with an 80 % interval.

A rule of which no job has ended takes its mean from the run before, else that of all jobs, and is then taken to be uncertain by a factor
of 2. Jobs are taken as independent: the variance of what is left adds up, that of the means included. At the end fewer jobs are at work at
once than before: for as long as the longest one that is left, at most; half of that is expected.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FEWEST = 10  # jobs that must have ended before anything is said
Z = 1.2816  # standard normal, 80 % two-sided
UNKNOWN = 1.0  # coefficient of variation of the mean of a rule that this run has not seen: a factor of 2 at one standard deviation


@dataclass(frozen=True)
class Estimate:
    """Seconds until the end: expected, and the bounds of the 80 % interval."""

    low: float
    middle: float
    high: float


def estimate(state: Mapping[str, Any], now: float) -> Estimate | None:
    """Return when a run will be done, None where that cannot be told yet.

    Args:
        state: the state as the recorder wrote it.
        now: seconds since 1970.
    """
    durations, known, rules = state["durations"], set(state["known"]), state["rules"]
    ended = sum(one["done"] for one in rules.values())
    elapsed = now - state["started"]
    spent = sum(durations[rule][1] for rule in known) + sum(now - since for _, _, since, _ in state["running"])
    if ended < FEWEST or elapsed <= 0 or spent <= 0:
        return None
    usual = sum(durations[rule][1] for rule in known) / ended
    work, variance, longest = 0.0, 0.0, 0.0
    for rule, one in rules.items():
        mean, spread, error = _numbers(durations.get(rule), rule in known, usual)
        waiting = one["planned"] - one["done"] - one["running"] - one["failed"]
        left = [max(mean - (now - since), 0.2 * mean) for name, _, since, _ in state["running"] if name == rule] + [mean] * waiting
        work += sum(left)
        variance += len(left) * spread**2 + (len(left) * error) ** 2
        longest = max(longest, max(left, default=0.0))
    at_once = max(spent / elapsed, 1e-9)
    least, wide = work / at_once, Z * math.sqrt(variance) / at_once
    return Estimate(max(0.0, least - wide), least + longest / 2, least + longest + wide)


def _numbers(seen: Any, known: bool, usual: float) -> tuple[float, float, float]:
    """Return mean, spread between jobs, and error of the mean of a rule's duration in seconds."""
    if not seen:
        return usual, usual, UNKNOWN * usual
    number, total, squares = seen
    mean = total / number
    spread = math.sqrt(max(0.0, squares / number - mean**2) * number / (number - 1)) if number > 1 else mean
    return mean, spread, spread / math.sqrt(number) if known else UNKNOWN * mean
