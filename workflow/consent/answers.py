"""Which purposes hold for which sample on a day, and why one does not."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from workflow.cohort import Case, Cohort, Sample
from workflow.consent.records import IN_WORDS, RESTRICTED, SECONDARY_USE, UNKNOWN, YES, Consent, read_consents
from workflow.consent.source import ConsentSource
from workflow.errors import InputError
from workflow.schema import nearest
from workflow.settings import Settings

COLUMNS = ("secondary_findings", "recontact")
"""Columns of samples.tsv that a consent takes the place of."""


@dataclass(frozen=True)
class Consents:
    """The consents of a sheet.

    Attributes:
        by_person: of each person, oldest first.
        today: the day on which they are asked.
        register_days: age in days up to which an answer of the register of restrictions holds.
    """

    by_person: Mapping[str, tuple[Consent, ...]]
    today: datetime.date
    register_days: int

    def of(self, person: str, sample: str = "") -> Consent | None:
        """Return the consent that holds: the last one that covers the sample; without a sample, the last one that covers all."""
        covering = [one for one in self.by_person.get(person, ()) if (one.covers(sample) if sample else not one.samples)]
        return covering[-1] if covering else None

    def answer(self, person: str, purpose: str, sample: str = "") -> str:
        """Return yes, no or unknown as it counts for care: what was said, unknown once a guardian's consent has lapsed."""
        one = self.of(person, sample)
        if one is None or (purpose != "diagnosis" and self._lapsed(one)):
            return UNKNOWN
        return one.answers[purpose]

    def why_not(self, person: str, purpose: str, sample: str = "") -> str:
        """Return why a purpose does not hold, in words; empty where it does."""
        return self.why_withdrawn(person, purpose, sample) or self.why_outdated(person, purpose, sample)

    def why_withdrawn(self, person: str, purpose: str, sample: str = "") -> str:
        """Return why nothing may be kept for a purpose: no consent, a guardian's that lapsed, or the register; empty where it may."""
        one = self.of(person, sample)
        if one is None:
            return "there is no consent that covers it"
        if purpose != "diagnosis" and self._lapsed(one):
            return f"the guardian's consent lapsed on {one.guardian_until}"
        if one.answers[purpose] != YES:
            return f"the answer for {IN_WORDS[purpose]} is {one.answers[purpose]}"
        if purpose in SECONDARY_USE and one.register == RESTRICTED:
            return "the register of restrictions forbids secondary use"
        return ""

    def why_outdated(self, person: str, purpose: str, sample: str = "") -> str:
        """Return why the register does not allow a secondary use today: it was not asked, or too long ago; empty for care."""
        one = self.of(person, sample)
        if one is None or purpose not in SECONDARY_USE:
            return ""
        if one.register_checked is None or one.register == UNKNOWN:
            return "the register of restrictions was not asked"
        age = (self.today - one.register_checked).days
        return f"the register of restrictions was asked {age} days ago, limit {self.register_days}" if age > self.register_days else ""

    def allows(self, person: str, purpose: str, sample: str = "") -> bool:
        """Say whether a purpose holds today; unknown is no."""
        return not self.why_not(person, purpose, sample)

    def _lapsed(self, one: Consent) -> bool:
        return one.guardian_until is not None and self.today >= one.guardian_until


def load_consents(source: ConsentSource, today: datetime.date) -> Consents | None:
    """Return the consents of a sheet or folder; None where none is configured.

    Raises:
        InputError: as `read_consents`.
    """
    if source.sheet is None:
        return None
    by_person: dict[str, list[Consent]] = {}
    for one in sorted(read_consents(source.sheet, today), key=lambda one: one.date):
        by_person.setdefault(one.person, []).append(one)
    return Consents({person: tuple(those) for person, those in by_person.items()}, today, source.register_days)


def person_of(sample: Sample) -> str:
    """Return the pseudonym of a sample's person: the sample's name where the sheet has none."""
    return sample.person or sample.name


