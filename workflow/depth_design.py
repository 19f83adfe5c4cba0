"""What a depth curve is made of: which samples, which depths, which part of their reads."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from workflow.cohort import Cohort
from workflow.depth_sites import mean_depth, read_depths
from workflow.errors import InputError
from workflow.schema import nearest
from workflow.settings import Settings

DEPTHS = (5, 10, 15, 20, 30)
MOST_DEPTH = 999
LONGEST_NAME = 64 - len("-d999")
Point = dict[str, Any]


def parse_depths(text: str) -> list[int]:
    """Return the depths of a list such as `5,10,15`, ascending, each once.

    Raises:
        InputError: one is no whole number from 1 to MOST_DEPTH.
    """
    found = set()
    for word in text.split(","):
        if not (word.strip().isascii() and word.strip().isdigit() and 1 <= int(word) <= MOST_DEPTH):
            what = f"--depths has `{word.strip()}`, which is no depth"
            raise InputError(what, remedy=f"give whole numbers from 1 to {MOST_DEPTH} with commas between them, such as 5,10,15")
        found.add(int(word))
    return sorted(found)


def chosen_samples(text: str | None, settings: Settings, option: str) -> list[str]:
    """Return the samples that an option names, in the config's order; without it all that have a truth.

    Raises:
        InputError: there is no truth at all, or none of a named sample.
    """
    if not settings.truth:
        raise InputError("no sample has a truth set", file=settings.file, remedy="name one under `truth` (config/README.md)")
    names = [word.strip() for word in text.split(",")] if text else list(settings.truth)
    for name in names:
        if name not in settings.truth:
            hint = nearest(name, settings.truth)
            raise InputError(f"{option} names `{name}`, which has no truth set ({hint})", file=settings.file, remedy="add it under `truth`")
        if len(name) > LONGEST_NAME:
            what = f"the name of sample `{name}` leaves no room for a depth behind it"
            raise InputError(what, file=settings.samples, remedy=f"give it a name of at most {LONGEST_NAME} characters")
    return [name for name in settings.truth if name in names]


def needed_files(results: Path, sample: str) -> dict[str, Path]:
    """Return what a curve reads of a sample under a results folder."""
    home, scores = results / "samples" / sample, results / "validation" / sample
    return {
        "cram": home / f"{sample}.cram",
        "crai": home / f"{sample}.cram.crai",
        "callable": home / "callable.bed.gz",
        "summary": scores / "summary.tsv",
        "variants": scores / "variants.tsv.gz",
    }


def check_results(results: Path, samples: Iterable[str], command: str) -> None:
    """Refuse samples that were not scored with all their reads yet: their own depth is not known then, nor the end of the curve.

    Raises:
        InputError: naming the first file that is missing; `command` is what makes it.
    """
    for sample in samples:
        for file in needed_files(results, sample).values():
            if not file.exists():
                raise InputError(f"results of sample `{sample}` are missing", file=file, remedy=f"make them first: {command}")


def check_reads(cohort: Cohort, samples: Iterable[str], sheet: Path) -> None:
    """Refuse samples whose reads are no longer where the sheet has them: results can be there without.

    Raises:
        InputError: naming the row of the sheet.
    """
    for unit in (unit for sample in samples for unit in cohort.units[sample]):
        for file in (unit.fastq_1, unit.fastq_2):
            if not os.path.exists(file):
                raise InputError(f"{file} is not there", file=sheet, row=unit.row, remedy="bring the reads back: they are to be thinned")


def points_of(sample: str, own: float, depths: Sequence[int]) -> tuple[dict[str, Point], list[int]]:
    """Return the points of a sample's curve by name, all its reads last, and the depths that it does not reach.

    Args:
        sample: its name; a point is named `<sample>-d05`.
        own: depth of all its reads.
        depths: that are asked for.
    """
    reached = [depth for depth in depths if depth < own]
    points: dict[str, Point] = {
        f"{sample}-d{depth:02}": {"sample": sample, "wished": depth, "fraction": round(depth / own, 6)} for depth in reached
    }
    points[sample] = {"sample": sample, "wished": None, "fraction": 1.0}
    return points, [depth for depth in depths if depth not in reached]


def design_of(settings: Settings, cohort: Cohort, fasta: str, samples: Sequence[str], derive: Sequence[str]) -> dict[str, Any]:
    """Return the design of a curve whose points are only those with all reads; every path is absolute."""
    return {
        "results": os.path.abspath(settings.results),
        "fasta": os.path.abspath(fasta),
        "regions": os.path.abspath(settings.regions) if settings.regions else None,
        "reference": settings.reference.name,
        "caller": settings.caller,
        "aligner": settings.aligner,
        "callable": {"min_depth": settings.callable.min_depth, "min_mapping_quality": settings.callable.min_mapping_quality},
        "derive": list(derive),
        "samples": {name: _sample(name, settings, cohort) for name in samples},
        "points": {point: facts for name in samples for point, facts in points_of(name, 0, [])[0].items()},
    }


def _sample(name: str, settings: Settings, cohort: Cohort) -> dict[str, Any]:
    units = {unit.name: [os.path.abspath(unit.fastq_1), os.path.abspath(unit.fastq_2)] for unit in cohort.units[name]}
    return {"bed": os.path.abspath(settings.truth[name].bed), "units": units, "left_out": []}


def add_points(design: dict[str, Any], depths: Sequence[int], folder: Path) -> None:
    """Put the points of every sample into a design, by the depth measured of all its reads, and tell which depths are left out.

    Raises:
        InputError: no sample is deeper than any depth.
    """
    points: dict[str, Point] = {}
    for name, sample in design["samples"].items():
        measured = folder / f"results/depth_sites/{name}.regions.bed.gz"
        if not measured.exists():
            raise InputError(f"the depth of `{name}` was not measured", file=measured, remedy="leave out what keeps Snakemake from running")
        own = mean_depth(read_depths(measured))
        here, sample["left_out"] = points_of(name, own, depths)
        points |= here
        if sample["left_out"]:
            left = ", ".join(map(str, sample["left_out"]))
            print(f"genvej: {name} has {own:.1f} reads a base: left out for it: {left}", file=sys.stderr, flush=True)
    if not any(point["wished"] for point in points.values()):
        raise InputError("no sample has more reads than the least depth that is asked for", remedy="ask for less with --depths")
    design["points"] = points
