"""The panel: common single-nucleotide variants at which people are told apart, one file an assembly.

A panel file is a bgzipped table `contig pos ref alt frequency` (pos 1-based, sorted) under lines `##name=`, `##assembly=`, `##release=`,
`##source=`. In memory positions are 0-based. The frequency is that of the alternative allele in a population, NaN where nobody knows it.
"""

import gzip
import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pysam
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.files import atomic
from workflow.intervals import Intervals
from workflow.reference import plain_name

COLUMNS = ("contig", "pos", "ref", "alt", "frequency")
META = ("name", "assembly", "release", "source")
BASES = frozenset("ACGT")
FORM = f"a panel is a table of {', '.join(COLUMNS)} with tabs, positions 1-based and sorted; scripts/build_site_panel.py makes one of a VCF"
Row = tuple[str, int, str, str, float]
"""contig, 0-based position, reference and alternative base, frequency (NaN = unknown)."""


@dataclass(frozen=True)
class Panel:
    """Sites of a panel, one element a site in each array, in the order of the file.

    Attributes:
        name, assembly, release, source: what it is and where it comes from.
        contigs: contig of each site.
        positions: 0-based.
        refs, alts: one base each.
        frequencies: of the alternative allele; NaN where it is not known.
    """

    name: str
    assembly: str
    release: str
    contigs: NDArray[np.str_]
    positions: NDArray[np.int32]
    refs: NDArray[np.bytes_]
    alts: NDArray[np.bytes_]
    frequencies: NDArray[np.float32]
    source: str = field(default="", compare=False)

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.positions)

    @cached_property
    def digest(self) -> str:
        """Return 16 hexadecimal digits over assembly, places and alleles: panels of one digest have the same sites in the same order."""
        keys = (f"{plain_name(contig)}:{position}:{ref}:{alt}" for contig, position, ref, alt, _ in self.rows())
        return hashlib.sha256("\n".join([self.assembly, *keys]).encode()).hexdigest()[:16]

    def rows(self) -> list[Row]:
        """Return the sites as rows."""
        columns = (self.contigs.tolist(), self.positions.tolist(), self.refs.tolist(), self.alts.tolist(), self.frequencies.tolist())
        return [
            (contig, position, ref.decode(), alt.decode(), frequency)
            for contig, position, ref, alt, frequency in zip(*columns, strict=True)
        ]

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Panel":
        """Return the panel of some of its sites, by mask or index."""
        arrays = {name: getattr(self, name)[which] for name in ("contigs", "positions", "refs", "alts", "frequencies")}
        return replace(self, **arrays)


def panel_of(rows: Sequence[Row], *, name: str, assembly: str, release: str, source: str = "") -> Panel:
    """Return a panel of rows, which stay in the order given."""
    contigs, positions, refs, alts, frequencies = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Panel(
        name,
        assembly,
        release,
        np.array(contigs, np.str_),
        np.array(positions, np.int32),
        np.array(refs, "S1"),
        np.array(alts, "S1"),
        np.array(frequencies, np.float32),
        source,
    )


def write_panel(path: str | Path, panel: Panel) -> None:
    """Write a panel as bgzipped table, whole or not at all."""
    lines = [f"##{key}={getattr(panel, key)}" for key in META] + ["\t".join(COLUMNS)]
    lines += [f"{contig}\t{position + 1}\t{ref}\t{alt}\t{_text(frequency)}" for contig, position, ref, alt, frequency in panel.rows()]
    with atomic(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
        pysam.tabix_compress(str(part), f"{part}.bgz", force=True)
        Path(f"{part}.bgz").replace(part)


def _text(frequency: float) -> str:
    return "." if np.isnan(frequency) else f"{frequency:.4f}"


def read_panel(path: str | Path) -> Panel:
    """Return the panel in a file, plain or (b)gzipped.

    Raises:
        InputError: it cannot be read, lacks its header, or a row is no site, with the row.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode()
    except (OSError, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no whole text"
        raise InputError(f"the panel cannot be read ({reason})", file=file, remedy=FORM) from None
    meta: dict[str, str] = {}
    rows: list[Row] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("##"):
            key, _, value = line[2:].partition("=")
            meta[key] = value
        elif line and line.split("\t")[0] != COLUMNS[0]:
            rows.append(_row(line, file, number))
    if lacking := [key for key in META[:3] if not meta.get(key)]:
        raise InputError(f"the panel has no line `##{lacking[0]}=`", file=file, remedy=FORM)
    return panel_of(rows, name=meta["name"], assembly=meta["assembly"], release=meta["release"], source=meta.get("source", ""))


def _row(line: str, file: Path, number: int) -> Row:
    fields = line.split("\t")
    try:
        contig, position, ref, alt = fields[0], int(fields[1]), fields[2], fields[3]
        frequency = float("nan") if fields[4] == "." else float(fields[4])
        if position < 1 or not {ref, alt} <= BASES or ref == alt or not (np.isnan(frequency) or 0 <= frequency <= 1):
            raise ValueError
    except (ValueError, IndexError):
        raise InputError("this is no site of a panel", file=file, row=number, remedy=FORM) from None
    return sys.intern(contig), position - 1, ref, alt, frequency


def in_territory(panel: Panel, contigs: Mapping[str, int], territory: Intervals) -> Panel:
    """Return the sites that lie in the territory, under the reference's contig names and in its order; the first of a place counts."""
    names = {plain_name(name): name for name in contigs}
    order = {name: number for number, name in enumerate(contigs)}
    rows: dict[tuple[str, int], Row] = {}
    for contig, position, ref, alt, frequency in panel.rows():
        name = names.get(plain_name(contig), "")
        if name in territory and name in order:
            rows.setdefault((name, position), (name, position, ref, alt, frequency))
    ordered = sorted(rows.values(), key=lambda row: (order[row[0]], row[1]))
    starts = {name: np.array([start for start, _ in intervals]) for name, intervals in territory.items()}
    kept = [row for row in ordered if _inside(row[1], starts[row[0]], territory[row[0]])]
    return panel_of(kept, name=panel.name, assembly=panel.assembly, release=panel.release, source=panel.source)


def _inside(position: int, starts: NDArray[np.int_], intervals: Sequence[tuple[int, int]]) -> bool:
    at = int(np.searchsorted(starts, position, "right")) - 1
    return at >= 0 and position < intervals[at][1]
