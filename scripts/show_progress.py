"""How far one or several runs are: by stage and state, what failed and why, what is slow, when it will be done.

    python -m scripts.show_progress RESULTS… [--config CONFIG [--directory WORK]] [--watch] [--page FILE]

RESULTS are results folders (one a shard), or folders that hold such as `results`. With --page the same is written as a page that renews
itself; each run writes its own as `<results>/progress/index.html`. A run whose main process is gone is told as stopped.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from workflow.errors import InputError
from workflow.jobs import run_command
from workflow.progress_view.overview import Overview, overview
from workflow.progress_view.page import write_overview
from workflow.progress_view.state import STATE, Life, RunState, load_state
from workflow.progress_view.terminal import as_text
from workflow.retention.command import load_run

EVERY = 5.0  # seconds
CLEAR = "\033[2J\033[H"


def folders(given: Sequence[Path], config: Path | None, directory: Path) -> list[Path]:
    """Return the results folders that are meant.

    Raises:
        InputError: none is named, or one is not there.
    """
    found = [folder / "results" if not (folder / STATE).is_file() and (folder / "results").is_dir() else folder for folder in given]
    if config:
        here = directory.absolute()
        found.append(here / load_run(config, directory).settings.results)
    if not found:
        raise InputError("no run is named", remedy="give results folders, or --config")
    if missing := next((folder for folder in found if not folder.is_dir()), None):
        raise InputError("there is no such folder", file=missing, remedy="give the results folder of a run")
    return list(dict.fromkeys(found))


def look(results: Sequence[Path]) -> tuple[Overview | None, list[RunState]]:
    """Return the overview of the runs that have left a state, None if none has."""
    now = time.time()
    states = [state for folder in results if (state := load_state(folder, now))]
    return overview(states, now) if states else None, states


def show(results: Sequence[Path], page: Path | None) -> bool:
    """Show the runs once; return whether one is still at work."""
    view, states = look(results)
    known = {state.results for state in states}
    text = as_text(view) if view else ""
    silent = [f"{folder}: no run has left its state here" for folder in results if folder not in known]
    print("\n".join([text, *silent] if text else silent), flush=True)
    if view and page:
        write_overview(view, page)
    return any(state.life is Life.RUNNING for state in states)


def main(arguments: Sequence[str]) -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m scripts.show_progress", description=__doc__)
    parser.add_argument("results", nargs="*", type=Path, help="results folders")
    parser.add_argument("--config", type=Path, help="config of a run, instead of its results folder")
    parser.add_argument("--directory", type=Path, default=Path(), help="the run's working directory (default: where you are)")
    parser.add_argument("--watch", action="store_true", help="show it anew every few seconds until nothing is at work")
    parser.add_argument("--page", type=Path, help="write a page, too")
    chosen = parser.parse_args(arguments)
    page = chosen.page.absolute() if chosen.page else None
    results = folders(chosen.results, chosen.config, chosen.directory)
    if chosen.watch:
        print(CLEAR, end="")
    while show(results, page) and chosen.watch:
        time.sleep(EVERY)
        print(CLEAR, end="")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `… | head` is no error
    sys.exit(run_command(lambda: main(sys.argv[1:])))
