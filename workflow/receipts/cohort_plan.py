"""The plan of a run as the Snakefile asks for it: judged once by the main process, told on the terminal, known to every rule."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from workflow.deliverables import RELEASED, targets
from workflow.errors import InputError
from workflow.grid import Grid
from workflow.phenopackets import Known
from workflow.receipts.index import known_questions
from workflow.receipts.judgement import WHOLE_COHORT
from workflow.receipts.judging import judge
from workflow.receipts.model import Kind, Unit
from workflow.receipts.parts import Facts, PartsInUse
from workflow.receipts.plain_digest import digest_of_value
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
        judgement = (
            judge(settings.results, settings.reference.name, cohort, parts, inputs, checks_of(settings))
            if workflow.is_main_process
            else None
        )
        super().__init__(workflow, names, judgement, parts)
        self.settings, self.inputs = settings, inputs

    def targets(self, grid: Grid) -> list[str]:
        """Return what a whole run is asked for, as paths from the working directory: what is not done, and the steps over all."""
        planned = [("sample", name) for name in self.samples] + [("case", name) for name in self.cases]
        receipts = [str(self.settings.results / Unit(Kind(kind), name).file) for kind, name in planned]
        of_cohort = (*(RELEASED if self.cohort else ()), WHOLE_COHORT.file)
        return [*receipts, *targets(self.settings, grid.cells(planned), of_cohort)]

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
            _read_questions(plan)
            tell(lines(plan.judgement.waiting))
    except InputError as error:
        raise WorkflowError(str(error)) from None
    if workflow.is_main_process:
        tell_snakemake(plan)
    return plan


def is_small(results: Path) -> bool:
    """Say whether the sealed version is looked at file by file before each run; a larger one is by `scripts/verify_release.py`.

    Of a larger one, the live files of the release are held against their receipt, as of any.
    """
    manifest = results / "release" / MANIFEST
    receipt = results / WHOLE_COHORT.file
    return not receipt.is_file() or not manifest.is_file() or manifest.stat().st_size <= SMALL


def checks_of(settings: Settings) -> str:
    """Return a digest of all that phenopackets are checked against before the first job: the assembly, its bases, and the HPO release."""
    hpo = settings.knowledge.get("hpo")
    files = [settings.reference.fasta, *([hpo.path / "hp.obo"] if hpo else [])]
    seen = [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.is_file()]
    return digest_of_value([settings.reference.name, hpo.release if hpo else None, seen])


def known_phenopackets(settings: Settings) -> dict[str, Known]:
    """Return the phenopackets that need not be read before somebody asks for more of them."""
    return known_questions(settings.results, settings.reference.name, checks_of(settings))


def _read_questions(plan: CohortPlan) -> None:
    """Read the phenopackets of the cases that are not done, so that what is wrong with one is told before the first job.

    Raises:
        InputError: a phenopacket does not agree with the sheet.
    """
    for case in plan.cases:
        question = plan.inputs.cohort.cases[case].question
        if question is not None:
            _ = question.terms


def tell(words: Iterable[str]) -> None:
    """Say on the terminal what is to be done and why."""
    for line in words:
        print(f"genvej: {line}", file=sys.stderr, flush=True)
