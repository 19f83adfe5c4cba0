"""A reanalysis before its first job: is the new knowledge there, of this assembly and newer, and what is it held against."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.files import read_json
from workflow.knowledge_check import check_knowledge
from workflow.reanalysis.plan import make_plan, refuse_older
from workflow.settings import Settings
from workflow.sources import check_sources

RUN = "provenance/run.json"


def check_reanalysis(
    settings: Settings, cohort: Cohort, verdicts: Mapping[str, Sequence[Any]], identity: Mapping[str, Any], fasta: str
) -> None:
    """Refuse a reanalysis that could not end, or would compare with something else than it says.

    Raises:
        InputError: naming key or file.
    """
    if not settings.reanalysis.knowledge:
        remedy = "name there the source with its path and its new release"
        raise InputError("`reanalysis.knowledge` names no new knowledge", file=settings.file, remedy=remedy)
    if "gene_models" in settings.reanalysis.knowledge:
        what = "`reanalysis.knowledge` names gene models, with which every consequence is worked out anew"
        raise InputError(what, file=settings.file, remedy="name them under `knowledge`, and run the workflow")
    _check_new(settings, cohort, fasta)
    refuse_older(settings)
    _check_in_use(settings)
    plan = make_plan(settings, cohort, verdicts, identity)
    if not plan["cases"]:
        counted = f"{len(plan['not_done'])} are closed or not finished" if plan["not_done"] else "there is none"
        raise InputError(f"no case can be done again: {counted}", file=settings.samples, remedy="run the workflow to its end first")


def _check_new(settings: Settings, cohort: Cohort, fasta: str) -> None:
    """Look at the new sources as the workflow looks at those in use; a term that HPO retired is no fault here."""
    alone = replace(settings, knowledge=settings.reanalysis.knowledge)
    try:
        check_sources(alone, replace(cohort, questions={}))
        check_knowledge(alone, fasta)
    except InputError as error:
        what = error.what.replace("`knowledge.", "`reanalysis.knowledge.")
        raise InputError(what, file=error.file, row=error.row, remedy=error.remedy) from None


def _check_in_use(settings: Settings) -> None:
    """Refuse results that were made with other releases than the config says are in use."""
    file = settings.results / RUN
    if not file.is_file():
        raise InputError("the run in this folder has not ended", file=settings.results, remedy="run the workflow to its end first")
    made = {one["name"]: one["release"] for one in read_json(file)["knowledge"]}
    for name in dict.fromkeys([*made, *settings.knowledge]):
        said = settings.knowledge[name].release if name in settings.knowledge else None
        if made.get(name) != said:
            what = (
                f"the results were made with {name} {made.get(name, 'not evaluated')}, but `knowledge.{name}` is {said or 'not configured'}"
            )
            remedy = f"keep the release in use under `knowledge.{name}`, and name the new one under `reanalysis.knowledge.{name}`"
            raise InputError(what, file=settings.file, remedy=remedy)
