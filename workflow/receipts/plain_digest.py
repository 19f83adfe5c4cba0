"""Digests over plain data. What is as long as the cohort goes in piece by piece, so that its JSON never stands in memory as a whole."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workflow.files import short_digest


def digest_of_value(value: Any) -> str:
    """Return 16 hexadecimal digits of the SHA-256 over plain data."""
    return "none" if value is None else short_digest(_JSON.encode(value))


def digest_of_each(values: Iterable[Any]) -> str:
    """Return what `digest_of_value` gives of the list of some values."""
    digest = hashlib.sha256(b"[")
    for number, value in enumerate(values):
        digest.update(f"{', ' if number else ''}{_JSON.encode(value)}".encode())
    digest.update(b"]")
    return digest.hexdigest()[:16]


def _as_data(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else vars(value)


_JSON = json.JSONEncoder(sort_keys=True, default=_as_data)
