"""A change between two versions: the vocabulary of kinds, and one row of changes.tsv."""

from dataclasses import dataclass, fields
from enum import StrEnum


class Kind(StrEnum):
    """What kind of thing changed."""

    GAINED = "variant gained"
    LOST = "variant lost"
    GENOTYPE = "genotype changed"
    FILTER = "filter changed"
    WRITTEN = "written otherwise"
    ANNOTATION = "annotation changed"
    ENTERED = "candidate entered"
    LEFT = "candidate left"
    RANK = "rank changed"
    SCORE = "score changed"
    VERDICT = "verdict changed"
    DECISION = "decision changed"


CALLS = (Kind.GAINED, Kind.LOST, Kind.GENOTYPE, Kind.FILTER, Kind.WRITTEN)
CANDIDATES = (Kind.ENTERED, Kind.LEFT, Kind.RANK, Kind.SCORE)


@dataclass(frozen=True, slots=True)
class Change:
    """One row of changes.tsv; what does not apply is empty, `pos` is 1-based (0 = none), `old` and `new` are as the files have them."""

    kind: Kind
    case: str
    sample: str = ""
    chrom: str = ""
    pos: int = 0
    ref: str = ""
    alt: str = ""
    gene: str = ""
    field: str = ""
    old: str = ""
    new: str = ""
    cause: str = ""

    def as_row(self) -> list[str]:
        """Return the cells of the row."""
        return [str(getattr(self, name) or "") for name in COLUMNS]


COLUMNS = tuple(field.name for field in fields(Change))
