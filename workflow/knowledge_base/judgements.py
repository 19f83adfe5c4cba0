"""What the knowledge base says of a variant: in force, earlier, against each other; and which cases a change touches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflow.knowledge_base.entries import Entry

GROUPS = {
    "pathogenic": "pathogenic", "likely pathogenic": "pathogenic", "uncertain significance": "uncertain", "likely benign": "benign",
    "benign": "benign",
}  # fmt: skip
"""Classes that do not contradict each other, as ClinVar groups them for its "conflicting classifications" (P/LP, VUS, B/LB)."""
YES = "yes"


@dataclass(frozen=True)
class Touched:
    """Cases that a change touches: `named` may be contacted; `others` is how many may not, or have not said so."""

    named: tuple[str, ...]
    others: int


def in_force(entries: Iterable[Entry]) -> dict[tuple[str, str, str], Entry]:
    """Return the classification in force by (variant, condition, centre): the latest day's, of one day the last that came in."""
    found: dict[tuple[str, str, str], Entry] = {}
    for one in entries:
        key = (*one.about, one.centre)
        if key not in found or one.date >= found[key].date:
            found[key] = one
    return found


def earlier(entries: Iterable[Entry], variant: str) -> list[Entry]:
    """Return every classification of a variant that was ever made, oldest first."""
    return sorted((one for one in entries if one.variant == variant), key=lambda one: one.date)


def conflicts(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """Return, by variant and condition, the classifications in force of centres that contradict each other."""
    by_what: dict[tuple[str, str], list[Entry]] = {}
    for one in in_force(entries).values():
        by_what.setdefault(one.about, []).append(one)
    return {about: those for about, those in by_what.items() if len({GROUPS[one.category] for one in those}) > 1}


def changes(before: Sequence[Entry], new: Iterable[Entry], centre: str) -> list[tuple[Entry, Entry]]:
    """Return (before, now) of each classification of this centre that is another class now."""
    old, now = in_force(before), in_force([*before, *new])
    pairs = [(old[key], one) for key, one in now.items() if key in old and key[2] == centre]
    return [(then, one) for then, one in pairs if then.category != one.category]


def touched(entries: Iterable[Entry], variant: str, wishes: Mapping[str, str]) -> Touched:
    """Return the cases in which this centre classified a variant.

    Args:
        entries: of the knowledge base.
        variant: its name.
        wishes: by case, whether its proband wishes to be contacted: yes, no or unknown; a case that is not in it has not said so.
    """
    cases = dict.fromkeys(one.case for one in entries if one.variant == variant and one.case)
    named = tuple(case for case in cases if wishes.get(case) == YES)
    return Touched(named, len(cases) - len(named))
