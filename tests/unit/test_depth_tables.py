"""The depth curve: design, sites, tables, limit and page, out of records built here whose answers can be counted by hand."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.unit.test_score_tables import allele, table
from workflow.cohort import Cohort, Sample, Unit
from workflow.depth_design import check_reads, check_results, chosen_samples, needed_files, parse_depths, points_of
from workflow.depth_limit import DEEPEST, ENOUGH, FIRST, LEAST_BOUND, LEVEL, WIDEST, find_limit, holds, report_limit, window, windows
from workflow.depth_page import render_depth_curve
from workflow.depth_run import write_run
from workflow.depth_sites import depths_at, mean_depth, read_depths, read_truth_alleles, site_lines, site_of
from workflow.depth_tables import BY_DEPTH_COLUMNS, CURVE_COLUMNS, by_depth_rows, curve_rows, observations
from workflow.errors import InputError
from workflow.interval_arrays import IntervalArray
from workflow.score_files import write_table, write_variants
from workflow.score_tables import summary, wilson
from workflow.settings import Settings, load_settings

CONFIG = {
    "samples": "s.tsv",
    "units": "u.tsv",
    "reference": {"name": "GRCh38", "fasta": "ref/r.fa"},
    "regions": "regions.bed",
    "truth": {"anna": {"vcf": "t.vcf.gz", "bed": "t.bed", "sample": "HG1"}, "erik": {"vcf": "e.vcf.gz", "bed": "e.bed"}},
    "caller": "freebayes",
    "callable": {"min_depth": 8},
    "knowledge": {"hpo": {"path": "hpo", "release": "2025-01-01"}},
    "validation": {"scorer": "aardvark", "stratifications": "strata.tsv"},
}
COHORT = Cohort(
    {"anna": Sample("anna", "family", "proband", "female", "yes", None, "", "", 2)},
    {},
    {"anna": tuple(Unit("anna", lane, f"{lane}_1.gz", f"{lane}_2.gz", "x", "y", "lib", "ILLUMINA", 2) for lane in ("L1", "L2"))},
    {},
)


@pytest.fixture
def settings() -> Settings:
    return load_settings(CONFIG, "config.yaml")


def test_parse_depths_sorts_and_takes_each_once() -> None:
    assert parse_depths("30,5, 10,5") == [5, 10, 30]


@pytest.mark.parametrize("text", ["five", "5,,10", "0", "-5", "2.5", "1000", "²", ""])
def test_parse_depths_refuses_what_is_no_depth(text: str) -> None:
    with pytest.raises(InputError, match="which is no depth; give whole numbers from 1 to 999"):
        parse_depths(text)


def test_chosen_samples_names_what_has_no_truth(settings: Settings) -> None:
    assert chosen_samples(None, settings, "--samples") == ["anna", "erik"]
    assert chosen_samples("erik", settings, "--samples") == ["erik"]
    with pytest.raises(InputError, match=r"config.yaml: --samples names `ana`, which has no truth set \(did you mean `anna`\?\)"):
        chosen_samples("ana", settings, "--samples")
    with pytest.raises(InputError, match=r"config.yaml: no sample has a truth set"):
        chosen_samples(None, replace(settings, truth={}), "--samples")


def test_chosen_samples_refuses_a_name_without_room_for_a_depth(settings: Settings) -> None:
    long = "a" * 60
    with pytest.raises(InputError, match="leaves no room"):
        chosen_samples(long, replace(settings, truth={long: settings.truth["anna"]}), "--samples")


def test_check_results_says_which_file_is_missing_and_how_to_make_it(tmp_path: Path) -> None:
    files = needed_files(tmp_path, "anna")
    for file in files.values():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    check_results(tmp_path, ["anna"], "run this")
    files["callable"].unlink()
    with pytest.raises(InputError, match=r"callable.bed.gz: results of sample `anna` are missing; make them first: run this\."):
        check_results(tmp_path, ["anna"], "run this")


def test_check_reads_names_the_row_of_reads_that_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("L1_1.gz", "L1_2.gz", "L2_1.gz", "L2_2.gz"):
        (tmp_path / name).touch()
    check_reads(COHORT, ["anna"], Path("u.tsv"))
    (tmp_path / "L2_2.gz").unlink()
    with pytest.raises(InputError, match=r"u.tsv, row 2: L2_2.gz is not there; bring the reads back"):
        check_reads(COHORT, ["anna"], Path("u.tsv"))


def test_points_of_leaves_out_depths_that_are_not_reached() -> None:
    points, left_out = points_of("anna", 20.0, [5, 10, 20, 30])
    assert {name: (point["wished"], point["fraction"]) for name, point in points.items()} == {
        "anna-d05": (5, 0.25), "anna-d10": (10, 0.5), "anna": (None, 1.0)
    }  # fmt: skip
    assert left_out == [20, 30]


def test_write_run_keeps_what_calling_depends_on_and_touches_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, points = tmp_path / "curve", points_of("anna", 20.0, [5])[0]
    write_run(folder, CONFIG, COHORT, points)
    content = yaml.safe_load((folder / "config.yaml").read_text())
    assert content["truth"] == {"anna-d05": {"vcf": f"{tmp_path}/t.vcf.gz", "bed": f"{tmp_path}/t.bed", "sample": "HG1"}}
    assert content["reference"]["fasta"] == f"{tmp_path}/ref/r.fa"
    assert (content["caller"], content["callable"]) == ("freebayes", {"min_depth": 8})
    assert content["validation"] == {"scorer": "aardvark"}
    assert "knowledge" not in content
    load_settings(content)
    assert (folder / "samples.tsv").read_text().splitlines()[1:] == ["anna-d05\tanna-d05\tproband\tfemale\tunknown"]
    rows = [line.split("\t") for line in (folder / "units.tsv").read_text().splitlines()]
    assert rows[1] == ["anna-d05", "L1", "reads/anna-d05.L1_1.fastq.gz", "reads/anna-d05.L1_2.fastq.gz", "lib", "ILLUMINA"]
    assert len(rows) == 3
    os.utime(folder / "config.yaml", (1, 1))
    write_run(folder, CONFIG, COHORT, points)
    assert (folder / "config.yaml").stat().st_mtime == 1


@pytest.mark.parametrize(("ref", "alt", "site"), [("A", "G", 9), ("A", "ATT", 9), ("ATT", "A", 9), ("AC", "GT", 9), ("AC", "AG", 10)])
def test_site_of_is_the_first_base_that_changes_or_the_one_before_an_indel(ref: str, alt: str, site: int) -> None:
    assert site_of(10, ref, alt) == site


def read_back(folder: Path, *rows: dict[str, Any]) -> pd.DataFrame:
    """Write alleles as variants.tsv.gz and return the truth's."""
    write_variants(folder / "variants.tsv.gz", table(*rows), {}, ["chr1"])
    return read_truth_alleles(folder / "variants.tsv.gz")


