"""What the sheets describe: samples, their units, their cases."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Term:
    """One phenotypic feature: an HPO term, observed or `excluded`."""

    id: str
    label: str
    excluded: bool


@dataclass(frozen=True)
class Question:
    """What a phenopacket asks about a sample: `subject` is the sample's name, `sex` as in samples.tsv."""

    id: str
    subject: str
    sex: str
    terms: tuple[Term, ...]
    file: Path


@dataclass(frozen=True)
class Sample:
    """One sequenced specimen; `row` is its line in the sheet; `mother` and `father` name parents, `(name)` one who was not sequenced."""

    name: str
    case: str
    role: str
    sex: str
    affected: str
    phenopacket: Path | None
    material: str
    order: str
    row: int = field(default=0, compare=False)
    mother: str = ""
    father: str = ""


@dataclass(frozen=True)
class Unit:
    """One flowcell lane of a sample; MD5 digests in lower case or empty; `row` is its line in the sheet."""

    sample: str
    name: str
    fastq_1: Path
    fastq_2: Path
    md5_1: str
    md5_2: str
    library: str
    platform: str
    row: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Case:
    """One clinical question: its samples in the order of the sheet; `proband` is the tumour in a case of cancer."""

    name: str
    members: tuple[Sample, ...]
    proband: Sample
    question: Question | None

    @property
    def is_somatic(self) -> bool:
        """Whether this is a tumour (with or without its normal) and not a family."""
        return self.proband.role == "tumour"


@dataclass(frozen=True)
class Cohort:
    """Everything in the sheets: samples and cases by name, units and phenopackets by the name of their sample."""

    samples: dict[str, Sample]
    cases: dict[str, Case]
    units: dict[str, tuple[Unit, ...]]
    questions: dict[str, Question] = field(default_factory=dict)
