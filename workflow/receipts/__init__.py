"""Receipts: what a finished sample or case leaves behind, so that a run plans jobs only for what has none or a stale one.

`load` reads one receipt, `judge` says of every unit whether it is done, stale, new or damaged, and why. Stages and what enters them are in
`stages`, `parts` and `unit_inputs`; the index of all receipts is in `index`; what Snakemake is told is in `planning`.
"""

from workflow.receipts.judge import Judgement, judge
from workflow.receipts.model import Cost, Kind, Output, Reason, Receipt, State, Unit, Verdict, load

__all__ = ["Cost", "Judgement", "Kind", "Output", "Reason", "Receipt", "State", "Unit", "Verdict", "judge", "load"]