TRUTH = (
    allele("truth", 10, "TP"),
    allele("truth", 20, "FN", "missing allele"),
    allele("truth", 30, "FN", "genotype", zygosity="hom", genotype="1/1"),
    allele("truth", 40, "FN", "missing allele", alt="ATT", type="INSERTION", start=40, end=40, added="TT"),
)
OTHERS = (allele("call", 10, "TP"), allele("call", 50, "FP", "extra allele"), allele("truth", 20, "TP", call_set="ALL"))


def test_read_truth_alleles_takes_the_truth_against_passing_calls(tmp_path: Path) -> None:
    found = read_back(tmp_path, *TRUTH, *OTHERS)
    assert list(zip(found.pos, found.site, found.label, strict=True)) == [(10, 9, "TP"), (20, 19, "FN"), (30, 29, "FN"), (40, 39, "FN")]


def measured(folder: Path, *lines: str) -> pd.DataFrame:
    (folder / "d.bed").write_text("".join("\t".join(line.split()) + "\n" for line in lines))
    return read_depths(folder / "d.bed")


def test_depths_at_and_mean_depth_read_what_site_lines_asked_for(tmp_path: Path) -> None:
    alleles = read_back(tmp_path, *TRUTH, *OTHERS)
    lines = list(site_lines({"chr1": IntervalArray.of([0, 50], [40, 60]), "chr2": IntervalArray.of([5], [6])}, alleles))
    assert lines[:3] == [("chr1", 0, 40, "confident"), ("chr1", 9, 10, "site"), ("chr1", 19, 20, "site")]
    assert lines[5] == ("chr1", 50, 60, "confident")
    assert lines[-1] == ("chr2", 5, 6, "confident")
    sites = ("chr1 9 10 site 7.000000", "chr1 19 20 site 2", "chr1 29 30 site 3", "chr1 39 40 site 11")
    depths = measured(tmp_path, "chr1 0 40 confident 4.5", "chr1 50 60 confident 10", *sites)
    assert mean_depth(depths) == pytest.approx((40 * 4.5 + 10 * 10) / 50)
    assert list(depths_at(alleles, depths)) == [7, 2, 3, 11]
    with pytest.raises(KeyError):
        depths_at(alleles, measured(tmp_path, *sites[1:]))


