"""The config, checked against its schema and turned once into a frozen `Settings`."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.config_check import check_config
from workflow.errors import InputError
from workflow.schema import schema, with_defaults

KINDS = {
    "gene_models": "gff3", "hpo": "hpo", "clinvar": "vcf", "gnomad": "vcf", "panels": "panels", "laboratory": "laboratory",
    "solved_cases": "cases",
}  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """The reference genome: assembly name, FASTA, folder of its indexes (None = beside the FASTA)."""

    name: str
    fasta: Path
    index: Path | None


@dataclass(frozen=True)
class Truth:
    """A truth set: calls, the BED in which they are complete, and the column of the VCF (None = the only one)."""

    vcf: Path
    bed: Path
    sample: str | None = None


@dataclass(frozen=True)
class Validation:
    """How calls are compared with a truth set: aardvark or vcfeval, and a table of BED files in GIAB's format."""

    scorer: str
    stratifications: Path | None


@dataclass(frozen=True)
class Knowledge:
    """One dated knowledge source; `kind` is gff3, hpo, vcf, bed, panels, laboratory or cases."""

    name: str
    path: Path
    release: str
    kind: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Callable:
    """What counts as covered: depth in reads, mapping quality on the Phred scale."""

    min_depth: int
    min_mapping_quality: int


@dataclass(frozen=True)
class Calling:
    """How small variants are called; `scatter_bp` in bases, `assemble` is `unclear` or `everywhere`."""

    scatter_bp: int
    assemble: str


@dataclass(frozen=True)
class Interpretation:
    """How candidates are chosen; `max_frequency` is a fraction."""

    max_frequency: float
    max_candidates: int
    gap_genes: int


@dataclass(frozen=True)
class Release:
    """Limits of the release decision: a laboratory's own table, and single limits by metric; the version before, if it is named."""

    limits: Path | None
    overrides: dict[str, float]
    previous: str | None


@dataclass(frozen=True)
class Disk:
    """Whether the free disk is compared with the estimate."""

    check: bool


@dataclass(frozen=True)
class Settings:
    """The whole config; paths are as the user gave them, relative to the working directory."""

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
    release: Release
    impact: Path
    disk: Disk
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
    release, validation = content["release"], content["validation"]
    return Settings(
        results=Path(content["results"]),
        samples=Path(content["samples"]),
        units=Path(content["units"]),
        reference=Reference(reference["name"], Path(reference["fasta"]), _path(reference["index"])),
        regions=_path(content["regions"]),
        truth={sample: Truth(Path(one["vcf"]), Path(one["bed"]), one["sample"]) for sample, one in (content["truth"] or {}).items()},
        validation=Validation(validation["scorer"], _path(validation["stratifications"])),
        phenopackets=tuple(Path(name) for name in ([packets] if isinstance(packets, str) else packets)),
        knowledge={name: _knowledge(name, one) for name, one in (content["knowledge"] or {}).items() if one is not None},
        aligner=content["aligner"],
        caller=content["caller"],
        callable=Callable(**content["callable"]),
        calling=Calling(**content["calling"]),
        interpretation=Interpretation(**content["interpretation"]),
        release=Release(_path(release["limits"]), dict(release["overrides"]), release["previous"]),
        impact=Path(content["impact"]),
        disk=Disk(**content["disk"]),
        file=file,
    )


def _knowledge(name: str, one: Mapping[str, Any]) -> Knowledge:
    return Knowledge(name, Path(one["path"]), str(one["release"]), KINDS.get(name) or one["kind"], tuple(one["fields"]))
