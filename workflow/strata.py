"""Parts of the genome in which accuracy is told apart: which alleles lie in each, and how many confident bases it has.

Sources give (contig, name → intervals), one contig at a time, so that no more than one contig's intervals are held.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pysam

from workflow.errors import InputError
from workflow.interval_arrays import IntervalArray, Positions, bed_chunks, read_interval_arrays
from workflow.repeats import gc_strata, repeat_strata

Source = Iterable[tuple[str, Mapping[str, IntervalArray]]]
Members = dict[str, npt.NDArray[np.bool_]]
DEPTH_EDGES = (0, 5, 10, 15, 20, 30, 50)
"""Least reads of each depth bin."""


def depth_names() -> list[str]:
    """Return the names of the depth bins, from shallow to deep, as they stand in the BED that mosdepth writes."""
    return [f"depth_{low}to{high - 1}" for low, high in itertools.pairwise(DEPTH_EDGES)] + [f"depth_ge{DEPTH_EDGES[-1]}"]


def reference_strata(fasta: str | Path, contigs: Iterable[str]) -> Iterator[tuple[str, Mapping[str, IntervalArray]]]:
    """Yield repeats and GC classes of each contig."""
    with pysam.FastaFile(str(fasta)) as file:
        for contig in contigs:
            sequence, length = partial(file.fetch, contig), file.get_reference_length(contig)
            yield contig, repeat_strata(sequence, length) | gc_strata(sequence, length)


def depth_strata(bed: str | Path) -> Iterator[tuple[str, Mapping[str, IntervalArray]]]:
    """Yield depth bins of each contig from a BED whose fourth column names the bin, contig after contig as mosdepth writes it."""
    now, parts = "", dict[str, list[tuple[Positions, Positions]]]()
    for contig, name, starts, ends in bed_chunks(bed):
        if contig != now and parts:
            yield now, _joined(parts)
            parts = {}
        now = contig
        parts.setdefault(name, []).append((starts, ends))
    if parts:
        yield now, _joined(parts)


def _joined(parts: Mapping[str, list[tuple[Positions, Positions]]]) -> dict[str, IntervalArray]:
    return {name: IntervalArray.of(*map(np.concatenate, zip(*bounds, strict=True))) for name, bounds in parts.items()}


def user_strata(table: str | Path) -> Iterator[tuple[str, Mapping[str, IntervalArray]]]:
    """Yield the strata of a table in GIAB's format, one BED file after the other."""
    for name, bed in read_stratifications(table).items():
        for contig, intervals in read_interval_arrays(bed).items():
            yield contig, {name: intervals[""]}


def read_stratifications(table: str | Path) -> dict[str, Path]:
    """Return the BED file of each stratum by name, from lines `name<TAB>path`; paths are relative to the table.

    Raises:
        InputError: a line is malformed, a name is there twice or taken, or a BED is missing.
    """
    found: dict[str, Path] = {}
    try:
        lines = Path(table).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text in UTF-8"
        raise InputError(f"the stratifications cannot be read ({reason})", file=table, remedy="check the path") from None
    for row, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, path = (part.strip() for part in line.partition("\t"))
        if not name or not path or "," in name:
            raise InputError(
                "this is no line of stratifications", file=table, row=row, remedy="write a name, a tab and the path of a BED file"
            )
        if name in found or name in {"all", *depth_names()}:
            raise InputError(f"the stratum {name} is there already", file=table, row=row, remedy="give it another name")
        found[name] = Path(table).parent / path
        if not found[name].is_file():
            raise InputError(
                f"{name} names {found[name]}, which is not there", file=table, row=row, remedy="paths are relative to this table"
            )
    return found


def assign(sources: Iterable[Source], alleles: pd.DataFrame, confident: Mapping[str, IntervalArray]) -> tuple[Members, dict[str, int]]:
    """Return which alleles lie in each stratum, and how many confident bases each has.

    An allele lies in a stratum if any of the reference bases it changes does; an insertion changes none and is judged by the two bases
    around it. In depth and GC bins, which cut the genome into pieces, its first such base decides, so that it is in one bin only.

    Args:
        sources: of strata.
        alleles: with the columns chrom, start, end.
        confident: where the truth is complete, by contig.
    """
    rows = alleles.groupby("chrom", observed=True).indices
    start, end = alleles["start"].to_numpy(), alleles["end"].to_numpy()
    low, high = np.where(start == end, start - 1, start), np.where(start == end, end + 1, end)
    members: Members = {}
    bases: Counter[str] = Counter()
    for source in sources:
        for contig, strata in source:
            at = rows.get(contig, np.zeros(0, np.int64))
            for name, intervals in strata.items():
                inside = members.setdefault(name, np.zeros(len(alleles), bool))
                first = name.startswith(("depth_", "gc_"))
                inside[at] |= intervals.overlaps(low[at], low[at] + 1 if first else high[at])
                bases[name] += intervals.shared_with(confident[contig]) if contig in confident else 0
    return members, dict(bases)
