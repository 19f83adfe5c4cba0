"""What was judged of a cohort by its receipts: who is not done, and what lies there that is not as it was checked."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.receipts.model import COHORT_NAME, Kind, State, Unit, Verdict

DONE = Verdict(State.DONE)
WHOLE_COHORT = Unit(Kind.COHORT, COHORT_NAME)
CHANGED = "this is not the file that was checked for release: it was changed by hand, or is damaged"
SIGNED = "this is not the file that was signed with the release: it was changed by hand, or is damaged"
ANEW = "delete it and run the same command again; it is made anew"


@dataclass
class Judgement(Mapping[Unit, Verdict]):
    """The verdict on each unit: samples in the order of the sheet, cases, the cohort.

    Attributes:
        cohort: the sheets.
        waiting: the verdicts on what is not done, in this order; of all others it is enough to know that they are.
        damaged: files that are not as they were when they were checked.
        receipts: a digest over the seals of all receipts that are there.
    """

    cohort: Cohort
    waiting: dict[Unit, Verdict] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    receipts: str = ""

    def __getitem__(self, unit: Unit) -> Verdict:
        """Return the verdict on a unit."""
        if unit not in self.waiting and unit != WHOLE_COHORT and unit.name not in _names(self.cohort)[unit.kind]:
            raise KeyError(unit)
        return self.waiting.get(unit, DONE)

    def __iter__(self) -> Iterator[Unit]:
        """Give the units."""
        yield from units_in(self.cohort)
        yield WHOLE_COHORT

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self.cohort.samples) + len(self.cohort.cases) + 1

    def planned(self, kind: Kind) -> list[str]:
        """Return the names of samples or cases that are not done."""
        return [unit.name for unit in self.waiting if unit.kind is kind]

    def refuse_damaged(self, results: Path) -> None:
        """Stop before anything is made of files that were changed by hand.

        Raises:
            InputError: naming the first, and how many more there are.
        """
        if self.damaged:
            more = f" (and {len(self.damaged) - 1} more like it)" if len(self.damaged) > 1 else ""
            words = CHANGED if self.damaged[0].startswith(("samples/", "cases/", "interpretation/")) else SIGNED
            raise InputError(f"{words}{more}", file=results / self.damaged[0], remedy=ANEW)


def _names(cohort: Cohort) -> Mapping[Kind, Collection[str]]:
    return {Kind.SAMPLE: cohort.samples, Kind.CASE: cohort.cases, Kind.COHORT: ()}


def units_in(cohort: Cohort) -> Iterator[Unit]:
    """Give samples in the order of the sheet, then cases."""
    for kind, names in _names(cohort).items():
        yield from (Unit(kind, name) for name in names)
