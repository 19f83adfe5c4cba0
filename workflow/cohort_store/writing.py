"""Changes of the store, each one version: add, withdraw, correct, erase, rebuild. One writer at a time; a killed one leaves the last.

Adding writes the genome's own files and a version of some kilobytes; nothing else is touched. Withdrawing commits first that the person
is not counted, then erases: segments with the person are written anew without, files and older versions removed. A kill in between is
finished by the next writer.
"""

import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workflow.cohort_store.admission import Candidate, groups_of, refuse, row_of
from workflow.cohort_store.compaction import Source, build_segment
from workflow.cohort_store.genome_file import CALLABLE, CALLS, GenomeFile, write_genome
from workflow.cohort_store.gone import remember_gone
from workflow.cohort_store.model import PATIENT, Facts, GenomeEntry, Limits, Member, Version
from workflow.cohort_store.people import People, Row
from workflow.cohort_store.segment import Segment
from workflow.cohort_store.tiers import TIER, check_files, due
from workflow.cohort_store.versions import (
    GENOMES,
    INSIDE,
    SEGMENTS,
    collect,
    read_facts,
    read_version,
    sync_tree,
    version_numbers,
    write_version,
    writing,
)  # fmt: skip
from workflow.errors import InputError
from workflow.files import sha256_of
from workflow.run_record import now

MANY_VERSIONS = 64
NO_ONE = "nobody of that name is in the store"


