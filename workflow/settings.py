"""The config, checked against its schema and turned once into a frozen `Settings`."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.config_check import check_config
from workflow.consent.source import ConsentSource
from workflow.errors import InputError
from workflow.knowledge_base.shown import ShownJudgements, shown_judgements
from workflow.schema import schema, with_defaults

KINDS = {
    "gene_models": "gff3", "hpo": "hpo", "clinvar": "vcf", "gnomad": "vcf", "panels": "panels", "dosage": "dosage", "symbols": "symbols",
    "laboratory": "laboratory", "solved_cases": "cases", "inhouse": "inhouse",
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
    """One dated knowledge source; `kind` is gff3, hpo, vcf, bed, panels, dosage, symbols, laboratory, cases or inhouse."""

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
class SecondaryList:
    """Genes of which findings outside of the question are offered, and the release of the list."""

    path: Path
    release: str


@dataclass(frozen=True)
class Interpretation:
    """How candidates are chosen; `max_frequency` is a fraction.

    `evidence` and `verdicts` are people's, `secondary_findings` the list of genes; None for none.
    """

    max_frequency: float
    max_candidates: int
    gap_genes: int
    evidence: Path | None
    verdicts: Path | None
    secondary_findings: SecondaryList | None


@dataclass(frozen=True)
class Identity:
    """The panel of a laboratory's own (None = the base panel), and the centre's store of fingerprints and metrics."""

    sites: Path | None
    store: Path


@dataclass(frozen=True)
class Release:
    """The release decision: limits; the version before, if it is named; the folder of signed decisions, the table of who may sign.

    `limits` is the name or file of a set, or one by order type or role; `key` signs (None = a demo key), `key_replaces` is the id of the
    key that it replaces.
    """

    limits: str | dict[str, str] | None
    overrides: dict[str, float]
    previous: str | None
    decisions: Path | None
    key: Path | None
    key_replaces: str | None
    people: Path | None


@dataclass(frozen=True)
class Reanalysis:
    """New knowledge for open cases: sources in their new release, name of the reanalysis (None = out of the releases).

    `top` is the last rank that a person looks at, `batch` the number of cases of a job.
    """

    knowledge: dict[str, Knowledge]
    name: str | None
    allow_older: bool
    top: int
    batch: int


@dataclass(frozen=True)
class Disk:
    """Whether the free disk is compared with the estimate."""

    check: bool


@dataclass(frozen=True)
class JobHours:
    """After how many hours a job is taken to hang: `long` of a whole genome's reads, `brief` of all else."""

    brief: float
    long: float


@dataclass(frozen=True)
class Costs:
    """Results folders whose jobs count as history; prices and the model of energy, as workflow/costs takes them."""

    history: tuple[Path, ...]
    prices: dict[str, Any]
    energy: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a plan reckons with: cores or a SLURM partition (None = this machine); limits by name, None for none."""

    cores: int | None
    partition: str | None
    limits: dict[str, float | None]


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
