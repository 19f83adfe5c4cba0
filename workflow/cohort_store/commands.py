"""What `scripts/cohort_store.py` does, one function a command; each returns the exit status."""

import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace

from workflow.beacon.records import read_beacon_releases
from workflow.cohort_store.admission import Candidate, choose
from workflow.cohort_store.asking import carriers, counts, status
from workflow.cohort_store.consent_source import consent_for, consents_of, with_recorded
from workflow.cohort_store.gone import read_gone
from workflow.cohort_store.model import MINIMUM, Limits, Person
from workflow.cohort_store.people import People
from workflow.cohort_store.persons import person_of, read_persons
from workflow.cohort_store.publishing import publish, read_releases
from workflow.cohort_store.restoring import restore, take_out_again
from workflow.cohort_store.sources import Folder, of_folder, of_vcfs, read_folder, refuse_relatives
from workflow.cohort_store.statement import Gone, statement
from workflow.cohort_store.verifying import verify
from workflow.cohort_store.versions import create
from workflow.cohort_store.writing import Writer, open_writer
from workflow.consent.fingerprint_erasure import erase_fingerprints
from workflow.errors import InputError

BATCH = 4096
"""Genomes that are added in one version at most."""


def init(given: Namespace) -> int:
    """Make a store."""
    if given.minimum < MINIMUM:
        raise InputError(f"a minimum of {given.minimum} would let numbers of few people leave", remedy=f"use {MINIMUM} or more")
    create(given.store, given.assembly, given.minimum)
    print(f"{given.store}: an empty store of {given.assembly}")
    return 0


def add(given: Namespace) -> int:
    """Add genomes of folders or VCFs."""
    persons = _persons(given)
    with open_writer(given.store, "add", _limits(given)) as writer:
        folders = [source for source in given.source if source.is_dir()]
        if folders and len(folders) != len(given.source):
            raise InputError("folders and VCFs are mixed", remedy="add them one after the other")
        find = _of_folders if folders else _of_vcfs
        candidates, left_out = find(given, persons, writer)
        for first in range(0, len(candidates), BATCH):
            writer.add(candidates[first : first + BATCH], declared_caller=given.declare_caller)
        _tell(writer, len(candidates), left_out)
        if not given.no_compact:
            writer.compact()
    return 0 if candidates else 1


def _tell(writer: Writer, count: int, left_out: dict[str, str]) -> None:
    for sample, why in sorted(left_out.items()):
        print(f"{sample}: not added: {why}", file=sys.stderr)
    print(f"version {writer.version.number}: {count} added, {writer.version.count} genomes counted")


def _of_folders(given: Namespace, persons: dict[str, Person], writer: Writer) -> tuple[list[Candidate], dict[str, str]]:
    consents = consents_of(given)
    folders = {folder.sample: folder for folder in map(read_folder, given.source)}
    if strangers := sorted(persons.keys() - folders.keys()):
        print(f"{given.people}: {len(strangers)} rows are of no sample that is added: {', '.join(strangers[:5])}", file=sys.stderr)
    offered = [replace(persons.get(name, Person(name)), family=_family(persons, folder)) for name, folder in folders.items()]
    chosen, left_out = _chosen(offered, writer.people)
    for one in chosen:
        refuse_relatives(folders[one.sample], writer.people)
    answers = [consent_for(given, consents, one) for one in chosen]
    return [of_folder(folders[one.sample], one, writer.facts.assembly, by) for one, by in zip(chosen, answers, strict=True)], left_out


def _family(persons: dict[str, Person], folder: Folder) -> str:
    known = persons.get(folder.sample)
    return known.family if known and known.family else f"case {folder.case}"


def _of_vcfs(given: Namespace, persons: dict[str, Person], writer: Writer) -> tuple[list[Candidate], dict[str, str]]:
    sources = list(given.source)
    if given.callable is None and len(sources) == 2 and ".bed" in sources[1].name:
        given.callable = sources.pop()
    if given.callable is None:
        raise InputError("a VCF does not say where the genome was judged", remedy="give its BED of callable bases with `--callable`")
    found = list(
        of_vcfs(
            sources,
            given.callable,
            persons,
            writer.facts.assembly,
            given.sample or sorted(persons),
            beacon="beacon" in (given.consent or ()),
        )
    )
    found = with_recorded(given, found)
    if len(found) == 1 and not given.people:
        return found, {}
    chosen, left_out = _chosen([one.person for one in found], writer.people)
    names = {one.sample for one in chosen}
    return [one for one in found if one.person.sample in names], left_out


def _chosen(offered: list[Person], people: People) -> tuple[list[Person], dict[str, str]]:
    """Choose among several; a single one is refused in a sentence instead."""
    return (offered, {}) if len(offered) == 1 else choose(offered, people)


def _persons(given: Namespace) -> dict[str, Person]:
    if given.people:
        return read_persons(given.people)
    named = given.sample or [source.resolve().name for source in given.source if source.is_dir()]
    words = {name: getattr(given, name) or "" for name in ("sex", "person", "family", "ancestry", "patient_group", "role")}
    if any(words.values()) and len(named) != 1:
        raise InputError(
            "facts of one person are given, but not which sample it is", remedy="name it with `--sample`, or give a table with `--people`"
        )
    return {named[0]: person_of(sample=named[0], **words)} if any(words.values()) else {}


