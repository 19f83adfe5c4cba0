"""In-house frequencies as a knowledge source: the store itself, without the case's own family, or a table that was released.

`knowledge.inhouse.path` is the folder of the store, whose version `release` names, or a released Parquet (a released VCF is read as any
other VCF).
"""

import contextlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from workflow.cohort_store.errors import DamagedStoreError
from workflow.cohort_store.model import Variant
from workflow.cohort_store.people import People
from workflow.cohort_store.released_table import ReleasedTable
from workflow.cohort_store.versions import INSIDE, STORE, read_facts, read_version
from workflow.cohort_store.view import View, open_view
from workflow.config_sections import Knowledge
from workflow.errors import InputError
from workflow.reference import plain_name
from workflow.tabix_source import InfoField, Site

NAME = "inhouse"
FIELDS = {
    "AC": ("Integer", "alleles counted here, without the case's own family"),
    "AN": ("Integer", "copies of the site that could be judged here, without the case's own family"),
    "AF": ("Float", "AC by AN"),
    "nhomalt": ("Integer", "people with all of two or more copies"),
    "nhemi": ("Integer", "people with the only copy"),
    "seen": ("Integer", "people with a call that is not counted: filtered, not callable, or against their ploidy"),
}
Values = dict[str, str]


class Reader(Protocol):
    """What answers for one variant each; an empty dict where it has nothing."""

    def values(self, variants: Sequence[Variant]) -> list[Values]:
        """Return the values of some variants, by name as in `FIELDS`."""


class InhouseSource:
    """Looks alleles up in the store or in a released table.

    Args:
        knowledge: the source; `release` is the store's version.
        members: samples of the case, whose family is not counted.
        assembly: of the case.

    Raises:
        InputError: the store is of another assembly, damaged, or no longer has the version.
    """

    def __init__(self, knowledge: Knowledge, members: Collection[str], assembly: str) -> None:
        self.knowledge = knowledge
        self._open = contextlib.ExitStack()
        is_store = (knowledge.path / STORE).is_file()
        self._reader: Reader = self._store(members, assembly) if is_store else ReleasedReader(knowledge.path)
        source = f"{knowledge.name} {knowledge.release}".replace('"', "'")
        names = [name for name in FIELDS if is_store or name != "seen"]
        self.info = [InfoField(f"{NAME}_{name}", "1", FIELDS[name][0], f"{FIELDS[name][1]} ({source})") for name in names]
        self.matched = 0

    def _store(self, members: Collection[str], assembly: str) -> "StoreReader":
        check_store(self.knowledge, assembly)
        view = self._open.enter_context(open_view(self.knowledge.path, number=int(self.knowledge.release)))
        return StoreReader(view, own_family(view, members))

    def look_up(self, contig: str, sites: Sequence[Site]) -> list[Values]:
        """Return the INFO values of each of the sorted `sites` of a contig; an empty dict where nothing is known of the site."""
        variants = [Variant(plain_name(contig), site.pos, site.ref, site.alt) for site in sites]
        found = self._reader.values(variants)
        self.matched += sum(one.get("AC", "0") != "0" for one in found)
        return [{f"{NAME}_{name}": value for name, value in one.items()} for one in found]


class StoreReader:
    """The store at one version, without some of its genomes."""

    def __init__(self, view: View, without: Sequence[str]) -> None:
        self._view, self._without = view, without

    def values(self, variants: Sequence[Variant]) -> list[Values]:
        """Return the counts; a variant that nobody has gets AC 0 and the AN of its site, and nothing where nobody was judged."""
        found = []
        for one in self._view.frequency(variants, without=self._without):
            told = {"AC": one.ac, "AN": one.an, "nhomalt": one.hom, "nhemi": one.hemi, "seen": one.seen}
            af = {} if one.af is None else {"AF": f"{one.af:.6g}"}
            found.append({name: str(value) for name, value in told.items()} | af if one.an or one.seen else {})
        return found


class ReleasedReader:
    """A table that was released; a variant that it does not tell has no values."""

    def __init__(self, file: Path) -> None:
        self._table = ReleasedTable(file)

    def values(self, variants: Sequence[Variant]) -> list[Values]:
        """Return what the release tells."""
        rows = [self._table.of(variant) for variant in variants]
        return [
            {}
            if row is None
            else {"AC": str(row.ac), "AN": str(row.an), "AF": f"{row.ac / row.an:.6g}"}
            | {name: str(value) for name, value in (("nhomalt", row.hom), ("nhemi", row.hemi)) if value is not None}
            for row in rows
        ]


def own_family(view: View, members: Collection[str]) -> list[str]:
    """Return the tokens of the case's samples, of the same people under other names, and of their families."""
    with People(view.store / INSIDE) as people:
        rows = [row for name in members for row in (*people.of("sample", name), *people.of("person", name))]
        rows += [one for row in rows for one in people.of("family", row.family)]
    return sorted({row.token for row in rows})


def check_store(knowledge: Knowledge, assembly: str) -> None:
    """Refuse a store that cannot be used for annotation, before the first job.

    Raises:
        InputError: it is of another assembly, damaged, or not at the version that `release` names.
    """
    facts = read_facts(knowledge.path)
    if facts.assembly != assembly:
        what = f"the in-house store is of {facts.assembly}, but `reference.name` is {assembly}"
        raise InputError(what, file=knowledge.path, remedy="name a store of this assembly")
    newest = read_version(knowledge.path).number
    if not knowledge.release.isdigit():
        what = f"`knowledge.{knowledge.name}.release` must be the version of the store"
        raise InputError(what, file=knowledge.path, remedy=f"the store is at version {newest}")
    read_version(knowledge.path, int(knowledge.release))


def check_inhouse(knowledge: Knowledge, assembly: str) -> None:
    """Refuse a store or a released table that cannot be used, before the first job.

    Raises:
        InputError: naming it.
    """
    if knowledge.path.is_dir():
        check_store(knowledge, assembly)
        return
    try:
        ReleasedReader(knowledge.path)
    except DamagedStoreError:
        what = f"`knowledge.{knowledge.name}` is no released table, or damaged"
        remedy = "give the store's folder, or frequencies.parquet or frequencies.vcf.gz of a release"
        raise InputError(what, file=knowledge.path, remedy=remedy) from None
