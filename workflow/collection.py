"""Python's search for garbage, kept away from what is built once and lives as long as the process."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def kept_from_collection() -> Iterator[None]:
    """Look for no garbage inside the block, and never again at what it leaves: a million objects of a sheet are no garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
