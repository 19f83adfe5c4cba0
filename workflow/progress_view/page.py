"""The overview of runs as one self-contained page that renews itself and says when it has not been written for long."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from workflow import page_numbers, page_words, release_words
from workflow.page_frame import environment, inlined
from workflow.progress_view.overview import STATES, Overview, overview
from workflow.progress_view.state import SILENT, Life, RunState
from workflow.progress_view.times import duration
from workflow.progress_view.words import in_bytes, of_run, when

PAGE = "index.html"
REFRESH = 15  # seconds
LISTED, MOST_FAILED = 10, 100
TONES = {Life.RUNNING: "", Life.DONE: "good", Life.FAILED: "bad", Life.STOPPED: "bad"}
SUBJECT_STATES = ("waiting", "partly done", "running", "done", "failed")
COLOURS = {"done": "#3f9b5a", "failed": "#a3211b", "running": "#2c8aa3"}


def render_progress(view: Overview) -> str:
    """Return the HTML page of an overview."""
    total = sum(view.jobs.values())
    made = environment()
    made.filters.update(
        {**page_words.FILTERS, **page_numbers.FILTERS, **release_words.FILTERS, "clock": _clock, "duration": duration, "told": of_run}
    )
    made.filters.update({"when": when, "bar": _bar, "in_bytes": in_bytes, "css": lambda state: f"s-{state.split()[0]}"})
    content = {
        "view": view,
        "alive": any(run.life is Life.RUNNING for run in view.runs),
        "total": total,
        "percent": 100 * view.jobs["done"] // total if total else 100,
        "refresh": REFRESH,
        "silent": round(SILENT),
        "states": STATES,
        "subject_states": SUBJECT_STATES,
        "tones": TONES,
        "listed": LISTED,
        "most_failed": MOST_FAILED,
        **inlined("style", ("page.css", "progress/progress.css")),
        **inlined("script", ("progress/progress.js",)),
    }
    return made.get_template("progress/index.html.j2").render(content) + "\n"


def write_page(content: Mapping[str, Any], folder: Path) -> None:
    """Write the page of one state, by the process that the state is of, into its folder."""
    ended = content["ended"]
    life = Life.RUNNING if not ended else Life.DONE if ended["well"] else Life.FAILED
    write_overview(overview([RunState(folder.parent, content, life)], content["updated"]), folder / PAGE)


def write_overview(view: Overview, file: Path) -> None:
    """Write the page of an overview whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(render_progress(view), encoding="utf-8")
    part.replace(file)


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _bar(counts: Mapping[str, int]) -> Markup:
    """Return the share of each state as a bar."""
    total = sum(counts.values()) or 1
    parts, at = [], 0.0
    for state, colour in COLOURS.items():
        wide = 100 * counts[state] / total
        parts.append(f'<rect x="{at:.2f}" width="{wide:.2f}" height="10" fill="{colour}"/>')
        at += wide
    return Markup(
        f'<span class="track"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg></span>'
    )
