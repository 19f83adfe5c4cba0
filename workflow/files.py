"""Files written whole or not at all, and their digests."""

import contextlib
import fcntl
import glob
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; move it to `path` if the block ends well, remove it if not.

    The temporary name keeps the suffix of `path`, since tools choose formats by it, and is of this process alone. What the block
    writes under that name and an ending (an index) shares its fate. What a killed process left of the same file is removed first.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_orphans(target)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-", suffix=f"-{target.name}")
    fcntl.flock(handle, fcntl.LOCK_EX)
    part = Path(name)
    try:
        yield part
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o666 & ~umask)
        for index in _beside(part):  # before the file, whose lock tells a living process from a killed one
            index.replace(f"{target}{index.name.removeprefix(part.name)}")
        part.replace(target)
    except BaseException:
        for file in (*_beside(part), part):
            file.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def _remove_orphans(target: Path) -> None:
    """Remove temporary files of `target` that no living process holds: each writer keeps a lock on its own."""
    for part in target.parent.glob(f".part-*-{glob.escape(target.name)}"):
        with contextlib.suppress(OSError), open(part) as orphan:
            fcntl.flock(orphan, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for file in (*_beside(part), part):
                file.unlink()


def _beside(part: Path) -> list[Path]:
    """Return the files named as `part` and an ending, as tools name an index."""
    return list(part.parent.glob(f"{glob.escape(part.name)}.*"))


def short_digest(text: str) -> str:
    """Return 16 hexadecimal digits of the SHA-256 over a text: enough to tell that it is another."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sha256_of(path: str | Path) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_json(path: str | Path) -> Any:
    """Return the content of a JSON file (UTF-8)."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(path: str | Path, content: object) -> None:
    """Write `content` as indented UTF-8 JSON, atomically, keys in the order given."""
    with atomic(path) as part:
        part.write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def sync(path: Path) -> None:
    """Wait until the bytes of a file, or the names in a folder, are on the disk and no power cut takes them."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
