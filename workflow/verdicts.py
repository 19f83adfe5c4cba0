"""Measured values against their limits: verdict and margin a metric, and the decision that follows from all of them."""

import math
from collections.abc import Iterable, Mapping

from workflow.limits import Decision, Judged, Limit, Value, Verdict

GRAVITY = {decision: rank for rank, decision in enumerate(Decision)}


def gravest(decisions: Iterable[Decision]) -> Decision:
    """Return the gravest of some decisions; release if there is none."""
    return max(decisions, key=GRAVITY.__getitem__, default=Decision.RELEASE)


def judge(name: str, value: Value | None, unit: str, limit: Limit | None, why_missing: str = "", detail: str = "") -> Judged:
    """Return the verdict on one metric.

    Args:
        name: name of the metric.
        value: what was measured, in `unit`; None if nothing was. A value that is no number (NaN, infinity) counts as not measured.
        unit: unit of the value.
        limit: its limit, None for a metric that the limit set does not know.
        why_missing: why there is no value.
        detail: more on a breach, in words.

    Raises:
        ValueError: the value stands in another unit than its limit.
    """
    if value is not None and not math.isfinite(value):
        value, why_missing = None, why_missing or "the measurement gave no number"
    if limit is None or limit.value is None:
        verdict = Verdict.NO_LIMIT if value is not None else Verdict.NOT_EVALUATED
        return Judged(name, value, unit, None, None, verdict, limit.source if limit else "", Decision.RELEASE, why_missing)
    if value is None:
        reason = f"{limit.label}: not evaluated ({why_missing or 'not measured'})"
        return Judged(name, None, limit.unit, limit.value, None, Verdict.NOT_EVALUATED, limit.source, limit.without_value, reason)
    if unit != limit.unit:
        raise ValueError(f"{name} is measured in {unit!r}, its limit stands in {limit.unit!r}")
    margin = _margin(value, limit)
    verdict = _verdict(value, margin, limit)
    leads_to = {Verdict.FAIL: limit.unless, Verdict.BORDERLINE: Decision.HOLD}.get(verdict, Decision.RELEASE)
    reason = "" if verdict is Verdict.PASS else _reason(value, margin, limit, verdict, detail)
    return Judged(name, value, unit, limit.value, margin, verdict, limit.source, leads_to, reason)


def decide(metrics: Iterable[Judged]) -> tuple[Decision, list[str], list[str]]:
    """Return the decision, its reasons in words, and notes: what was not evaluated without standing in the way."""
    judged = list(metrics)
    decision = gravest(one.leads_to for one in judged)
    reasons = [one.reason for one in judged if one.leads_to is not Decision.RELEASE]
    tolerated = [one for one in judged if one.leads_to is Decision.RELEASE and one.verdict is Verdict.NOT_EVALUATED]
    kept = sum(one.verdict is Verdict.PASS for one in judged)
    notes = [one.reason for one in tolerated if one.limit is not None]
    return decision, reasons or [f"all {kept} limits that could be evaluated are kept"], notes


def judge_all(
    measured: Mapping[str, tuple[Value, str]], missing: Mapping[str, str], limits: Mapping[str, Limit], details: Mapping[str, str]
) -> list[Judged]:
    """Judge every metric of the limit set, then those that were measured beyond it.

    Args:
        measured: (value, unit) by metric.
        missing: why a metric has no value, by metric.
        limits: the limit set.
        details: more on a breach, by metric.
    """
    names = dict.fromkeys([*limits, *measured, *missing])
    judged = []
    for name in names:
        limit = limits.get(name)
        value, unit = measured.get(name, (None, limit.unit if limit else ""))
        judged.append(judge(name, value, unit, limit, missing.get(name, ""), details.get(name, "")))
    return judged


def in_words(value: Value, unit: str) -> str:
    """Return a value with its unit for a sentence: 29.4x, 12 %, 85,000,000,000 bp, yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return {"x": f"{number}x", "%": f"{number} %", "fraction": f"{100 * value:.3g} %", "": number}.get(unit, f"{number} {unit}")


def _margin(value: Value, limit: Limit) -> float | None:
    """Return how far a value is on the good side of its limit (negative: on the bad side), in the unit of both; None for yes and no."""
    if limit.better == "equal" or limit.value is None:
        return None
    return round(float(value - limit.value) if limit.better == "higher" else float(limit.value - value), 6)


def _verdict(value: Value, margin: float | None, limit: Limit) -> Verdict:
    if margin is None:
        return Verdict.PASS if value == limit.value else Verdict.FAIL
    if margin < 0:
        return Verdict.FAIL
    if limit.borderline is not None and limit.value is not None and margin < abs(limit.value - limit.borderline):
        return Verdict.BORDERLINE
    return Verdict.PASS


def _reason(value: Value, margin: float | None, limit: Limit, verdict: Verdict, detail: str) -> str:
    """Return a breach as half a sentence: what was measured, what was asked, by how much it is missed."""
    assert limit.value is not None
    more = f" ({detail})" if detail else ""
    measured, asked = in_words(value, limit.unit), in_words(limit.value, limit.unit)
    if margin is None:
        return f"{limit.label}: {measured}{more}"
    if verdict is Verdict.BORDERLINE:
        return f"{limit.label} is {measured}: borderline, {in_words(margin, limit.unit)} from the limit of {asked}{more}"
    side = "below the limit of at least" if limit.better == "higher" else "above the limit of at most"
    return f"{limit.label} is {measured}, {in_words(-margin, limit.unit)} {side} {asked}{more}"
