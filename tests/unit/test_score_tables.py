"""Strata, counts, intervals and curves of scored alleles whose answers can be counted by hand."""

import csv
import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workflow.errors import InputError
from workflow.interval_arrays import IntervalArray
from workflow.score_files import write_summary, write_variants
from workflow.score_tables import SUMMARY_COLUMNS, count, curve, f1, rates, summary, wilson
from workflow.scored_alleles import COLUMNS
from workflow.strata import DEPTH_EDGES, assign, depth_names, depth_strata
from workflow.stratifications import read_stratifications, user_strata

ROOT = Path(__file__).resolve().parents[2]


def allele(side: str, pos: int, label: str, error: str = "", **more: Any) -> dict[str, Any]:
    """Return a row of scored alleles: by default a heterozygous SNV A>G on chr1, its group its place."""
    place = {"call_set": "PASS", "side": side, "chrom": "chr1", "pos": pos, "ref": "A", "alt": "G", "start": pos - 1, "end": pos}
    rest = {"added": "G", "type": "SNV", "zygosity": "het", "genotype": "0/1", "qual": 50.0, "filter": "PASS", "depth": 30.0, "group": pos}
    return {**place, **rest, "label": label, "error": error, **more}


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["call_set", "side", *COLUMNS])


EXAMPLE = table(
    allele("truth", 10, "TP"),
    allele("truth", 20, "FN", "genotype", zygosity="hom", genotype="1/1"),
    allele("truth", 30, "FN", "missing allele"),
    allele("truth", 40, "TP", alt="GTT", type="INSERTION", start=40, end=40, added="TT"),
    allele("call", 10, "TP", qual=60.0),
    allele("call", 20, "TP", qual=30.0),
    allele("call", 35, "FP", "extra allele", qual=20.0),
    allele("call", 40, "FP", "genotype", alt="GTT", type="INSERTION", start=40, end=40, added="TT", genotype="1/1", qual=40.0),
)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    # Newcombe, Statistics in Medicine 17:857 (1998), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (29, 29, 0.8830, 1.0)],
)
def test_wilson_gives_the_published_intervals(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=6e-5)


def test_rates_without_a_denominator_are_empty_and_not_0_or_1() -> None:
    assert set(rates(0, 0, 0, 0).values()) == {None}
    missed = rates(0, 5, 0, 0)
    assert (missed["recall"], missed["precision"], missed["f1"]) == (0, None, None)
    assert f1(0.0, 0.0) == 0
    assert rates(1, 2, 3, 4)["f1"] == pytest.approx(0.6)


def test_count_tells_genotype_errors_from_missing_alleles() -> None:
    names = ("truth_total", "truth_tp", "truth_fn", "genotype_errors", "missing_alleles", "query_tp", "query_fp", "query_genotype_errors")
    by_genotype, by_allele = (count(EXAMPLE, level) for level in ("genotype", "allele"))
    assert [by_genotype[name] for name in names] == [4, 2, 2, 1, 1, 2, 2, 1]
    assert [by_allele[name] for name in names] == [4, 3, 1, 0, 1, 3, 1, 0]
    assert (by_genotype["extra_alleles"], by_allele["extra_alleles"]) == (1, 1)


def test_summary_rows_add_up_and_keep_empty_strata() -> None:
    members = {"here": (EXAMPLE.pos <= 20).to_numpy(), "nowhere": np.zeros(len(EXAMPLE), bool)}
    rows = {
        (row["variant_type"], row["stratum"], row["zygosity"]): row
        for row in summary(EXAMPLE, members, {"all": 100, "here": 20, "nowhere": 0})
        if row["level"] == "genotype"
    }
    assert rows["SNV", "all", "all"]["truth_total"] == 3
    assert rows["INDEL", "all", "all"] | {"variant_type": "INSERTION"} == rows["INSERTION", "all", "all"]
    assert rows["SNV", "here", "all"]["confident_bases"] == 20
    assert rows["SNV", "nowhere", "all"]["recall"] is None
    assert ("DELETION", "all", "all") not in rows
    assert rows["SNV", "all", "het"]["truth_total"] + rows["SNV", "all", "hom"]["truth_total"] == 3


