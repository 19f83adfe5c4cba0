"""From scored alleles to tables: counts with intervals by type, stratum and zygosity, and the curve along QUAL."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from workflow.scored_alleles import Error, Label, Side
from workflow.strata import Members

Z = 1.959963984540054  # 97.5th percentile of the normal distribution
LEVELS = ("genotype", "allele")
TYPES = {"SNV": {"SNV"}, "INSERTION": {"INSERTION"}, "DELETION": {"DELETION"}, "INDEL": {"INSERTION", "DELETION"}, "OTHER": {"OTHER"}}
ALWAYS = {"SNV", "INDEL"}
"""Types whose rows are there even where nothing was counted."""
POINTS = 200
"""Most thresholds of a curve."""

SUMMARY_COLUMNS = (
    "sample", "scorer", "call_set", "level", "variant_type", "stratum", "zygosity",
    "truth_total", "truth_tp", "truth_fn", "genotype_errors", "missing_alleles",
    "query_total", "query_tp", "query_fp", "query_genotype_errors", "extra_alleles",
    "recall", "recall_low", "recall_high", "precision", "precision_low", "precision_high", "f1", "f1_low", "f1_high",
    "confident_bases", "finding",
)  # fmt: skip
CURVE_COLUMNS = ("variant_type", "threshold", "tp", "fp", "fn", "query_tp", "recall", "precision")

Row = dict[str, Any]


def wilson(hits: int, total: int) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval of a share by Wilson's score (J Am Stat Assoc 22:209, 1927); (None, None) if `total` is 0."""
    if not total:
        return None, None
    share, square = hits / total, Z * Z
    middle = share + square / (2 * total)
    half = Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    low, high = (middle - half) / (1 + square / total), (middle + half) / (1 + square / total)
    return (0.0 if hits == 0 else low), (1.0 if hits == total else high)


def f1(recall: float | None, precision: float | None) -> float | None:
    """Return the harmonic mean of both, None where one of them has no denominator."""
    if recall is None or precision is None:
        return None
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def rates(truth_tp: int, truth_total: int, query_tp: int, query_total: int) -> Row:
    """Return recall, precision and F1 with 95 % intervals; None where the denominator is 0.

    F1 is no share of anything, so it has no Wilson interval: its bounds are the F1 of both lower and of both upper bounds, which is
    wider than 95 % (recall and precision would have to miss on the same side).
    """
    recall = truth_tp / truth_total if truth_total else None
    precision = query_tp / query_total if query_total else None
    (recall_low, recall_high), (precision_low, precision_high) = wilson(truth_tp, truth_total), wilson(query_tp, query_total)
    return {
        "recall": recall, "recall_low": recall_low, "recall_high": recall_high,
        "precision": precision, "precision_low": precision_low, "precision_high": precision_high,
        "f1": f1(recall, precision), "f1_low": f1(recall_low, precision_low), "f1_high": f1(recall_high, precision_high),
    }  # fmt: skip


def count(alleles: pd.DataFrame, level: str) -> Row:
    """Return the counts of some alleles of one call set and their rates.

    On the level `allele` a genotype error counts as found (truth) and as right (call): the allele is there.
    """
    truth, calls = alleles[alleles.side == Side.TRUTH], alleles[alleles.side == Side.CALL]
    false = int((truth.label == Label.FN).sum()), int((calls.label == Label.FP).sum())
    wrong = int((truth.error == Error.GENOTYPE).sum()), int((calls.error == Error.GENOTYPE).sum())
    if level == "allele":
        false, wrong = (false[0] - wrong[0], false[1] - wrong[1]), (0, 0)
    return {
        "truth_total": len(truth), "truth_tp": len(truth) - false[0], "truth_fn": false[0],
        "genotype_errors": wrong[0], "missing_alleles": false[0] - wrong[0],
        "query_total": len(calls), "query_tp": len(calls) - false[1], "query_fp": false[1],
        "query_genotype_errors": wrong[1], "extra_alleles": false[1] - wrong[1],
        **rates(len(truth) - false[0], len(truth), len(calls) - false[1], len(calls)),
    }  # fmt: skip


