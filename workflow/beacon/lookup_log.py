"""The log of look-ups, `<store>/beacon/lookups.jsonl`: each that was answered, chained to the one before by its hash.

A line is as `workflow/linked_lines.py` has it: `n`, `time` (UTC), `previous`, then `who` (a requester's name as it
was given with its token, `public` without), `release`, `asked` (variant or place), `group`, `found`; then `hash`. No address, no token.
It is written before the answer leaves; the disk is waited for once a second, so a loss of power may lose that second, not the chain.
"""

import fcntl
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.linked_lines import event_of, events_of, line_of
from workflow.release_log import START
from workflow.run_record import now

FILE = "lookups.jsonl"
LONGEST = 1 << 16  # bytes of one line


class LookupLog:
    """The log, held open by the one server that writes it.

    Raises:
        InputError: another server writes it, or its end is damaged.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("another server writes this log", file=file, remedy="end it, or serve another store") from None
        self._previous, self._n = _last(file)
        self._dirty, self._lock = False, threading.Lock()

    def add(self, event: Mapping[str, Any]) -> None:
        """Write a look-up.

        Raises:
            OSError: the disk is full or fails; what was written of the line is taken back.
        """
        with self._lock:
            line, digest = line_of(self._n + 1, self._previous, now(), event)
            end = self.file.stat().st_size
            if os.write(self._handle, line) != len(line):
                os.ftruncate(self._handle, end)
                raise OSError("the disk is full")
            self._previous, self._n, self._dirty = digest, self._n + 1, True

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        with self._lock:
            dirty, self._dirty = self._dirty, False
        if dirty:
            os.fsync(self._handle)

    def close(self) -> None:
        """Put all on the disk and let go of the log."""
        self.sync()
        os.close(self._handle)


def _last(file: Path) -> tuple[str, int]:
    """Return hash and number of the last line; a part of a line behind it, of a killed server, is cut off."""
    size = file.stat().st_size
    with open(file, "r+b") as handle:
        handle.seek(max(0, size - LONGEST))
        whole, _, torn = handle.read().rpartition(b"\n")
        if torn:
            handle.truncate(size - len(torn))
    if not whole:
        return START, 0
    event = event_of(whole.rpartition(b"\n")[2])
    if event is None:
        raise InputError("the end of the log of look-ups was changed", file=file, remedy="put it back from a copy")
    return str(event["hash"]), int(event["n"])


def lookups(file: Path) -> Iterator[Mapping[str, Any]]:
    """Give every look-up, oldest first, the chain checked; a part of a line at the end, of a killed server, is none.

    Raises:
        InputError: a line was changed, lost, or put in.
    """
    if not file.exists():
        return
    with open(file, "rb") as handle:
        for row, event in enumerate(events_of(line for line in handle if line.endswith(b"\n")), 1):
            if event is None:
                what = "the log of look-ups is not as it was written: this line, or one before it, was changed or lost"
                raise InputError(what, file=file, row=row, remedy="put it back from a copy")
            yield event


def used_today(file: Path) -> Counter[str]:
    """Return the look-ups of each requester since midnight (UTC)."""
    today = now()[:10]
    return Counter(event["who"] for event in lookups(file) if event["time"].startswith(today))
