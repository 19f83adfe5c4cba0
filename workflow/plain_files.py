"""Files of a folder that somebody handed over, looked at without trusting it: no links are followed, nothing outside of it is read."""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import Any

SHA256 = re.compile(r"[0-9a-f]{64}")
Identity = tuple[int, int]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, which is named relative to the folder that was handed over."""

    file: str
    what: str

    def __str__(self) -> str:
        """Return it as one line, whatever characters the name holds."""
        return f"{self.file if self.file.isprintable() else ascii(self.file)}: {self.what}"


@dataclass(frozen=True)
class Listed:
    """A file as a manifest lists it."""

    file: str
    bytes: int
    sha256: str


class UnusableError(Exception):
    """A file of a release cannot be used; the text says why, as in `was changed`."""


def is_within(name: str) -> bool:
    """Say whether a name in a manifest is a plain relative path that stays in its folder."""
    path = PurePosixPath(name)
    return bool(path.parts) and "\0" not in name and not path.is_absolute() and str(path) == name and ".." not in path.parts


def listed(manifest: Any) -> list[Listed]:
    """Return what a manifest lists.

    Raises:
        UnusableError: it is no manifest, names a file twice, or names one outside of its folder.
    """
    try:
        found = [Listed(one["file"], one["bytes"], one["sha256"]) for one in manifest["files"]]
    except (TypeError, KeyError):
        raise UnusableError("is no manifest") from None
    seen: set[str] = set()
    for one in found:
        if (
            not isinstance(one.file, str)
            or type(one.bytes) is not int
            or not isinstance(one.sha256, str)
            or not SHA256.fullmatch(one.sha256)
        ):
            raise UnusableError("is no manifest")
        if not is_within(one.file):
            raise UnusableError(f"names a file outside of its folder ({one.file!a}), which is not looked at")
        if one.file in seen:
            raise UnusableError(f"names {one.file!a} twice")
        seen.add(one.file)
    return found


def status_of(folder: Path, name: str) -> os.stat_result:
    """Return the status of a plain file in a folder.

    Raises:
        UnusableError: it is missing, no plain file, or a symbolic link stands in its path.
    """
    path = folder
    try:
        for part in PurePosixPath(name).parts:
            path = path / part
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                raise UnusableError("is a symbolic link, or lies behind one, and is not followed")
    except (FileNotFoundError, NotADirectoryError):
        raise UnusableError("is gone") from None
    except OSError as error:
        raise UnusableError(f"cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(status.st_mode):
        raise UnusableError("is no plain file")
    return status


def read(folder: Path, name: str, most: int) -> bytes:
    """Return the content of a plain file in a folder that is no longer than `most` bytes.

    Raises:
        UnusableError: as `status_of`, or it is longer or cannot be read.
    """
    if status_of(folder, name).st_size > most:
        raise UnusableError("is far too long")
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise UnusableError(f"cannot be read ({error.strerror})") from None


def names_below(folder: Path, start: str = "") -> Iterator[str]:
    """Give everything below a folder that is no folder itself, links and folders that cannot be read included, relative to `folder`."""
    unread: list[OSError] = []
    for here, folders, files in os.walk(folder / start, onerror=unread.append):
        for name in sorted(files + [name for name in folders if os.path.islink(os.path.join(here, name))]):
            yield os.path.relpath(os.path.join(here, name), folder)
    yield from (os.path.relpath(error.filename, folder) for error in unread if not isinstance(error, FileNotFoundError))


def compare(folder: Path, wanted: Iterable[tuple[str, Listed]], jobs: int) -> Iterator[Fault]:
    """Give each listed file that is not as it was signed; bytes that several names share by hard links are read once.

    Args:
        folder: the folder that was handed over.
        wanted: (name of a file in that folder, how it was signed).
        jobs: how many files are read at once.
    """
    waiting: list[tuple[str, Listed, Identity]] = []
    places: dict[Identity, Path] = {}
    for name, one in wanted:
        try:
            status = status_of(folder, name)
        except UnusableError as error:
            yield Fault(name, str(error))
            continue
        if status.st_size != one.bytes:
            kind = "was cut short" if status.st_size < one.bytes else "was made longer"
            yield Fault(name, f"{kind}: it has {status.st_size:,} bytes, and had {one.bytes:,}")
            continue
        identity = (status.st_dev, status.st_ino)
        places.setdefault(identity, folder / name)
        waiting.append((name, one, identity))
    digests = _digests(places, jobs)
    for name, one, identity in waiting:
        if digests[identity] != one.sha256:
            yield Fault(name, "was changed" if SHA256.fullmatch(digests[identity]) else digests[identity])


def _digests(places: Mapping[Identity, Path], jobs: int) -> dict[Identity, str]:
    """Return the SHA-256 of each file, or why there is none."""
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        return dict(zip(places, pool.map(_digest, places.values()), strict=True))


def _digest(path: Path) -> str:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb", buffering=0) as handle:
            return file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
