"""The knowledge base that a run names, pinned to a number of its classifications: light, since every start of a run reads it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.knowledge_base.entries import FILE, Base, read_base
from workflow.settings import Settings


def known_base(settings: Settings) -> list[Any]:
    """Return path, number of classifications and hash of the last of them, as a rule's params hold them; empty where none is configured.

    Raises:
        InputError: the base cannot be used, is of another assembly, or has fewer classifications.
    """
    asked = settings.knowledge_base
    if asked is None:
        return []
    base, file = read_base(asked.path), asked.path / FILE
    if base.assembly != settings.reference.name:
        what = f"the knowledge base is of {base.assembly}, but `reference.name` is {settings.reference.name}"
        raise InputError(what, file=file, remedy="name one of this assembly")
    if asked.entries > len(base.entries):
        what = f"the knowledge base has {len(base.entries)} classifications, but `knowledge_base.entries` is {asked.entries}"
        raise InputError(what, file=file, remedy="lower the number, or put the file back from a copy that is whole")
    return [str(asked.path), asked.entries, base.hashes[asked.entries]]


def base_of(param: Sequence[Any]) -> Base | None:
    """Return the knowledge base that a rule's params name, cut to its number of classifications; None for none.

    Raises:
        InputError: it is not the one that the run began with.
    """
    if not param:
        return None
    path, number, digest = param
    base = read_base(Path(path)).at(number)
    if base.digest != digest:
        raise InputError("the knowledge base is another one than when the run began", file=Path(path) / FILE, remedy="run again")
    return base