def test_curve_rows_tell_silent_misses_from_those_not_assessed(tmp_path: Path) -> None:
    scored = [{**row, "sample": "anna"} for row in summary(table(*TRUTH, *OTHERS), {}, {"all": 50})]
    text = [{key: "" if value is None else str(value) for key, value in row.items()} for row in scored]
    point = {"sample": "anna", "wished": 5, "measured": 5.2, "fraction": 0.25, "callable_share": 0.5}
    rows = curve_rows(point, text, read_back(tmp_path, *TRUTH, *OTHERS), np.array([True, False, True, True]))
    found = {(row["variant_type"], row["zygosity"]): row for row in rows}
    names = ("truth_total", "tp", "fn", "fp", "truth_callable", "fn_callable", "fn_not_callable")
    assert [int(found["SNV", "all"][name]) for name in names] == [3, 1, 2, 1, 2, 1, 1]
    assert [int(found["SNV", "het"][name]) for name in names] == [2, 1, 1, 1, 1, 0, 1]
    assert found["SNV", "het"]["recall_callable"] == 1.0
    assert [int(found["INDEL", "all"][name]) for name in names] == [1, 0, 1, 0, 1, 1, 0]
    for row in rows:
        assert int(row["fn_callable"]) + int(row["fn_not_callable"]) == int(row["fn"])
    write_table(tmp_path / "curve.tsv", CURVE_COLUMNS, rows)


def observed_at(depths: dict[int, tuple[int, int]]) -> pd.DataFrame:
    """Return heterozygous SNVs: depth → (found, missed)."""
    rows = [
        {"sample": "anna", "chrom": "chr1", "site": at, "label": label, "error": "", "variants": "SNV het", "depth": depth}
        for depth, counts in depths.items()
        for label, count in zip(("TP", "FN"), counts, strict=True)
        for at in range(count)
    ]
    return pd.DataFrame(rows)


def test_observations_group_by_type_and_genotype(tmp_path: Path) -> None:
    alleles = read_back(tmp_path, *TRUTH, *OTHERS, allele("truth", 60, "TP", type="OTHER"))
    found = observations("anna", alleles, np.array([7, 2, 3, 11, 9]))
    assert list(zip(found.variants, found.depth, strict=True)) == [("SNV het", 7), ("SNV het", 2), ("SNV hom", 3), ("INDEL", 11)]


def test_by_depth_rows_count_each_bin_and_all_deeper_ones() -> None:
    rows = {row["depth_from"]: row for row in by_depth_rows("anna", observed_at({3: (1, 3), 9: (6, 0), 44: (5, 1), 80: (2, 0)}))}
    assert [(row["depth_from"], row["depth_to"]) for row in rows.values()] == [(3, 3), (9, 9), (40, 49), (50, "")]
    assert (rows[3]["observed"], rows[3]["tp"], rows[3]["recall"]) == (4, 1, 0.25)
    assert (rows[9]["observed_and_deeper"], rows[9]["recall_and_deeper"]) == (14, 13 / 14)
    assert (rows[9]["recall_low"], rows[9]["recall_high"]) == wilson(6, 6)
    assert rows[3]["sites"] == 3, "the same site found once and missed once is one place"
    assert set(rows[3]) == set(BY_DEPTH_COLUMNS)


@pytest.mark.parametrize(
    ("tp", "missed", "verdict"), [(73, 0, True), (72, 0, None), (0, 0, None), (300, 1, True), (118, 2, None), (97, 3, False), (7, 5, False)]
)
def test_holds_needs_both_the_level_and_enough_to_show_it(tp: int, missed: int, verdict: bool | None) -> None:
    total = tp + missed
    low, high = wilson(tp, total)
    found = {"recall": tp / total if total else None, "recall_low": low, "recall_high": high, "observed_first": total}
    assert holds(found) is verdict
    assert holds({**found, "observed_first": min(total, FIRST - 1)}) is None, "a window that lives off its deep end"


