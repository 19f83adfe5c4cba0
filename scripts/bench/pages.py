"""The kept tables under benchmarks/, and the blocks in docs/benchmarks.md and README.md that are written anew from them."""

import datetime
import platform
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.bench.job import JOB
from scripts.bench.records import METHOD, Accuracy, Row, read_records, replaced, write_records
from scripts.bench.tables import Table, accuracy, by_stage, growth, label, side_by_side
from scripts.setup.common import ROOT

TABLES = ROOT / "benchmarks"
BEGIN, END = "<!-- bench: begin, written by `make bench` -->", "<!-- bench: end -->"


def measured_sets(rows: Sequence[Row]) -> list[str]:
    """Return the sets of some rows, real reads first, then by size."""
    names = dict.fromkeys(row.reads for row in rows)
    return sorted(names, key=lambda name: float(name) if name[0].isdigit() else 0.0)


def report(rows: Sequence[Row], found: Sequence[Accuracy]) -> list[Table]:
    """Return every table of the page."""
    sets = measured_sets(rows)
    tables = [side_by_side(rows, reads) for reads in sets]
    tables += [growth(rows)] if {"2.5", "10"} <= set(sets) else []
    tables += [accuracy(found)] if found else []
    return tables + [by_stage(rows, reads) for reads in sets]


def digest(rows: Sequence[Row], found: Sequence[Accuracy]) -> list[Table]:
    """Return the tables for the front page: costs on the largest set, growth, accuracy."""
    sets = measured_sets(rows)
    tables = [side_by_side(rows, sets[-1])] if sets else []
    tables += [growth(rows)] if {"2.5", "10"} <= set(sets) else []
    return tables + ([accuracy(found)] if found else [])


def block(tables: Sequence[Table], note: str) -> str:
    """Return the generated text: when and where it was measured, how, and the tables."""
    return "\n\n".join([f"{note} {METHOD}", *(table.as_markdown() for table in tables)])


def write_block(page: Path, text: str) -> bool:
    """Put the text between the marks of a page; tell whether the page has them."""
    content = page.read_text(encoding="utf-8") if page.exists() else ""
    if BEGIN not in content or END not in content:
        return False
    before, rest = content.split(BEGIN, 1)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")
    return True


def missing(rows: Sequence[Row]) -> str:
    """Return a sentence on the sets that have not been measured, empty if all were."""
    absent = [label(name) for name in ("real", "2.5", "5", "10") if name not in measured_sets(rows)]
    return f" Not measured: {', '.join(absent)}." if absent else ""


PAGES: dict[str, Callable[[Sequence[Row], Sequence[Accuracy]], list[Table]]] = {"docs/benchmarks.md": report, "README.md": digest}


def note_of(cores: int) -> str:
    """Return when, of which commit and on what a table was measured."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return f"Measured {datetime.date.today()} at {commit or 'no commit'} on {cores} cores, {platform.system()} {platform.machine()}."


def keep(rows: Sequence[Row], found: Sequence[Accuracy], note: str) -> None:
    """Write the kept tables, what was measured now in place of the old, and the pages made of them."""
    for name, of_job in (("demo", True), ("chains", False)):
        if new := [row for row in rows if (row.reads == JOB) == of_job]:
            write_records(TABLES / f"{name}.tsv", replaced(read_records(TABLES / f"{name}.tsv", Row), new), f"{note} {METHOD}")
    if found:
        whole = replaced(read_records(TABLES / "accuracy.tsv", Accuracy), found)
        write_records(TABLES / "accuracy.tsv", whole, f"{note} aardvark, genotypes, PASS calls inside the truth's BED.")
    all_rows, all_found = read_records(TABLES / "chains.tsv", Row), read_records(TABLES / "accuracy.tsv", Accuracy)
    for page, tables in PAGES.items():
        write_block(ROOT / page, block(tables(all_rows, all_found), note + missing(all_rows)))
