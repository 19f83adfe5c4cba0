"""What the commands on retention begin with: the config of a run, its sheets, and the folder to themselves."""

import argparse
import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.samples import load_cohort
from workflow.settings import Settings, load_settings

RUN = "genvej.run.lock"
"""The lock of a run, as `workflow/session.py` names it: that module brings Snakemake with it, which no command here needs."""


@dataclass(frozen=True)
class Run:
    """Config and sheets of a run, in whose working directory the process is."""

    settings: Settings
    cohort: Cohort


def parser(description: str | None, program: str) -> argparse.ArgumentParser:
    """Return a parser that knows the options of all these commands."""
    found = argparse.ArgumentParser(prog=f"python -m scripts.{program}", description=description)
    found.add_argument("--config", type=Path, required=True, help="config of the run")
    found.add_argument("--directory", type=Path, default=Path(), help="the run's working directory (default: where you are)")
    return found


def load_run(config: Path, directory: Path) -> Run:
    """Go to the working directory of a run and read its config and sheets.

    Raises:
        InputError: in one sentence, what is wrong with them.
    """
    try:
        text = config.read_text(encoding="utf-8")
        os.chdir(directory)
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})", file=error.filename, remedy="check --config and --directory") from None
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        raise InputError("this is no YAML", file=config, remedy="give the config of a run") from None
    settings = load_settings(content if isinstance(content, dict) else {}, str(config))
    return Run(settings, load_cohort(settings))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep runs out of the working directory while the block lasts.

    Raises:
        InputError: a run is at work there.
    """
    Path(".snakemake").mkdir(exist_ok=True)
    with open(Path(".snakemake") / RUN, "a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError("a run is at work in this folder", file=Path.cwd(), remedy="wait for its end") from None
        yield
