"""The tables of a score as files."""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workflow.files import atomic
from workflow.score_tables import CURVE_COLUMNS, SUMMARY_COLUMNS
from workflow.scored_alleles import Side
from workflow.strata import Members, depth_names

VARIANT_COLUMNS = (
    "call_set", "side", "chrom", "pos", "ref", "alt", "type", "zygosity", "label", "error",
    "truth_genotype", "call_genotype", "qual", "filter", "depth", "depth_bin", "strata",
)  # fmt: skip
CHUNK = 100_000


def write_summary(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write summary.tsv; what has no value is an empty cell."""
    _write(path, SUMMARY_COLUMNS, rows)


def write_curve(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write curve.tsv."""
    _write(path, CURVE_COLUMNS, rows)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with atomic(path) as part, open(part, "w", encoding="utf-8") as out:
        out.write("\t".join(columns) + "\n")
        out.writelines("\t".join(_cell(row[name]) for name in columns) + "\n" for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def write_variants(path: Path, alleles: pd.DataFrame, members: Members, contigs: Sequence[str]) -> None:
    """Write variants.tsv.gz: one row an allele, sorted by call set, place and side.

    `truth_genotype` and `call_genotype` are the genotypes of the records that hold this very allele; the other side's is empty if it has
    none, or writes the allele in another way. `depth` is the caller's own count of reads, `depth_bin` the measured one.
    """
    order = {contig: number for number, contig in enumerate(contigs)}
    ranked = alleles.assign(contig_rank=alleles.chrom.map(order), depth_bin=_bin_of(members, len(alleles)))
    ranked = _with_genotypes(ranked).sort_values(
        ["call_set", "contig_rank", "pos", "side"], ascending=[False, True, True, False], kind="stable"
    )
    with atomic(path) as part, gzip.GzipFile(part, "wb", compresslevel=6, mtime=0) as out:
        out.write(("\t".join(VARIANT_COLUMNS) + "\n").encode())
        for start in range(0, len(ranked), CHUNK):
            piece = ranked.iloc[start : start + CHUNK]
            piece = piece.assign(strata=_names_of(members, piece.index.to_numpy()))[list(VARIANT_COLUMNS)]
            out.write(piece.to_csv(sep="\t", header=False, index=False, float_format="%.6g", lineterminator="\n").encode())


def _bin_of(members: Members, size: int) -> Any:
    """Return the depth bin of each allele, empty where depth was not measured."""
    found = np.full(size, "", object)
    for name in depth_names():
        if name in members:
            found[members[name]] = name.removeprefix("depth_")
    return found


def _names_of(members: Members, rows: Any) -> list[str]:
    names = [name for name in members if name not in depth_names()]
    table = np.array([members[name][rows] for name in names]) if names else np.zeros((0, len(rows)), bool)
    return [",".join(names[at] for at in np.flatnonzero(column)) for column in table.T]


def _with_genotypes(alleles: pd.DataFrame) -> pd.DataFrame:
    """Add the genotypes of truth and calls at each allele; the index stays."""
    key = ["call_set", "chrom", "start", "end", "added"]
    for side, name in ((Side.TRUTH, "truth_genotype"), (Side.CALL, "call_genotype")):
        own = alleles.loc[alleles.side == side, [*key, "genotype"]].drop_duplicates(key).rename(columns={"genotype": name})
        alleles = alleles.merge(own, on=key, how="left").set_axis(alleles.index)
        alleles[name] = alleles["genotype"].where(alleles.side == side, alleles[name].fillna(""))
    return alleles
