"""Times and runs in words, for terminal and page."""

from datetime import UTC, datetime

from workflow.progress_view.estimate import Estimate
from workflow.progress_view.overview import One
from workflow.progress_view.state import Life
from workflow.progress_view.times import duration


def when(left: Estimate | None, now: float) -> str:
    """Return when it will be done: `in 2h05m (1h40m to 2h30m), about 14:20 UTC`."""
    if left is None:
        return "not known yet"
    clock = datetime.fromtimestamp(now + left.middle, UTC).strftime("%Y-%m-%d %H:%M UTC" if left.middle > 43200 else "%H:%M UTC")
    return f"in {duration(left.middle)} ({duration(left.low)} to {duration(left.high)}), about {clock}"


def of_run(run: One, now: float) -> str:
    """Return what became of a run, in one sentence."""
    told = f"{run.done:,} of {run.planned:,} jobs"
    match run.life:
        case Life.RUNNING:
            return f"at work for {duration(now - run.started)}, {told}; done {when(run.estimate, now)}"
        case Life.DONE:
            return f"done in {duration(run.updated - run.started)}, {told}"
        case Life.FAILED:
            why = f"with {run.failed:,} failed" if run.failed else "before all was done"
            return f"ended {ago(run.updated, now)} {why}, {told}; the same command goes on"
        case Life.STOPPED:
            return f"stopped: its main process is gone, last sign of life {ago(run.updated, now)}, {told}; the same command goes on"


def ago(then: float, now: float) -> str:
    """Return how long ago something was."""
    return f"{duration(max(0.0, now - then))} ago"


def in_bytes(number: float) -> str:
    """Return a size for a person."""
    return f"{number / 1e9:,.1f} GB" if number >= 1e8 else f"{number / 1e6:,.1f} MB"
