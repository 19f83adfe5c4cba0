"""The overview of runs as text for a terminal."""

from collections.abc import Iterator

from workflow.progress_view.overview import STATES, Overview
from workflow.progress_view.times import duration
from workflow.progress_view.words import in_bytes, of_run, when

FAILED, AT_WORK, SLOW = 15, 8, 5
BAR = 24


def as_text(view: Overview) -> str:
    """Return the overview in some forty lines."""
    return "\n".join(_lines(view))


def _lines(view: Overview) -> Iterator[str]:
    for run in view.runs:
        yield f"{run.name}: {of_run(run, view.made)}"
    if len(view.runs) > 1:
        yield f"all {len(view.runs)} runs: done {when(view.left, view.made)}"
    yield ""
    yield from _table(view)
    told = ", ".join(f"{number:,} {state}" for state, number in view.counts.items() if number)
    yield ""
    yield f"samples and cases: {told or 'none'}"
    yield from _failed(view)
    if view.running:
        yield f"at work ({len(view.running):,}), longest first:"
        yield from (f"  {duration(view.made - since):>8}  {rule} {place}" for rule, place, since in view.running[:AT_WORK])
    if view.slowest:
        yield "slowest jobs:"
        yield from (f"  {duration(seconds):>8}  {rule} {place}" for seconds, rule, place in view.slowest[:SLOW])
    if view.disk:
        yield "most disk at once:"
        yield from (f"  {in_bytes(size):>8}  {name}" for size, name in view.disk[:SLOW])


def _table(view: Overview) -> Iterator[str]:
    width = max(map(len, view.stages), default=0)
    yield f"{'stage':<{width}}  {'':<{BAR}}" + "".join(f"{state:>9}" for state in STATES)
    for stage, counts in view.stages.items():
        total = sum(counts.values()) or 1
        full = BAR * counts["done"] // total
        yield f"{stage:<{width}}  {'#' * full:.<{BAR}}" + "".join(f"{counts[state]:>9,}" for state in STATES)
    yield f"{'all':<{width}}  {'':<{BAR}}" + "".join(f"{view.jobs[state]:>9,}" for state in STATES)


def _failed(view: Overview) -> Iterator[str]:
    if view.failed:
        yield f"failed ({len(view.failed):,}):"
    for one in view.failed[:FAILED]:
        yield f"  {one['rule']} {one['place']}: {one['said'] or 'its log names no error'}"
        yield f"      {one['log'] or 'no log'}"
    if len(view.failed) > FAILED:
        yield f"  … and {len(view.failed) - FAILED:,} more"
