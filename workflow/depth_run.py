"""The folder in which thinned reads go through the workflow: its config and sheets."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from workflow.cohort import Cohort, Unit
from workflow.depth_design import Point
from workflow.files import atomic

NOT_NEEDED = ("phenopackets", "knowledge", "release", "interpretation")
"""Parts of a config that no call depends on."""


def write_run(folder: Path, config: Mapping[str, Any], cohort: Cohort, points: Mapping[str, Point]) -> None:
    """Write config.yaml, samples.tsv and units.tsv of the folder in which the down-sampled reads go through the workflow.

    Each point is a sample of a case of its own with the truth of its sample. What the config says of calling stays as it is, and keys
    that this module does not know as well. Files stay untouched where nothing changed.

    Args:
        folder: where to.
        config: as the user's file has it; paths relative to the working directory, which must be the current one.
        cohort: the user's.
        points: by name; those with all reads are left out, since they are done.
    """
    thinned = {name: point for name, point in points.items() if point["wished"] is not None}
    write_if_new(folder / "config.yaml", yaml.safe_dump(_config_of_run(config, thinned), sort_keys=False))
    samples = [_row_of_sample(name, cohort, point) for name, point in thinned.items()]
    write_if_new(folder / "samples.tsv", _table(samples))
    units = [_row_of_unit(name, unit) for name, point in thinned.items() for unit in cohort.units[point["sample"]]]
    write_if_new(folder / "units.tsv", _table(units))


def _config_of_run(config: Mapping[str, Any], points: Mapping[str, Point]) -> dict[str, Any]:
    content = {key: value for key, value in config.items() if key not in NOT_NEEDED}
    reference, truth = dict(config["reference"]), config["truth"]
    for key in ("fasta", "index"):
        if reference.get(key):
            reference[key] = os.path.abspath(reference[key])
    if content.get("regions"):
        content["regions"] = os.path.abspath(content["regions"])
    of_sample = {name: {**one, **{key: os.path.abspath(one[key]) for key in ("vcf", "bed")}} for name, one in truth.items()}
    content["validation"] = {key: value for key, value in (config.get("validation") or {}).items() if key != "stratifications"}
    return content | {
        "samples": "samples.tsv",
        "units": "units.tsv",
        "results": "results",
        "reference": reference,
        "truth": {name: of_sample[point["sample"]] for name, point in points.items()},
    }


def _row_of_sample(name: str, cohort: Cohort, point: Point) -> dict[str, str]:
    return {"sample": name, "case": name, "role": "proband", "sex": cohort.samples[point["sample"]].sex, "affected": "unknown"}


def _row_of_unit(name: str, unit: Unit) -> dict[str, str]:
    fastq = {f"fastq_{mate}": thinned_fastq(name, unit.name, mate) for mate in (1, 2)}
    return {"sample": name, "unit": unit.name, **fastq, "library": unit.library, "platform": unit.platform}


def thinned_fastq(name: str, unit: str, mate: int) -> str:
    """Return the path of a point's FASTQ file, relative to the folder of the run."""
    return f"reads/{name}.{unit}_{mate}.fastq.gz"


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_if_new(path: Path, text: str) -> None:
    """Write a text file unless it says this already, so that its date tells of changes."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with atomic(path) as part:
            part.write_text(text, encoding="utf-8")
