"""Sheets (TSV) read whole, each cell checked against the sheet's schema, errors told with row and column."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.names import looks_like_cpr, path_holds_cpr
from workflow.schema import nearest, schema

Row = dict[str, str]
Check = tuple[Callable[[str], bool], str]
PATHS = frozenset({"fastq_1", "fastq_2", "phenopacket"})
DIGESTS = frozenset({"md5_1", "md5_2"})


def read_sheet(path: Path, name: str) -> Iterator[tuple[int, Row]]:
    """Give (row number, cells) of every line of a sheet, blank lines and lines that start with # left out.

    Args:
        path: the sheet: UTF-8 with or without a byte-order mark, any line ends, columns separated by tabs.
        name: its schema (`samples` or `units`). Columns that are left out get the schema's default.

    Raises:
        InputError: the sheet or a column is missing, unknown or doubled, or a cell is not as the schema asks.
    """
    rows = ((number, [cell.strip() for cell in line.split("\t")]) for number, line in enumerate(_text(path).split("\n"), start=1))
    filled = ((number, cells) for number, cells in rows if any(cells) and not cells[0].startswith("#"))
    top, header = next(filled, (0, []))
    if not header:
        raise InputError("the sheet is empty", file=path, remedy=f"give it a header line with the columns {_columns(name)}")
    _check_header(header, path, top, name)
    defaults = {column: rule["default"] for column, rule in schema(name)["properties"].items() if "default" in rule}
    checks = {column: _check_of(rule) for column, rule in schema(name)["properties"].items()}
    number = 0
    for number, cells in filled:
        if len(cells) != len(header):
            raise InputError(
                f"{len(cells)} cells where the header has {len(header)}", file=path, row=number, remedy="separate cells by one tab each"
            )
        row = defaults | dict(zip(header, cells, strict=True))
        _check_row(row, checks, path, number)
        yield number, row
    if not number:
        raise InputError("there is no row below the header", file=path, remedy=f"add one line a {name[:-1]}")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise InputError(
            "there is no such file", file=path, remedy="check the path in the config; it is relative to the working directory"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the file cannot be read as UTF-8 text ({type(error).__name__})", file=path, remedy="save it as tab-separated text"
        ) from None


def _columns(name: str) -> str:
    return ", ".join(schema(name)["required"])


def _check_header(header: list[str], path: Path, row: int, name: str) -> None:
    """Refuse a header with unknown, doubled or missing columns; a typo is told before the column it makes missing."""
    known, required = schema(name)["properties"], schema(name)["required"]
    if len(header) == 1 and re.search("[,;]", header[0]):
        raise InputError("the columns are separated by commas or semicolons", file=path, row=row, remedy="separate them by tabs")
    for column in header:
        if column not in known:
            raise InputError(f"unknown column `{column}` ({nearest(column, known)})", file=path, row=row, remedy="mend it or take it out")
        if header.count(column) > 1:
            raise InputError(f"column `{column}` is there twice", file=path, row=row, remedy="keep one of them")
    for column in required:
        if column not in header:
            raise InputError(f"column `{column}` is missing", file=path, row=row, remedy=f"the sheet needs the columns {_columns(name)}")


def _check_of(rule: Mapping[str, Any]) -> Check:
    """Return the test of one column's cells, and what it asks for in words."""
    if "enum" in rule:
        return frozenset(rule["enum"]).__contains__, f"one of {', '.join(word for word in rule['enum'] if word)}"
    pattern = re.compile(rule.get("pattern", ""))
    return (lambda cell: pattern.search(cell) is not None), rule.get("x-form", "text")


def _check_row(row: Row, checks: Mapping[str, Check], path: Path, number: int) -> None:
    """Refuse a cell that looks like a CPR number (without repeating it) or that is not as its column's schema asks."""
    if looks_like_cpr("\t".join(row.values())):
        _refuse_cpr(row, path, number)
    for column, cell in row.items():
        holds, form = checks[column]
        if not holds(cell):
            raise InputError(
                f"`{column}` is {cell!r}" if cell else f"`{column}` is empty", file=path, row=number, remedy=f"it must be {form}"
            )


def _refuse_cpr(row: Row, path: Path, number: int) -> None:
    """Look at each cell on its own; digits of two cells side by side are no CPR number."""
    for column, cell in row.items():
        if column not in DIGESTS and (path_holds_cpr(cell) if column in PATHS else looks_like_cpr(cell)):
            remedy = "use a pseudonym: a CPR number must not stand in names, sheets or logs"
            raise InputError(f"column {column} holds what looks like a CPR number", file=path, row=number, remedy=remedy)
