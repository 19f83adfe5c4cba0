"""When will disk and cores run out: growth from the days on which samples were finished, sizes and CPU time from what they left.

Growth is told twice: at the present pace (samples of the last half year, or since the first if that is later), and if the pace itself
goes on changing as it did (a straight line through the number of samples a month, where there are at least six months). The pace has an
interval of 90 % from counting alone (Poisson, normal approximation of the square root): with four samples seen it is wide, and says so.
"""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

DAYS = 30.44  # of a month
RECENT = 183  # days whose pace counts as the present one
MONTHS = 6  # of history before a change of pace is told
FEWEST = 3  # samples before anything is told
HORIZON = 50 * 12  # months; beyond that nothing is told
NINETY = 1.645


@dataclass(frozen=True)
class Pace:
    """Samples a month now, its interval, and by how many it changes a month (None: too little history)."""

    value: float
    low: float
    high: float
    change: float | None
    days: float
    samples: int


def pace(finished: Sequence[datetime.date], today: datetime.date) -> Pace | None:
    """Return the pace at which samples are finished; None with fewer than FEWEST, or all of them on one day."""
    days = sorted(finished)
    if len(days) < FEWEST or (today - days[0]).days < 1:
        return None
    start = max(days[0], today - datetime.timedelta(days=RECENT))
    recent = sum(day >= start for day in days)
    span = max(1, (today - start).days)
    months = span / DAYS
    root = math.sqrt(recent)
    low, high = max(0.0, root - NINETY / 2) ** 2 / months, (root + NINETY / 2) ** 2 / months
    return Pace(recent / months, low, high, _change(days, today), span, recent)


def _change(days: Sequence[datetime.date], today: datetime.date) -> float | None:
    """Return the slope, samples a month each month, of a line through the monthly counts."""
    count = int((today - days[0]).days / DAYS)
    if count < MONTHS:
        return None
    counts = [0] * count
    for day in days:
        back = int((today - day).days / DAYS)
        if back < count:
            counts[count - 1 - back] += 1
    middle = (count - 1) / 2
    mean = sum(counts) / count
    return sum((at - middle) * (one - mean) for at, one in enumerate(counts)) / sum((at - middle) ** 2 for at in range(count))


def months_until(free: float, per_sample: float, rate: float, change: float = 0.0) -> float | None:
    """Return after how many months `free` is used up by samples of `per_sample` each (same unit) at a pace; None if never (in 50 years)."""
    if per_sample <= 0 or (rate <= 0 and change <= 0):
        return None
    wanted = free / per_sample
    if abs(change) < 1e-9:
        months = wanted / rate
    else:
        inside = rate**2 + 2 * change * wanted
        if inside < 0:
            return None
        months = (math.sqrt(inside) - rate) / change
    return months if 0 <= months <= HORIZON else None


def months_until_busy(cores: int, cpu_hours: float, rate: float, change: float | None) -> float | None:
    """Return after how many months the pace needs more CPU hours than `cores` have (0 if it does today); None if never."""
    most = cores * DAYS * 24 / max(cpu_hours, 1e-9)
    if rate >= most:
        return 0.0
    if not change or change <= 0:
        return None
    months = (most - rate) / change
    return months if months <= HORIZON else None


def day_after(today: datetime.date, months: float | None) -> str | None:
    """Return the day so many months from today (ISO 8601)."""
    return None if months is None else (today + datetime.timedelta(days=round(months * DAYS))).isoformat()


def forecast(
    finished: Sequence[datetime.date],
    today: datetime.date,
    *,
    free_gb: float,
    gb_per_sample: float | None,
    cores: int,
    cpu_hours: float | None,
) -> dict[str, object]:
    """Return when disk and cores run out.

    Args:
        finished: the day on which each sample was finished.
        today: the day of the forecast.
        free_gb: free disk (10^9 bytes).
        gb_per_sample: what a finished sample keeps; None if none is known.
        cores: cores that are there.
        cpu_hours: what a sample costs; None if unknown.

    Returns:
        `{pace, disk, cores, because}`; what cannot be told is None, `because` says why.
    """
    found = pace(finished, today)
    if found is None:
        because = f"{len(finished)} finished sample{'' if len(finished) == 1 else 's'} on one or no day: no growth can be seen yet"
        return {"pace": None, "disk": None, "cores": None, "because": because}
    told = {name: None if (value := getattr(found, name)) is None else round(value, 2) for name in ("value", "low", "high", "change")}
    return {
        "pace": told | {"days": found.days, "samples": found.samples},
        "disk": _disk(found, today, free_gb, gb_per_sample),
        "cores": _cores(found, today, cores, cpu_hours),
        "because": "",
    }


def _disk(found: Pace, today: datetime.date, free_gb: float, gb: float | None) -> dict[str, object] | None:
    if not gb:
        return None
    days = {
        name: day_after(today, months_until(free_gb, gb, rate))
        for name, rate in (("value", found.value), ("soonest", found.high), ("latest", found.low))
    }
    changing = day_after(today, months_until(free_gb, gb, found.value, found.change)) if found.change else None
    return {
        "free_gb": round(free_gb, 1),
        "gb_per_sample": round(gb, 4),
        "samples_left": int(free_gb / gb),
        **days,
        "if_pace_changes": changing,
    }


def _cores(found: Pace, today: datetime.date, cores: int, hours: float | None) -> dict[str, object] | None:
    if not hours:
        return None
    used = found.value * hours / (cores * DAYS * 24)
    return {
        "cores": cores, "cpu_hours_per_sample": round(hours, 3), "used": round(used, 4),
        "full": day_after(today, months_until_busy(cores, hours, found.value, found.change)),
    }  # fmt: skip
