"""What the Beacon tells, taken out of the store once: `<store>/beacon/<n>/`, a table of variants and a record; never changed afterwards.

Counted are people whose consent covers the Beacon. A number is told if as many people as the minimum stand behind it, and behind what it
leaves of every other number that is told here. Near to what was told before, here or in a release of frequencies, that is repeated. Who
else in the store has a variant is never asked: what is silent for that reason would tell it.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from workflow.beacon.records import FOLDER, RECORD, TABLE, BeaconRelease, read_beacon_releases, table_of
from workflow.cohort_store.alleles import WINDOW
from workflow.cohort_store.masking import Row, masked, near_in_number, settled
from workflow.cohort_store.model import ALL, BEACON, MINIMUM, Counts, Variant
from workflow.cohort_store.parquet import write_groups
from workflow.cohort_store.publishing import HIDDEN, Made, read_releases
from workflow.cohort_store.publishing import TABLE as FREQUENCIES
from workflow.cohort_store.released_table import ReleasedTable
from workflow.cohort_store.versions import RELEASES
from workflow.cohort_store.view import View, open_view
from workflow.errors import InputError
from workflow.files import sha256_of, write_json
from workflow.reference import lengths
from workflow.run_record import now


class TooFewError(InputError):
    """Fewer people than the minimum are counted for the Beacon."""


def release_beacon(store: Path) -> BeaconRelease:
    """Take what may be told out of the store's newest version; the caller holds the store's lock.

    Raises:
        InputError: too few people's consent covers the Beacon, or too few have changed since the last release.
    """
    earlier = read_beacon_releases(store)
    with open_view(store) as view:
        number, minimum = (earlier[-1].number if earlier else 0) + 1, max(MINIMUM, view.facts.minimum)
        sizes = {name: view.group_sizes.get(name, 0) for name in (ALL, BEACON)}
        refuse_small(sizes[BEACON], view.version.withdrawn, earlier, minimum)
        refuse_near_frequencies(sizes[BEACON], view.version.withdrawn, read_releases(store), minimum)
        groups = askable(view, minimum)
        made = BeaconRelease(
            number, view.version.number, now(), view.facts.assembly, minimum, sizes[BEACON], view.version.withdrawn, groups
        )
        part, kept = store / FOLDER / f".part-{number}", store / FOLDER / str(number)
        shutil.rmtree(part, ignore_errors=True)
        (store / FOLDER).mkdir(exist_ok=True, mode=0o700)
        part.mkdir(mode=0o700)
        made = _write(view, part / TABLE, made, earlier)
        write_json(part / RECORD, asdict(made))
        os.rename(part, kept)
    return made


def empty_release(store: Path) -> BeaconRelease:
    """Return what is told where nothing may be told yet: release 0, of nobody, which is written nowhere."""
    with open_view(store) as view:
        minimum, version = max(MINIMUM, view.facts.minimum), view.version
        return BeaconRelease(0, version.number, now(), view.facts.assembly, minimum, 0, version.withdrawn, (), {ALL: 0})


def refuse_small(people: int, withdrawn: int, earlier: Sequence[BeaconRelease], minimum: int) -> None:
    """Refuse a release of too few people, or so near to the last one that a comparison would show somebody.

    Raises:
        TooFewError: there are fewer people than the minimum.
        InputError: fewer people than the minimum came or went since the last release.
    """
    if people < minimum:
        what = f"the consent of fewer than {minimum} people counted covers the Beacon"
        raise TooFewError(
            what, remedy="add people with that purpose (`cohort_store.py add … --consent beacon`), or `correct` those counted"
        )
    if earlier:
        gone, grown = withdrawn - earlier[-1].withdrawn, people - earlier[-1].people
        changed = max(abs(grown), gone, grown + 2 * gone)
        if 0 < changed < minimum:
            what = f"fewer than {minimum} people came or went since release {earlier[-1].number} of the Beacon"
            raise InputError(what, remedy="release when more have changed: a comparison would show them")


def refuse_near_frequencies(people: int, withdrawn: int, released: Sequence[Made], minimum: int) -> None:
    """Refuse a release of nearly the people of a release of frequencies: what only one of the two tells would show the others."""
    for one in released:
        if near_in_number(people, one.genomes, withdrawn - one.withdrawn, minimum):
            what = f"fewer than {minimum} people tell the Beacon from release {one.number} of the frequencies"
            raise InputError(what, remedy="release when they differ by more, or by nobody: a comparison would show them")


def askable(view: View, minimum: int) -> tuple[str, ...]:
    """Return the groups that can be asked for: large enough, as is what they leave of those counted, here and of all in the store."""
    every, ours = _sizes(view)
    found = []
    for name in sorted(every):
        mine = ours[name]
        rests = (ours[ALL] - mine, every[name] - mine, every[ALL] - every[name] - ours[ALL] + mine)
        if name.partition("=")[0] not in {*HIDDEN, ALL} and mine >= minimum and not any(0 < rest < minimum for rest in rests):
            found.append(name)
    return tuple(found)


def _sizes(view: View) -> tuple[dict[str, int], dict[str, int]]:
    """Return the people in each group, of all and of those whose consent covers the Beacon."""
    members = [(entry.member, 1) for segment in view.segments for entry in segment.entries]
    members += [(entry.member, 1) for entry in view.version.genomes]
    members += [(entry.member, -1) for entry, segment in view.version.leaving.values() if segment]
    every: dict[str, int] = dict.fromkeys((ALL, BEACON), 0)
    ours: dict[str, int] = dict.fromkeys((ALL, BEACON), 0)
    for member, sign in members:
        for name in member.names:
            every[name] = every.get(name, 0) + sign
            ours[name] = ours.get(name, 0) + sign * member.within(BEACON)
    return every, ours


def _write(view: View, file: Path, made: BeaconRelease, earlier: Sequence[BeaconRelease]) -> BeaconRelease:
    told: dict[str, int] = dict.fromkeys((ALL, *made.groups), 0)
    longest = 1
    columns = sorted({*made.groups, *(name for one in earlier for name in one.groups)})

    def groups() -> Iterator[tuple[tuple[str, int], pa.Table]]:
        nonlocal longest
        for window, rows in told_rows(view, made, earlier):
            longest = max(longest, *(len(variant.ref) for variant in rows))
            for row in rows.values():
                for name in (ALL, *row.groups):
                    told[name] = told.get(name, 0) + 1
            yield window, as_table(rows, columns)

    write_groups(file, groups(), schema_of(columns))
    return replace(made, told=told, longest=longest, sha256=sha256_of(file))


def told_rows(view: View, made: BeaconRelease, earlier: Sequence[BeaconRelease]) -> Iterator[tuple[tuple[str, int], dict[Variant, Row]]]:
    """Give what may be told, a window of 2^20 bases at a time, sorted by position."""
    order = list(lengths(made.assembly))
    before = [ReleasedTable(table_of(view.store, one)) for one in earlier]
    same = view.version.number if view.group_sizes.get(ALL) == made.people else None
    public = [
        ReleasedTable(view.store / RELEASES / str(one.number) / FREQUENCIES)
        for one in read_releases(view.store)
        if one.version != same  # of the same people: nobody is in the one and not in the other
    ]
    windows = set(view.windows).union(*(table.windows for table in before))
    for contig, number in sorted(windows, key=lambda window: (order.index(window[0]), window[1])):
        old, released = ([table.rows(contig, number) for table in tables] for tables in (before, public))
        rows = {}
        for variant, total, of_groups in _window(view, made, (contig, number), old):
            mine, others = ([table[variant] for table in tables if variant in table] for tables in (old, released))
            new = masked(total, of_groups, made.minimum)
            if row := settled(new, total, mine, made.minimum, of_groups, others, own=True):
                rows[variant] = row
        if rows:
            yield (contig, number), rows


def _window(
    view: View, made: BeaconRelease, window: tuple[str, int], old: Sequence[Mapping[Variant, Row]]
) -> Iterator[tuple[Variant, Counts, Mapping[str, Counts]]]:
    """Give each variant of a window, and its counts now, of those whose consent covers the Beacon: of all of them and by group."""
    contig, number = window
    every = {one for table in view.region(contig, number * WINDOW + 1, (number + 1) * WINDOW) for one, _ in table}
    variants = sorted(every.union(*old))
    ours = view.frequency(variants, BEACON)
    by_group = {name: view.frequency(variants, f"{BEACON}&{name}") for name in made.groups}
    for at, variant in enumerate(variants):
        yield variant, ours[at], {name: by_group[name][at] for name in made.groups}


def schema_of(groups: Sequence[str]) -> pa.Schema:
    """Return the table's columns: as `released_table.py` reads them; AN of groups is not kept."""
    numbers = [(name, pa.int32()) for name in ("ac", "an", "hom", "hemi", *(f"{kind}:{name}" for name in groups for kind in ("ac", "an")))]
    return pa.schema([("contig", pa.string()), ("pos", pa.int32()), ("ref", pa.string()), ("alt", pa.string()), *numbers])


def as_table(rows: Mapping[Variant, Row], groups: Sequence[str]) -> pa.Table:
    """Return the rows of a window as they are written; homozygotes and hemizygotes are not told by the Beacon."""
    columns: dict[str, list[Any]] = {name: [getattr(variant, name) for variant in rows] for name in ("contig", "pos", "ref", "alt")}
    columns |= {name: [getattr(row, name) for row in rows.values()] for name in ("ac", "an")}
    columns |= {name: [None] * len(rows) for name in ("hom", "hemi", *(f"an:{name}" for name in groups))}
    columns |= {f"ac:{name}": [row.groups.get(name, (None, None))[0] for row in rows.values()] for name in groups}
    schema = schema_of(groups)
    return pa.table({one.name: columns[one.name] for one in schema}, schema=schema)
