"""The steward's check: every file as it was written, the map as the store, and all counts equal to those of the genomes' own files.

The recount goes another way than the store's own counting: genome by genome out of their files, without segments.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workflow.cohort_store.alleles import WINDOW_BITS, allele_of_code
from workflow.cohort_store.compaction import WindowReader
from workflow.cohort_store.genome_file import GenomeFile
from workflow.cohort_store.gone import GONE, back_again, read_gone
from workflow.cohort_store.model import GenomeEntry, Variant
from workflow.cohort_store.people import People
from workflow.cohort_store.segment import MANIFEST, MEMBERS, Segment, Window
from workflow.cohort_store.tiers import check_files
from workflow.cohort_store.versions import GENOMES, INSIDE, SEGMENTS, VERSIONS, parsed, version_numbers
from workflow.cohort_store.view import View, open_view
from workflow.errors import InputError
from workflow.files import sha256_of

REMEDIES = {MEMBERS: "put it back from the backup"}
"""Files of a segment that `rebuild` needs itself."""


@dataclass
class Check:
    """What a check found."""

    version: int = 0
    genomes: int = 0
    variants: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)


def verify(store: Path, *, recount: bool = True) -> Check:
    """Check a store.

    Args:
        store: its folder.
        recount: also count everything anew.

    Raises:
        InputError: there is no store, or its newest version cannot be read at all.
    """
    check = Check()
    with open_view(store) as view:
        check.version, check.genomes = view.version.number, view.version.count
        _check_versions(store, check)
        entries = list(_check_segments(view, check))
        _check_genomes(view, entries, check)
        _check_people(store, view, entries, check)
        if recount and not check.faults:
            _recount(view, entries, check)
    return check


def _check_versions(store: Path, check: Check) -> None:
    for number in version_numbers(store):
        check.files += 1
        try:
            parsed((store / VERSIONS / f"{number:08d}.json").read_bytes())
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, TypeError, AttributeError):
            check.faults.append(f"version {number} is not as it was written")


def _check_segments(view: View, check: Check) -> Iterator[GenomeEntry]:
    """Give the genomes of whole segments."""
    for name, (count, digest) in view.version.segments.items():
        folder = view.store / SEGMENTS / name
        try:
            if sha256_of(folder / MANIFEST) != digest:
                raise InputError("its manifest is not as it was written")
            segment = Segment(folder)
            wrong = [file for file, known in segment.manifest["files"].items() if _differs(folder / file, known)]
            check.files += 1 + len(segment.manifest["files"])
            check.faults += [
                f"segments/{name}/{file} is damaged or gone: {REMEDIES.get(file, '`rebuild` makes it anew')}" for file in wrong
            ]
            if not wrong and len(segment.entries) != count:
                check.faults.append(f"segment {name} has {len(segment.entries)} genomes, not {count}")
            yield from segment.entries if not wrong else ()
        except (InputError, OSError):
            check.faults.append(f"segment {name} is damaged or gone: `rebuild` makes it anew")


def _differs(file: Path, digest: str) -> bool:
    return not file.is_file() or sha256_of(file) != digest


def _check_genomes(view: View, entries: list[GenomeEntry], check: Check) -> None:
    for entry in [*entries, *view.version.genomes]:
        check.files += 2
        try:
            check_files(view.store, entry)
        except InputError as error:
            check.faults.append(str(error))


def _check_people(store: Path, view: View, entries: list[GenomeEntry], check: Check) -> None:
    counted = {entry.member.token for entry in [*entries, *view.version.genomes]} - set(view.version.leaving)
    sound = not check.faults
    with People(store / INSIDE) as people:
        check.faults += [fault] if (fault := people.fault()) else []
        named = {row.token for row in people.all() if row.since <= view.version.number} if not fault else set()
    if not check.faults and len(counted) != view.version.count:
        check.faults.append(f"the version says {view.version.count} genomes, and there are {len(counted)}")
    if not check.faults and counted != named:
        check.faults.append(
            f"the inside map lacks {len(counted - named)} genomes of the store and has {len(named - counted)} that it does not have"
        )
    if back_again(counted, read_gone(store / GONE) if (store / GONE).is_file() else ()):
        check.faults.append("a genome that was erased is counted again, as from a backup: `restore --gone` takes it out")
    if view.version.leaving:
        check.faults.append(f"{len(view.version.leaving)} withdrawn genomes are not erased yet: the next change does it, or `compact`")
    if sound:
        _check_leftovers(store, view, entries, check)


def _check_leftovers(store: Path, view: View, entries: list[GenomeEntry], check: Check) -> None:
    kept = {entry.member.token for entry in [*entries, *view.version.genomes]} | set(view.version.leaving)
    if len(version_numbers(store)) == 1 and (left := sum(path.name not in kept for path in (store / GENOMES).iterdir())):
        check.faults.append(f"{left} folders of genomes belong to nobody: the next change removes them")


def _recount(view: View, entries: list[GenomeEntry], check: Check) -> None:
    leaving = view.version.leaving
    files = [
        (entry, GenomeFile(view.store / GENOMES / entry.member.token))
        for entry in [*entries, *view.version.genomes]
        if entry.member.token not in leaving
    ]
    reader = WindowReader()
    for window in sorted(view.windows):
        wrong, count = _recount_window(view, window, files, reader)
        check.variants += count
        if wrong:
            check.faults.append(
                f"{wrong} of {count} variants at {window[0]}:{(window[1] << WINDOW_BITS) + 1} have other counts than the genomes say"
            )


def _recount_window(view: View, window: Window, files: list[tuple[GenomeEntry, GenomeFile]], reader: WindowReader) -> tuple[int, int]:
    """Return how many variants of a window have other counts, and how many there are."""
    told = {
        variant: (counts.ac, counts.an, counts.hom, counts.hemi)
        for table in view.region(window[0], (window[1] << WINDOW_BITS) + 1, (window[1] + 1) << WINDOW_BITS)
        for variant, counts in table
    }
    counted: dict[tuple[int, int], list[int]] = {}
    for _, file in files:
        calls = reader.calls(file, window)
        for pos, code, alt, copies, kept in zip(*(getattr(calls, name).tolist() for name in _READ), strict=True):
            if kept:
                one = counted.setdefault((pos, code), [0, 0, 0])
                one[0] += alt
                one[1] += alt == copies > 1
                one[2] += alt == copies == 1
    places = np.array(sorted({pos for pos, _ in counted}), np.int64)
    an = np.zeros(len(places), np.int64)
    for _, file in files:
        an += reader.judged(file, window).at(places - 1)
    at = {pos: int(value) for pos, value in zip(places.tolist(), an.tolist(), strict=True)}
    expected = {key: (ac, at[key[0]], hom, hemi) for key, (ac, hom, hemi) in counted.items()}
    return _different(told, expected), len(expected)


_READ = ("positions", "codes", "alt_copies", "copies", "counted")
Told = tuple[int, int, int, int]


def _different(told: dict[Variant, Told], expected: dict[tuple[int, int], Told]) -> int:
    """Return how many differ; those of long alleles, whose letters a code does not have, are compared by position."""
    short: dict[tuple[int, str, str], Told] = {}
    long: list[tuple[int, Told]] = []
    for (pos, code), counts in expected.items():
        letters = allele_of_code(code)
        if letters:
            short[(pos, *letters)] = counts
        else:
            long.append((pos, counts))
    theirs = {(one.pos, one.ref, one.alt): counts for one, counts in told.items()}
    rest = sorted((key[0], counts) for key, counts in theirs.items() if key not in short)
    wrong = sum(theirs.get(key) != counts for key, counts in short.items())
    return wrong + (0 if rest == sorted(long) else max(len(rest), len(long)))
