"""A store that is made when it is first needed."""

from pathlib import Path

from workflow.cohort_store.model import MINIMUM
from workflow.cohort_store.versions import STORE, create
from workflow.errors import InputError


def make_store(store: Path, assembly: str) -> None:
    """Make the store if it is not there; another job may do so at the same time."""
    try:
        if not (store / STORE).exists():
            create(store, assembly, MINIMUM)
    except InputError:
        if not (store / STORE).exists():
            raise