GOOD = {depth: (120, 0) for depth in range(6, 41)}


def test_window_takes_as_few_more_depths_as_make_enough() -> None:
    spans = {depth: (120, 0) if depth < 10 else (50, 0) if depth < 20 else (1, 0) for depth in range(1, 40)}
    found = {one["depth_from"]: (one["depth_to"], one["observed"]) for one in windows(observed_at(spans))}
    assert found[5] == (5, 120)
    assert found[12] == (14, 150)
    assert found[25] == (25 + WIDEST - 1, WIDEST)
    assert holds(window(observed_at({7: (ENOUGH - 1, 1)}), 7)) is True
    assert holds(window(observed_at({7: (ENOUGH - 5, 5)}), 7)) is False


def test_find_limit_is_the_least_depth_that_holds_with_none_failing_above() -> None:
    assert find_limit(windows(observed_at({5: (60, 60), **GOOD}))) == 6
    assert find_limit(windows(observed_at({5: (60, 60), **GOOD, 12: (110, 10)}))) == 13
    assert find_limit(windows(observed_at({5: (60, 60), 20: (72, 0)}))) is None
    assert find_limit(windows(observed_at({2: (120, 0), 5: (110, 10), **GOOD}))) == 6, "what holds below a failure does not count"
    assert find_limit(windows(observed_at({**GOOD, DEEPEST + 2: (0, 120)}))) == 6, "too deep for depth to be the cause"


def limit_of(configured: int, depths: dict[int, tuple[int, int]]) -> dict[str, Any]:
    return report_limit({"anna": observed_at(depths)}, "anna", {"min_depth": configured, "min_mapping_quality": 20})


def test_report_limit_says_what_follows_for_the_limit_that_is_set() -> None:
    depths = {5: (60, 60), **GOOD}
    assert "From 6 reads on, a recall of 99\u00a0%" in limit_of(10, depths)["conclusion"]
    assert "is on the safe side (120 of 120 heterozygous SNVs with 10 to 10 reads" in limit_of(10, depths)["conclusion"]
    assert "which is the limit that is set (120 of 120" in limit_of(6, depths)["conclusion"]
    assert "recall falls short (60 of 120" in limit_of(5, depths)["conclusion"]
    few = {depth: (12, 0) if depth < 15 else counts for depth, counts in GOOD.items()}
    assert "at the limit that is set, 6, neither this nor the contrary is shown (60 of 60" in limit_of(6, few)["conclusion"]
    assert "too small to derive a limit" in limit_of(10, {12: (20, 0)})["conclusion"]
    found = limit_of(10, depths)["groups"]["anna"]
    assert (found["below"]["observed"], found["below"]["tp"], found["from"]["observed"]) == (600, 540, 31 * 120)
    assert (found["limit"], found["limit_of_all_deeper"]) == (6, 6)
    assert (LEVEL, LEAST_BOUND) == (0.99, 0.95), "decision 014 tells why"


def test_render_depth_curve_is_self_contained_and_says_what_follows(tmp_path: Path) -> None:
    depths = {5: (60, 60), **GOOD}
    scored = [{key: "" if value is None else str(value) for key, value in row.items()} for row in summary(table(*TRUTH), {}, {"all": 50})]
    alleles = read_back(tmp_path, *TRUTH)
    curve = [
        {key: "" if value is None else str(value) for key, value in row.items()}
        for wished in (5, None)
        for row in curve_rows(
            {"sample": "anna", "wished": wished, "measured": 5.2, "fraction": 0.25, "callable_share": 0.5},
            scored,
            alleles,
            np.ones(4, bool),
        )
    ]
    by_depth = [{key: str(value) for key, value in row.items()} for row in by_depth_rows("anna", observed_at(depths))]
    about = {"reference": "GRCh38", "caller": "gatk", "aligner": "bwa", "callable": {"min_mapping_quality": 20}, "derive": ["anna"]}
    page = render_depth_curve({**about, "left_out": {"anna": [40]}}, curve, by_depth, limit_of(10, depths))
    assert "From 6 reads on" in page
    assert "derived: 6" in page
    assert "set: 10" in page
    assert "Left out, since anna is not that deep: 40." in page
    assert not re.search(r"(?:src|href)=[\"']https?:", page)
    assert "default-src 'none'" in page
    assert page.count("<circle") > 24
