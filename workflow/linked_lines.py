"""Logs of lines that each hold the hash of the one before: read line by line, and their end found.

A line is as `workflow.release_log.linked` makes it, `,"hash":"…"}` behind it: the hash is the SHA-256 of the line's bytes before that.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflow.release_log import START, linked

LINE = re.compile(rb'(\{.*),"hash":"([0-9a-f]{64})"\}')
Event = Mapping[str, Any]


def line_of(number: int, previous: str, time: str, event: Event) -> tuple[bytes, str]:
    """Return a whole line and its hash; `previous` is the hash of the line before, `START` for the first."""
    text, digest = linked(number, previous, time, event)
    return f'{text},"hash":"{digest}"}}\n'.encode(), digest


def event_of(line: bytes) -> Event | None:
    """Return the content of a line, None if it does not fit its own hash."""
    parts = LINE.fullmatch(line.rstrip(b"\n"))
    if not parts or hashlib.sha256(parts[1]).hexdigest() != parts[2].decode():
        return None
    try:
        return dict(json.loads(line))
    except ValueError:
        return None


def events_of(lines: Iterable[bytes]) -> Iterator[Event | None]:
    """Give the content of each line, oldest first; None, and no more, for one that does not follow the one before it."""
    previous = START
    for number, line in enumerate(lines, start=1):
        event = event_of(line)
        if event is None or (event.get("n"), event.get("previous")) != (number, previous):
            yield None
            return
        previous = event["hash"]
        yield event
