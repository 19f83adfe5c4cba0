"""The log of decisions, `release/log.jsonl`: append only, each line chained to the one before by its hash, each batch of lines signed.

A line is one JSON object: `n` (1, 2, …), `time` (UTC, what the clock said: the order is that of `n`), `previous` (`hash` of the line
before, zeros for the first), `event`, what belongs to the event, and `hash`: the SHA-256 of the line's bytes before `,"hash":`. The last
line of a batch tells of a manifest (`sealed` or `listed`) and is signed; since it holds the hash of all before it, so are they. The key
that signs is named by the last `key` line. This module needs nothing but Python: `scripts/verify_release.py` reads the log with it.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.ed25519 import decode_base64, id_of, read_public_key, verify
from workflow.errors import InputError

FILE = "log.jsonl"
START = "0" * 64
WRONG = "has a signature that does not fit"
SIGNED = frozenset({"sealed", "listed"})
LINE = re.compile(rb'(\{.*),"hash":"([0-9a-f]{64})"(?:,"signature":"([A-Za-z0-9+/=]{88})")?\}')
LOST = "put it back from a copy: what was released must stay"
Event = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One whole line of the log; `event` is its content."""

    n: int
    hash: str
    signature: str
    event: Event


@dataclass
class Log:
    """A log as it was read: its lines, where it is broken, and what is left of a batch whose writing was interrupted.

    `lines` are whole and signed; `end` is where they end (bytes). `fault` is (row, what is wrong) of the first break in the chain. `torn`
    counts the bytes behind `end`, the unsigned beginning of a batch.
    """

    lines: list[Line] = field(default_factory=list)
    end: int = 0
    torn: int = 0
    fault: tuple[int, str] | None = None

    @property
    def head(self) -> dict[str, Any]:
        """Return number and hash of the last line."""
        return {"n": self.lines[-1].n, "hash": self.lines[-1].hash} if self.lines else {"n": 0, "hash": START}

    @property
    def key(self) -> Event | None:
        """Return the event that names the key in force, None in an empty log."""
        return next((line.event for line in reversed(self.lines) if line.event["event"] == "key"), None)

    @property
    def manifest(self) -> str | None:
        """Return the SHA-256 of the manifest that the log speaks of last."""
        return str(self.lines[-1].event["manifest_sha256"]) if self.lines else None

    def told(self, *events: str) -> dict[str, str]:
        """Return {version: SHA-256 of its manifest} of the lines of some events."""
        return {line.event["version"]: line.event["manifest_sha256"] for line in self.lines if line.event["event"] in events}