class Writer:
    """The store under its lock; made by `open_writer`."""

    def __init__(self, store: Path, facts: Facts, people: People, limits: Limits) -> None:
        self.store, self.facts, self.people, self.limits = store, facts, people, limits
        self.version = read_version(store)

    def recover(self, *, swept: bool) -> None:
        """Finish or undo what a killed writer began; where there was one, its files are `swept`."""
        if swept:
            collect(self.store)
        self.people.remove_after(self.version.number)
        self.people.remove(self.version.leaving)
        if self.version.change["kind"] == "erase" and len(version_numbers(self.store)) > 1:
            collect(self.store, erase=True, wait=self.limits.readers)
        if self.version.leaving:
            self.erase()

    def commit(self, change: Mapping[str, object], **what: object) -> Version:
        """Commit a version that differs from the present one in `what`."""
        number = self.version.number + 1
        version = replace(self.version, number=number, parent=self.version.number, when=now(), change=change, **what)  # type: ignore[arg-type]
        write_version(self.store, version)
        self.version = version
        return version

    def add(self, candidates: Sequence[Candidate], *, declared_caller: bool = False) -> Version:
        """Count some more genomes, all or none.

        Raises:
            InputError: one of them must not be counted, or is there already.
        """
        callers = self._admit(candidates, declared_caller)
        entries = self.write(candidates)
        return self._enter(candidates, entries, callers, {"kind": "add", "added": len(entries), "removed": 0}, self.version)

    def _enter(self, candidates: Sequence[Candidate], entries: list[GenomeEntry], callers: tuple[str, ...], change: Mapping[str, object],
               base: Version) -> Version:  # fmt: skip
        """Commit new genomes with what else `base` changes."""
        number = self.version.number + 1
        self.people.add(row_of(one, entry, number) for one, entry in zip(candidates, entries, strict=True))
        genomes, segments = (*base.genomes, *entries), dict(base.segments)
        if len(entries) > TIER:
            segments |= dict([self.segment_of([self._source(entry) for entry in entries])])
            genomes = base.genomes
        prefix = self.version.prefix if self.version.callers else candidates[0].prefix
        count = self.version.count + int(str(change["added"])) - int(str(change["removed"]))
        changed = {"genomes": genomes, "segments": segments, "leaving": base.leaving}
        return self.commit(change, callers=callers, prefix=prefix, count=count, **changed)

    def _admit(self, candidates: Sequence[Candidate], declared_caller: bool, leaving: frozenset[str] = frozenset()) -> tuple[str, ...]:
        refuse(candidates, self.people, leaving)
        callers = self.version.callers
        for one in candidates:
            if callers and one.caller not in callers and not declared_caller:
                what = f"the calls are of {one.caller}, and the store's of {', '.join(callers)}"
                raise InputError(
                    what, file=one.file, remedy="use the same caller and version, or declare the other with `--declare-caller`"
                )
            callers = callers if one.caller in callers else (*callers, one.caller)
        return callers

    def write(self, candidates: Sequence[Candidate]) -> list[GenomeEntry]:
        """Write genomes' files; they are nobody's before a version names them."""
        entries = [self._write(one) for one in candidates]
        if len(entries) > TIER:
            os.sync()
        else:
            for entry in entries:
                sync_tree(self.store / GENOMES / entry.member.token)
        return entries

    def _write(self, one: Candidate) -> GenomeEntry:
        token = secrets.token_hex(16)
        folder = self.store / GENOMES / token
        write_genome(folder, one.genome)
        member = Member(token, one.karyotype, groups_of(one))
        return GenomeEntry(member, sha256_of(folder / CALLS), sha256_of(folder / CALLABLE))

    def _source(self, entry: GenomeEntry) -> Source:
        return Source(GenomeFile(self.store / GENOMES / entry.member.token), [entry])

    def segment_of(self, sources: Sequence[Source]) -> tuple[str, tuple[int, str]]:
        """Write a segment; return its name, its genomes and the digest of its manifest."""
        name = secrets.token_hex(8)
        folder = self.store / SEGMENTS / name
        found = build_segment(folder, sources)
        sync_tree(folder)
        return name, found

    def find(self, token: str) -> tuple[GenomeEntry, str]:
        """Return a counted genome's entry and the segment that holds it (empty: none yet)."""
        for entry in self.version.genomes:
            if entry.member.token == token:
                return entry, ""
        for name in self.version.segments:
            segment = Segment(self.store / SEGMENTS / name)
            if (at := segment.find(token)) is not None:
                return segment.entry(at), name
        raise InputError("the inside map names a genome that the store does not have", file=self.store, remedy="run `verify`")

    def _without(self, rows: Iterable[Row]) -> Version:
        """Return the present version without some people, who are leaving."""
        found = {row.token: self.find(row.token) for row in rows}
        genomes = tuple(entry for entry in self.version.genomes if entry.member.token not in found)
        return replace(self.version, genomes=genomes, leaving=dict(self.version.leaving) | found)

    def withdraw(self, samples: Sequence[str], *, erase: bool = True) -> int:
        """Count some samples no more, and erase them; return how many there were. Names that are not here change nothing.

        Args:
            samples: their names.
            erase: now; else the next writer does it.
        """
        rows = self.people.named(samples)
        if rows:
            base = self._without(rows)
            change = {"kind": "withdraw", "added": 0, "removed": len(rows)}
            count = self.version.count - len(rows)
            withdrawn = self.version.withdrawn + len(rows)
            self.commit(change, genomes=base.genomes, leaving=base.leaving, withdrawn=withdrawn, count=count)
            self.people.remove([row.token for row in rows])
        if erase:
            self.erase()
        return len(rows)

    def correct(self, candidate: Candidate, *, declared_caller: bool = False, erase: bool = True) -> Version:
        """Put a sample's genome in place of its earlier one, in one version.

        Raises:
            InputError: the sample is not there, or the new genome must not be counted.
        """
        rows = self.people.of("sample", candidate.person.sample)
        if not rows:
            raise InputError(NO_ONE, remedy="add the genome with `add`")
        callers = self._admit([candidate], declared_caller, frozenset(row.token for row in rows))
        entries = self.write([candidate])
        base = self._without(rows)
        version = self._enter([candidate], entries, callers, {"kind": "correct", "added": 1, "removed": len(rows)}, base)
        self.people.remove([row.token for row in rows])
        if erase:
            self.erase()
        return version

    def regroup(self, row: Row, groups: Mapping[str, str], family: str = "") -> None:
        """Count a genome in other groups, or as of another family: its files stay as they are, under a new token, in one version.

        Raises:
            InputError: a member of that family is counted.
        """
        others = self.people.of("family", family) if family and family != row.family else []
        if others:
            raise InputError(
                "a member of that family is counted already", remedy="only one of a family is counted: withdraw the other one first"
            )
        before, _ = self.find(row.token)
        token = secrets.token_hex(16)
        folder = self.store / GENOMES / token
        folder.mkdir()
        for name in (CALLS, CALLABLE):
            os.link(self.store / GENOMES / row.token / name, folder / name)
        sync_tree(folder)
        entry = GenomeEntry(replace(before.member, token=token, groups=tuple(sorted(groups.items()))), before.calls, before.callable)
        base, number = self._without([row]), self.version.number + 1
        values = {"token": token, "since": number, "groups": json.dumps(dict(groups), sort_keys=True), "family": family or row.family}
        self.people.add([replace(row, **values)])  # type: ignore[arg-type]
        change = {"kind": "correct", "added": 1, "removed": 1}
        self.commit(change, genomes=(*base.genomes, entry), leaving=base.leaving)
        self.people.remove([row.token])
        self.erase()

    def erase(self) -> None:
        """Erase those who are leaving: their rows of segments, their files, and every older version."""
        leaving = self.version.leaving
        if not leaving:
            return
        held = {name for _, name in leaving.values() if name}
        if held:
            segments = {name: facts for name, facts in self.version.segments.items() if name not in held}
            segments |= dict(
                self.segment_of([self._rest(name)]) for name in sorted(held) if self.version.segments[name][0] > self._gone(name)
            )
            self.commit(_kind("compact"), segments=segments, leaving={token: (entry, "") for token, (entry, _) in leaving.items()})
        remember_gone(self.store, leaving)
        self.commit(_kind("erase"), leaving={})
        collect(self.store, erase=True, wait=self.limits.readers)

    def _gone(self, name: str) -> int:
        return sum(held == name for _, held in self.version.leaving.values())

    def _rest(self, name: str) -> Source:
        segment = Segment(self.store / SEGMENTS / name)
        at = {token: segment.find(token) for token, (_, held) in self.version.leaving.items() if held == name}
        leaving = {ordinal: GenomeFile(self.store / GENOMES / token) for token, ordinal in at.items() if ordinal is not None}
        return Source(segment, segment.entries, leaving)

    def compact(self, *, everything: bool = False) -> None:
        """Compact waiting genomes, and segments of one size, by variant.

        Args:
            everything: to a single segment, whatever the sizes.
        """
        self.erase()
        while (names := self._due(everything=everything)) is not None:
            entries = self.version.genomes if everything or len(self.version.genomes) >= TIER else ()
            segments = [Segment(self.store / SEGMENTS / name) for name in names]
            sources = [Source(one, one.entries) for one in segments] + [self._source(entry) for entry in entries]
            rest = {name: facts for name, facts in self.version.segments.items() if name not in names}
            genomes = () if entries else self.version.genomes
            self.commit(_kind("compact"), segments=rest | dict([self.segment_of(sources)]), genomes=genomes)
            collect(self.store)
        if len(version_numbers(self.store)) > MANY_VERSIONS:
            collect(self.store)

    def _due(self, *, everything: bool) -> list[str] | None:
        sizes = {name: count for name, (count, _) in self.version.segments.items()}
        return due(sizes, len(self.version.genomes), everything=everything)

    def rebuild(self) -> None:
        """Make every segment anew out of the genomes' own files.

        Raises:
            InputError: a genome's file is damaged or gone: it must be added again.
        """
        entries = [entry for name in self.version.segments for entry in Segment(self.store / SEGMENTS / name).entries]
        every = [entry for entry in entries if entry.member.token not in self.version.leaving] + list(self.version.genomes)
        for entry in every:
            check_files(self.store, entry)
        segments = dict([self.segment_of([self._source(entry) for entry in every])]) if every else {}
        leaving = {token: (entry, "") for token, (entry, _) in self.version.leaving.items()}
        self.commit(_kind("rebuild"), segments=segments, genomes=(), leaving=leaving)
        collect(self.store)
        self.erase()


def _kind(kind: str) -> dict[str, object]:
    return {"kind": kind, "added": 0, "removed": 0}


@contextlib.contextmanager
def open_writer(store: Path, what: str, limits: Limits = PATIENT) -> Iterator[Writer]:
    """Open a store for changes; what a killed writer left is finished or undone first.

    Args:
        store: its folder.
        what: what is done, told to whoever finds the store locked.
        limits: how long to wait.

    Raises:
        InputError: there is no store, another writer holds it, or it is damaged.
    """
    facts = read_facts(store)
    with writing(store, what, limits.lock) as broken, People(store / INSIDE) as people:
        writer = Writer(store, facts, people, limits)
        writer.recover(swept=broken)
        yield writer
