"""Whose genome the target `cohort` counts, and whose it takes out: worked out only when that target is asked for."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workflow.cohort import Case, Cohort, Sample
from workflow.cohort_store.people import FILE, People
from workflow.cohort_store.versions import INSIDE
from workflow.cohort_store.versions import STORE as STORE_FILE
from workflow.consent.answers import Consents, person_of
from workflow.consent.fingerprint_erasure import no_longer_analysed
from workflow.errors import InputError
from workflow.files import read_json
from workflow.settings import Settings

STORE, BEACON = "frequency_store", "beacon"
FOUNDERS = frozenset({"mother", "father"})
TUMOUR = "tumour"
COUNTED, WITHDRAWN = "cohort_store/counted/{sample}.json", "cohort_store/withdrawn/{sample}.json"
"""Records of what was done, below the results folder; there is one of the two of a sample at most."""


MADE_OF = (
    "samples/{sample}/release.json", "samples/{sample}/relations.json", "samples/{sample}/callable.bed.gz",
    "coverage/{sample}.karyotype.json", "cases/{case}/release.json", "cases/{case}/{case}.vcf.gz",
)  # fmt: skip
"""What a genome is counted from: the inputs of count_genome."""


@dataclass(frozen=True)
class Counting:
    """What decides who is counted: config, sheets, consents."""

    settings: Settings
    cohort: Cohort
    consents: Consents

    def purposes(self, sample: Sample) -> list[str]:
        """Return the purposes of the store that hold today; the Beacon's only with the store's."""
        person = person_of(sample)
        found = [one for one in (STORE, BEACON) if self.consents.allows(person, one, sample.name)]
        return found if STORE in found else []

    def of_family(self, case: Case) -> Sample | None:
        """Return who of a case is counted: of those who consent the first one as `_order` has it."""
        return min((one for one in case.members if one.role != TUMOUR and self.purposes(one)), key=self._order, default=None)

    def _order(self, one: Sample) -> tuple[bool, bool, bool]:
        """Order samples: who is counted already, founders before others, unaffected before affected."""
        return one.name not in self.inside, one.role not in FOUNDERS, one.affected == "yes"

    def counted(self) -> list[str]:
        """Return the samples that are counted, one of a case and one of a person, in the order of the sheet."""
        chosen: dict[str, Sample] = {}
        for one in sorted(filter(None, map(self.of_family, self.cohort.cases.values())), key=self._order):
            chosen.setdefault(person_of(one), one)
        names = {one.name for one in chosen.values()}
        return [name for name in self.cohort.samples if name in names]

    @cached_property
    def inside(self) -> frozenset[str]:
        """The samples that are in the store by a consent."""
        return frozenset(sample for sample, _ in self._inside())

    def withdrawn(self) -> dict[str, str]:
        """Return the samples that are in the store and may not stay, each with the reason.

        Only those whom this run answers for: who stands in the sheets, or was counted by these results. Consents that are no more than
        outdated (the register was not asked again) take nobody out.
        """
        persons = {sample: person for sample, person in self._inside() if self._is_ours(sample, person)} | dict(self._recorded())
        whys = ((sample, self.consents.why_withdrawn(person, STORE, sample)) for sample, person in persons.items())
        return {sample: why for sample, why in whys if why}

    def no_longer_analysed(self) -> dict[str, str]:
        """Return the samples whose fingerprint has to go, each with the reason."""
        return no_longer_analysed(self.settings.identity.store, self.settings.reference.name, self.consents)

    def _inside(self) -> Iterator[tuple[str, str]]:
        """Give (sample, person) of each genome in the store that was counted by a consent, and not as a steward declared it."""
        inside = self.settings.frequency_store / INSIDE if self.settings.frequency_store else None
        if inside is not None and (inside / FILE).is_file():
            with People(inside) as people:
                yield from ((row.sample, row.person) for row in people.all() if not row.declared)

    def _recorded(self) -> Iterator[tuple[str, str]]:
        """Give (sample, person) of each genome that these results say is counted: a withdrawal may have been killed before its record."""
        for file in self.settings.results.glob(COUNTED.format(sample="*")):
            record = read_json(file)
            if record["counted"]:
                yield record["sample"], record["person"]

    def _is_ours(self, sample: str, person: str) -> bool:
        return person in self.consents.by_person or (self.settings.results / COUNTED.format(sample=sample)).is_file()

    def outdated(self) -> Iterator[tuple[str, str]]:
        """Give (sample, why) of each whose consent would hold, had the register been asked lately."""
        for one in self.cohort.samples.values():
            person = person_of(one)
            why = self.consents.why_outdated(person, STORE, one.name)
            if why and not self.consents.why_withdrawn(person, STORE, one.name):
                yield one.name, why

    def targets(self) -> list[str]:
        """Return the records that the target `cohort` asks for, below the results folder."""
        out = self.no_longer_analysed() | self.withdrawn()
        due = (name for name in self.counted() if self.is_due(name))
        return [COUNTED.format(sample=name) for name in due] + [WITHDRAWN.format(sample=name) for name in out]

    def is_due(self, sample: str) -> bool:
        """Say whether a genome has to be counted, or counted anew: no record, other facts or consents, or later results.

        So a run plans new genomes and not the jobs behind all that are counted.
        """
        results = self.settings.results
        record = results / COUNTED.format(sample=sample)
        if not record.is_file() or read_json(record).get("told") != self.person(sample) or self.lost(sample):
            return True
        made, case = record.stat().st_mtime_ns, self.cohort.samples[sample].case
        files = [results / name.format(sample=sample, case=case) for name in MADE_OF]
        return any(not file.is_file() or file.stat().st_mtime_ns > made for file in files)

    def lost(self, sample: str) -> str:
        """Return the time of a sample's record if there is no store any more that it could be about, else nothing.

        A store from which somebody was taken out by hand is there: nobody comes back into it this way.
        """
        record, store = self.settings.results / COUNTED.format(sample=sample), self.settings.frequency_store
        gone = store is not None and not (store / STORE_FILE).is_file() and record.is_file()
        return str(record.stat().st_mtime_ns) if gone else ""

    def person(self, sample: str) -> dict[str, Any]:
        """Return what the store is told of a sample, as plain data for a rule's params."""
        one = self.cohort.samples[sample]
        return {
            "sample": one.name,
            "person": person_of(one),
            "family": f"case {one.case}",
            "affected": one.affected == "yes",
            "founder": one.role in FOUNDERS,
            "purposes": self.purposes(one),
        }