def withdraw(given: Namespace) -> int:
    """Count samples no more and erase them; outsiders are told the same whether they were there or not."""
    with open_writer(given.store, "withdraw", _limits(given)) as writer:
        rows = writer.people.named(given.sample)
        if given.purpose == "beacon":
            for row in rows:
                writer.regroup(row, {name: value for name, value in row.group_values.items() if name != "purpose"})
        else:
            writer.withdraw(given.sample, erase=not given.later)
        if given.fingerprints:
            erase_fingerprints(given.fingerprints, writer.facts.assembly, given.sample)
        if given.statement:
            gone = Gone(not given.later, bool(given.fingerprints), given.purpose == "beacon")
            outside = read_releases(given.store), read_beacon_releases(given.store)
            text = statement(given.sample, [row.since for row in rows], writer.version, *outside, gone)
            given.statement.write_text(text, encoding="utf-8")
    wish = "the Beacon" if given.purpose == "beacon" else "the store"
    print(f"Done: {wish} counts none of the samples named.")
    return 0


def correct(given: Namespace) -> int:
    """Put right what is known of a sample, or its genome."""
    with open_writer(given.store, "correct", _limits(given)) as writer:
        sample = given.sample[0]
        rows = writer.people.of("sample", sample)
        if not rows:
            raise InputError("nobody of that name is in the store", remedy="add the genome with `add`")
        given.people, row = None, rows[0]
        if given.source:
            given.family, given.person = given.family or row.family.removeprefix("person "), given.person or row.person
            given.ancestry = given.ancestry or row.group_values.get("ancestry", "")
            given.patient_group = given.patient_group or row.group_values.get("patient", "")
            if given.consent is None and "purpose" in row.group_values:
                given.consent = ["frequency_store", "beacon"]
            writer.correct(_one(given, writer), declared_caller=given.declare_caller)
        elif given.sex:
            raise InputError(
                "copies of X and Y depend on the sex, and calls on copies", remedy="call the genome with the right sex and give its calls"
            )
        else:
            writer.regroup(row, row.group_values | _groups(given), given.family or "")
        print(f"version {writer.version.number}: {sample} corrected, {writer.version.count} genomes counted")
    return 0


def _one(given: Namespace, writer: Writer) -> Candidate:
    persons = _persons(given)
    if given.source[0].is_dir():
        folder = read_folder(given.source[0])
        person = replace(persons.get(folder.sample, Person(folder.sample)), family=given.family)
        return of_folder(folder, person, writer.facts.assembly, consent_for(given, consents_of(given), person))
    found, _ = _of_vcfs(given, persons, writer)
    return found[0]


def _groups(given: Namespace) -> dict[str, str]:
    values = {"ancestry": given.ancestry, "patient": given.patient_group}
    return {name: value for name, value in values.items() if value}


def check(given: Namespace) -> int:
    """Verify a store; 1 if something is wrong."""
    found = verify(given.store, recount=not given.quick)
    for fault in found.faults:
        print(f"fault: {fault}")
    recounted = f", {found.variants} variants counted anew out of the genomes' own files" if not given.quick and not found.faults else ""
    state = f"{len(found.faults)} faults" if found.faults else "whole"
    print(f"version {found.version}, {found.genomes} genomes, {found.files} files{recounted}: {state}")
    return 1 if found.faults else 0


def rebuild(given: Namespace) -> int:
    """Make all segments anew."""
    return _rewrite(given, "rebuild", lambda writer: writer.rebuild())


def compact(given: Namespace) -> int:
    """Compact everything to one segment, and erase what is still to be erased."""
    return _rewrite(given, "compact", lambda writer: writer.compact(everything=True))


def _rewrite(given: Namespace, what: str, change: Callable[[Writer], None]) -> int:
    with open_writer(given.store, what, _limits(given)) as writer:
        change(writer)
        print(f"version {writer.version.number}: {writer.version.count} genomes in {len(writer.version.segments)} segments")
    return 0


def restore_version(given: Namespace) -> int:
    """Go back to an earlier version; take out who was erased since a backup."""
    if given.version is None and given.gone is None:
        raise InputError("nothing is named to restore", remedy="give `--version N`, or `--gone FILE` after a backup was put back")
    gone = read_gone(given.gone) if given.gone else set()
    with open_writer(given.store, "restore", _limits(given)) as writer:
        undone = restore(writer, given.version) if given.version is not None else []
        again = take_out_again(writer, gone)
        for sample in undone:
            print(f"{sample}: came in since and is erased; `add` counts it again", file=sys.stderr)
        print(f"version {writer.version.number}: {writer.version.count} genomes counted; {again} that were erased once taken out again")
    return 0


def release(given: Namespace) -> int:
    """Release frequencies."""
    with open_writer(given.store, "release", _limits(given)):
        made = publish(given.store, given.output)
    print(f"{given.output}: release {made.number} of version {made.version}, {made.genomes} genomes")
    return 0


def page(given: Namespace) -> int:
    """Write the page of the store; templates are loaded for this command only."""
    from workflow.cohort_page.command import page as write

    return write(given)


def _limits(given: Namespace) -> Limits:
    return Limits(lock=given.wait, readers=given.readers)


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "init": init, "add": add, "withdraw": withdraw, "correct": correct, "counts": counts, "carriers": carriers, "verify": check,
    "rebuild": rebuild, "compact": compact, "release": release, "status": status,
    "restore": restore_version, "page": page,
}  # fmt: skip
