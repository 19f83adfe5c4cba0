"""What Snakemake is told of receipts: which units to plan, whose files to take as they lie there, and which jobs must run all the same.

A rule is no producer of a file that is there and whose stage is not out of date: Snakemake takes it as a given file and looks no further.
So ten thousand finished genomes make no job, other dates redo none, and a file that is gone is made again by the rules that make it.
"""

import itertools
import re
import sys
from collections.abc import Iterable, Mapping
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import snakemake.api  # noqa: F401 - first, since Snakemake's modules import each other
from snakemake.dag import DAG
from snakemake.rules import Rule

from workflow.receipts.judgement import WHOLE_COHORT, Judgement
from workflow.receipts.model import Kind, Reason, State, Unit
from workflow.receipts.parts import PartsInUse
from workflow.receipts.rule_code import SHARED_RULES
from workflow.receipts.stages import CHECKING, OF_SAMPLE, stage_of_rule

LOOKS_AT_ALL = (
    "--summary", "--detailed-summary", "--report", "--touch", "--cleanup-metadata", "--cm", "--archive", "--list-untracked", "--lu",
    "--list-changes", "--lc", "--list-input-changes", "--li", "--list-params-changes", "--lp", "--delete-all-output",
    "--delete-temp-output", "--dag", "--rulegraph", "--filegraph", "--d3dag", "--generate-unit-tests", "--export-cwl",
)  # fmt: skip
"""Options of Snakemake that are about every file: with them nothing is left out."""
LOOKS_AT_ALL_IN_SHORT = re.compile(r"-[nFfkpel]*[SDt]")
"""The same as one letter, behind others that take no value."""
EVERY_STAGE = frozenset(OF_SAMPLE)
RESTING: Mapping[str, frozenset[str]] = {
    "accept_intake": frozenset({"intake"}),
    "gather_fingerprints": frozenset({"relations"}),
    "list_relations": frozenset({"relations"}),
    "name_sources": EVERY_STAGE,
    "write_sections": EVERY_STAGE | {"case_decision"},
    "multiqc": EVERY_STAGE | {"case_decision"},
}
"""Rules about all samples at once, and the stages that they read: while nobody is in one of these, they rest."""
OF_OTHERS = frozenset({"page", "key", "config", "receipts", "templates", "workflow"})
"""Values of the cohort that make other rules' files anew, and not those that rest."""
TELL_OF_CHANGE = frozenset({"write_sections", "multiqc"})
"""Of those that rest, what shows how the change of version stands."""
COHORT_FIRST = "gather_receipts"
COHORT_LAST = "check_cohort"
CHANGE, KNOWLEDGE = "judge_change", "hash_knowledge"


