"""A scorer's labels as tables: counts by type, stratum and zygosity, the curve along QUAL, and every variant."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow.bases import Bases
from workflow.scoring import SCORERS, collect, read_confident, tabulate
from workflow.strata import Source, depth_strata, reference_strata
from workflow.stratifications import user_strata


def sources(input: Any, prepared: Path) -> Iterator[Source]:
    """Give the strata: repeats and GC of the reference, depth, and those of the config."""
    yield reference_strata(input.fasta, read_confident(prepared))
    yield depth_strata(input.depth)
    if input.stratifications:
        yield user_strata(input.stratifications, Bases(input.fasta).lengths)


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write the tables of one sample and tell what is odd about them."""
    prepared = Path(input.about).parent
    outputs = {"PASS": Path(input.passing_scores), "ALL": Path(input.every_score)}
    alleles = collect(prepared, outputs, params.scorer)
    about = {"sample": wildcards.sample, "scorer": params.scorer, "version": SCORERS[params.scorer].version(outputs["PASS"])}
    for finding in tabulate(alleles, prepared, sources(input, prepared), Path(output.summary).parent, **about):
        print(f"WARNING: {wildcards.sample}: {finding}", file=sys.stderr)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
