"""The plan of a run as the Snakefile asks for it: judged once by the main process, told on the terminal, known to every rule."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from workflow.deliverables import RELEASED, Owed
from workflow.errors import InputError
from workflow.receipts.judge import WHOLE_COHORT, judge
from workflow.receipts.model import Kind, Unit
from workflow.receipts.parts import Facts, PartsInUse
from workflow.receipts.planning import Plan, tell_snakemake
from workflow.receipts.reasons import lines
from workflow.receipts.stages import stages_of
from workflow.receipts.unit_inputs import UnitInputs
from workflow.sealed_files import check_sealed_files
from workflow.sealing import MANIFEST
from workflow.settings import Settings

SMALL = 8 * 2**20
"""Bytes of a manifest: some six hundred samples."""


class CohortPlan(Plan):
    """A plan that also knows what the receipts to be written say of each unit."""

    def __init__(self, workflow: Any, settings: Settings, inputs: UnitInputs, parts: PartsInUse) -> None:
        cohort = inputs.cohort
        names = {Kind.SAMPLE: list(cohort.samples), Kind.CASE: list(cohort.cases)}
        judgement = judge(settings.results, settings.reference.name, cohort, parts, inputs) if workflow.is_main_process else None
        super().__init__(workflow, names, judgement, parts)
        self.settings, self.inputs = settings, inputs

    def targets(self, cells: Iterable[Owed]) -> list[str]:
        """Return what a whole run is asked for, as paths from the working directory: what is not done, and the steps over all."""
        planned = {("sample", name) for name in self.samples} | {("case", name) for name in self.cases}
        owed = [cell.file for cell in cells if cell.is_asked_for and (cell.kind, cell.subject) in planned]
        owed += [Unit(Kind(kind), name).file for kind, name in sorted(planned)]
        return [str(self.settings.results / file) for file in (*owed, *(RELEASED if self.cohort else ()), WHOLE_COHORT.file)]

    def about(self, kind: str, name: str) -> dict[str, Any]:
        """Return what a receipt says of its unit beside its files: unit, assembly, inputs, parts, and where sources and benchmarks are."""
        unit = Unit(Kind(kind), name)
        return {
            "unit": {"kind": kind, "name": name},
            "assembly": self.settings.reference.name,
            "inputs": self.inputs.digests(unit),
            "parts": self.parts.of(unit.kind, self.inputs.limit_set(unit)),
            "sources": dict(self.inputs.sources(unit)),
            "stages": {rule.name: stage for stage in stages_of(unit.kind) for rule in self.parts.rules(stage)},
            "benchmarks": f"{self.settings.results}/benchmarks",
        }


def make_plan(workflow: Any, settings: Settings, inputs: UnitInputs, facts: Facts) -> CohortPlan:
    """Return the plan of a run; Snakemake is told of it, and the terminal says what is not done and why.

    Raises:
        WorkflowError: a receipt is not as it was written, or a file is not the one that was checked.
    """
    parts = PartsInUse(facts)
    inputs.panels = parts.source("panels")
    try:
        if workflow.is_main_process and is_small(settings.results):
            check_sealed_files(settings.results)
        plan = CohortPlan(workflow, settings, inputs, parts)
        if plan.judgement is not None:
            plan.judgement.refuse_damaged(settings.results)
            tell(lines(plan.judgement))
    except InputError as error:
        raise WorkflowError(str(error)) from None
    if workflow.is_main_process:
        tell_snakemake(plan)
    return plan


def is_small(results: Path) -> bool:
    """Say whether the sealed version is looked at file by file before each run, or only by what its receipt says of the live manifest.

    Sealing looks at it in any case, and `scripts/verify_release.py` whenever asked.
    """
    manifest = results / "release" / MANIFEST
    receipt = results / WHOLE_COHORT.file
    return not receipt.is_file() or not manifest.is_file() or manifest.stat().st_size <= SMALL


def tell(words: Iterable[str]) -> None:
    """Say on the terminal what is to be done and why."""
    for line in words:
        print(f"genvej: {line}", file=sys.stderr, flush=True)
