"""Back to an earlier version, or on from a backup, and nobody comes back who was taken out.

A withdrawal, a correction and a restoration remove all older versions, so those that are kept differ by genomes that came in and by
compaction.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from workflow.cohort_store.gone import back_again
from workflow.cohort_store.model import GenomeEntry, Version
from workflow.cohort_store.segment import Segment
from workflow.cohort_store.versions import SEGMENTS, read_version
from workflow.cohort_store.writing import Writer
from workflow.errors import InputError

REMEDY = "add the genomes that are wanted again, or start from a backup"


def take_out_again(writer: Writer, gone: Collection[str]) -> int:
    """Withdraw and erase whoever is on a list; return how many there were."""
    found = [row for token in back_again(writer.people.tokens(), gone) for row in writer.people.of("token", token)]
    return writer.withdraw([row.sample for row in found])


def restore(writer: Writer, number: int) -> list[str]:
    """Make the state of an earlier version the newest one; return the samples that came in since, who are erased.

    Raises:
        InputError: that version is not kept, or holds somebody who is not in the store any more.
    """
    if number == writer.version.number:
        raise InputError(f"the store is at version {number} already", file=writer.store, remedy="nothing has to be done")
    earlier = read_version(writer.store, number)
    then = {entry.member.token for entry in _entries(writer.store, earlier)}
    if earlier.leaving or then - writer.people.tokens():
        what = f"version {number} holds a genome that was withdrawn or corrected since, and nobody comes back that way"
        raise InputError(what, file=writer.store, remedy=REMEDY)
    undone = {entry.member.token: (entry, "") for entry in _entries(writer.store, writer.version) if entry.member.token not in then}
    samples = [row.sample for token in undone for row in writer.people.of("token", token)]
    writer.commit(
        {"kind": "restore", "added": 0, "removed": len(undone)},
        genomes=earlier.genomes, segments=earlier.segments, leaving=undone, count=earlier.count, callers=earlier.callers,
        prefix=earlier.prefix, withdrawn=writer.version.withdrawn + len(undone),
    )  # fmt: skip
    writer.people.remove(undone)
    writer.erase()
    return sorted(samples)


def _entries(store: Path, version: Version) -> Iterator[GenomeEntry]:
    for name in version.segments:
        yield from Segment(store / SEGMENTS / name).entries
    yield from version.genomes
