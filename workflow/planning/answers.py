"""Whose answer may change: each affected case held against what differs, without running anything.

An answer is the ordered list of a case's candidates with their classes, and the release decisions on its members. For a difference whose
effect can be worked out from what the results hold (an HPO release, the records of a table at the candidates, panels, limits), it is. For
all others (reads, callers, code) it cannot be told, and is said to be so: such a case counts as one whose answer may change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.chain_places import EVERYWHERE
from workflow.files import read_json
from workflow.planning.affected import Unit
from workflow.planning.answers_hpo import HpoAnswers
from workflow.planning.answers_limits import Flip, flips
from workflow.planning.answers_panels import panels_changed
from workflow.planning.answers_tables import TableAnswers
from workflow.planning.changes import Before
from workflow.planning.jobs import Graph
from workflow.version_differences import NONE, Difference

NO, MAY, UNTOLD, FIRST = "stays", "may change", "cannot be told", "first answer"
BEFORE_CALLS = frozenset({"alignment", "screening", "gatk", "freebayes", "small variants"})
OF_CANDIDATES = frozenset({"annotation", "family", "interpretation", "evidence"})
"""Stages whose work the candidates rest on; the calls come before them, pages and decisions after."""
PLACES = frozenset({"annotation", "ranking", EVERYWHERE})


@dataclass(frozen=True)
class Answer:
    """What becomes of the answer to a case: `state` stays, may change, cannot be told or first answer; `whys` in words.

    `touched` are candidates `{gene, variant, what}` that a difference touches, `flips` decisions that would be others.
    """

    case: str
    state: str
    whys: tuple[str, ...] = ()
    touched: tuple[Mapping[str, str], ...] = ()
    flips: tuple[Flip, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it counts as an answer that may change."""
        return self.state in {MAY, UNTOLD} or bool(self.flips)


@dataclass
class Teller:
    """Says what becomes of each answer; what releases hold is read once for all cases."""

    graph: Graph
    before: Before
    changes: Sequence[Difference]
    _hpo: HpoAnswers | None = field(default=None, init=False)
    _tables: dict[str, TableAnswers] = field(default_factory=dict, init=False)

    def answers(self, units: Sequence[Unit]) -> list[Answer]:
        """Return the answer of each case that has work to be done."""
        by_name = {(unit.kind, unit.name): unit for unit in units}
        found = []
        for case in self.graph.cohort.cases.values():
            members = [by_name["sample", member.name] for member in case.members]
            own = by_name["case", case.name]
            if own.is_affected or any(member.is_affected for member in members):
                found.append(self._answer(own, members))
        return found

    def _answer(self, case: Unit, members: Sequence[Unit]) -> Answer:
        stages = {stage for unit in (case, *members) for stage in unit.stages}
        if not (self.graph.settings.results / "cases" / case.name / "candidates.tsv").is_file():
            return Answer(case.name, FIRST, ("it has no answer yet",))
        changed = tuple(flip for member in members for flip in self._flips(member.name))
        if anew := [stage for stage in BEFORE_CALLS if stage in stages]:
            why = f"its calls are made anew ({', '.join(sorted(anew))}): {self._causes(members, case)}"
            return Answer(case.name, UNTOLD, (why,), (), changed)
        if not stages & OF_CANDIDATES:
            whys = ("its candidates are not made anew",) if not changed else tuple(flip.in_words() for flip in changed)
            return Answer(case.name, MAY if changed else NO, whys, (), changed)
        return self._of_candidates(case, changed)

    def _causes(self, members: Sequence[Unit], case: Unit) -> str:
        told = [one.in_words() for one in self.changes if one.enters & {"input", "alignment", "karyotype", "calls", EVERYWHERE}]
        return "; ".join(told) or "; ".join(dict.fromkeys(why for unit in (*members, case) for why in unit.whys))

    def _of_candidates(self, case: Unit, changed: tuple[Flip, ...]) -> Answer:
        """Return the answer of a case whose candidates are made anew of the same calls."""
        file = self.graph.settings.results / "interpretation" / f"{case.name}.json"
        try:
            interpretation = read_json(file)
        except (OSError, ValueError):
            return Answer(case.name, UNTOLD, ("its candidates of before cannot be read",), (), changed)
        relevant = [one for one in self.changes if one.enters & PLACES or one.name.startswith("knowledge ")]
        untold, touched, whys = [], list[Mapping[str, str]](), list[str]()
        for one in relevant:
            told = self._of_difference(one, case.name, interpretation)
            if told is None:
                untold.append(f"{one.in_words()}: what it does to this case cannot be told without running")
            else:
                touched += told[0]
                whys += told[1]
        if not relevant:
            untold.append(f"its candidates are made anew, and no recorded difference says why: {'; '.join(case.whys)}")
        state = MAY if whys or changed else UNTOLD if untold else NO
        whys += untold + [flip.in_words() for flip in changed]
        stays = "its candidates keep their order, though scores move" if touched else "no candidate of it is touched"
        return Answer(case.name, state, tuple(whys or [stays]), tuple(touched), changed)

    def _of_difference(
        self, one: Difference, case: str, interpretation: Mapping[str, Any]
    ) -> tuple[list[Mapping[str, str]], list[str]] | None:
        """Return (candidates that a difference touches, why the answer may change; none if it stays), or None if it cannot be told."""
        kind, _, name = one.name.partition(" ")
        if kind != "knowledge" or NONE in {one.old, one.new} or name not in self.graph.settings.knowledge:
            return None
        if name == "hpo":
            return self._hpo_answers().of(interpretation, self.graph.cohort.cases[case])
        if name == "panels":
            sample = self.graph.cohort.cases[case].proband
            return panels_changed(self.before.paths.get(name), self.graph.settings.knowledge[name].path, sample.genes)
        source = self.graph.settings.knowledge[name]
        if source.kind in {"vcf", "bed"} and name in self.before.paths:
            return self._table(name, self.before.paths[name]).of(interpretation)
        return None

    def _hpo_answers(self) -> HpoAnswers:
        if self._hpo is None:
            self._hpo = HpoAnswers(self.graph.settings)
        return self._hpo

    def _table(self, name: str, old: Path) -> TableAnswers:
        if name not in self._tables:
            assert self.before.identity
            release = self.before.identity["knowledge"][name]["release"]
            settings = self.graph.settings
            self._tables[name] = TableAnswers(settings.knowledge[name], old, release, settings.reference.fasta, settings.results)
        return self._tables[name]

    def _flips(self, sample: str) -> list[Flip]:
        limits = self.graph.limits[self.graph.limit_keys[sample]]
        return flips(self.graph.settings.results / "samples" / sample / "release.json", limits)
