"""Every file that a job has made is looked at by its format as the job ends; and after a failure, what the failed jobs read.

A tool may say that all is well and leave half a file. Its output is then removed, as of any job that failed, and the same command makes it
anew. A disk may spoil a file long after it was made: the job that reads it fails, and the run says which file to delete.
"""

from collections.abc import Iterable
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError

from workflow.errors import InputError
from workflow.formats import damage, fault_of_output, format_of

ANEW = "delete it and run the same command again; it is made anew"


def check_outputs() -> None:
    """Let Snakemake refuse a job whose output is not whole, where it also sees to it that output is not empty."""
    assert iscoroutinefunction(DAG.handle_ensure), "this Snakemake looks at the output of a job otherwise"
    original = DAG.handle_ensure

    async def handle_ensure(self: Any, job: Any, expanded_output: Iterable[Any]) -> None:
        outputs = list(expanded_output)
        await original(self, job, outputs)
        for file in outputs:
            if wrong := fault_of_output(file):
                what = f"error: {file}: {wrong}, though {job.rule.name} ended without an error; it is not kept"
                raise WorkflowError(f"{what}. Run the same command again.", rule=job.rule)

    DAG.handle_ensure = handle_ensure


def damaged_inputs(workflow: Any, results: Path) -> str:
    """After a failed run: return which of the workflow's own files, read by the jobs that failed, are damaged; a sentence each.

    Args:
        workflow: Snakemake's workflow object.
        results: the results folder; files elsewhere are the user's, and were checked before the first job.
    """
    files = {
        str(file) for job in workflow.scheduler.failed for file in job.input if Path(file).is_relative_to(results) and Path(file).is_file()
    }
    found = []
    for file in sorted(files):
        if (file_format := format_of(file)) and (wrong := damage(file, file_format)):
            found.append(f"error: {InputError(wrong, file=file, remedy=ANEW)}")
    return "\n".join(found)
