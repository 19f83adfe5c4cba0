"""BED files that people give: refused unless they are 0-based half-open and inside the reference; the regions also unless sorted."""

import gzip
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from workflow.errors import InputError
from workflow.settings import Settings

BED = "a BED line is contig, start, end, separated by tabs, 0-based half-open"
ONE_BASED = "BED is 0-based half-open: take 1 from each start"
Line = tuple[int, str, int, int]


def check_regions(settings: Settings, contigs: Mapping[str, int]) -> None:
    """Refuse a regions BED that is missing, unsorted, 1-based, or not inside the reference.

    Raises:
        InputError: with the row of the first line at fault.
    """
    if settings.regions is not None:
        lines = check_bed(settings.regions, contigs, "`regions`", "add some, or leave `regions` out for the whole genome")
        _check_order(lines, settings.regions)


def check_bed(file: Path, contigs: Mapping[str, int], key: str, if_empty: str) -> list[Line]:
    """Return (row, contig, start, end) of each line of a BED file, in the file's order.

    Args:
        file: plain or gzip.
        contigs: lengths of the reference's contigs, in bases.
        key: what named the file, for messages.
        if_empty: what to do if there is no region in it.

    Raises:
        InputError: it is missing, no BED, empty, 1-based or not inside the reference, with the row of the first line at fault.
    """
    lines = list(_lines(file, key))
    if not lines:
        raise InputError("there is no region", file=file, remedy=if_empty)
    for row, contig, start, end in lines:
        _check_line(row, contig, start, end, file, contigs)
    _check_not_one_based(lines, file)
    return lines


def _lines(file: Path, key: str) -> Iterator[Line]:
    """Give (row, contig, start, end) of every line of a BED file, plain or gzip; comments and track lines are left out."""
    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError("there is no such file", file=file, remedy=f"check {key}; it is relative to the working directory") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no whole text in UTF-8"
        raise InputError(f"the regions cannot be read ({reason})", file=file, remedy=BED) from None
    for row, line in enumerate(text.splitlines(), start=1):
        if line.startswith("@") or line.startswith("##gff"):
            what = "this is an interval list, not BED" if line.startswith("@") else "this is GFF, not BED"
            raise InputError(f"{what}: its positions are 1-based", file=file, row=row, remedy="convert it to BED")
        if line.strip() and not line.startswith(("#", "track", "browser")):
            yield row, *_fields(line, file, row)


def _fields(line: str, file: Path, row: int) -> tuple[str, int, int]:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) >= 5 and fields[3].isdigit() and fields[4].isdigit() and not fields[1].isdigit():
        raise InputError("this looks like GFF, not BED: its positions are 1-based", file=file, row=row, remedy="convert it to BED")
    if len(fields) < 3 or not (fields[1].isdigit() and fields[2].isdigit()):
        raise InputError("this is no BED line", file=file, row=row, remedy=BED)
    return fields[0], int(fields[1]), int(fields[2])


def _check_line(row: int, contig: str, start: int, end: int, file: Path, contigs: Mapping[str, int]) -> None:
    if contig not in contigs:
        other = contig.removeprefix("chr") if contig.startswith("chr") else f"chr{contig}"
        hint = f"it is named {other} there" if other in contigs else "use the reference's names"
        raise InputError(f"contig {contig} is not in the reference", file=file, row=row, remedy=hint)
    if start == end:
        raise InputError(
            f"start equals end ({start}), so the region is empty, or the file is 1-based", file=file, row=row, remedy=ONE_BASED
        )
    if start > end:
        raise InputError(f"start {start} lies behind end {end}", file=file, row=row, remedy="exchange them")
    if end > contigs[contig]:
        what = f"end {end} lies outside the reference, whose {contig} has {contigs[contig]} bases"
        raise InputError(what, file=file, row=row, remedy="use regions of this assembly")
    if start == 1 and end == contigs[contig]:
        raise InputError(f"1 to {end} is the whole contig in 1-based positions", file=file, row=row, remedy=ONE_BASED)


def _check_order(lines: list[Line], file: Path) -> None:
    """Refuse lines that are not sorted by start, or a contig whose lines do not stand together."""
    done: set[str] = set()
    for (_, contig, start, _), (row, next_contig, next_start, _) in pairwise(lines):
        if next_contig != contig:
            done.add(contig)
        if next_contig in done or (next_contig == contig and next_start < start):
            raise InputError("the regions are not sorted", file=file, row=row, remedy="sort them, for example with `sort -k1,1 -k2,2n`")


def _check_not_one_based(lines: list[Line], file: Path) -> None:
    """Refuse a file in which every region begins one base behind the one before: adjacent ones in 1-based positions."""
    gaps = [(row, start - end) for (_, contig, _, end), (row, other, start, _) in pairwise(lines) if contig == other]
    if len(gaps) > 1 and all(gap == 1 for _, gap in gaps):
        raise InputError(
            "each region begins one base behind the one before, so the file is 1-based", file=file, row=gaps[0][0], remedy=ONE_BASED
        )
