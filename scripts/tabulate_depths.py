"""The scored calls of all points of a depth curve as two tables, and the depth limit that follows from them."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workflow.depth_limit import report_limit
from workflow.depth_sites import CONFIDENT, depths_at, mean_depth, read_depths, read_truth_alleles
from workflow.depth_tables import BY_DEPTH_COLUMNS, CURVE_COLUMNS, by_depth_rows, curve_rows, observations
from workflow.files import write_json
from workflow.interval_arrays import EMPTY, IntervalArray, read_interval_arrays
from workflow.score_files import write_table


def callable_share(callable_: Mapping[str, IntervalArray], depths: pd.DataFrame) -> float:
    """Return which part of the confident bases is callable."""
    rows = depths[depths.name == CONFIDENT]
    confident = {str(chrom): IntervalArray.of(part.start, part.end) for chrom, part in rows.groupby("chrom")}
    shared = [callable_.get(chrom, EMPTY).shared_with(here) for chrom, here in confident.items()]
    return sum(shared) / sum(here.bases for here in confident.values())


def are_callable(alleles: pd.DataFrame, callable_: Mapping[str, IntervalArray]) -> npt.NDArray[np.bool_]:
    """Return whether the site of each allele lies in callable regions."""
    found = np.zeros(len(alleles), bool)
    for chrom, at in alleles.groupby("chrom").indices.items():
        sites = alleles.site.to_numpy()[at]
        found[at] = callable_.get(str(chrom), EMPTY).covers(sites, sites + 1)
    return found


def read_point(
    point: Mapping[str, Any], variants: str, summary: str, callable_bed: str, depths_file: str
) -> tuple[list[Any], pd.DataFrame]:
    """Return the rows of curve.tsv of one point, and its observations by depth."""
    alleles, depths = read_truth_alleles(variants), read_depths(depths_file)
    callable_ = {contig: names[""] for contig, names in read_interval_arrays(callable_bed).items()}
    with open(summary, encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    facts = {**point, "measured": mean_depth(depths), "callable_share": callable_share(callable_, depths)}
    curve = curve_rows(facts, rows, alleles, are_callable(alleles, callable_))
    return curve, observations(point["sample"], alleles, depths_at(alleles, depths))


def groups(derive: Sequence[str], samples: Iterable[str]) -> dict[str, list[str]]:
    """Return the sets of samples that are told apart: those that the limit is derived from, and each alone."""
    return {" + ".join(derive): list(derive)} | {sample: [sample] for sample in samples}


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write curve.tsv, by_depth.tsv and limit.json."""
    files = zip(params.points.values(), input.variants, input.summaries, input.callable, input.depths, strict=True)
    read = [read_point(*one) for one in files]
    observed = pd.concat([part for _, part in read], ignore_index=True)
    samples = list(dict.fromkeys(point["sample"] for point in params.points.values()))
    of_group = {name: observed[observed["sample"].isin(chosen)] for name, chosen in groups(params.derive, samples).items()}
    write_table(Path(output.curve), CURVE_COLUMNS, (row for curve, _ in read for row in curve))
    write_table(Path(output.by_depth), BY_DEPTH_COLUMNS, (row for name, part in of_group.items() for row in by_depth_rows(name, part)))
    write_json(output.limit, report_limit(of_group, next(iter(of_group)), params.callable))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
