"""The sections of the config, each a frozen record; `settings.Settings` holds them all."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
