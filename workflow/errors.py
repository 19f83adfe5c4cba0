"""Errors that a user can mend, each told in one plain sentence."""

from collections.abc import Callable
from functools import partial
from pathlib import Path


class InputError(Exception):
    """Something in the user's files is wrong.

    `str(error)` is one sentence: where (file, row), what is wrong, what to do. It never holds personal data.

    Args:
        what: what is wrong, without a closing full stop.
        file: the file it stands in, as the user named it.
        row: line number in that file, 1-based, the header line counted.
        remedy: what to do about it, without a closing full stop.
    """

    def __init__(self, what: str, *, file: str | Path | None = None, row: int | None = None, remedy: str | None = None) -> None:
        self.what, self.file, self.row, self.remedy = what, file, row, remedy
        place = f"{file}, row {row}: " if file and row else f"{file}: " if file else ""
        super().__init__(f"{place}{what}{f'; {remedy}' if remedy else ''}.")

    def __reduce__(self) -> tuple[Callable[[], "InputError"], tuple[()]]:
        """Let the error pass whole from a process of a pool to its parent."""
        return partial(InputError, self.what, file=self.file, row=self.row, remedy=self.remedy), ()
