"""A depth curve as tables: accuracy against the depth of a sample, and recall against the depth at the variant."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workflow.score_tables import wilson
from workflow.scored_alleles import Error, Label

CURVE_COLUMNS = (
    "sample", "depth_wished", "depth_measured", "fraction", "variant_type", "zygosity",
    "truth_total", "tp", "fp", "fn", "genotype_errors",
    "recall", "recall_low", "recall_high", "precision", "precision_low", "precision_high", "f1", "f1_low", "f1_high",
    "confident_bases", "callable_share", "truth_callable", "fn_callable", "fn_not_callable", "recall_callable",
    "recall_callable_low", "recall_callable_high",
)  # fmt: skip
BY_DEPTH_COLUMNS = (
    "samples", "variants", "depth_from", "depth_to", "observed", "sites", "tp", "genotype_errors", "missing_alleles",
    "recall", "recall_low", "recall_high", "observed_and_deeper", "recall_and_deeper", "recall_and_deeper_low", "recall_and_deeper_high",
)  # fmt: skip
TYPES = {"SNV": {"SNV"}, "INDEL": {"INSERTION", "DELETION"}}
GROUPS = {
    "SNV het": ("SNV", {"het"}),
    "SNV hom": ("SNV", {"hom"}),
    "SNV hemi": ("SNV", {"hemi"}),
    "INDEL": ("INDEL", {"het", "hom", "hemi"}),
}
"""Variants that are told apart by the depth at them: type and zygosities."""
EDGES = (*range(40), 40, 50)
"""Least reads of each bin of by_depth.tsv: one read wide up to 39, then 40 to 49, and 50 or more."""
RATES = tuple(f"{rate}{bound}" for rate in ("recall", "precision", "f1") for bound in ("", "_low", "_high"))

Row = dict[str, Any]


def curve_rows(
    point: Mapping[str, Any], summary: Iterable[Mapping[str, str]], alleles: pd.DataFrame, callable_: npt.NDArray[np.bool_]
) -> list[Row]:
    """Return the rows of one point: SNVs and indels, over all genotypes and by genotype.

    Args:
        point: sample, wished, measured, fraction, callable_share.
        summary: the rows of its summary.tsv, as text.
        alleles: the truth's, as `read_truth_alleles` gives them.
        callable_: whether the site of each allele is callable in this point.
    """
    rows = []
    for row in summary:
        if (row["call_set"], row["level"], row["stratum"]) == ("PASS", "genotype", "all") and row["variant_type"] in TYPES:
            zygosity = row["zygosity"]
            chosen = alleles.type.isin(TYPES[row["variant_type"]]) & (alleles.zygosity.eq(zygosity) | (zygosity == "all"))
            rows.append({**_facts(point), **_counts(row), **_by_callable(alleles[chosen].label, callable_[chosen.to_numpy()])})
    return rows


def _facts(point: Mapping[str, Any]) -> Row:
    return {
        "sample": point["sample"],
        "depth_wished": "all" if point["wished"] is None else point["wished"],
        "depth_measured": point["measured"],
        "fraction": point["fraction"],
        "callable_share": point["callable_share"],
    }


def _counts(row: Mapping[str, str]) -> Row:
    same = ("variant_type", "zygosity", "truth_total", "genotype_errors", "confident_bases", *RATES)
    return {**{name: row[name] for name in same}, "tp": row["truth_tp"], "fp": row["query_fp"], "fn": row["truth_fn"]}


def _by_callable(labels: "pd.Series[str]", callable_: npt.NDArray[np.bool_]) -> Row:
    """Return the truth's alleles where the sample is callable, and how many of those not found lie there, and elsewhere."""
    missed = (labels == Label.FN).to_numpy()
    total, lost = int(callable_.sum()), int((missed & callable_).sum())
    low, high = wilson(total - lost, total)
    return {
        "truth_callable": total,
        "fn_callable": lost,
        "fn_not_callable": int((missed & ~callable_).sum()),
        "recall_callable": (total - lost) / total if total else None,
        "recall_callable_low": low,
        "recall_callable_high": high,
    }


def observations(sample: str, alleles: pd.DataFrame, depths: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return one row an allele that is counted by depth: sample, chrom, site, variants (a key of GROUPS), depth, label, error."""
    table = alleles[["chrom", "site", "label", "error"]].assign(sample=sample, depth=depths, variants="")
    for name, (kind, zygosities) in GROUPS.items():
        table.loc[(alleles.type.isin(TYPES[kind]) & alleles.zygosity.isin(zygosities)).to_numpy(), "variants"] = name
    return table[table.variants != ""]


def by_depth_rows(samples: str, observed: pd.DataFrame) -> list[Row]:
    """Return the rows of by_depth.tsv of some samples' observations together; bins in which nothing was observed are left out.

    `sites` counts places: one place is observed once a point, so observations are not independent and intervals are too narrow by up to
    the square root of their ratio.

    Args:
        samples: what stands in the column `samples`.
        observed: from `observations`, over all points.
    """
    rows = []
    for name in GROUPS:
        here = observed[observed.variants == name]
        bins = np.searchsorted(EDGES, here.depth, "right") - 1
        for at in np.unique(bins):
            part, deeper = here[bins == at], here[bins >= at]
            end = EDGES[at + 1] - 1 if at + 1 < len(EDGES) else ""
            rows.append({"samples": samples, "variants": name, "depth_from": EDGES[at], "depth_to": end, **_tally(part), **_deeper(deeper)})
    return rows


def _tally(part: pd.DataFrame) -> Row:
    wrong = int((part.error == Error.GENOTYPE).sum())
    return {**recall_of(part), "genotype_errors": wrong, "missing_alleles": int((part.label == Label.FN).sum()) - wrong}


def _deeper(part: pd.DataFrame) -> Row:
    found = recall_of(part)
    return {"observed_and_deeper": found["observed"]} | {
        name.replace("recall", "recall_and_deeper"): found[name] for name in ("recall", "recall_low", "recall_high")
    }


def recall_of(part: pd.DataFrame) -> Row:
    """Return observed, sites, tp, and recall by genotype with its 95 % interval; None where nothing was observed."""
    tp = int((part.label == Label.TP).sum())
    low, high = wilson(tp, len(part))
    return {
        "observed": len(part),
        "sites": len(part.drop_duplicates(["sample", "chrom", "site"])),
        "tp": tp,
        "recall": tp / len(part) if len(part) else None,
        "recall_low": low,
        "recall_high": high,
    }
