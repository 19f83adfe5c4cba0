"""Two rankings of one case held against each other: which candidates a person now looks at and did not before, and the other way round.

A candidate is worth a look for each of four reasons: it is among the first, it is (likely) pathogenic by its evidence, ClinVar calls it so
with a star or more, or its gene is ordered. It is gained by a reason that it has now and had not, lost by one that it no longer has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.classification import LIKELY, ORDERED

FIRST, CLASS, CLINVAR, PANEL = REASONS = ("first", "class", "ClinVar", "panel")
GAINED, LOST = "gained", "lost"
Row = Mapping[str, Any]
Key = tuple[str, str, int, str, str]


@dataclass(frozen=True)
class Moved:
    """A candidate that was gained or lost, its row before and now (None where it is no candidate), and by which reasons."""

    key: Key
    change: str
    old: Row | None
    new: Row | None
    reasons: tuple[str, ...]


def key_of(row: Row) -> Key:
    """Return what names a candidate: gene, contig, 1-based position, REF, ALT."""
    return row["gene"], row["chrom"], int(row["pos"]), row["ref"], row["alt"]


def reasons_of(row: Row | None, top: int) -> frozenset[str]:
    """Return the reasons for which a person looks at a candidate; `top` is the last rank that counts as first."""
    if row is None:
        return frozenset()
    clinvar = row.get("clinvar_record")
    found = {
        FIRST: row["rank"] <= top,
        CLASS: row["class"] in LIKELY,
        CLINVAR: bool(clinvar and clinvar["severity"] and clinvar["stars"] != 0),
        PANEL: row.get("tier") == ORDERED,
    }
    return frozenset(name for name, holds in found.items() if holds)


def by_key(rows: Sequence[Row]) -> dict[Key, Row]:
    """Return the rows by what names them, the better of two of one name."""
    found: dict[Key, Row] = {}
    for row in rows:
        found.setdefault(key_of(row), row)
    return found


def moved(old: Sequence[Row], new: Sequence[Row], top: int) -> Iterator[Moved]:
    """Give what was gained and lost between two rankings, in the order of the new one, then of the old one."""
    before, after = by_key(old), by_key(new)
    for key in dict.fromkeys([*after, *before]):
        then, now = reasons_of(before.get(key), top), reasons_of(after.get(key), top)
        for change, reasons in ((GAINED, now - then), (LOST, then - now)):
            if reasons:
                yield Moved(key, change, before.get(key), after.get(key), tuple(name for name in REASONS if name in reasons))


def unchanged(old: Sequence[Row], new: Sequence[Row], top: int) -> int:
    """Return how many candidates that a person looks at are there for the same reasons before and now."""
    before, after = by_key(old), by_key(new)
    return sum(bool(then := reasons_of(row, top)) and then == reasons_of(after.get(key), top) for key, row in before.items())


def in_words(one: Moved) -> str:
    """Return in words by what a candidate was gained or lost."""
    return "; ".join(_reason(name, one) for name in one.reasons)


def _reason(name: str, one: Moved) -> str:
    if name == FIRST:
        ranks = [str(row["rank"]) if row else "not listed" for row in (one.old, one.new)]
        return f"rank {ranks[0]} → {ranks[1]}"
    if name == CLASS:
        return f"class {_told(one.old, 'class')} → {_told(one.new, 'class')}"
    if name == CLINVAR:
        return f"ClinVar {clinvar_words(one.old)} → {clinvar_words(one.new)}"
    return "the gene is ordered now" if one.change == GAINED else "the gene is no longer ordered"


def _told(row: Row | None, name: str) -> str:
    return str(row[name]) if row else "no candidate"


def clinvar_words(row: Row | None) -> str:
    """Return what ClinVar says of a candidate, with its stars."""
    record = row.get("clinvar_record") if row else None
    if not record:
        return "not evaluated" if row else "no candidate"
    if not record["known"]:
        return "no record"
    stars = "" if record["stars"] is None else f", {record['stars']} star{'' if record['stars'] == 1 else 's'}"
    return f"{record['significance'] or 'no assertion'}{stars}"
