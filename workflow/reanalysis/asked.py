"""What the rules of a reanalysis hand to their jobs, worked out only when one is asked for."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from workflow.case_order import order_of
from workflow.cohort import Cohort
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.family import case_of
from workflow.files import read_json
from workflow.gene_orders import load_orders, panels_of
from workflow.genome import Genome
from workflow.panels import Panels
from workflow.reanalysis.open_cases import NO, UNKNOWN, judged_of
from workflow.reanalysis.plan import cases_of, folder_of, keep_plan, make_plan, with_new_knowledge
from workflow.report_parts import case_record
from workflow.settings import Settings

TARGETS = ("reanalysis", "reanalysis_preview")
WITH_A_PATH = (
    "-d",
    "--directory",
    "-s",
    "--snakefile",
    "--configfile",
    "--configfiles",
    "--profile",
    "--workflow-profile",
    "--conda-prefix",
)
"""Options of Snakemake whose value may be a folder of that name."""
CASES_RULE, OTHER_RULES = "reanalyse_cases", ("collect_reanalysis", "list_work", "preview_release", *TARGETS)
RUN = "provenance/run.json"
WORK = "work_list.json"
Data = Mapping[str, Any]
_PLANS: dict[Path, dict[str, Any]] = {}
_ORDERS: dict[Path | None, tuple[dict[str, tuple[str, ...]], Panels]] = {}


def is_asked_for(arguments: Sequence[str], targets: Sequence[str] = TARGETS) -> bool:
    """Say whether a command line has the reanalysis among its targets; Snakemake itself knows them only after the Snakefile was read."""
    return any(word in targets and before not in WITH_A_PATH for before, word in pairwise(arguments))


def plan_of(settings: Settings, cohort: Cohort, verdicts: Mapping[str, Sequence[Data]], identity: Data) -> dict[str, Any]:
    """Return the plan of the reanalysis, made once a process."""
    folder = folder_of(settings)
    if folder not in _PLANS:
        _PLANS[folder] = make_plan(settings, cohort, verdicts, identity)
    return _PLANS[folder]


def plan_or_stop(settings: Settings, cohort: Cohort, verdicts: Mapping[str, Sequence[Data]], identity: Data) -> dict[str, Any]:
    """Return the plan of the reanalysis, as a rule asks for it.

    Raises:
        WorkflowError: the reanalysis cannot be done as it is asked for.
    """
    try:
        return plan_of(settings, cohort, verdicts, identity)
    except InputError as error:
        raise WorkflowError(str(error)) from None


def fix_plan(settings: Settings, jobs: Sequence[Any]) -> bool:
    """Write the plan down if cases are about to be done again; return whether all jobs are a reanalysis' own, so that no result is made."""
    names = {job.rule.name for job in jobs}
    if CASES_RULE in names:
        keep_plan(settings, _PLANS[folder_of(settings)])
    return bool(names) and names <= {CASES_RULE, *OTHER_RULES}


def source_params(knowledge: Mapping[str, Knowledge]) -> list[list[Any]]:
    """Return sources as a rule's params hold them: (name, path, release, kind, fields)."""
    return [[one.name, str(one.path), one.release, one.kind, list(one.fields)] for one in knowledge.values()]


def shared_params(settings: Settings, reference: Genome) -> dict[str, Any]:
    """Return what all cases of a reanalysis share."""
    secondary = settings.interpretation.secondary_findings
    return {
        "fasta": reference.fasta,
        "assembly": settings.reference.name,
        "par": reference.par,
        "versions": f"{settings.results}/release/versions",
        "secondary": str(secondary.path) if secondary else "",
        "limits": {
            "max_frequency": settings.interpretation.max_frequency,
            "max_candidates": settings.interpretation.max_candidates,
            "min_depth": settings.callable.min_depth,
        },
    }


def made_by(results: Path) -> dict[str, Any]:
    """Return the version of the workflow that made the results in use, as `identify` gives it."""
    found: dict[str, Any] = read_json(results / RUN)["workflow"]
    return found


def cases_param(
    plan: Data,
    batch: str,
    settings: Settings,
    cohort: Cohort,
    evidence: Mapping[str, Sequence[Data]],
    verdicts: Mapping[str, Sequence[Data]],
) -> list[dict[str, Any]]:
    """Return the cases of a batch, each with all that is asked about it."""
    orders = _orders(settings, cohort), _orders(with_new_knowledge(settings), cohort)
    return [
        {
            "case": case_of(cohort.cases[name]),
            "question": _question(case_record(cohort.cases[name])),
            "candidates": plan["cases"][name]["candidates"],
            "evidence": list(evidence.get(name, ())),
            "judged": judged_of(verdicts.get(name, ())),
            "order_before": order_of(cohort.cases[name], *orders[0]),
            "order_now": order_of(cohort.cases[name], *orders[1]),
        }
        for name in cases_of(plan, batch)
    ]


def _question(record: Data) -> dict[str, Any]:
    """Return members and terms of a case as report.json holds them."""
    return {"members": record["members"], "terms": record["terms"]}


def _orders(settings: Settings, cohort: Cohort) -> tuple[dict[str, tuple[str, ...]], Panels]:
    """Return what is ordered by sample, and the panels that it is ordered by; read once a process for each file of panels."""
    path = settings.knowledge["panels"].path if "panels" in settings.knowledge else None
    if path not in _ORDERS:
        asks = any(sample.genes for sample in cohort.samples.values())
        _ORDERS[path] = load_orders(settings, cohort, check=False), panels_of(settings) if asks else {}
    return _ORDERS[path]


def words_of_reanalysis(settings: Settings) -> str:
    """Return what a finished reanalysis found, for the terminal."""
    folder = folder_of(settings)
    if not (folder / WORK).is_file():
        return ""
    work = read_json(folder / WORK)
    told, wishes = work["totals"], work["by_wish"]
    quiet = sum(wishes[wish]["cases"] for wish in (NO, UNKNOWN))
    lines = [
        f"Genvej: reanalysis {work['name']}: {told['cases']} cases done again, {sum(work['not_done'].values())} closed or not finished",
        f"  gained {told['gained']}, lost {told['lost']}, unchanged {told['unchanged']} (candidates that a person looks at)",
        f"  to work off: {len(work['entries'])}; judged before: {len(work['judged'])}; {quiet} cases counted only",
        f"  page      {folder / 'index.html'}",
    ]
    return "\n".join(lines)
