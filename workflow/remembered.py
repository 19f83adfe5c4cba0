"""What was worked out of the project's own files, remembered between processes by the content it was worked out of.

Every job reads the Snakefile anew; a digest of a syntax tree costs a hundred times the reading of its file. The key is the SHA-256 of the
content, never a name or a date, so that nothing remembered can be out of date. The file may be deleted at any time.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from workflow.files import atomic

FILE = Path(".snakemake") / "genvej.digests.json"
MOST = 20_000
"""Entries beyond which what was remembered is forgotten: of versions long gone."""
_known: dict[str, Any] = {}
_read = False


def remembered(what: str, content: Iterable[bytes], work_out: Callable[[], Any]) -> Any:
    """Return plain data that follows from some content alone: as remembered, or worked out now.

    Args:
        what: what is worked out, with a number that changes with the way it is worked out.
        content: all that the answer depends on.
        work_out: gives the answer, which JSON must be able to hold.
    """
    digest = hashlib.sha256(what.encode())
    for one in content:
        digest.update(hashlib.sha256(one).digest())
    key = digest.hexdigest()[:32]
    _remember_file()
    if key not in _known:
        _known[key] = work_out()
        _known[""] = True
    return _known[key]


def _remember_file() -> None:
    """Take in the file once a process."""
    global _read
    if not _read:
        _read = True
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(FILE.read_bytes())
            if isinstance(found, dict) and len(found) < MOST:
                _known.update(found)


def keep_remembered() -> None:
    """Write down what was worked out anew; where that cannot be, the next process works it out again."""
    if _known.pop("", False) and FILE.parent.is_dir():
        with contextlib.suppress(OSError), atomic(FILE) as part:
            part.write_text(json.dumps(_known), encoding="utf-8")
