"""Where depth is measured for a depth curve: the confident regions of a truth, and each of its variants."""

from pathlib import Path
from typing import Any

from workflow.bases import Bases
from workflow.depth_sites import read_truth_alleles, site_lines
from workflow.intervals import write_bed
from workflow.truth_sets import confident_regions


def main(*, input: Any, output: Any, wildcards: Any, **_: Any) -> None:
    """Write a BED (0-based half-open) whose fourth column is `confident` or `site`."""
    regions = Path(input.regions) if input.regions else None
    confident = confident_regions(Path(input.bed), regions, Bases(input.fasta).lengths, f"`truth.{wildcards.name}.bed`")
    write_bed(output[0], site_lines(confident, read_truth_alleles(input.variants)))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
