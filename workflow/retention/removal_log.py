"""The log of removals, `<results>/retention/log.jsonl`: a line a file that was removed or restored, each chained to the one before.

A line is one JSON object: `n` (1, 2, …), `time` (UTC), `previous` (`hash` of the line before, zeros for the first), `event` (`removed`,
`not removed`, `restored`), what belongs to it, and `hash`: the SHA-256 of the line's bytes before `,"hash":`. A line stands before its file
goes; a file that is there is there, whatever the log says.
"""

import fcntl
import functools
import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from workflow.errors import InputError
from workflow.release_log import START, Event, linked
from workflow.run_record import now

LONGEST = 1 << 16  # bytes of one line
LINE = re.compile(rb'(\{.*),"hash":"([0-9a-f]{64})"\}')


def log_path(results: Path) -> Path:
    """Return where the log of a results folder is."""
    return results / "retention" / "log.jsonl"


def read_removals(results: Path) -> list[Event]:
    """Return the events of a log, oldest first; none if there is no log.

    Raises:
        InputError: a line is damaged, was changed or is missing.
    """
    file = log_path(results)
    try:
        status = file.stat()
    except FileNotFoundError:
        return []
    return _read(file, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _read(file: Path, size: int, changed: int) -> list[Event]:  # noqa: ARG001 - tell whether it was read as it is now
    events, previous = [], START
    for row, line in enumerate(file.read_bytes().splitlines(), 1):
        parts = LINE.fullmatch(line)
        event = json.loads(line) if parts and hashlib.sha256(parts[1]).hexdigest() == parts[2].decode() else None
        if event is None or event["previous"] != previous:
            what = "the log of removals is not as it was written: this line, or one before it, was changed or lost"
            raise InputError(what, file=file, row=row, remedy="put the log back from a copy: it says which raw reads are gone and why")
        events.append(event)
        previous = event["hash"]
    return events


def append_events(results: Path, events: Iterable[Event]) -> None:
    """Add events to the log and wait until they are on disk.

    Raises:
        InputError: the log is broken, or cannot be written.
    """
    file = log_path(results)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            previous, number = _last(file)
            for event in events:
                number += 1
                body, previous = linked(number, previous, now(), event)
                handle.write(f'{body},"hash":"{previous}"}}\n'.encode())
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        what = f"the log of removals cannot be written ({error.strerror})"
        raise InputError(what, file=file, remedy="nothing is removed without it: give access or make room") from None


def _last(file: Path) -> tuple[str, int]:
    """Return hash and number of the last line of a log that was read before, zeros and 0 if it is empty."""
    with open(file, "rb") as handle:
        handle.seek(max(0, file.stat().st_size - LONGEST))
        lines = handle.read().splitlines()
    if not lines:
        return START, 0
    event = json.loads(lines[-1])
    return str(event["hash"]), int(event["n"])


def latest(events: Iterable[Event]) -> dict[str, Event]:
    """Return the last event of each file, by its path."""
    return {event["file"]: event for event in events}
