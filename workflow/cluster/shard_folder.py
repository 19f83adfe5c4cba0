"""The working directory of a shard: its part of the sheets and of people's files, and a config whose paths hold from everywhere."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from workflow.cluster.shards import Shard
from workflow.cohort import Cohort, Sample
from workflow.consent.answers import person_of
from workflow.consent.records import rows_of
from workflow.decisions import load_decisions
from workflow.digests import ROOT
from workflow.files import atomic
from workflow.schema import schema
from workflow.settings import Settings
from workflow.sheets import PATHS, read_sheet

PATH_KEYS = (
    "reference.fasta",
    "reference.index",
    "regions",
    "validation.stratifications",
    "interpretation.secondary_findings.path",
    "identity.sites",
    "release.key",
    "release.people",
    "impact",
    "frequency_store",
    "knowledge_base.path",
)
"""Keys of the config that name one path for all shards; those that name people's files about cases are cut to the shard."""
CODE = ("Snakefile", "rules", "scripts", "workflow", "envs", "resources")


def write_shard(shard: Shard, folder: Path, config: Mapping[str, Any], settings: Settings, cohort: Cohort) -> str:
    """Write a shard's working directory; return a digest of all that it would run on, but for the content of large files.

    Args:
        shard: the cases.
        folder: its working directory; files that are right already stay untouched.
        config: the content of the whole list's config.
        settings: the same, checked; paths relative to the present directory.
        cohort: what the sheets say.
    """
    samples = [sample.name for case in shard.cases for sample in cohort.cases[case].members]
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "samples.tsv": sheet_of(settings.samples, "samples", samples),
        "units.tsv": sheet_of(settings.units, "units", samples),
    }
    own = own_config(config, settings, samples)
    own["phenopackets"] = links(folder / "phenopackets", [cohort.questions[name].file for name in samples if name in cohort.questions])
    interpretation, release = own.setdefault("interpretation", {}), own.setdefault("release", {})
    if settings.interpretation.evidence:
        texts["evidence.tsv"] = sheet_of(settings.interpretation.evidence, "evidence", shard.cases, "case")
        interpretation["evidence"] = "evidence.tsv" if texts["evidence.tsv"].count("\n") > 1 else None
    if settings.consent.sheet:
        texts["consents.tsv"] = consents_on(settings.consent.sheet, [cohort.samples[name] for name in samples])
        own["consent"]["sheet"] = "consents.tsv"
    if settings.interpretation.verdicts:
        interpretation["verdicts"] = links(folder / "verdicts", verdicts_on(settings.interpretation.verdicts, shard.cases))
    if settings.release.decisions:
        release["decisions"] = links(folder / "decisions", decisions_on(settings, cohort, {*samples, *shard.cases}))
    texts["config.yaml"] = yaml.safe_dump(own, sort_keys=False, allow_unicode=True)
    for name, text in texts.items():
        write_if_changed(folder / name, text)
    reads = [path for name in samples for unit in cohort.units[name] for path in (unit.fastq_1, unit.fastq_2)]
    return digest([*texts.values(), code_digest(), *map(stand_of, [*reads, *(one.path for one in settings.knowledge.values())])])


def own_config(config: Mapping[str, Any], settings: Settings, samples: Iterable[str]) -> dict[str, Any]:
    """Return the config of a shard: its own sheets and results, the store of all, absolute paths."""
    own = deepcopy(dict(config))
    own |= {"samples": "samples.tsv", "units": "units.tsv", "results": "results"}
    for key in PATH_KEYS:
        _replace(own, key.split("."))
    for one in (own.get("knowledge") or {}).values():
        _replace(one or {}, ["path"])
    wanted = set(samples)
    own["truth"] = {name: one for name, one in (own.get("truth") or {}).items() if name in wanted}
    for one in own["truth"].values():
        _replace(one, ["vcf"])
        _replace(one, ["bed"])
    own["identity"] = {**(own.get("identity") or {}), "store": os.path.abspath(settings.identity.store)}
    own.setdefault("impact", os.path.abspath(settings.impact))
    limits = (own.get("release") or {}).get("limits")
    if isinstance(limits, str):
        own["release"]["limits"] = _if_file(limits)
    elif limits:
        own["release"]["limits"] = {key: _if_file(value) for key, value in limits.items()}
    return own


