"""The target `plan` inside Snakemake: what a run that only plans leaves alone."""

from typing import Any


def only_plans(workflow: Any) -> bool:
    """Return whether a run was asked for its plan and nothing else: it writes no list of what is owed, and sums nothing up."""
    return {str(target) for target in workflow.dag_settings.targets} == {"plan"}


def makes_nothing(workflow: Any) -> bool:
    """Return whether no result comes of a run: it only plans, or gives files that are there another date (`--touch`).

    Then receipts, manifest and lists of the release stay as they are.
    """
    return bool(workflow.touch) or only_plans(workflow)
