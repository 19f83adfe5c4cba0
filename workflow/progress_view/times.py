"""Durations in words."""


def duration(seconds: float) -> str:
    """Return a time in the two largest units that matter: 45s, 1m20s, 3h05m, 2d04h."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24}d{hours % 24:02d}h"
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
