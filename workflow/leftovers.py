"""Intermediate files that nobody removed: their consumer had ended when Snakemake was killed, and what Snakemake knew of them was lost."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snakemake.io import is_flagged


def remove_leftovers(workflow: Any) -> list[str]:
    """Remove what a rule calls temporary, after a run that made everything; return what was removed.

    Nothing is removed with `--notemp`, `--until`, `--omit-from` or when particular files were asked for: they may be among them.

    Args:
        workflow: Snakemake's workflow object, its run ended well.
    """
    asked = workflow.dag_settings
    if workflow.storage_settings.notemp or asked.targets or asked.until or asked.omit_from:
        return []
    outputs = [output for rule in workflow.rules for output in rule.output]
    temporary = [output for output in outputs if is_flagged(output, "temp")]
    kept = [output for output in outputs if not is_flagged(output, "temp")]
    folders = {os.path.dirname(output.constant_prefix()) for output in temporary}
    files = {str(file) for folder in folders for file in Path(folder).rglob("*") if file.is_file()}
    left = sorted(name for name in files if any(map(_matching(name), temporary)) and not any(map(_matching(name), kept)))
    for name in left:
        os.unlink(name)
    return left


def _matching(name: str) -> Callable[[Any], bool]:
    def matches(output: Any) -> bool:
        near = name.startswith(output.constant_prefix()) and name.endswith(output.constant_suffix())
        return near and bool(output.match(name))

    return matches
