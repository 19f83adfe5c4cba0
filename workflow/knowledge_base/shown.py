"""Which judgements pages show, as the config has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ShownJudgements:
    """The knowledge base whose judgements pages show: its folder, and how many of its classifications."""

    path: Path
    entries: int


def shown_judgements(one: Mapping[str, Any] | None) -> ShownJudgements | None:
    """Return what the config says under `knowledge_base`; None for nothing."""
    return ShownJudgements(Path(one["path"]), one["entries"]) if one else None
