"""The sites at which a depth curve asks for the depth: true alleles, each by one reference base."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from workflow.interval_arrays import IntervalArray
from workflow.scored_alleles import Side

CONFIDENT, SITE = "confident", "site"
COLUMNS = ("call_set", "side", "chrom", "pos", "ref", "alt", "type", "zygosity", "label", "error")


def read_truth_alleles(variants: str | Path) -> pd.DataFrame:
    """Return the truth's alleles of variants.tsv.gz as scored against the calls that pass, with `site` (0-based)."""
    text = {name: str for name in COLUMNS if name != "pos"}
    table = pd.read_csv(variants, sep="\t", usecols=list(COLUMNS), dtype=text | {"pos": np.int64}, keep_default_na=False)
    table = table[(table.call_set == "PASS") & (table.side == Side.TRUTH)].reset_index(drop=True)
    return table.assign(site=[site_of(*row) for row in zip(table.pos, table.ref, table.alt, strict=True)])


def site_of(pos: int, ref: str, alt: str) -> int:
    """Return the base whose depth tells how well an allele can be seen: the first that changes, of an indel the one before.

    Within a deletion no read lies that shows it, so the depth there would be least where the evidence is best. `pos` is 1-based, the result
    0-based.
    """
    lead = sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(ref, alt, strict=False)))
    return pos - 1 + lead - (lead == min(len(ref), len(alt)))


def site_lines(confident: Mapping[str, IntervalArray], alleles: pd.DataFrame) -> Iterator[tuple[str, int, int, str]]:
    """Yield BED lines of the confident regions and of the alleles' sites, each once: contig after contig, sorted by start."""
    for contig, here in confident.items():
        sites = np.unique(alleles.site[alleles.chrom == contig])
        lines = [(int(start), int(end), CONFIDENT) for start, end in zip(here.starts, here.ends, strict=True)]
        lines += [(int(site), int(site) + 1, SITE) for site in sites]
        yield from ((contig, *line) for line in sorted(lines))


def read_depths(regions: str | Path) -> pd.DataFrame:
    """Return mosdepth's means over the lines of `site_lines`: chrom, start, end, name, depth."""
    names = ["chrom", "start", "end", "name", "depth"]
    return pd.read_csv(regions, sep="\t", header=None, names=names, dtype={"chrom": str, "name": str}, keep_default_na=False)


def mean_depth(depths: pd.DataFrame) -> float:
    """Return the mean depth over the confident regions."""
    rows = depths[depths.name == CONFIDENT]
    bases = rows.end - rows.start
    return float((rows.depth * bases).sum() / bases.sum())


def depths_at(alleles: pd.DataFrame, depths: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the depth in reads at the site of each allele.

    Raises:
        KeyError: a site was not measured.
    """
    measured = depths[depths.name == SITE].set_index(["chrom", "start"]).depth
    found = measured.loc[pd.MultiIndex.from_arrays([alleles.chrom, alleles.site])].to_numpy(np.float64)
    return np.asarray(np.rint(found), np.int64)
