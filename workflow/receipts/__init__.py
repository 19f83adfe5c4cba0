"""Receipts: what a finished sample or case leaves behind, so that a run plans jobs only for what has none or a stale one.

`load` reads one receipt, `judge` says of every unit whether it is done, stale, new or damaged, and why. Stages and what enters them are
in `stages`, `parts` and `unit_inputs`; the index of all receipts is in `index`; what Snakemake is told is in `planning`. Names are looked
up when they are asked for, so that a job which reads one table does not load all of it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow.receipts.judgement import Judgement
    from workflow.receipts.judging import judge
    from workflow.receipts.model import Cost, Kind, Output, Reason, Receipt, Source, State, Unit, Verdict, load

__all__ = ["Cost", "Judgement", "Kind", "Output", "Reason", "Receipt", "Source", "State", "Unit", "Verdict", "judge", "load"]


def __getattr__(name: str) -> Any:
    """Return what the package offers by its own name."""
    if name not in __all__:
        raise AttributeError(f"module `workflow.receipts` has no `{name}`")
    module = {"Judgement": "judgement", "judge": "judging"}.get(name, "model")
    return getattr(importlib.import_module(f"workflow.receipts.{module}"), name)
