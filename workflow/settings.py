"""The config, checked against its schema and turned once into a frozen `Settings`."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.config_check import check_config
from workflow.config_sections import (
    Callable,
    Calling,
    Costs,
    Disk,
    Identity,
    Interpretation,
    JobHours,
    Knowledge,
    Plan,
    Reanalysis,
    Reference,
    Release,
    SecondaryList,
    Truth,
    Validation,
)
from workflow.consent.source import ConsentSource
from workflow.errors import InputError
from workflow.knowledge_base.shown import ShownJudgements, shown_judgements
from workflow.schema import schema, with_defaults

KINDS = {
    "gene_models": "gff3", "hpo": "hpo", "clinvar": "vcf", "gnomad": "vcf", "panels": "panels", "dosage": "dosage", "symbols": "symbols",
    "laboratory": "laboratory", "solved_cases": "cases", "inhouse": "inhouse",
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The whole config; paths relative to the working directory. `retention`: None = the shipped policy; None elsewhere: there is none."""

    results: Path
    samples: Path
    units: Path
    reference: Reference
    regions: Path | None
    truth: dict[str, Truth]
    validation: Validation
    phenopackets: tuple[Path, ...]
    knowledge: dict[str, Knowledge]
    aligner: str
    caller: str
    callable: Callable
    calling: Calling
    interpretation: Interpretation
    language: str
    consent: ConsentSource
    frequency_store: Path | None
    knowledge_base: ShownJudgements | None
    identity: Identity
    release: Release
    reanalysis: Reanalysis
    impact: Path
    retention: Path | None
    disk: Disk
    job_hours: JobHours
    costs: Costs
    plan: Plan
    older_knowledge: tuple[str, ...]
    file: str


def load_settings(config: Mapping[str, Any], file: str = "config") -> Settings:
    """Return the settings of a config as Snakemake read it.

    Args:
        config: the content of the config file(s) with what `--config` added.
        file: name of the config file, for messages.

    Raises:
        InputError: a key is unknown, missing, of the wrong type or out of range, or keys contradict each other.
    """
    if not config:
        raise InputError("there is no configuration", remedy="give one with `--configfile config.yaml` (config/README.md lists its keys)")
    content = _plain(config)
    check_config(content, file)
    return _settings(with_defaults(content, schema("config")), file)


def _plain(value: Any) -> Any:
    """Return a config value as JSON knows it: YAML's dates become text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _path(value: str | None) -> Path | None:
    return None if value is None else Path(value)


def _settings(content: Mapping[str, Any], file: str) -> Settings:
    """Turn a valid config with all its defaults into the frozen dataclass."""
    packets = content["phenopackets"] or []
    reference = content["reference"]
    release, validation, identity = content["release"], content["validation"], content["identity"]
    return Settings(
        results=Path(content["results"]),
        samples=Path(content["samples"]),
        units=Path(content["units"]),
        reference=Reference(reference["name"], Path(reference["fasta"]), _path(reference["index"])),
        regions=_path(content["regions"]),
        truth={sample: Truth(Path(one["vcf"]), Path(one["bed"]), one["sample"]) for sample, one in (content["truth"] or {}).items()},
        validation=Validation(validation["scorer"], _path(validation["stratifications"])),
        phenopackets=tuple(Path(name) for name in ([packets] if isinstance(packets, str) else packets)),
        knowledge=_sources(content),
        aligner=content["aligner"],
        caller=content["caller"],
        callable=Callable(**content["callable"]),
        calling=Calling(**content["calling"]),
        interpretation=_interpretation(content["interpretation"]),
        language=content["report"]["language"],
        consent=ConsentSource(_path(content["consent"]["sheet"]), content["consent"]["register_days"]),
        frequency_store=_path(content["frequency_store"]),
        knowledge_base=shown_judgements(content["knowledge_base"]),
        identity=Identity(_path(identity["sites"]), _path(identity["store"]) or Path(content["results"]) / "cohort"),
        release=_release(release),
        reanalysis=Reanalysis(**{**content["reanalysis"], "knowledge": _sources(content["reanalysis"])}),
        impact=Path(content["impact"]),
        retention=_path(content["retention"]["policy"]),
        disk=Disk(**content["disk"]),
        job_hours=JobHours(**content["job_hours"]),
        costs=_costs(content["costs"]),
        plan=Plan(content["plan"]["cores"], content["plan"]["partition"], dict(content["plan"]["limits"])),
        older_knowledge=tuple(content["older_knowledge"]),
        file=file,
    )


def _interpretation(one: Mapping[str, Any]) -> Interpretation:
    found = one["secondary_findings"]
    secondary = SecondaryList(Path(found["path"]), str(found["release"])) if found else None
    return Interpretation(
        **{**one, "evidence": _path(one["evidence"]), "verdicts": _path(one["verdicts"]), "secondary_findings": secondary}
    )


def _costs(one: Mapping[str, Any]) -> Costs:
    prices = {name: one[name] for name in ("currency", "cpu_hour", "gb_month", "kwh", "keep_months")}
    energy = {name: one[name] for name in ("watts_per_core", "watts_per_gb", "pue", "g_co2_per_kwh")}
    return Costs(tuple(Path(folder) for folder in one["history"]), prices, energy)


def _release(one: Mapping[str, Any]) -> Release:
    limits = dict(one["limits"]) if isinstance(one["limits"], Mapping) else one["limits"]
    decisions, key, people = _path(one["decisions"]), _path(one["key"]), _path(one["people"])
    return Release(limits, dict(one["overrides"]), one["previous"], decisions, key, one["key_replaces"], people)


def _sources(one: Mapping[str, Any]) -> dict[str, Knowledge]:
    return {name: _knowledge(name, source) for name, source in (one["knowledge"] or {}).items() if source is not None}


def _knowledge(name: str, one: Mapping[str, Any]) -> Knowledge:
    kind = "vcf" if name == "inhouse" and one["path"].endswith(".gz") else KINDS.get(name) or one["kind"]
    return Knowledge(name, Path(one["path"]), str(one["release"]), kind, tuple(one["fields"]))
