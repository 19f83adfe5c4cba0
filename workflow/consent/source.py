"""Where consents come from, as the config has it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ConsentSource:
    """What people consent to: sheet or folder (None = nothing is asked), days that a check of the register of restrictions holds."""

    sheet: Path | None
    register_days: int