def read_log(path: Path, *, every: bool = True) -> Log:
    """Return a log, read to its first break; an empty one if there is no file. `every` as in `parse_log`.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Log()
    return parse_log(content, every=every)


def parse_log(content: bytes, *, every: bool = True) -> Log:
    """Return the log in the bytes of its file.

    Args:
        content: the bytes.
        every: check the signature of every batch, and not only the last one, which holds the hash of all lines before it.
    """
    log, waiting, previous, end = Log(), list[Line](), START, 0
    key: bytes | None = None
    for number, text in enumerate(content.split(b"\n")[:-1], start=1):
        found = _line(text, number, previous)
        if isinstance(found, str):
            log.fault = (number, found)
            break
        waiting.append(found)
        previous, end = found.hash, end + len(text) + 1
        if found.event["event"] == "key":
            key = _named(found.event)
        if key is None or (every and not _is_signed(found, key)):
            log.fault = (number, "is signed with a key that the log does not name" if key is None else WRONG)
            break
        if found.signature:
            log.lines += waiting
            log.end, waiting = end, []
    log.torn = len(content) - log.end
    if not every and log.lines and not log.fault and not _is_signed(log.lines[-1], _named(log.key or {}) or b""):
        log.fault = (log.lines[-1].n, WRONG)
    return log


def _line(text: bytes, number: int, previous: str) -> Line | str:
    """Return a line of the log, or what is wrong with it."""
    match = LINE.fullmatch(text)
    if not match:
        return "is no line of a log"
    if hashlib.sha256(match[1]).hexdigest() != match[2].decode():
        return "was changed: it does not fit its own hash"
    try:
        event = json.loads(match[1] + b"}")
    except (ValueError, RecursionError):
        return "is no line of a log"
    if event.get("n") != number or event.get("previous") != previous:
        return "does not follow the line before it: a line was taken out, put in or moved"
    if not _is_event(event, bool(match[3])):
        return "is no line of a log"
    return Line(number, match[2].decode(), (match[3] or b"").decode(), event)


def _is_event(event: Event, signed: bool) -> bool:
    """Say whether the values that this module relies on are there."""
    name = event.get("event")
    needs = {"key": ("key", "public_key"), **dict.fromkeys((*SIGNED, "adopted"), ("version", "manifest_sha256"))}
    texts = ("time", "event", *needs.get(name if isinstance(name, str) else "", ()))
    return all(isinstance(event.get(key), str) for key in texts) and signed == (name in SIGNED)


def _named(event: Event) -> bytes | None:
    """Return the public key that a `key` line names, None if it is none."""
    key = read_public_key(event["public_key"]) if event else None
    return key if key and event["key"] == id_of(key) else None


def _is_signed(line: Line, key: bytes) -> bool:
    """Say whether the signature of a line that has one is that of a key."""
    return not line.signature or verify(to_be_signed(line.n, line.hash), decode_base64(line.signature) or b"", key)


def to_be_signed(number: int, digest: str) -> bytes:
    """Return the bytes that the signature of a line is made over."""
    return f"genvej release log\n{number}\n{digest}\n".encode()


def linked(number: int, previous: str, time: str, event: Event) -> tuple[str, str]:
    """Return the text of a line up to its hash, and the hash: `number`, `time` and the hash of the line before stand in front."""
    content = {"n": number, "time": time, "previous": previous, **event}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)[:-1]
    return text, hashlib.sha256(text.encode()).hexdigest()


def batch(head: Mapping[str, Any], events: Sequence[Event], time: str, sign: Callable[[bytes], str]) -> bytes:
    """Return the lines of some events that follow a head, the last of them signed: one that tells of a manifest.

    Args:
        head: `n` and `hash` of the line before.
        events: `event` and what belongs to it; the last is `sealed` or `listed`, the others are not.
        time: the time in UTC, ISO 8601.
        sign: gives the base64 of a signature.
    """
    number, previous, lines = head["n"], head["hash"], []
    for event in events:
        number += 1
        text, previous = linked(number, previous, time, event)
        signature = f',"signature":"{sign(to_be_signed(number, previous))}"' if event["event"] in SIGNED else ""
        lines.append(f'{text},"hash":"{previous}"{signature}}}\n')
    return "".join(lines).encode()


@contextlib.contextmanager
def opened(path: Path) -> Iterator["OpenLog"]:
    """Give a log to add to, which nobody else adds to meanwhile; what an interrupted writing left at its end is taken away.

    Raises:
        InputError: the chain is broken.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        log = unbroken(path)
        if log.torn:
            os.ftruncate(handle, log.end)
        yield OpenLog(path, handle, log)
    finally:
        os.close(handle)


def unbroken(path: Path) -> Log:
    """Return the log in a file.

    Raises:
        InputError: the chain is broken, or the file cannot be read.
    """
    try:
        log = read_log(path, every=False)
    except OSError as error:
        raise InputError(f"the log cannot be read ({error.strerror})", file=path, remedy="give its owner access to it") from None
    if log.fault:
        raise InputError(f"the log has a broken chain: this line {log.fault[1]}", file=path, row=log.fault[0], remedy=LOST)
    return log


@dataclass
class OpenLog:
    """A log that is held for adding to it."""

    path: Path
    handle: int
    log: Log

    def add(self, lines: bytes) -> None:
        """Add a batch as `batch` makes it, with one write that is on the disk when this returns; a part of it is taken back.

        Raises:
            InputError: the disk is full or fails.
        """
        try:
            written = os.write(self.handle, lines)
            os.fsync(self.handle)
        except OSError as error:
            os.ftruncate(self.handle, self.log.end)
            raise InputError(f"the log cannot be written ({error.strerror})", file=self.path, remedy="run again when it can be") from None
        if written != len(lines):
            os.ftruncate(self.handle, self.log.end)
            raise InputError("the log cannot be written (the disk is full)", file=self.path, remedy="make room and run again")
        self.log = unbroken(self.path)
