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
VARIANT = re.compile(r"[^\s:-]{1,12}[:-]\d{1,9}[:-][ACGTacgt]+[:-][ACGTacgt]+")
"""A position with its bases in the column `variant`, `20-10005689-A-C`: its digits are no CPR number."""
UTF16 = (b"\xff\xfe", b"\xfe\xff")  # byte-order marks
SEPARATORS = {",": "commas", ";": "semicolons", " ": "spaces"}
SINGULAR = {"people": "person", "evidence": "judgement"}
ZIP = b"PK\x03\x04"  # how workbooks of spreadsheet programs begin


def read_sheet(path: Path, name: str) -> Iterator[tuple[int, Row]]:
    """Give (row number, cells) of every line of a sheet, blank lines and lines that start with # left out.

    Args:
        path: the sheet: UTF-8 or, with a byte-order mark, UTF-16; any line ends; columns separated by tabs.
        name: its schema (`samples` or `units`). Columns that are left out get the schema's default.

    Raises:
        InputError: the sheet or a column is missing, unknown or doubled, or a cell is not as the schema asks.
    """
    rows = ((number, _cells(line)) for number, line in enumerate(_text(path).split("\n"), start=1))
    filled = ((number, cells) for number, cells in rows if any(cells) and not cells[0].startswith("#"))
    top, header = next(filled, (0, []))
    header = _without_empty_end(header, 0)
    if not header:
        raise InputError("the sheet is empty", file=path, remedy=f"give it a header line with the columns {_columns(name)}")
    _check_header(header, path, top, name)
    defaults = {column: rule["default"] for column, rule in schema(name)["properties"].items() if "default" in rule}
    checks = {column: _check_of(rule) for column, rule in schema(name)["properties"].items()}
    number = 0
    for number, line in filled:
        cells = _without_empty_end(line, len(header))
        if len(cells) != len(header):
            raise InputError(
                f"{len(cells)} cells where the header has {len(header)}", file=path, row=number, remedy="separate cells by one tab each"
            )
        row = defaults | dict(zip(header, cells, strict=True))
        _check_row(row, checks, path, number)
        yield number, row
    if not number:
        raise InputError("there is no row below the header", file=path, remedy=f"add one line a {SINGULAR.get(name, name[:-1])}")


def _cells(line: str) -> list[str]:
    """Return the cells of a line, without the quotation marks that spreadsheets put around some."""
    cells = [cell.strip() for cell in line.split("\t")]
    return [cell[1:-1].replace('""', '"').strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]


def _without_empty_end(cells: list[str], least: int) -> list[str]:
    """Return the cells without empty ones behind the first `least`: columns that a spreadsheet thinks are in use."""
    used = max((number for number, cell in enumerate(cells, start=1) if cell), default=0)
    return cells[: max(used, least)]


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        text = content.decode("utf-16" if content.startswith(UTF16) else "utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            "there is no such file", file=path, remedy="check the path in the config; it is relative to the working directory"
        ) from None
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path, remedy="name a sheet that can be read") from None
    except UnicodeDecodeError:
        what = "this is a workbook" if content.startswith(ZIP) else "this is no text in UTF-8"
        raise InputError(what, file=path, remedy="save it as tab-separated text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _columns(name: str) -> str:
    return ", ".join(schema(name)["required"])


def _check_header(header: list[str], path: Path, row: int, name: str) -> None:
    """Refuse a header with unknown, doubled or missing columns; a typo is told before the column it makes missing."""
    known, required = schema(name)["properties"], schema(name)["required"]
    if len(header) == 1 and (between := re.search("[,; ]", header[0])):
        raise InputError(f"the columns are separated by {SEPARATORS[between[0]]}", file=path, row=row, remedy="separate them by tabs")
    for column in header:
        if not column:
            raise InputError("a column has no name", file=path, row=row, remedy="name it or take it out")
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
        if (
            column not in DIGESTS
            and not (column == "variant" and VARIANT.fullmatch(cell))
            and (path_holds_cpr(cell) if column in PATHS else looks_like_cpr(cell))
        ):
            remedy = "use a pseudonym: a CPR number must not stand in names, sheets or logs"
            raise InputError(f"column {column} holds what looks like a CPR number", file=path, row=number, remedy=remedy)