def _replace(content: dict[str, Any], keys: list[str]) -> None:
    """Make the path that stands under nested keys absolute, if one does."""
    for key in keys[:-1]:
        content = content.get(key) or {}
    if content.get(keys[-1]):
        content[keys[-1]] = os.path.abspath(content[keys[-1]])


def _if_file(value: str) -> str:
    return os.path.abspath(value) if os.path.isfile(value) else value


def sheet_of(path: Path, name: str, wanted: Iterable[str], column: str = "sample") -> str:
    """Return the rows of a sheet about some samples or cases, with absolute paths."""
    keep = set(wanted)
    rows = [row for _, row in read_sheet(path, name) if row[column] in keep]
    columns = list(rows[0]) if rows else [column]
    cells = ([os.path.abspath(row[key]) if key in PATHS and row[key] else row[key] for key in columns] for row in rows)
    return "".join("\t".join(line) + "\n" for line in (columns, *cells))


def consents_on(source: Path, samples: Sequence[Sample]) -> str:
    """Return the consents of some samples' people as a sheet, cut to these samples."""
    names = {one.name for one in samples}
    persons = {person_of(one) for one in samples}
    lines = [list(schema("consents")["properties"])]
    for _, _, row in rows_of(source):
        covered = [name for cell in row["samples"].split(",") if (name := cell.strip())]
        own = [name for name in covered if name in names]
        if row["person"] in persons and bool(own) == bool(covered):
            lines.append([(row | {"samples": ",".join(own)})[column] for column in lines[0]])
    return "".join("\t".join(line) + "\n" for line in lines)


def links(folder: Path, files: Iterable[Path]) -> str | None:
    """Make a folder hold links to exactly these files; return its name, None for no files."""
    wanted = {file.name: file.resolve() for file in files}
    folder.mkdir(exist_ok=True)
    for link in folder.iterdir():
        if link.name not in wanted or link.resolve() != wanted[link.name]:
            link.unlink()
    for name, file in wanted.items():
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(file)
    return folder.name if wanted else None


def verdicts_on(source: Path, cases: Iterable[str]) -> list[Path]:
    """Return the files of specialists' verdicts on some cases."""
    wanted = set(cases)
    files = sorted(source.glob("*.json")) if source.is_dir() else [source]
    return [file for file in files if json.loads(file.read_bytes())["case"] in wanted]


def decisions_on(settings: Settings, cohort: Cohort, subjects: set[str]) -> list[Path]:
    """Return the signed decisions about some samples and cases, with their signatures."""
    found = load_decisions(settings.release.decisions, settings.release.people, cohort, None)
    files = [Path(one.file) for one in found if one.subject in subjects]
    return [part for file in files for part in (file, file.with_name(f"{file.name}.sig"))]


def write_if_changed(path: Path, text: str) -> None:
    """Write a file unless it says the same: its date tells when it changed."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        with atomic(path) as part:
            part.write_text(text, encoding="utf-8")


def stand_of(path: Path) -> str:
    """Return a path with size and date of its file, or of the files in its folder."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return "".join(f"{file}\t{(stat := file.stat()).st_size}\t{stat.st_mtime_ns}\n" for file in files if file.is_file())


def code_digest() -> str:
    """Return a digest of Genvej's own code and tables."""
    names = [ROOT / CODE[0], *(file for part in CODE[1:] for file in sorted((ROOT / part).rglob("*")))]
    kept = (file for file in names if file.is_file() and "__pycache__" not in file.parts and "reference" not in file.parts)
    return digest(hashlib.sha256(file.read_bytes()).hexdigest() for file in kept)


def digest(parts: Iterable[str]) -> str:
    """Return 16 hexadecimal digits of the SHA-256 over some texts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() + b"\0")
    return whole.hexdigest()[:16]
