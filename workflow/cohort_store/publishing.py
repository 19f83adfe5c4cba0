"""Frequencies that may leave the centre: sites only, as VCF and Parquet, with a data sheet, a page and check sums.

What leaves is masked (`masking.py`) against everything that left before, also by the Beacon; the store keeps each table for that.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pysam

from workflow.beacon.records import BeaconRelease, read_beacon_releases, table_of
from workflow.cohort_page.spectrum import Spectrum
from workflow.cohort_store.alleles import WINDOW
from workflow.cohort_store.datasheet import Sheet, as_markdown
from workflow.cohort_store.masking import Row, masked, most_alleles, near_in_number, settled
from workflow.cohort_store.model import ALL, Counts, Variant, Version
from workflow.cohort_store.parquet import write_groups
from workflow.cohort_store.released_table import ReleasedTable
from workflow.cohort_store.statement import Release
from workflow.cohort_store.versions import RELEASES
from workflow.cohort_store.view import View, open_view
from workflow.errors import InputError
from workflow.files import read_json, sha256_of
from workflow.reference import lengths
from workflow.run_record import now

TABLE, VCF, SHEET, RECORD, SUMS = "frequencies.parquet", "frequencies.vcf.gz", "DATASHEET.md", "release.json", "SHA256SUMS"
PAGE = "index.html"
HIDDEN = {"purpose"}
"""Dimensions that are not told outside."""


@dataclass(frozen=True)
class Made(Release):
    """A release, with what tells how far the cohort has changed since."""

    withdrawn: int = 0
    groups: tuple[str, ...] = ()


def read_releases(store: Path) -> list[Made]:
    """Return the releases that were made, oldest first."""
    records = sorted((store / RELEASES).glob(f"*/{RECORD}"), key=lambda path: int(path.parent.name))
    return [
        Made(**{name: value for name, value in read_json(file).items() if name != "groups"}, groups=tuple(read_json(file)["groups"]))
        for file in records
    ]


def publish(store: Path, output: Path) -> Made:
    """Write a release into a new folder, and keep its table in the store; the caller holds the store's lock.

    Raises:
        InputError: too few people are counted, or have changed since the last release; the folder exists.
    """
    if output.exists():
        raise InputError("this folder exists already", file=output, remedy="name a new one: a release is never overwritten")
    earlier, beacons = read_releases(store), read_beacon_releases(store)
    with open_view(store) as view:
        _refuse_small(view.version, earlier, view.facts.minimum)
        _refuse_near_beacon(view.version, beacons, view.facts.minimum)
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=".part-") as part:
            folder = Path(part) / "release"
            folder.mkdir()
            made = _write(view, folder, earlier)
            _keep(store, folder, made)
            os.rename(folder, output)
    return made


def _refuse_small(version: Version, earlier: Sequence[Made], minimum: int) -> None:
    if version.count < minimum:
        raise InputError(f"{version.count} genomes are counted, fewer than {minimum}", remedy="release when there are more")
    if earlier:
        last = earlier[-1]
        gone = version.withdrawn - last.withdrawn
        changed = gone + version.count + gone - last.genomes
        if 0 < changed < minimum:
            what = f"{changed} genomes came or went since release {last.number}, fewer than {minimum}"
            raise InputError(what, remedy="release when more have changed: a comparison would show them")


def _refuse_near_beacon(version: Version, beacons: Sequence[BeaconRelease], minimum: int) -> None:
    for one in beacons:
        if near_in_number(version.count, one.people, version.withdrawn - one.withdrawn, minimum):
            what = f"fewer than {minimum} people tell this release from release {one.number} of the Beacon"
            raise InputError(what, remedy="release when they differ by more, or by nobody: a comparison would show them")


def _write(view: View, folder: Path, earlier: Sequence[Made]) -> Made:
    minimum = view.facts.minimum
    sizes = {name: size for name, size in view.group_sizes.items() if name.partition("=")[0] not in HIDDEN}
    groups = sorted(name for name, size in sizes.items() if name != ALL and size >= minimum)
    number, tables = (earlier[-1].number if earlier else 0) + 1, [view.store / RELEASES / str(one.number) / TABLE for one in earlier]
    made = Made(number, view.version.number, now(), view.version.count, "", view.version.withdrawn, tuple(groups))
    told = [table_of(view.store, one) for one in read_beacon_releases(view.store)]
    sheet = Sheet(made.number, made.version, made.when, view.facts.assembly, minimum, sizes, tuple(view.version.callers))
    columns = sorted({*groups, *(name for one in earlier for name in one.groups)})
    seen = Spectrum(minimum)
    with _vcf(folder / VCF, view, made, columns) as target:

        def write() -> Iterator[tuple[tuple[str, int], pa.Table]]:
            for window, rows in released_rows(view, groups, tables, told):
                target.write("".join(_line(view, variant, row) for variant, row in rows.items()).encode())
                sheet.variants += len(rows)
                seen.take_rows(rows)
                yield window, _table(rows, columns)

        write_groups(folder / TABLE, write(), _schema(columns))
    pysam.tabix_index(str(folder / VCF), preset="vcf", force=True)
    made = replace(made, sha256=sha256_of(folder / TABLE))
    (folder / SHEET).write_text(as_markdown(sheet), encoding="utf-8")
    (folder / RECORD).write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
    _write_page(folder / PAGE, view, [*earlier, made], sizes, seen)
    names = sorted(path.name for path in folder.iterdir())
    (folder / SUMS).write_text("".join(f"{sha256_of(folder / name)}  {name}\n" for name in names), encoding="utf-8")
    return made


def _write_page(file: Path, view: View, releases: Sequence[Made], sizes: Mapping[str, int], seen: Spectrum) -> None:
    from workflow.cohort_page.facts import outside_facts  # what renders pages is loaded for a release only
    from workflow.cohort_page.page import write_cohort

    write_cohort(outside_facts(view, releases, sizes, seen), file)


def _keep(store: Path, folder: Path, made: Made) -> None:
    kept = store / RELEASES / str(made.number)
    part = store / RELEASES / f".part-{made.number}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in (TABLE, RECORD):
        shutil.copy(folder / name, part / name)
    os.rename(part, kept)


def released_rows(
    view: View, groups: Sequence[str], earlier: Sequence[Path], beacons: Sequence[Path] = ()
) -> Iterator[tuple[tuple[str, int], dict[Variant, Row]]]:
    """Give what may be told, a window at a time, sorted by position.

    Args:
        view: the store.
        groups: groups that are told.
        earlier: tables of earlier releases, oldest first.
        beacons: tables of what the Beacon told.
    """
    order, minimum = list(lengths(view.facts.assembly)), view.facts.minimum
    before, told = ([ReleasedTable(file) for file in files] for files in (earlier, beacons))
    windows = set(view.windows).union(*(table.windows for table in [*before, *told]))
    for contig, number in sorted(windows, key=lambda window: (order.index(window[0]), window[1])):
        old, elsewhere = ([table.rows(contig, number) for table in tables] for tables in (before, told))
        rows = {}
        for variant, counts, of_groups in _window(view, groups, (contig, number), [*old, *elsewhere]):
            mine, others = ([table[variant] for table in tables if variant in table] for tables in (old, elsewhere))
            new = masked(counts, of_groups, minimum)
            if new and beacons and not mine and not others and new.ac <= 2 * most_alleles(minimum):
                new = None  # the Beacon is silent on fewer than the minimum: those it does not count would be few, but not none
            if row := settled(new, counts, mine, minimum, of_groups, others):
                rows[variant] = row
        if rows:
            yield (contig, number), rows


def _window(
    view: View, groups: Sequence[str], window: tuple[str, int], tables: Sequence[Mapping[Variant, Row]]
) -> Iterator[tuple[Variant, Counts, Mapping[str, Counts]]]:
    """Give each variant of a window that is counted or told, and its counts of all and by group."""
    contig, number = window
    total = {one: counts for table in view.region(contig, number * WINDOW + 1, (number + 1) * WINDOW) for one, counts in table}
    variants = sorted(set(total).union(*tables))
    gone = [variant for variant in variants if variant not in total]
    total |= dict(zip(gone, view.frequency(gone), strict=True))
    by_group = {name: view.frequency(variants, name) for name in groups}
    for at, variant in enumerate(variants):
        yield variant, total[variant], {name: by_group[name][at] for name in groups}


def _schema(groups: Sequence[str]) -> pa.Schema:
    text = pa.dictionary(pa.int32(), pa.string())
    numbers = [("ac", pa.int32()), ("an", pa.int32()), ("hom", pa.int32()), ("hemi", pa.int32())]
    of_groups = [(f"{kind}:{name}", pa.int32()) for name in groups for kind in ("ac", "an")]
    return pa.schema([("contig", text), ("pos", pa.int32()), ("ref", text), ("alt", text), *numbers, *of_groups])


def _table(rows: Mapping[Variant, Row], groups: Sequence[str]) -> pa.Table:
    columns: dict[str, list[Any]] = {name: [getattr(variant, name) for variant in rows] for name in ("contig", "pos", "ref", "alt")}
    columns |= {name: [getattr(row, name) for row in rows.values()] for name in ("ac", "an", "hom", "hemi")}
    for name in groups:
        pairs = [row.groups.get(name, (None, None)) for row in rows.values()]
        columns |= {f"ac:{name}": [ac for ac, _ in pairs], f"an:{name}": [an for _, an in pairs]}
    schema = _schema(groups)
    return pa.table([_column(columns[field.name], field) for field in schema], schema=schema)


def _column(values: list[Any], field: pa.Field) -> pa.Array:
    return pa.array(values, pa.string()).dictionary_encode() if pa.types.is_dictionary(field.type) else pa.array(values, field.type)


def info_id(kind: str, group: str) -> str:
    """Return the INFO field of a group's count: `AC_sex_female`."""
    return re.sub(r"[^A-Za-z0-9_.]", "_", f"{kind}_{group}")


