"""Evidence lines and how they add up: ACMG/AMP criteria as points (Tavtigian and others, Hum Mutat 2020;41:1734).

A line is one dated, sourced statement for or against a variant. PP5 and BP6 (somebody else's classification) are never counted: ClinGen's
Sequence Variant Interpretation group withdrew them (Biesecker and Harrison, Genet Med 2018;20:1687).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PATHOGENIC, BENIGN = "pathogenic", "benign"
CRITERIA = (
    "PVS1", "PS1", "PS2", "PS3", "PS4", "PM1", "PM2", "PM3", "PM4", "PM5", "PM6", "PP1", "PP2", "PP3", "PP4",
    "BA1", "BS1", "BS2", "BS3", "BS4", "BP1", "BP2", "BP3", "BP4", "BP5", "BP7",
)  # fmt: skip
"""Criteria of Richards and others, Genet Med 2015;17:405, in the order in which they are shown."""
NEVER = frozenset({"PP5", "BP6"})
ALIKE = ({"PS2", "PM6"}, {"PS1", "PM5"}, {"BA1", "BS1"})
"""Criteria that say the same thing with more or less certainty: of one group only the strongest counts."""


class Strength(StrEnum):
    """How much a line weighs."""

    SUPPORTING = "supporting"
    MODERATE = "moderate"
    STRONG = "strong"
    VERY_STRONG = "very strong"
    STAND_ALONE = "stand-alone"


POINTS = {Strength.SUPPORTING: 1, Strength.MODERATE: 2, Strength.STRONG: 4, Strength.VERY_STRONG: 8, Strength.STAND_ALONE: 8}
"""Stand-alone is for BA1 only, which the point system leaves outside; it takes the points of very strong, so that evidence to the contrary
stays visible in the sum."""
CLASSES = ((10, "pathogenic"), (6, "likely pathogenic"), (0, "uncertain significance"), (-6, "likely benign"))


@dataclass(frozen=True)
class Line:
    """One evidence line.

    Attributes:
        criterion: name of the criterion.
        strength: how much it weighs; None where the criterion was looked at and does not count, which `why_not` tells.
        fact: what was found, in words.
        source, release: where it was found, and of which release or date.
        date: day on which the line was made, for a person's; release of the source otherwise.
        author: person who made it; empty where it was computed.
        reference: what the person cites.
        why_not: why it is shown and not counted: vetoed, replaced, or a condition that is not known to hold.
    """

    criterion: str
    strength: Strength | None
    fact: str
    source: str
    release: str
    date: str = ""
    author: str = ""
    reference: str = ""
    why_not: str = ""

    @property
    def direction(self) -> str:
        """Whether it speaks for `pathogenic` or for `benign`."""
        return direction_of(self.criterion)

    @property
    def counts(self) -> bool:
        """Whether it adds points."""
        return self.strength is not None and not self.why_not

    @property
    def points(self) -> int:
        """Points that it adds; negative for benign, 0 where it does not count."""
        if not self.counts or self.strength is None:
            return 0
        return POINTS[self.strength] if self.direction == PATHOGENIC else -POINTS[self.strength]

    @property
    def code(self) -> str:
        """The criterion with its strength where that is not the usual one: `PM2_Supporting`."""
        if self.strength is None or self.strength == usual_strength(self.criterion):
            return self.criterion
        return f"{self.criterion}_{''.join(word.capitalize() for word in self.strength.replace('-', ' ').split())}"

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data, keys in the order in which they are read."""
        record = {
            "criterion": self.criterion, "code": self.code, "strength": str(self.strength or ""), "points": self.points,
            "direction": self.direction, "fact": self.fact, "source": self.source, "release": self.release, "date": self.date,
        }  # fmt: skip
        more = {"author": self.author, "reference": self.reference, "why_not": self.why_not}
        return record | {name: text for name, text in more.items() if text}


def direction_of(criterion: str) -> str:
    """Return what a criterion speaks for."""
    return PATHOGENIC if criterion.startswith("P") else BENIGN


def usual_strength(criterion: str) -> Strength:
    """Return the strength that Richards and others gave a criterion."""
    by_letters = {"PVS": Strength.VERY_STRONG, "PS": Strength.STRONG, "PM": Strength.MODERATE, "PP": Strength.SUPPORTING}
    by_letters |= {"BA": Strength.STAND_ALONE, "BS": Strength.STRONG, "BP": Strength.SUPPORTING}
    return by_letters[criterion.rstrip("0123456789")]


def total(lines: Iterable[Line]) -> int:
    """Return the sum of the points."""
    return sum(line.points for line in lines)


def class_of(points: int) -> str:
    """Return the class that a sum of points stands for: 10 or more pathogenic, 6 to 9 likely, 0 to 5 uncertain, -1 to -6 likely benign."""
    return next((name for least, name in CLASSES if points >= least), "benign")


def without_doubles(lines: Sequence[Line]) -> list[Line]:
    """Return the lines in order, of each group of criteria that say the same thing only the strongest counting."""
    kept = list(lines)
    for group in ALIKE:
        alike = [at for at, line in enumerate(kept) if line.criterion in group and line.counts]
        if len(alike) > 1:
            best = max(alike, key=lambda at: (abs(kept[at].points), -at))
            for at in alike:
                if at != best:
                    kept[at] = uncounted(kept[at], f"{kept[best].code} says the same, more strongly")
    return kept


def uncounted(line: Line, why: str) -> Line:
    """Return a line that is shown and does not count."""
    return Line(**{**vars(line), "why_not": why})


def conflicts(lines: Iterable[Line]) -> list[str]:
    """Return in words where counted lines speak against each other."""
    counted = [line for line in lines if line.counts]
    sides = {side: [line.code for line in counted if line.direction == side] for side in (PATHOGENIC, BENIGN)}
    if not all(sides.values()):
        return []
    return [f"{' and '.join(sides[PATHOGENIC])} speak for pathogenic, {' and '.join(sides[BENIGN])} for benign"]
