"""Two results trees compared: every change with its cause, in the order of the cases, and the totals."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workflow.call_changes import CallCounts, compare_calls
from workflow.candidate_changes import CandidateCounts, compare_candidates, compare_checks, compare_decisions, compare_verdicts
from workflow.causes import UNEXPLAINED, CaseCauses, in_words
from workflow.changes import Change, Kind
from workflow.impact_limits import Measure
from workflow.results_tree import Tree
from workflow.version_differences import Difference
from workflow.writings import pair_writings


@dataclass
class Comparison:
    """What is compared, and what was counted on the way; full once `changes` has been read to its end."""

    before: Tree
    after: Tree
    found: list[Difference]
    calls: CallCounts = field(default_factory=CallCounts)
    candidates: CandidateCounts = field(default_factory=CandidateCounts)
    totals: Counter[tuple[str, str]] = field(default_factory=Counter)
    decided: int = 0

    @property
    def samples(self) -> list[str]:
        """Return the samples that both trees have."""
        return [name for name in self.before.samples if name in self.after.samples]

    @property
    def cases(self) -> list[str]:
        """Return the cases that both trees have."""
        return [name for name in self.before.cases if name in self.after.cases]

    def alone(self) -> dict[str, list[str]]:
        """Return the samples and cases that only one of the trees has: they are not compared."""
        sides = {"from": (self.before, self.after), "to": (self.after, self.before)}
        return {
            f"{kind} only in {side}": [name for name in getattr(here, kind) if name not in getattr(there, kind)]
            for kind in ("samples", "cases")
            for side, (here, there) in sides.items()
        }

    def changes(self) -> Iterator[Change]:
        """Give every change with its cause, case by case; then those of samples whose case is not in both."""
        told: set[str] = set()
        for case in self.cases:
            members = self._members(case)
            told.update(members)
            causes = CaseCauses(self.found, case, members, self._sources())
            yield from self._with_cause(causes, self._of_case(case, members, causes))
        for name in self.samples:
            if name not in told:
                yield from self._with_cause(CaseCauses(self.found, "", [name], ()), self._of_sample("", name))

    def _with_cause(self, causes: CaseCauses, changes: Iterator[Change]) -> Iterator[Change]:
        for change in changes:
            caused = replace(change, cause=in_words(causes.of(change)))
            self.totals[caused.kind.value, caused.cause] += 1
            yield caused

    def _of_case(self, case: str, members: Sequence[str], causes: CaseCauses) -> Iterator[Change]:
        counts = CallCounts()
        yield from pair_writings(compare_calls(self.before.vcf(case), self.after.vcf(case), case, members, counts), counts)
        self.calls.add(counts)
        causes.calls_moved = counts.moved > 0
        yield from compare_candidates(self.before.candidates(case), self.after.candidates(case), case, self.candidates)
        for name in members:
            yield from self._of_sample(case, name)
        old, new = (tree.release("case", case) for tree in (self.before, self.after))
        self.decided += 1
        yield from compare_checks(old, new, case)
        yield from compare_decisions(old, new, case)

    def _of_sample(self, case: str, name: str) -> Iterator[Change]:
        old, new = (tree.release("sample", name) for tree in (self.before, self.after))
        self.decided += 1
        yield from compare_verdicts(old, new, case, name)
        yield from compare_decisions(old, new, case, name)

    def _members(self, case: str) -> list[str]:
        """Return the members of a case that both trees have in it."""
        members = [[one["sample"] for one in tree.question(case)["members"]] for tree in (self.before, self.after)]
        return [name for name in members[0] if name in members[1]]

    def _sources(self) -> list[str]:
        return list(dict.fromkeys(one["name"] for tree in (self.before, self.after) for one in tree.run["knowledge"]))

    def total(self, kind: Kind) -> int:
        """Return how many changes of a kind there are."""
        return sum(count for (name, _), count in self.totals.items() if name == kind.value)

    def measures(self) -> list[Measure]:
        """Return the totals that have a limit."""
        unexplained = sum(count for (_, cause), count in self.totals.items() if cause == UNEXPLAINED)
        return [
            Measure("genotype_changes", self.total(Kind.GENOTYPE), self.calls.both, 1_000_000),
            Measure("lost_passed_calls", self.calls.lost_passed, self.calls.passed, 1_000_000),
            Measure("top_candidate_changes", self.candidates.other_first, self.candidates.cases, 100),
            Measure("decision_changes", self.total(Kind.DECISION), self.decided, 100),
            Measure("unexplained_changes", unexplained, None),
        ]

    def counted(self) -> dict[str, int]:
        """Return what the totals are counts of."""
        return {
            "samples": len(self.samples),
            "cases": len(self.cases),
            "calls before": self.calls.before,
            "calls after": self.calls.after,
            "calls in both": self.calls.both,
            "passed calls before": self.calls.passed,
            "passed calls lost or flagged": self.calls.lost_passed,
            "candidates before": self.candidates.before,
            "candidates after": self.candidates.after,
            "cases with another first candidate": self.candidates.other_first,
            "decisions": self.decided,
        }


def described(tree: Tree) -> dict[str, Any]:
    """Return what a tree says of the version that made it."""
    genvej = tree.run["genvej"]
    parts = tree.identity or {}
    named = {name: parts.get(name) for name in ("code", "tools", "parameters", "knowledge")}
    return {"id": tree.id, "genvej": genvej["version"], "commit": genvej["commit"], "ended": tree.run.get("ended"), **named}