def check_consents(consents: Consents | None, cohort: Cohort, sheet: Path) -> None:
    """Refuse consents that do not go with the sample sheet.

    Raises:
        InputError: a person or sample is not in it, a sample is another person's, or its columns contradict a consent.
    """
    if consents is None:
        return
    samples = cohort.samples
    persons = {person_of(one) for one in samples.values()}
    for person, those in consents.by_person.items():
        for one in those:
            if person not in persons:
                raise one.refused(f"there is no person {person} in {sheet} ({nearest(person, persons)})", "mend the name or take it out")
            for name in one.samples:
                if name not in samples:
                    raise one.refused(f"there is no sample {name} in {sheet} ({nearest(name, samples)})", "mend the name")
                if person_of(samples[name]) != person:
                    raise one.refused(f"sample {name} is not of {person}", "name samples of the person only")
    for sample in samples.values():
        _refuse_contradiction(consents, sample, sheet)


def _refuse_contradiction(consents: Consents, sample: Sample, sheet: Path) -> None:
    """Refuse a sheet that says yes where the consent does not, or no where it says yes."""
    one = consents.of(person_of(sample), sample.name)
    for column in COLUMNS if one else ():
        assert one is not None
        told, given = getattr(sample, column), one.answers[column]
        if (told == YES and given != YES) or (told == "no" and given == YES):
            what = f"`{column}` of {sample.name} is {told}, but the consent of {one.date} says {given}"
            raise InputError(what, file=sheet, row=sample.row, remedy=f"leave the cell empty, or correct {one.file}")


def allowed_cohort(settings: Settings, cohort: Cohort, today: datetime.date) -> tuple[Cohort, dict[str, str], Consents | None]:
    """Return the cohort as the configured consents allow it, by case why some are not analysed, and the consents.

    Raises:
        InputError: a consent cannot hold or does not go with the sheet, or no case may be analysed.
    """
    consents = load_consents(settings.consent, today)
    check_consents(consents, cohort, settings.samples)
    return *with_consents(cohort, consents, settings.consent.sheet), consents


def with_consents(cohort: Cohort, consents: Consents | None, source: Path | None) -> tuple[Cohort, dict[str, str]]:
    """Return the cohort as consents allow it, and by case why some are not analysed.

    A case needs the consent of each of its people: leaving a relative out silently would answer another question. What the sheet says of
    secondary findings and contact is replaced. Without consents the cohort stays as it is.

    Raises:
        InputError: no case may be analysed.
    """
    if consents is None:
        return cohort, {}
    left_out = {name: why for name, case in cohort.cases.items() if (why := why_not_analysed(case, consents))}
    if len(left_out) == len(cohort.cases):
        case, why = next(iter(left_out.items()))
        what = f"no case may be analysed without consent to diagnosis; of {case}, {why}"
        raise InputError(what, file=source, remedy="record the answers, or take `consent.sheet` out of the config")
    samples = {name: _replaced(one, consents) for name, one in cohort.samples.items() if one.case not in left_out}
    cases = {name: _with_samples(case, samples) for name, case in cohort.cases.items() if name not in left_out}
    units = {name: those for name, those in cohort.units.items() if name in samples}
    return Cohort(samples, cases, units, {name: one for name, one in cohort.questions.items() if name in samples}), left_out


def why_not_analysed(case: Case, consents: Consents) -> str:
    """Return whose consent to diagnosis is missing in a case, and why; empty where it may be analysed."""
    found = ((one.name, consents.why_not(person_of(one), "diagnosis", one.name)) for one in case.members)
    return "; ".join(f"{name}: {why}" for name, why in found if why)


def _replaced(sample: Sample, consents: Consents) -> Sample:
    secondary, recontact = (consents.answer(person_of(sample), name, sample.name) for name in COLUMNS)
    return replace(sample, secondary_findings=secondary, recontact=recontact)


def _with_samples(case: Case, samples: Mapping[str, Sample]) -> Case:
    return replace(case, members=tuple(samples[one.name] for one in case.members), proband=samples[case.proband.name])


def told(consents: Consents | None, cohort: Cohort, left_out: Mapping[str, str]) -> Iterator[str]:
    """Give what a run has to say of consents: cases that are not analysed, and guardians whose consent has lapsed."""
    for case, why in left_out.items():
        yield f"case {case} is not analysed without consent to diagnosis: {why}"
    if consents is not None:
        yield from (f"{name}: all but diagnosis is unknown: {why}" for name, why in _lapses(consents, cohort.samples.values()))


def _lapses(consents: Consents, samples: Iterable[Sample]) -> Iterator[tuple[str, str]]:
    for one in samples:
        if (why := consents.why_withdrawn(person_of(one), "recontact", one.name)).startswith("the guardian"):
            yield one.name, why
