"""What a depth curve is made of: which samples, which depths, which part of their reads, and the folder in which their calls are made."""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from workflow.cohort import Cohort, Unit
from workflow.errors import InputError
from workflow.files import atomic
from workflow.schema import nearest
from workflow.settings import Settings

DEPTHS = (5, 10, 15, 20, 30)
MOST_DEPTH = 999
LONGEST_NAME = 64 - len("-d999")
NOT_NEEDED = ("phenopackets", "knowledge", "release", "interpretation")
"""Parts of a config that no call depends on."""

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
