"""The list of genomes that were erased, `gone.txt`: a line each, the SHA-256 of its token.

It names nobody. In a backup, whose inside map still has the token, it finds whom to take out again; keep a copy of it apart from the store.
"""

import hashlib
import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from workflow.errors import InputError

_LINE = re.compile(r"[0-9a-f]{64}")
GONE = "gone.txt"


def mark_of(token: str) -> str:
    """Return what stands for an erased genome: random 128 bits, hashed, cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def remember_gone(store: Path, tokens: Iterable[str]) -> None:
    """Add erased genomes to the list, and see it on the disk."""
    with open(store / GONE, "a", encoding="ascii") as handle:
        handle.writelines(f"{mark_of(token)}\n" for token in tokens)
        handle.flush()
        os.fsync(handle.fileno())


def read_gone(file: Path) -> set[str]:
    """Return the marks of a list; a half line of a killed writer is none.

    Raises:
        InputError: this is no such list.
    """
    try:
        lines = file.read_text(encoding="ascii").split("\n")[:-1]
    except (OSError, ValueError):
        raise InputError("the list of erased genomes cannot be read", file=file, remedy=f"name the `{GONE}` of the newer store") from None
    for row, line in enumerate(lines, start=1):
        if not _LINE.fullmatch(line):
            raise InputError("this is no list of erased genomes", file=file, row=row, remedy=f"name the `{GONE}` of the newer store")
    return set(lines)


def back_again(tokens: Collection[str], gone: Collection[str]) -> list[str]:
    """Return the tokens that were erased once."""
    return [token for token in tokens if mark_of(token) in gone] if gone else []