def _vcf(file: Path, view: View, made: Made, groups: Sequence[str]) -> pysam.BGZFile:
    told = {"AC": "Alleles counted", "AN": "Copies of the site that could be judged", "nhomalt": "People with all of two or more copies",
            "nhemi": "People with the only copy"}  # fmt: skip
    fields = [f'##INFO=<ID={name},Number={"1" if name == "AN" else "A"},Type=Integer,Description="{text}">' for name, text in told.items()]
    fields.append('##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency, AC by AN">')
    for group in groups:
        fields += [
            f'##INFO=<ID={info_id(kind, group)},Number={"1" if kind == "AN" else "A"},Type=Integer,Description="{kind} of {group}">'
            for kind in ("AC", "AN")
        ]
    contigs = [
        f"##contig=<ID={view.name_of(name)},length={length},assembly={view.facts.assembly}>"
        for name, length in lengths(view.facts.assembly).items()
    ]
    store = f"##genvej_store=<Release={made.number},Version={made.version},Genomes={made.genomes},Minimum={view.facts.minimum}>"
    header = [
        "##fileformat=VCFv4.3",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        store,
        *contigs,
        *fields,
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    ]
    target = pysam.BGZFile(str(file), "wb", None)
    target.write("".join(f"{line}\n" for line in header).encode())
    return target


def _line(view: View, variant: Variant, row: Row) -> str:
    values = {"AC": row.ac, "AN": row.an, "AF": f"{row.ac / row.an:.6g}" if row.an else None, "nhomalt": row.hom, "nhemi": row.hemi}
    values |= {info_id(kind, name): pair[at] for name, pair in row.groups.items() for at, kind in enumerate(("AC", "AN"))}
    info = ";".join(f"{name}={value}" for name, value in values.items() if value is not None)
    return f"{view.name_of(variant.contig)}\t{variant.pos}\t.\t{variant.ref}\t{variant.alt}\t.\tPASS\t{info}\n"
