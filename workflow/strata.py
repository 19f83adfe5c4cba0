"""Parts of the genome in which accuracy is told apart: which alleles lie in each, and how many confident bases it has.

Sources give (contig, name → intervals), one contig at a time, so that no more than one contig's intervals are held.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pysam

from workflow.interval_arrays import IntervalArray, Positions, bed_chunks
from workflow.repeats import gc_names, gc_strata, repeat_strata

if TYPE_CHECKING:  # the Snakefile reads this module and needs no tables
    import pandas as pd

Source = Iterable[tuple[str, Mapping[str, IntervalArray]]]
Members = dict[str, npt.NDArray[np.bool_]]
DEPTH_EDGES = (0, 5, 10, 15, 20, 30, 50)
"""Least reads of each depth bin."""


def depth_names() -> list[str]:
    """Return the names of the depth bins, from shallow to deep, as they stand in the BED that mosdepth writes."""
    return [f"depth_{low}to{high - 1}" for low, high in itertools.pairwise(DEPTH_EDGES)] + [f"depth_ge{DEPTH_EDGES[-1]}"]


PIECES = frozenset([*depth_names(), *gc_names()])
"""Strata that cut the genome into pieces."""


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


def assign(sources: Iterable[Source], alleles: "pd.DataFrame", confident: Mapping[str, IntervalArray]) -> tuple[Members, dict[str, int]]:
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
                first = name in PIECES
                inside[at] |= intervals.overlaps(low[at], low[at] + 1 if first else high[at])
                bases[name] += intervals.shared_with(confident[contig]) if contig in confident else 0
    return members, dict(bases)
