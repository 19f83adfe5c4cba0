"""A plan against limits: CI must not start a reprocessing that is larger, dearer or changes more answers than somebody agreed to.

An amount is held against the upper end of its interval: a limit that is kept only with luck is not kept. An amount that cannot be told is
not within.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.errors import InputError
from workflow.schema import nearest

WITHIN, BEYOND, NOT_EVALUATED = "within", "beyond", "not evaluated"
LABELS = {
    "samples": ("affected samples", ""),
    "cases": ("affected cases", ""),
    "changed_answers": ("answers that may change", ""),
    "cpu_hours": ("CPU hours", ""),
    "wall_hours": ("hours by the clock", ""),
    "peak_disk_gb": ("disk at its peak", " GB"),
    "cost": ("cost", ""),
    "kwh": ("energy", " kWh"),
}


def given(words: Sequence[str], configured: Mapping[str, float | None]) -> dict[str, float]:
    """Return the limits of a plan: those of the config, and over them those of the command line (`cpu_hours=100`).

    Raises:
        InputError: a word is no limit, or its value no number.
    """
    limits = {name: float(value) for name, value in configured.items() if value is not None}
    for word in words:
        name, _, value = word.partition("=")
        if name not in LABELS:
            raise InputError(f"`--limit {word}`: there is no limit `{name}` ({nearest(name, LABELS)})", remedy="write NAME=NUMBER")
        try:
            limits[name] = float(value)
        except ValueError:
            raise InputError(f"`--limit {word}`: `{value}` is no number", remedy="write NAME=NUMBER") from None
    return limits


def amounts(samples: int, cases: int, answers: int, forecast: Mapping[str, Any]) -> dict[str, tuple[float, float] | None]:
    """Return (value, upper end) of everything that can be limited; None for what cannot be told."""
    found: dict[str, tuple[float, float] | None] = {
        "samples": (samples, samples),
        "cases": (cases, cases),
        "changed_answers": (answers, answers),
    }
    for name in ("cpu_hours", "wall_hours", "peak_disk_gb", "cost", "kwh"):
        one = forecast[name]
        found[name] = None if one is None else (one["value"], one["high"])
    return found


def judge(limits: Mapping[str, float], found: Mapping[str, tuple[float, float] | None]) -> list[dict[str, Any]]:
    """Return each limit with value, upper end and verdict."""
    return [_judged(name, limit, found[name]) for name, limit in limits.items()]


def _judged(name: str, limit: float, amount: tuple[float, float] | None) -> dict[str, Any]:
    label, unit = LABELS[name]
    verdict = NOT_EVALUATED if amount is None else WITHIN if amount[1] <= limit else BEYOND
    value, high = amount or (None, None)
    return {"name": name, "label": label, "unit": unit.strip(), "limit": limit, "value": value, "high": high, "verdict": verdict}


def sentence(judged: Sequence[Mapping[str, Any]]) -> str:
    """Return in one sentence which limits a plan does not keep; empty if it keeps all."""
    parts = []
    for one in judged:
        unit = f" {one['unit']}" if one["unit"] else ""
        if one["verdict"] == NOT_EVALUATED:
            parts.append(f"{one['label']} cannot be told (limit {one['limit']:g}{unit})")
        elif one["verdict"] == BEYOND:
            upper = f", up to {one['high']:g}" if one["high"] != one["value"] else ""
            parts.append(f"{one['label']} {one['value']:g}{upper}{unit} (limit {one['limit']:g})")
    return f"the plan is beyond its limits: {'; '.join(parts)}" if parts else ""
