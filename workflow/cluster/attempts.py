"""More memory at a later attempt, for every rule: those that say a plain number get it as many times as they are tried."""

from collections.abc import Callable
from typing import Any

from snakemake.resources import Resources

Megabytes = Callable[[Any, int], int]


def times_attempt(number: int) -> Megabytes:
    """Return a rule's `mem_mb`: `number`, as many times as it was attempted."""

    def megabytes(wildcards: Any, attempt: int) -> int:  # noqa: ARG001 - Snakemake chooses what to give by these names
        return number * attempt

    return megabytes


def give_memory(workflow: Any) -> None:
    """Let the memory of each rule grow with its attempts; a rule whose memory is a function, or not told, stays as it is."""
    for rule in workflow.rules:
        memory = rule.resources.get("mem_mb")
        if memory is not None and not memory.is_evaluable() and isinstance(memory.value, int):
            rule.resources.update(Resources.from_mapping({"mem_mb": times_attempt(memory.value)}))
