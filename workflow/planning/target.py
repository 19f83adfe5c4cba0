"""The target `plan` inside Snakemake: what a run that only plans leaves alone."""

from typing import Any


def only_plans(workflow: Any) -> bool:
    """Return whether a run was asked for its plan and nothing else: it writes no list of what is owed, and sums nothing up."""
    return {str(target) for target in workflow.dag_settings.targets} == {"plan"}