def test_curve_ends_with_every_call_and_drops_the_weak_first() -> None:
    snvs = [row for row in curve(EXAMPLE) if row["variant_type"] == "SNV"]
    assert [(row["threshold"], row["tp"], row["fp"], row["fn"]) for row in snvs] == [(60, 1, 0, 2), (30, 1, 0, 2), (20, 1, 1, 2)]
    indels = [row for row in curve(EXAMPLE) if row["variant_type"] == "INDEL"]
    assert [(row["threshold"], row["tp"], row["fp"]) for row in indels] == [(40, 1, 1)]


def test_curve_shares_a_true_allele_among_the_calls_that_make_it() -> None:
    block = allele("truth", 10, "TP", alt="GT", type="SNV", group=1)
    rows = curve(table(block, allele("call", 10, "TP", qual=50.0, group=1), allele("call", 11, "TP", qual=20.0, group=1)))
    assert [(row["threshold"], row["tp"], row["recall"]) for row in rows] == [(50, 0.5, 0.5), (20, 1.0, 1.0)]


def test_curve_gives_a_true_allele_to_calls_of_its_own_type() -> None:
    insertion = {"alt": "GT", "type": "INSERTION", "start": 20, "end": 20, "added": "T", "group": 1}
    rows = curve(
        table(
            allele("truth", 10, "TP", group=1),
            allele("truth", 20, "TP", **insertion),
            allele("call", 10, "TP", qual=50.0, group=1),
            allele("call", 20, "TP", qual=20.0, **insertion),
        )
    )
    assert [(row["variant_type"], row["threshold"], row["tp"]) for row in rows] == [("SNV", 50, 1), ("INDEL", 20, 1)]


def test_curve_takes_calls_of_another_type_where_there_are_no_others() -> None:
    block = allele("truth", 10, "TP", alt="GT", ref="AC", type="INSERTION", group=1)
    rows = curve(table(block, allele("call", 10, "TP", qual=50.0, group=1), allele("call", 11, "TP", qual=20.0, group=1)))
    assert [(row["threshold"], row["tp"]) for row in rows if row["variant_type"] == "INDEL"] == [(50, 0.5), (20, 1.0)]


def test_curve_of_many_calls_keeps_the_first_and_the_last_threshold() -> None:
    calls = [allele(side, number, "TP", qual=float(number)) for number in range(1, 1001) for side in ("truth", "call")]
    rows = curve(table(*calls))
    assert len(rows) == 200
    assert (rows[0]["threshold"], rows[-1]["threshold"], rows[-1]["recall"]) == (1000, 1, 1)


def test_write_summary_leaves_cells_without_a_value_empty(tmp_path: Path) -> None:
    row = dict.fromkeys(SUMMARY_COLUMNS) | {"sample": "anna", "recall": 1 / 3, "truth_total": 3}
    write_summary(tmp_path / "s.tsv", [row])
    head, line = (text.split("\t") for text in (tmp_path / "s.tsv").read_text().splitlines())
    assert dict(zip(head, line, strict=True)) | {"recall": "0.333333"} == dict(zip(head, line, strict=True))
    assert dict(zip(head, line, strict=True))["precision"] == ""