def counting_of(settings: Settings, cohort: Cohort, consents: Consents | None) -> Counting:
    """Return what decides who is counted.

    Raises:
        InputError: no store or no consents are configured.
    """
    for value, key in ((settings.frequency_store, "frequency_store"), (consents, "consent.sheet")):
        if value is None:
            raise InputError(f"the target `cohort` needs `{key}`", file=settings.file, remedy="unknown is no: nobody is counted without it")
    assert consents is not None
    return Counting(settings, cohort, consents)


def records_owed(counting: Counting, *, aloud: bool) -> list[str]:
    """Return the records that the target `cohort` asks for; `aloud` tells who is left out as the register was not asked."""
    for sample, why in counting.outdated() if aloud else ():
        print(f"genvej: {sample} is not counted anew: {why}", file=sys.stderr)
    return [f"{counting.settings.results}/{file}" for file in counting.targets()]


def record_of(sample: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of what was done with a sample."""
    return {"schema": "genvej-cohort/1", "sample": sample, **what}


def forget(record: str | Path, pattern: str) -> None:
    """Remove the other record of a sample, whose file name `record` has, and its statement: it is counted or withdrawn, not both."""
    file = Path(record)
    other = file.parents[2] / pattern.format(sample=file.stem)
    for one in (other, other.with_suffix(".md")):
        one.unlink(missing_ok=True)
