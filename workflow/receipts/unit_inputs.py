"""What the sheets and the config say of one sample or case alone, as digests by name: what another row says makes it no older."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from workflow.case_order import consents_of
from workflow.cohort import Case, Cohort, Question, Sample
from workflow.family import people_of
from workflow.receipts.model import Kind, Unit
from workflow.receipts.plain_digest import digest_of_value

INPUT_ENTERS: Mapping[str, tuple[str, ...]] = {
    "sex": ("coverage",),
    "lanes": ("intake", "alignment"),
    "reads": ("intake",),
    "relatives": ("relations",),
    "ordered genes": ("completeness", "decision", "scope", "evidence"),
    "limit set": ("decision",),
    "waivers": ("completeness", "decision", "case_decision"),
    "decision of a person": ("decision", "case_decision"),
    "members": ("joint_calls", "family", "interpretation", "scope", "evidence", "report"),
    "material and order": ("report",),
    "phenopacket": ("interpretation", "scope", "evidence", "report"),
    "consents": ("scope", "evidence"),
    "evidence": ("evidence",),
    "verdicts": ("report",),
}
"""The stages at which an input enters; of each unit, those that it has."""
ADDED = "relatives"
"""An input of a sample that says who else is in its case."""


@dataclass(frozen=True)
class Given:
    """What people gave beside the sheets, by the name of the sample or case.

    Attributes:
        orders: symbols of ordered genes by sample.
        evidence, verdicts: rows and files by case.
        waived: why a deliverable is waived, by (kind, name, deliverable).
        overrides: signed decisions by kind and name.
        limit_set: the key of a sample's limit set.
    """

    orders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Mapping[str, Any] = field(default_factory=dict)
    waived: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limit_set: Callable[[Sample], str] = lambda _: "default"


class UnitInputs:
    """The inputs of each unit of a cohort; `panels` is a digest of the source of gene panels, which an order may name."""

    def __init__(self, cohort: Cohort, given: Given) -> None:
        self.cohort, self.given = cohort, given
        self.panels = ""
        self._waived: dict[tuple[str, str], list[list[str]]] = {}
        for (kind, name, deliverable), words in given.waived.items():
            self._waived.setdefault((kind, name), []).append([deliverable, words])

    def values(self, unit: Unit) -> dict[str, Any]:
        """Return what is given of a unit by name; files (reads, phenopacket) are not opened here."""
        if unit.kind is Kind.SAMPLE:
            return self._of_sample(self.cohort.samples[unit.name])
        return self._of_case(self.cohort.cases[unit.name]) if unit.kind is Kind.CASE else {}

    def limit_set(self, unit: Unit) -> str:
        """Return the key of the limit set that a sample is judged by; empty for a case or the cohort."""
        return self.given.limit_set(self.cohort.samples[unit.name]) if unit.kind is Kind.SAMPLE else ""

    def digests(self, unit: Unit) -> dict[str, str]:
        """Return a digest of each value."""
        return {name: digest_of_value(value) for name, value in self.values(unit).items()}

    def digest(self, unit: Unit) -> str:
        """Return one digest over all values of a unit."""
        return digest_of_value(self.values(unit))

    def sources(self, unit: Unit) -> Iterator[tuple[str, str]]:
        """Give (name, path) of each file that is of this unit alone."""
        if unit.kind is Kind.SAMPLE:
            for one in self.cohort.units[unit.name]:
                yield f"reads {one.name} 1", one.fastq_1
                yield f"reads {one.name} 2", one.fastq_2
        elif unit.kind is Kind.CASE:
            for member in self.cohort.cases[unit.name].members:
                if file := self.phenopacket(member):
                    yield f"phenopacket {member.name}", file

    def phenopacket(self, sample: Sample) -> str:
        """Return the path of a sample's phenopacket, empty without one."""
        if sample.phenopacket:
            return str(sample.phenopacket)
        found = self.cohort.questions.get(sample.name)
        return str(found.file) if found else ""

    def _of_sample(self, sample: Sample) -> dict[str, Any]:
        case = self.cohort.cases[sample.case]
        lanes = sorted([one.name, one.library, one.platform, one.md5_1, one.md5_2] for one in self.cohort.units[sample.name])
        return {
            "sex": sample.sex,
            "lanes": lanes,
            "relatives": sorted([one.name, one.case, one.role, one.sex, one.person] for one in case.members),
            "ordered genes": self._ordered(sample),
            "limit set": self.given.limit_set(sample),
            **self._of_people("sample", sample.name),
        }

    def _of_case(self, case: Case) -> dict[str, Any]:
        return {
            "members": sorted(map(str, people_of(case)["members"])),
            "material and order": sorted([one.name, one.material, one.order] for one in case.members),
            "consents": consents_of(case),
            "ordered genes": self._ordered(case.proband),
            "evidence": self.given.evidence.get(case.name),
            "verdicts": self.given.verdicts.get(case.name),
            **self._of_people("case", case.name),
        }

    def _ordered(self, sample: Sample) -> Any:
        return [sample.genes, list(self.given.orders.get(sample.name, ())), self.panels] if sample.genes else None

    def _of_people(self, kind: str, name: str) -> dict[str, Any]:
        return {"waivers": self._waived.get((kind, name)), "decision of a person": self.given.overrides.get(kind, {}).get(name)}


def digest_of_question(question: Question) -> str:
    """Return the number of terms and a digest of what a phenopacket asks: a file that is only written otherwise asks the same."""
    asked = [question.id, question.subject, [one.as_record() for one in question.terms], [asdict(one) for one in question.measurements]]
    return f"{len(question.terms)} terms {digest_of_value([*asked, [asdict(one) for one in question.records]])}"
