"""Quality metrics of a sample under the names of the GA4GH WGS quality-control standards.

Depth metrics follow the standard's reference implementation in using mosdepth without duplicates, with overlapping mates counted once
and at the configured mapping quality; they differ from it in being exact per base rather than over 1,000-base windows.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.intervals import Intervals, read_bed, total_length
from workflow.reference import autosomes

Histogram = npt.NDArray[np.float64]
DEPTHS = (10, 15, 20, 30)
CONTAMINATION = "cross_contamination_rate"


def depth_histogram(lines: Iterable[str], lengths: Mapping[str, int]) -> Histogram:
    """Return the number of bases at each depth, over the contigs in `lengths`.

    Args:
        lines: mosdepth's `region.dist.txt`: contig, depth, fraction of bases with at least this depth.
        lengths: bases of territory by contig.
    """
    at_least: dict[str, dict[int, float]] = {contig: {} for contig in lengths}
    for line in lines:
        contig, depth, fraction = line.split("\t")
        if contig in at_least:
            at_least[contig][int(depth)] = float(fraction)
    size = 1 + max((max(depths, default=0) for depths in at_least.values()), default=0)
    bases = np.zeros(size)
    for contig, fractions in at_least.items():
        reached = np.array([fractions.get(depth, np.nan) for depth in range(size + 1)])
        reached[0], reached[size] = 1.0, 0.0
        bases += -np.diff(_filled_backwards(reached)) * lengths[contig]
    return np.rint(bases)


def _filled_backwards(values: Histogram) -> Histogram:
    """Return values with each gap filled from the next known one: mosdepth leaves out depths that no base has."""
    known = np.flatnonzero(~np.isnan(values))
    filled: Histogram = values[known[np.searchsorted(known, np.arange(len(values)))]]
    return filled


def weighted_median(values: Histogram, weights: Histogram) -> float:
    """Return the smallest value at which half of the weight is reached."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def depth_metrics(bases: Histogram) -> dict[str, tuple[float, str]]:
    """Return the depth metrics of a histogram (bases by depth): mean, median, median absolute deviation, fractions reached."""
    depth = np.arange(len(bases), dtype=float)
    total = bases.sum()
    median = weighted_median(depth, bases)
    metrics = {
        "mean_autosome_coverage": (float((depth * bases).sum() / total), "x"),
        "median_autosome_coverage": (median, "x"),
        "mad_autosome_coverage": (weighted_median(np.abs(depth - median), bases), "x"),
    }
    return metrics | {f"pct_autosomes_{limit}x": (100 * float(bases[limit:].sum() / total), "%") for limit in DEPTHS}


def alignment_metrics(stats: Mapping[str, float]) -> dict[str, tuple[float, str]]:
    """Return the metrics of `samtools stats` (its SN section); fractions are of all reads of the sample."""
    total = stats["raw total sequences"]
    return {
        "pct_reads_mapped": (100 * stats["reads mapped"] / total, "%"),
        "pct_reads_properly_paired": (100 * stats["reads properly paired"] / total, "%"),
        "pct_duplicates": (100 * stats["reads duplicated"] / total, "%"),
        "mean_insert_size": (stats["insert size average"], "bp"),
        "insert_size_std_deviation": (stats["insert size standard deviation"], "bp"),
    }


def read_metrics(reports: Iterable[Mapping[str, Any]]) -> dict[str, tuple[float, str]]:
    """Return yield and base quality over the lanes of a sample, from fastp's reports."""
    before = [report["summary"]["before_filtering"] for report in reports]
    bases, good = sum(lane["total_bases"] for lane in before), sum(lane["q30_bases"] for lane in before)
    return {"yield_bp": (bases, "bp"), "yield_bp_q30": (good, "bp"), "pct_bases_q30": (100 * good / bases, "%")}


def summary_numbers(stats: str) -> dict[str, float]:
    """Return the SN section of a `samtools stats` report."""
    fields = (line.split("\t") for line in stats.splitlines() if line.startswith("SN\t"))
    return {name.rstrip(":"): float(value) for _, name, value, *_ in fields}


def territory_of(territory: Intervals, regions: str | None) -> tuple[str, dict[str, int]]:
    """Return (name, bases by contig) of the stretch that depth metrics speak of: autosomes, or all of it where there are none."""
    bases = {contig: total_length({contig: blocks}) for contig, blocks in territory.items()}
    chosen = {contig: bases[contig] for contig in autosomes(bases)}
    name = f"regions {Path(regions).name}" if regions else "the genome"
    return (f"autosomes of {name}", chosen) if chosen else (f"all contigs of {name} (no autosome there)", bases)


def main(*, input: Any, output: Any, params: Any, wildcards: Any, **_: Any) -> None:
    """Write qc.json of one sample (docs/architecture.md names its keys)."""
    territory = read_bed(input.territory)
    name, lengths = territory_of(territory, params.regions)
    with open(input.dist) as lines:
        metrics = depth_metrics(depth_histogram(lines, lengths))
    pairs = read_json(input.fastq)["pairs"]
    numbers = summary_numbers(Path(input.stats).read_text())
    if (reads := int(numbers.get("raw total sequences", 0))) != 2 * pairs:
        what = f"samtools stats tells of {reads:,} reads, of {2 * pairs:,}"
        raise InputError(what, file=input.stats, remedy="delete it and run the same command again; it is made anew")
    metrics |= alignment_metrics(numbers)
    metrics |= read_metrics(read_json(report) for report in input.fastp)
    metrics["pct_callable"] = (100 * total_length(read_bed(input.callable)) / total_length(territory), "%")
    metrics["read_pairs"] = (pairs, "pairs")
    karyotype = read_json(input.karyotype)
    identity = read_json(input.identity)
    missing = {key: why for key, why in identity["not_evaluated"].items() if key == CONTAMINATION}
    metrics |= {key: (one["value"], one["unit"]) for key, one in identity["metrics"].items() if key == CONTAMINATION}
    for key in ("x_depth_ratio", "y_depth_ratio"):
        if karyotype[key] is None:
            missing[key] = karyotype["reason"]
        else:
            metrics[key] = (karyotype[key], "ratio")
    record = {
        "sample": wildcards.sample,
        "assembly": params.assembly,
        "territory": {"name": name, "bases": sum(lengths.values())},
        "min_depth": params.min_depth,
        "metrics": {key: {"value": round(value, 4), "unit": unit} for key, (value, unit) in metrics.items()},
        "not_evaluated": missing,
    }
    write_json(output[0], record)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
