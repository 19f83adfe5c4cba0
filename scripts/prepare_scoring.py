"""Truth and calls of one sample as scorers take them: its own column, where the truth is complete and calls are owed."""

from pathlib import Path
from typing import Any

from workflow.bases import Bases
from workflow.scoring import prepare
from workflow.truth_sets import check_truth, confident_regions, find_column


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Check truth and calls once more and write the folder that the scorer works in."""
    bases = Bases(input.fasta)
    regions = Path(input.regions) if input.regions else None
    confident = confident_regions(Path(input.bed), regions, bases.lengths, f"`truth.{wildcards.sample}.bed`")
    truth = find_column(Path(input.truth), params.truth_sample, confident, f"`truth.{wildcards.sample}.sample`")
    calls = find_column(Path(input.calls), wildcards.sample, confident, "the sample sheet")
    check_truth(truth, confident, bases)
    prepare(Path(output.about).parent, truth, calls, confident, bases.lengths)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
