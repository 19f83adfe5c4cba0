"""What the main process looks at before the first job: all that the config and the sheets name, and the tools that will be used."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflow.case_verdicts import check_verdicts
from workflow.cohort import Cohort
from workflow.fingerprint_store import check_readable
from workflow.genome import Genome
from workflow.inputs import check_inputs, check_results
from workflow.knowledge_check import check_knowledge, check_records
from workflow.other_indexes import check_other_indexes
from workflow.panel_check import check_panel
from workflow.planning.knowledge_age import check_knowledge_age
from workflow.release_key import check_key
from workflow.scorer_tool import SCORING_RULES, provide_scorer
from workflow.settings import Settings
from workflow.tools import check_tools, pinned_versions, tools_for
from workflow.validation_check import check_truths


def check_given(
    settings: Settings, cohort: Cohort, genome: Genome, aligner: str, verdicts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Refuse to start with anything that the config or the sheets name and that cannot be used.

    Args:
        settings: the config.
        cohort: the sheets.
        genome: the reference in use.
        aligner: the one in use.
        verdicts: of specialists, by case.

    Raises:
        InputError: in one sentence, what is wrong where.
    """
    check_results(settings)
    check_key(settings)
    check_inputs(settings, cohort)
    check_other_indexes(settings, genome, aligner)
    check_knowledge(settings, genome.fasta)
    check_records(cohort, genome.fasta)
    _check_evidence(settings, cohort, genome.fasta)
    check_verdicts(settings, verdicts)
    check_truths(settings, genome.fasta)
    check_readable(settings.identity.store, settings.reference.name)
    check_panel(settings)
    check_knowledge_age(settings)


def _check_evidence(settings: Settings, cohort: Cohort, fasta: str) -> None:
    """Hold evidence and what it rests on against reference and calls; the code that does is heavy, and loaded where any of it is given."""
    given = settings.interpretation
    if given.evidence or given.secondary_findings or settings.knowledge.keys() & {"dosage", "symbols"}:
        from workflow.evidence_check import check_evidence

        check_evidence(settings, cohort, fasta)


def tools_in_use(settings: Settings, aligner: str, rules: Iterable[str], *, conda: bool) -> dict[str, str]:
    """Return the version of each tool of a run: as pinned where conda installs it, else as the tools that lie there say it.

    Args:
        settings: the config.
        aligner: in use.
        rules: names of the rules that will run: some need the scorer, which is then provided.
        conda: whether Snakemake installs the tools.

    Raises:
        InputError: a tool is missing or of another version.
    """
    tools = pinned_versions(tools_for(aligner=aligner, caller=settings.caller))
    if conda:
        return tools
    found = check_tools(list(tools))
    if not SCORING_RULES.isdisjoint(rules):
        provide_scorer(settings.validation.scorer)
    return found
