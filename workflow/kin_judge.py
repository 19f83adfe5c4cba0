"""Whether the relations that the order names are found in the reads, and which exchange of two samples would explain those that are not.

Odds are log10. A relation holds from `TOLD` against none, and is contradicted from -`TOLD`; between them it cannot be told. For one
of many who were looked through, `alarm` asks for more, so that one sample in a hundred at most finds a wrong one among them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workflow.fingerprints import likelihoods
from workflow.kin_order import PARENT, SAME, SIBLINGS, Edge, edges_of
from workflow.kinship import parent_odds
from workflow.matching import Pair
from workflow.run_fingerprints import Run

TOLD = 2.0
CLOSER = "second degree"


@dataclass(frozen=True)
class Judged:
    """An expected relation: `holds` is None where it cannot be told; `trio` are the odds given the other parent."""

    edge: Edge
    pair: Pair
    holds: bool | None
    trio: float | None = None

    def as_json(self, sample: str) -> dict[str, Any]:
        """Return it as the check file of one of the two has it."""
        return {
            "sample": self.edge.other(sample),
            "relation": self.edge.relation,
            "why": self.edge.why,
            "found": {True: "yes", False: "no", None: "cannot be told"}[self.holds],
            "log10_odds": round(self.pair.odds_of(self.edge.relation), 1),
            "log10_odds_with_other_parent": None if self.trio is None else round(self.trio, 1),
            "likeliest": self.pair.relation,
            "opposite": self.pair.opposite,
            "sites": self.pair.sure,
            "independent_sites": round(self.pair.independent, 1),
        }

    def in_words(self, sample: str) -> str:
        """Return it as half a sentence."""
        seen = "is not" if self.holds is False else "cannot be told to be" if self.holds is None else "is"
        other, odds = self.edge.other(sample), self.pair.odds_of(self.edge.relation)
        more = "" if self.trio is None else f", {self.trio:.1f} given the other parent"
        facts = f"log10 odds {odds:.1f}{more}; {self.pair.opposite} opposite of {self.pair.sure} sites"
        return f"{self.edge.relation} with {other} {seen} found ({facts})"


def alarm(compared: int) -> float:
    """Return the log10 odds from which one of `compared` others counts as found."""
    return TOLD + math.log10(max(compared, 1))


def verdict(pair: Pair, relation: str, trio: float | None = None) -> bool | None:
    """Return whether a pair has a relation: yes, no, or cannot be told (None)."""
    odds = pair.odds_of(relation)
    worst, best = (min(odds, trio), max(odds, trio)) if trio is not None else (odds, odds)
    if worst <= -TOLD:
        return False
    if relation != SAME and pair.odds_of(SAME) - max(odds, 0) >= TOLD and pair.relation == SAME:
        return False
    if relation == SIBLINGS and pair.odds_of(CLOSER) - odds >= TOLD:
        return False
    return True if best >= TOLD else None


def judge(edge: Edge, run: Run, edges: Sequence[Edge]) -> Judged:
    """Return whether one expected relation is there; a parent is looked at together with the other one, if that one fits better."""
    pair = run.pairs(edge.first, [edge.second])[edge.second]
    trio = _given_other_parent(edge, pair, run, edges) if edge.relation == PARENT else None
    return Judged(edge, pair, verdict(pair, edge.relation, trio), trio)


def _given_other_parent(edge: Edge, pair: Pair, run: Run, edges: Sequence[Edge]) -> float | None:
    """Return the odds of a parent given the other parent of the order; None if there is none that fits better than this one."""
    given = next((one for one in edges if one.relation == PARENT and one.first == edge.first and one.second != edge.second), None)
    if given is None:
        return None
    better = run.pairs(edge.first, [given.second])[given.second].odds_of(PARENT)
    if better < max(pair.odds_of(PARENT), 0):
        return None
    told = np.asarray(run.of(edge.first).any(-1))
    if not told.any():
        return None
    child, parent, other = (likelihoods(run.of(name)[told]) for name in (edge.first, given.second, edge.second))
    used = run.sites.chosen(told)
    return float(parent_odds(child, parent, other[None], used.frequencies, used.clusters)[0])


@dataclass(frozen=True)
class Exchange:
    """Two samples whose places in the order would fit if they were exchanged; `both` if each was looked at in the other's place."""

    sample: str
    other: str
    both: bool

    def in_words(self) -> str:
        """Return it as half a sentence."""
        if self.both:
            return f"{self.sample} and {self.other} exchanged would explain it: each fits in the place of the other"
        return f"{self.other} fits in the place of {self.sample}; whether {self.sample} fits in that of {self.other} cannot be told"


def exchanges(sample: str, judged: Iterable[Judged], run: Run, edges: Sequence[Edge]) -> list[Exchange]:
    """Return the exchanges that would explain the contradicted relations of a sample."""
    wrong = [one.edge for one in judged if one.holds is False]
    mine = edges_of(sample, edges)
    if not wrong:
        return []
    partner = wrong[0].other(sample)
    need = alarm(len(run.people) - 1)
    near = [name for name in run.nearest(partner) if name not in {sample, *(edge.other(sample) for edge in mine)}]
    fitting = [name for name, pair in run.pairs(partner, near).items() if pair.odds_of(wrong[0].relation) >= need]
    return [one for other in fitting if (one := _exchange(sample, other, mine, run, edges))]


def _exchange(sample: str, other: str, mine: Sequence[Edge], run: Run, edges: Sequence[Edge]) -> Exchange | None:
    theirs = edges_of(other, edges)
    there = [_fits(sample, edge.other(other), edge.relation, run) for edge in theirs if sample not in edge]
    here = [_fits(other, edge.other(sample), edge.relation, run) for edge in mine if other not in edge]
    if False in here or False in there:
        return None
    return Exchange(sample, other, bool(there) and all(there))


def _fits(sample: str, partner: str, relation: str, run: Run) -> bool | None:
    return verdict(run.pairs(partner, [sample])[sample], relation)


__all__ = ["SAME", "TOLD", "Exchange", "Judged", "alarm", "exchanges", "judge", "verdict"]
