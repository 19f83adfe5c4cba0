"""Which look-ups of the Beacon touched one person who is counted: their answer was made of a variant that this person has.

A look-up touched somebody if it asks for a variant that they have, in a group that they are in, and if that variant was told by the
release that answered: what is not told has nothing of anybody in it. That the person was counted in that release follows from the version
with which they came in as they are now; who was counted otherwise before is not kept.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workflow.beacon.errors import BeaconError
from workflow.beacon.names import Names
from workflow.beacon.query import Query
from workflow.beacon.records import BeaconRelease
from workflow.beacon.search import exact, find
from workflow.beacon.table import ToldTable
from workflow.cohort_store.alleles import code_of_allele
from workflow.cohort_store.compaction import WindowReader
from workflow.cohort_store.genome_file import GenomeFile
from workflow.cohort_store.masking import Row
from workflow.cohort_store.model import BEACON, Member, Variant
from workflow.cohort_store.regions import read_variant

VARIANT, RANGE, GENE, EVERYTHING = "variant", "range", "gene", "everything"
Event = Mapping[str, Any]


@dataclass(frozen=True)
class Lookup:
    """One look-up that touched the person: when (UTC), who asked, kind of question, what was asked, granularity and what was answered."""

    time: str
    who: str
    kind: str
    asked: Mapping[str, Any]
    found: bool | int


@dataclass
class Found:
    """What the log tells of one person.

    Attributes:
        lines: look-ups in the log; `last` the hash of its last line.
        touched: look-ups whose answer had this person in it.
        everything: look-ups that counted all variants at once, which touch everybody.
        before: look-ups of releases older than the person's present entry.
        untold: look-ups by gene or name that cannot be placed with what is at hand.
        lost: look-ups of a release whose table is not there any more.
    """

    lines: int = 0
    last: str = ""
    touched: list[Lookup] = field(default_factory=list)
    everything: int = 0
    before: int = 0
    untold: int = 0
    lost: int = 0

    def by_requester(self) -> list[tuple[str, str, int]]:
        """Return (requester, month, look-ups that touched), the newest month first."""
        counts = Counter((one.time[:7], one.who) for one in self.touched)
        return [(who, month, number) for (month, who), number in sorted(counts.items(), reverse=True)]


class OwnTable(ToldTable):
    """What one release tells, of the variants of one genome only."""

    def __init__(self, store: Path, release: BeaconRelease, file: GenomeFile) -> None:
        super().__init__(store, release)
        self._file, self._reader = file, WindowReader()

    def rows(self, key: tuple[str, int]) -> dict[Variant, Row]:
        """Return the told rows of a window that the genome has a counted call of."""
        calls = self._reader.calls(self._file, key)
        mine = np.flatnonzero(calls.counted & (calls.alt_copies > 0))
        own = set(zip(calls.positions[mine].tolist(), calls.codes[mine].tolist(), strict=True))
        return {one: row for one, row in super().rows(key).items() if (one.pos, code_of_allele(one.ref, one.alt)) in own}


def own_lookups(events: Iterable[Event], tables: Mapping[int, OwnTable], member: Member, since: int, names: Names) -> Found:
    """Return what a log tells of one person.

    Args:
        events: the log, its chain checked.
        tables: by number, of the releases whose table is there.
        member: the person's genome, as it is counted now.
        since: version of the store with which it came in as it is now.
        names: what genes and HGVS names mean here.
    """
    found = Found()
    for event in events:
        found.lines, found.last = found.lines + 1, str(event["hash"])
        table = tables.get(event["release"])
        if table is None:
            found.lost += event["release"] != 0  # release 0 tells nothing
        elif table.release.version < since:
            found.before += 1
        elif member.within(BEACON) and member.within(event["group"]):
            _judge(found, event, table, names)
    return found


def _judge(found: Found, event: Event, table: OwnTable, names: Names) -> None:
    asked = event["asked"]
    kind = kind_of(asked)
    if kind == EVERYTHING:
        found.everything += 1
        return
    try:
        touched = _own(event, table, names)
    except BeaconError:
        found.untold += 1
        return
    if touched:
        found.touched.append(Lookup(event["time"], event["who"], kind, asked, event["found"]))


def _own(event: Event, table: OwnTable, names: Names) -> int:
    """Return how many of the person's told variants a look-up speaks of."""
    asked, group = event["asked"], event["group"]
    if "id" in asked:
        return exact(table, read_variant(asked["id"], table.release.assembly), Query(group=group))[0]
    return find(table, names, Query(parameters=asked, group=group))[0]


def kind_of(asked: Mapping[str, Any]) -> str:
    """Return what kind of question was asked."""
    if "geneId" in asked:
        return GENE
    if "id" in asked or "genomicAlleleShortForm" in asked:
        return VARIANT
    if "referenceName" not in asked:
        return EVERYTHING
    return RANGE if "end" in asked or "referenceBases" not in asked else VARIANT


def tables_of(store: Path, releases: Iterable[BeaconRelease], file: GenomeFile) -> Iterator[tuple[int, OwnTable]]:
    """Give (number, table) of each release."""
    return ((one.number, OwnTable(store, one, file)) for one in releases)
