"""A receipt is written: deliverables read to their end, sources as they lie, what it cost, and the seal."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import read_json, sha256_of, write_json
from workflow.formats import damage
from workflow.phenopackets import read_phenopacket
from workflow.receipts.model import FORMAT, seal_of
from workflow.receipts.unit_inputs import digest_of_question

MIB = 2**20 / 10**6
"""Snakemake's benchmarks count memory in 2^20 bytes."""


def receive(results: Path, owed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a receipt says of one deliverable.

    Raises:
        InputError: the file is missing, empty, truncated, damaged, or about other samples.
    """
    kept = {key: owed[key] for key in ("kind", "subject", "deliverable", "file", "stage")}
    if owed["not_applicable"]:
        return kept | {"status": "not applicable", "reason": owed["not_applicable"]}
    if owed["waived"]:
        return kept | {"status": "waived", "reason": owed["waived"]}
    file = results / owed["file"]
    if wrong := damage(file, owed["file_format"], owed["names"]):
        raise InputError(wrong, file=file, remedy="delete it and run the same command again; it is made anew")
    return kept | {"status": "produced", "reason": "", **as_it_lies(file)}


def as_it_lies(file: Path) -> dict[str, Any]:
    """Return size, date and SHA-256 of a file; the date is taken first, so that one that changes meanwhile is looked at again."""
    status = file.stat()
    return {"bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256_of(file)}


def sealed(about: Mapping[str, Any], files: Sequence[Mapping[str, Any]], sources: Sequence[Any], cost: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a receipt with its seal; `about` has unit, assembly, inputs and parts."""
    content = {
        "format": FORMAT,
        **{key: about[key] for key in ("assembly", "unit", "inputs", "parts")},
        "files": list(files),
        "sources": list(sources),
        "cost": dict(cost),
    }
    return content | {"seal": seal_of(content)}


def write_receipt(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write a receipt in whole or not at all."""
    write_json(path, content)


def sources_of_reads(results: Path, sample: str, sources: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the FASTQ files of a sample with the SHA-256 that intake found, by name (`reads LANE 1`)."""
    record = read_json(results / "samples" / sample / "fastq.json")
    digests = {f"reads {unit['unit']} {mate}": unit[f"fastq_{mate}"]["sha256"] for unit in record["units"] for mate in (1, 2)}
    return [_source(name, path, digests[name]) for name, path in sources.items()]


def sources_of_questions(sources: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the phenopackets of a case with a digest of what they ask."""
    return [_source(name, path, digest_of_question(read_phenopacket(Path(path)))) for name, path in sources.items()]


def _source(name: str, path: str, digest: str) -> dict[str, Any]:
    try:
        status = Path(path).stat()
    except OSError:
        return {"name": name, "file": path, "bytes": None, "mtime_ns": None, "digest": digest}
    return {"name": name, "file": path, "bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "digest": digest}


def cost_of(benchmarks: Path, name: str, stages: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what each stage took, out of the benchmark files of its jobs: CPU s, wall s, peak memory in MB (10^6 bytes), jobs.

    Args:
        benchmarks: the folder of benchmark files, one folder a rule.
        name: of the sample or case.
        stages: stage by rule; a rule without benchmark is not counted.
    """
    found: dict[str, dict[str, Any]] = {}
    for rule, stage in stages.items():
        for file in sorted([*(benchmarks / rule).glob(f"{name}.tsv"), *(benchmarks / rule).glob(f"{name}.*.tsv")]):
            one = _benchmark(file)
            if one is None:
                continue
            before = found.get(stage, {"cpu_s": 0.0, "wall_s": 0.0, "max_rss_mb": 0.0, "jobs": 0})
            found[stage] = {
                "cpu_s": round(before["cpu_s"] + one[0], 2),
                "wall_s": round(before["wall_s"] + one[1], 2),
                "max_rss_mb": max(before["max_rss_mb"], one[2]),
                "jobs": before["jobs"] + 1,
            }
    return found


def _benchmark(file: Path) -> tuple[float, float, float] | None:
    """Return CPU s, wall s and peak memory in MB of a job, None where Snakemake could not measure it (shorter than its first look)."""
    with open(file, newline="", encoding="utf-8") as handle:
        row = next(csv.DictReader(handle, delimiter="\t"), None)
    try:
        return (float(row["cpu_time"]), float(row["s"]), round(float(row["max_rss"]) * MIB, 1)) if row else None
    except (KeyError, ValueError):
        return None