def summary(alleles: pd.DataFrame, members: Members, bases: Mapping[str, int]) -> list[Row]:
    """Return the rows of summary.tsv but for `sample`, `scorer` and `finding`.

    Zygosities are told apart over all strata only, and strata over all zygosities only.

    Args:
        alleles: scored, with the columns call_set and side.
        members: which alleles lie in each stratum.
        bases: confident bases of `all` and of each stratum.
    """
    rows: list[Row] = []
    for call_set in alleles.call_set.unique():
        chosen = (alleles.call_set == call_set).to_numpy()
        for stratum, zygosity, inside in _cuts(alleles, members):
            part = alleles[chosen & inside]
            for name, types in TYPES.items():
                of_type = part[part.type.isin(types)]
                if len(of_type) or (name in ALWAYS and zygosity == "all"):
                    place = {"variant_type": name, "stratum": stratum, "zygosity": zygosity, "confident_bases": bases.get(stratum)}
                    rows += [{"call_set": call_set, "level": level, **place, **count(of_type, level)} for level in LEVELS]
    return rows


def _cuts(alleles: pd.DataFrame, members: Members) -> Iterator[tuple[str, str, Any]]:
    yield "all", "all", np.ones(len(alleles), bool)
    for zygosity in ("het", "hom", "hemi"):
        yield "all", zygosity, (alleles.zygosity == zygosity).to_numpy()
    for name, inside in members.items():
        yield name, "all", inside


def curve(alleles: pd.DataFrame) -> list[Row]:
    """Return recall and precision with only the calls of at least a QUAL kept, by type, from the strictest threshold on.

    Calls are not compared anew at each threshold: a true allele of the truth goes with the calls of its group that fitted, those of its own
    type if there are any, each of which carries an equal share (much as in vcfeval's curves), so `tp` may be a fraction. Calls
    without QUAL are kept always.

    Args:
        alleles: of the call set that holds every record whatever its FILTER.
    """
    rows: list[Row] = []
    calls = alleles[alleles.side == Side.CALL]
    for name in ("SNV", "INDEL"):
        truth = alleles[(alleles.side == Side.TRUTH) & alleles.type.isin(TYPES[name])]
        of_type = calls.type.isin(TYPES[name])
        weighed = calls.assign(found=_shares(calls, of_type, truth))
        rows += [{"variant_type": name, **point} for point in _points(weighed, of_type, len(truth))]
    return rows


def _shares(calls: pd.DataFrame, of_type: "pd.Series[bool]", truth: pd.DataFrame) -> "pd.Series[float]":
    """Return how many true alleles of the truth each call stands for."""
    group = ["chrom", "group"]
    found = truth[truth.label == Label.TP].groupby(group).size().rename("found").reset_index()
    fits = (calls.label == Label.TP) | (calls.error == Error.GENOTYPE)
    counted = calls.assign(same=fits & of_type, fits=fits)
    sums = counted.groupby(group)[["same", "fits"]].sum().rename(columns={"same": "all_same", "fits": "all_fits"}).reset_index()
    both = counted[group].merge(found, how="left").merge(sums, how="left").set_axis(calls.index)
    carries = counted.same | (fits & (both.all_same == 0))
    return both.found.fillna(0.0).div(both.all_same.where(both.all_same > 0, both.all_fits)).where(carries, 0.0)


def _points(calls: pd.DataFrame, of_type: "pd.Series[bool]", total: int) -> Iterator[Row]:
    """Yield the points of one curve; `found` counts over calls of any type, since a true insertion may be called as two SNVs."""
    qual = calls.qual.fillna(np.inf)
    known = np.sort(qual[np.isfinite(qual) & (of_type | (calls.found > 0))].unique())
    for threshold in _spread(known[::-1]):
        kept = qual >= threshold
        tp = float(calls.found[kept].sum())
        right = int((kept & of_type & (calls.label == Label.TP)).sum())
        wrong = int((kept & of_type & (calls.label == Label.FP)).sum())
        yield {
            "threshold": float(threshold), "tp": tp, "fp": wrong, "fn": total - tp, "query_tp": right,
            "recall": tp / total if total else None, "precision": right / (right + wrong) if right + wrong else None,
        }  # fmt: skip


def _spread(values: Any) -> Iterable[float]:
    """Return at most POINTS of the values, the first and the last among them."""
    if len(values) <= POINTS:
        return list(values)
    return [values[at] for at in np.unique(np.linspace(0, len(values) - 1, POINTS).round().astype(int))]
