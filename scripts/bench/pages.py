"""The generated blocks in docs/benchmarks.md and README.md: what stands between two marks is written anew from the kept tables."""

from collections.abc import Sequence
from pathlib import Path

from scripts.bench.records import METHOD, Accuracy, Row
from scripts.bench.tables import Table, accuracy, by_stage, growth, label, side_by_side

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
