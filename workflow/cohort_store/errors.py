"""What may be wrong with a store, each told in one sentence."""

from pathlib import Path

from workflow.errors import InputError


class DamagedStoreError(InputError):
    """A file of the store is not as it was written."""

    def __init__(self, file: Path, what: str) -> None:
        cause = " ".join(what.split())[:120]
        super().__init__(
            f"the store is damaged ({cause})", file=file, remedy="run `verify`, then `rebuild`, or put the store back from its backup"
        )


class VersionGoneError(InputError):
    """The version that was open has been erased, since somebody was withdrawn; open the store again."""

    def __init__(self, file: Path) -> None:
        super().__init__("this file of the store is gone, since a later version has replaced it", file=file, remedy="open the store again")


class BusyError(InputError):
    """Another writer holds the store."""