class Plan:
    """What a run is about; without a judgement (in a job of its own) it is about everything."""

    def __init__(self, workflow: Any, names: Mapping[Kind, Iterable[str]], judgement: Judgement | None, parts: PartsInUse) -> None:
        self.workflow, self.parts = workflow, parts
        self._names = {kind: list(those) for kind, those in names.items()}
        self._judgement = judgement
        self._resting: dict[str, bool] = {}
        self._looks_at_all = looks_at_all(sys.argv[1:])

    @property
    def judgement(self) -> Judgement | None:
        """The judgement, None where nothing is to be left out: the user asked for all, or for rules by name."""
        if self._judgement is None or self._looks_at_all:
            return None
        settings = getattr(self.workflow, "dag_settings", None)
        asked = settings is not None and (settings.forceall or any(self.workflow.is_rule(name) for name in settings.forcerun))
        return None if asked else self._judgement

    @property
    def samples(self) -> list[str]:
        """Names of the samples that are not done, in the order of the sheet."""
        return self._of(Kind.SAMPLE)

    @property
    def cases(self) -> list[str]:
        """Names of the cases that are not done."""
        return self._of(Kind.CASE)

    @property
    def cohort(self) -> bool:
        """Whether what is made once of all receipts is to be made."""
        return self.judgement is None or self.judgement[WHOLE_COHORT].state is not State.DONE

    def is_done(self, kind: str, name: str) -> bool:
        """Say whether the run began with a good receipt of a sample or case."""
        return self.judgement is not None and self.judgement[Unit(Kind(kind), name)].state is State.DONE

    def _of(self, kind: Kind) -> list[str]:
        return self._names[kind] if self.judgement is None else self.judgement.planned(kind)

    def is_left_out(self, rule: Any, file: str) -> bool:
        """Say whether a rule is not asked for a file that it would make: the file is there, and its stage is not out of date."""
        if self.judgement is None or file in self._targets() or not Path(file).exists():
            return False
        if rule.name in RESTING:
            return self._rests(rule.name)
        if rule.name == COHORT_LAST:
            return not self.cohort
        found = _about(rule, file)
        if found is None:
            return False
        stage, unit = found
        verdict = self.judgement.get(unit)
        return verdict is not None and verdict.state is not State.NEW and stage not in verdict.stages

    def _rests(self, rule: str) -> bool:
        """Say whether nobody comes anew to what a rule reads, and the members of the cohort are those of the last release."""
        if rule not in self._resting:
            idle = OF_OTHERS if rule in TELL_OF_CHANGE else OF_OTHERS | {"change"}
            self._resting[rule] = self._has_nobody(RESTING[rule], idle)
        return self._resting[rule]

    def _has_nobody(self, stages: frozenset[str], idle: frozenset[str]) -> bool:
        assert self.judgement is not None
        cohort = self.judgement[WHOLE_COHORT]
        if cohort.state is State.NEW or any(not idle.issuperset(reason.items) for reason in cohort.reasons):
            return False
        return not any(
            verdict.state is State.NEW or verdict.stages & stages
            for unit, verdict in self.judgement.waiting.items()
            if unit.kind is not Kind.COHORT
        )

    def _targets(self) -> frozenset[str]:
        settings = getattr(self.workflow, "dag_settings", None)
        return frozenset(settings.targets) | frozenset(settings.forcerun) if settings else frozenset()

    def is_forced(self, job: Any, known: bool) -> bool:
        """Say whether a job must run though Snakemake may see no reason.

        Receipts are written anew for each unit that is not done. Else, what a reason names is redone where Snakemake has no record of how
        the files were made (`known` is False), since it would compare dates only; and, record or not, what uses another tool.
        """
        if self.judgement is None:
            return False
        rule = job.rule.name
        if rule in (COHORT_FIRST, COHORT_LAST, CHANGE):
            return self.cohort and (rule == COHORT_LAST or not known)
        if rule == KNOWLEDGE:
            reasons = self.judgement[WHOLE_COHORT].reasons
            return not known and any(one.part == "knowledge" and str(job.wildcards.source) in one.items for one in reasons)
        if rule in CHECKING:
            unit = Unit(Kind(rule.removeprefix("check_")), str(next(iter(job.wildcards))))
            return self.judgement[unit].state is not State.DONE
        if rule in SHARED_RULES:
            return not known and self._names_rule(rule)
        found = _about(job.rule, str(job.output[0])) if job.output else None
        if found is None or found[1] not in self.judgement:
            return False
        return any(self._redoes(reason, found[0], job.rule.name, known) for reason in self.judgement[found[1]].reasons)

    def _redoes(self, reason: Reason, stage: str, rule: str, known: bool) -> bool:
        if reason.stage != stage or (known and reason.part != "tools"):
            return False
        mine = next((one for one in self.parts.rules(stage) if one.name == rule), None)
        if mine is None or reason.part not in {"code", "tools"}:
            return reason.part in {"code", "tools", "parameters", "knowledge", "inputs"}
        if reason.part == "code":
            return not mine.items.keys().isdisjoint(reason.items)
        return not (mine.packages | self.parts.tools_of(mine).keys()).isdisjoint(reason.items)

    def _names_rule(self, rule: str) -> bool:
        """Say whether the code of a rule that many stages read from is a reason of anybody."""
        assert self.judgement is not None
        reasons = {reason for verdict in self.judgement.waiting.values() for reason in verdict.reasons if reason.part == "code"}
        return any(f"rule {rule}" in reason.items or f"scripts/{rule}.py" in reason.items for reason in reasons)


def looks_at_all(arguments: Iterable[str]) -> bool:
    """Say whether a command line has an option that is about every file, in whole, in short, or cut off as argparse allows."""
    for argument in itertools.takewhile(lambda one: one != "--", arguments):
        name = argument.partition("=")[0]
        if LOOKS_AT_ALL_IN_SHORT.fullmatch(name) or (len(name) > len("--") and any(one.startswith(name) for one in LOOKS_AT_ALL)):
            return True
    return False


def _about(rule: Any, file: str) -> tuple[str, Unit] | None:
    """Return the stage and the unit that a rule makes a file for, None where it is of none."""
    kind = next((kind for kind in (Kind.SAMPLE, Kind.CASE) if kind.value in rule.wildcard_names), None)
    stage = stage_of_rule(rule.name, str(rule.snakefile), kind.value) if kind else ""
    if kind is None or not stage:
        return None
    name = rule.get_wildcards(file)[kind.value]
    return stage, Unit(kind, name)


def tell_snakemake(plan: Plan) -> None:
    """Let Snakemake leave out what is done, and run what its own records cannot tell to be out of date."""
    _leave_out(plan)
    _force(plan)


def _leave_out(plan: Plan) -> None:
    assert callable(Rule.is_producer), "this Snakemake finds the maker of a file otherwise"
    original = Rule.is_producer

    def is_producer(self: Any, requested_output: Any) -> bool:
        return bool(original(self, requested_output)) and not plan.is_left_out(self, str(requested_output))

    Rule.is_producer = is_producer


def _force(plan: Plan) -> None:
    assert iscoroutinefunction(DAG.update_needrun), "this Snakemake finds out otherwise which jobs must run"
    original = DAG.update_needrun

    async def update_needrun(self: Any, *args: Any, **options: Any) -> None:
        known = self.workflow.persistence.has_metadata
        for job in self.jobs:
            if not self.finished(job) and job.output and plan.is_forced(job, bool(known(job))):
                self.forcefiles.update(job.output)
        await original(self, *args, **options)

    DAG.update_needrun = update_needrun
