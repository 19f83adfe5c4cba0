"""The state of one run as its main process left it, and whether that process is still at work."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from workflow.errors import InputError

FORMAT = 1
STATE = "progress/state.json"
SILENT = 180.0  # seconds without a sign of life, six of the recorder's, after which a process that cannot be looked at is taken for dead


class Life(StrEnum):
    """What has become of a run."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class RunState:
    """The state of a run (`content`, as the recorder wrote it) in a results folder, and what became of the run."""

    results: Path
    content: Mapping[str, Any]
    life: Life


def load_state(results: Path, now: float) -> RunState | None:
    """Return the state of a results folder, None if no run has left one.

    Args:
        results: the results folder.
        now: seconds since 1970.

    Raises:
        InputError: it cannot be read, or is of another version.
    """
    file = results / STATE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        known = content["format"] == FORMAT
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"the state of the run cannot be read ({error.strerror})", file=file, remedy="ask for access to it") from None
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise InputError("this is no state of a run that this version reads", file=file, remedy="the next run writes it anew")
    return RunState(results, content, life_of(content, now))


def life_of(content: Mapping[str, Any], now: float, host: str | None = None) -> Life:
    """Return whether a run is at work: its own last word, else its process if it is of this machine, else its last sign of life."""
    if content["ended"]:
        return Life.DONE if content["ended"]["well"] else Life.FAILED
    if content["host"] == (host or socket.gethostname()):
        return Life.RUNNING if begun_of(content["process"]) == content["begun"] else Life.STOPPED
    return Life.RUNNING if now - content["updated"] <= SILENT else Life.STOPPED


def begun_of(process: int) -> int | None:
    """Return when a process began, in ticks since the machine's start (proc(5), field 22 of stat); None if there is no such process.

    Another process may get the number of one that has ended, but not its beginning.
    """
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])