def test_write_variants_gives_both_genotypes_strata_and_depth(tmp_path: Path) -> None:
    members = {"depth_10to14": (EXAMPLE.pos == 40).to_numpy(), "gc_lt25": np.ones(len(EXAMPLE), bool)}
    write_variants(tmp_path / "v.tsv.gz", EXAMPLE, members, ["chr1"])
    with gzip.open(tmp_path / "v.tsv.gz", "rt") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert [(row["side"], int(row["pos"])) for row in rows] == [
        ("truth", 10), ("call", 10), ("truth", 20), ("call", 20), ("truth", 30), ("call", 35), ("truth", 40), ("call", 40)
    ]  # fmt: skip
    twice = [row for row in rows if row["pos"] == "20"]
    assert {(row["truth_genotype"], row["call_genotype"]) for row in twice} == {("1/1", "0/1")}
    assert [row["call_genotype"] for row in rows if row["pos"] == "30"] == [""]
    assert {(row["pos"], row["depth_bin"], row["strata"]) for row in rows[-2:]} == {("40", "10to14", "gc_lt25")}


def test_assign_takes_any_changed_base_but_one_depth_bin() -> None:
    alleles = table(
        allele("truth", 10, "TP"),
        allele("truth", 19, "TP", end=22, type="DELETION"),
        allele("truth", 20, "TP", start=20, end=20, type="INSERTION"),
        allele("truth", 10, "TP", chrom="chr2"),
    )
    strata = {"repeat": IntervalArray.of([20], [30]), "depth_0to4": IntervalArray.of([0], [20]), "depth_ge50": IntervalArray.of([20], [50])}
    members, bases = assign([[("chr1", strata)]], alleles, {"chr1": IntervalArray.of([0], [25])})
    assert members["repeat"].tolist() == [False, True, True, False]
    assert members["depth_0to4"].tolist() == [True, True, True, False]
    assert members["depth_ge50"].tolist() == [False, False, False, False]
    assert bases == {"repeat": 5, "depth_0to4": 20, "depth_ge50": 5}


def test_depth_strata_gives_one_contig_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "d.bed").write_text("chr1\t0\t5\tdepth_0to4\nchr1\t5\t9\tdepth_5to9\nchr1\t9\t12\tdepth_0to4\nchr2\t0\t3\tdepth_0to4\n")
    found = [(contig, {name: one.bases for name, one in strata.items()}) for contig, strata in depth_strata(tmp_path / "d.bed")]
    assert found == [("chr1", {"depth_0to4": 8, "depth_5to9": 4}), ("chr2", {"depth_0to4": 3})]


def test_depth_bins_of_the_rule_are_those_of_the_tables() -> None:
    text = (ROOT / "rules/scoring.smk").read_text()
    assert re.findall(r"MOSDEPTH_Q\d=(\w+)", text) == depth_names()
    assert f"--quantize {':'.join(map(str, DEPTH_EDGES))}: " in text


def test_user_strata_reads_beds_relative_to_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.bed").write_text("chr1\t0\t5\n")
    (tmp_path / "strata.tsv").write_text("# ours\nhard\ta.bed\n")
    assert [(contig, list(strata)) for contig, strata in user_strata(tmp_path / "strata.tsv", ["chr1"])] == [("chr1", ["hard"])]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hard\tnone.bed\n", "row 1: hard names .*none.bed, which is not there"),
        ("hard a.bed\n", "row 1: this is no line of stratifications"),
        ("hard\ta.bed\nhard\ta.bed\n", "row 2: the stratum hard is there already"),
        ("all\ta.bed\n", "the stratum all is there already"),
        ("gc_lt25\ta.bed\n", "the stratum gc_lt25 is there already"),
        ("hard\tb.bed\n", "b.bed: contig 1 is not in the reference"),
        ("hard\tc.bed\n", "c.bed: this is no BED file that can be read"),
    ],
)
def test_read_stratifications_refuses(tmp_path: Path, text: str, says: str) -> None:
    for name, line in {"a": "chr1\t0\t5", "b": "1\t0\t5", "c": "chr1\tx\t5"}.items():
        (tmp_path / f"{name}.bed").write_text(f"{line}\n")
    (tmp_path / "strata.tsv").write_text(text)
    with pytest.raises(InputError, match=says):
        read_stratifications(tmp_path / "strata.tsv", ["chr1"])
