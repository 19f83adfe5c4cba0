"""Strata that people name: a table of BED files in the format of Genome in a Bottle's stratifications."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from workflow.errors import InputError
from workflow.interval_arrays import IntervalArray, read_interval_arrays
from workflow.intervals import bed_lines
from workflow.repeats import repeat_names
from workflow.strata import PIECES


def user_strata(table: str | Path, contigs: Collection[str]) -> Iterator[tuple[str, Mapping[str, IntervalArray]]]:
    """Yield (contig, name → intervals) of every stratum, one BED file after the other; `contigs` are the reference's."""
    for name, bed in read_stratifications(table, contigs).items():
        for contig, intervals in read_interval_arrays(bed).items():
            yield contig, {name: intervals[""]}


def read_stratifications(table: str | Path, contigs: Collection[str]) -> dict[str, Path]:
    """Return the BED file of each stratum by name, from lines `name<TAB>path`; paths are relative to the table.

    Raises:
        InputError: a line is malformed, a name is there twice or taken, or a BED is missing, none, or on contigs that are not in `contigs`.
    """
    found: dict[str, Path] = {}
    for row, name, path in _rows(table):
        if name in found or name in {"all", *repeat_names(), *PIECES}:
            raise InputError(f"the stratum {name} is there already", file=table, row=row, remedy="give it another name")
        found[name] = Path(table).parent / path
        if not found[name].is_file():
            what = f"{name} names {found[name]}, which is not there"
            raise InputError(what, file=table, row=row, remedy="paths are relative to this table")
        check_beginning(found[name], contigs)
    return found


def _rows(table: str | Path) -> Iterator[tuple[int, str, str]]:
    """Give (row, name, path) of each line but comments."""
    try:
        lines = Path(table).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text in UTF-8"
        raise InputError(f"the stratifications cannot be read ({reason})", file=table, remedy="check the path") from None
    for row, line in enumerate(lines, start=1):
        name, _, path = (part.strip() for part in line.partition("\t"))
        if line.strip() and not line.startswith("#"):
            if not name or not path or "," in name:
                what = "this is no line of stratifications"
                raise InputError(what, file=table, row=row, remedy="write a name, a tab and the path of a BED file")
            yield row, name, path


def check_beginning(bed: Path, contigs: Collection[str]) -> None:
    """Refuse a BED file that begins otherwise than one of this reference; an empty one is a stratum without bases.

    Raises:
        InputError: it is missing, no BED, or on other contigs.
    """
    try:
        first = next(bed_lines(bed), None)
    except (OSError, EOFError, ValueError):
        raise InputError(
            "this is no BED file that can be read", file=bed, remedy="a BED line is contig, start, end, separated by tabs"
        ) from None
    if first and first[0] not in contigs:
        raise InputError(f"contig {first[0]} is not in the reference", file=bed, remedy="give the stratifications for this reference")
