"""Who answers for consent when the store's command line adds somebody: a consent sheet, or whoever runs the command."""

import datetime
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from workflow.cohort_store.admission import Candidate
from workflow.cohort_store.model import Person
from workflow.consent.answers import Consents, load_consents
from workflow.consent.source import ConsentSource
from workflow.errors import InputError


class DeclaredConsent:
    """Consent as whoever runs the command declares it, for each person alike."""

    def __init__(self, purposes: Sequence[str]) -> None:
        self.purposes = frozenset(purposes)
        self.declared = "consent declared by the steward"

    def __call__(self, _person: str, purpose: str) -> bool:
        """Say whether a purpose was declared."""
        return purpose in self.purposes


class RecordedConsent:
    """Consent as it stands in a sheet, for one sample."""

    def __init__(self, consents: Consents, sample: str) -> None:
        self.consents, self.sample = consents, sample

    def __call__(self, person: str, purpose: str) -> bool:
        """Say whether a purpose holds today."""
        return self.consents.allows(person, purpose, self.sample)

    def why_not(self, person: str) -> str:
        """Return why the genome may not be counted, empty where it may."""
        return self.consents.why_not(person, "frequency_store", self.sample)


def consents_of(given: Namespace) -> Consents | None:
    """Return the consents of the sheet that a command line names, None for none.

    Raises:
        InputError: they are declared, too, or cannot be used.
    """
    if given.consents and given.consent:
        raise InputError("`--consent` and `--consents` are both given", remedy="consents that are recorded are not declared: leave one out")
    return load_consents(ConsentSource(given.consents, given.register_days), datetime.date.today())


def consent_for(given: Namespace, consents: Consents | None, person: Person) -> DeclaredConsent | RecordedConsent | None:
    """Return who answers for a person: the sheet, or whoever runs the command.

    Raises:
        InputError: the sheet does not cover the store.
    """
    if consents is None:
        return DeclaredConsent(given.consent) if given.consent else None
    found = RecordedConsent(consents, person.sample)
    if why := found.why_not(person.who):
        what = f"{person.sample} is not added: {why}"
        raise InputError(what, file=given.consents, remedy="unknown is no; correct the sheet, or leave the sample out")
    return found


def with_recorded(given: Namespace, found: list[Candidate]) -> list[Candidate]:
    """Return candidates of VCFs as a consent sheet allows them; release is still declared."""
    consents = consents_of(given)
    if consents is None:
        return found
    answers = [(one, consent_for(given, consents, one.person)) for one in found]
    return [
        replace(one, declared="release declared by the steward", beacon=bool(by and by(one.person.who, "beacon"))) for one, by in answers
    ]
