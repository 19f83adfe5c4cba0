"""What the sheets describe: samples, their units, their cases."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Term:
    """One phenotypic feature: an HPO term, observed or `excluded`.

    Attributes:
        kind: `clinical`, or `imaging` where the evidence names a scan.
        source: what the evidence of the phenopacket names, in words; empty without any.
        onset: HPO term of the age at which it began, empty where none is given.
    """

    id: str
    label: str
    excluded: bool
    kind: str = "clinical"
    source: str = ""
    onset: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; what is not known is left out."""
        record = {"id": self.id, "label": self.label, "excluded": self.excluded}
        more = {"kind": "" if self.kind == "clinical" else self.kind, "source": self.source, "onset": self.onset}
        return record | {name: value for name, value in more.items() if value}


@dataclass(frozen=True)
class Measurement:
    """One laboratory result of a phenopacket.

    Attributes:
        loinc: LOINC code of the assay; `label` its name as given.
        value, unit: the quantity, or None and empty where the result is a `finding` in words (`positive`).
        low, high: reference range in the same unit; None where that end is not given.
    """

    loinc: str
    label: str
    value: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    finding: str = ""

    def in_words(self) -> str:
        """Return the result as a sentence names it: `LOINC 2157-6 Creatine kinase: 900 U/L (reference 30 to 200)`."""
        name = f"LOINC {self.loinc} {self.label}".rstrip()
        if self.value is None:
            return f"{name}: {self.finding}"
        ends = [f"{self.low:g}" if self.low is not None else "", f"{self.high:g}" if self.high is not None else ""]
        text = f"{ends[0]} to {ends[1]}" if all(ends) else f"at least {ends[0]}" if ends[0] else f"at most {ends[1]}"
        return f"{name}: {self.value:g} {self.unit}" + (f" (reference {text})" if any(ends) else "")


@dataclass(frozen=True)
class Record:
    """A variant that a phenopacket names: assembly as written there, contig, 1-based position, REF."""

    assembly: str
    contig: str
    position: int
    ref: str


@dataclass(frozen=True)
class Question:
    """What a phenopacket asks about a sample: `subject` is the sample's name, `sex` as in samples.tsv."""

    id: str
    subject: str
    sex: str
    terms: tuple[Term, ...]
    file: Path
    measurements: tuple[Measurement, ...] = ()
    records: tuple["Record", ...] = ()

    @property
    def has_terms(self) -> bool:
        """Whether it names a phenotypic feature."""
        return bool(self.terms)


class KnownQuestion:
    """A phenopacket that was read and checked by an earlier run and is the same file still: read when more of it is asked for.

    Attributes:
        subject: name of the sample.
        file: the phenopacket.
        has_terms: whether it names a phenotypic feature.
    """

    __slots__ = ("_question", "_read", "file", "has_terms", "subject")

    def __init__(self, subject: str, file: Path, *, has_terms: bool, read: Callable[[str, Path], Question]) -> None:
        self.subject, self.file, self.has_terms, self._read = subject, file, has_terms, read
        self._question: Question | None = None

    def __getattr__(self, name: str) -> Any:
        """Return any other field of the question."""
        if name.startswith("_") or name not in Question.__dataclass_fields__:
            raise AttributeError(name)
        if self._question is None:
            self._question = self._read(self.subject, self.file)
        return getattr(self._question, name)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sequenced specimen; `row` is its line in the sheet, `genes` what is ordered as the sheet has it.

    `secondary_findings` is the consent to be told them: yes, no, unknown or empty; `recontact` likewise the wish to be contacted
    about new knowledge; `mother` and `father` name parents, `(name)` one who was not sequenced.
    """

    name: str
    case: str
    role: str
    sex: str
    affected: str
    phenopacket: Path | None
    material: str
    order: str
    row: int = field(default=0, compare=False)
    person: str = ""
    genes: str = ""
    secondary_findings: str = ""
    mother: str = ""
    father: str = ""
    recontact: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One flowcell lane of a sample: paths of its FASTQ files, MD5 digests in lower case or empty; `row` is its line in the sheet.

    Paths are strings, since a `Path` takes five times the memory, and a cohort has a hundred thousand of them.
    """

    sample: str
    name: str
    fastq_1: str
    fastq_2: str
    md5_1: str
    md5_2: str
    library: str
    platform: str
    row: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """One clinical question: its samples in the order of the sheet; `proband` is the tumour in a case of cancer."""

    name: str
    members: tuple[Sample, ...]
    proband: Sample
    question: Question | KnownQuestion | None

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
    questions: dict[str, Question | KnownQuestion] = field(default_factory=dict)

    def new_questions(self) -> list[Question]:
        """Return the phenopackets that no earlier run has checked."""
        return [one for one in self.questions.values() if isinstance(one, Question)]
