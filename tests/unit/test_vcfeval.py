"""vcfeval's annotated VCFs, as its manual and source describe them (the program itself is not here), read as scored alleles."""

from pathlib import Path

import pandas as pd
import pysam
import pytest

from workflow import vcfeval
from workflow.scored_alleles import Side, frame

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=1000>
##INFO=<ID=SYNC,Number=.,Type=Integer,Description="Chromosome-unique sync region ID">
##INFO=<ID=BASE,Number=1,Type=String,Description="Baseline genotype status">
##INFO=<ID=CALL,Number=1,Type=String,Description="Call genotype status">
##INFO=<ID=CALL_WEIGHT,Number=1,Type=Float,Description="Call weight">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSAMPLE
"""
BASELINE = (
    "chr1\t101\t.\tA\tG\t50\tPASS\tSYNC=1;BASE=TP\tGT:DP\t0/1:30",
    "chr1\t201\t.\tA\tG,AT\t50\tPASS\tSYNC=2;BASE=FN_CA\tGT:DP\t1/2:30",
    "chr1\t301\t.\tC\tCA\t50\tPASS\tSYNC=3;BASE=FN\tGT:DP\t1|1:30",
    "chr1\t401\t.\tC\tT\t50\tPASS\tBASE=HARD\tGT:DP\t0/1:30",
    "chr1\t501\t.\tC\tT\t50\tPASS\tBASE=OUT\tGT:DP\t0/1:30",
)
CALLS = (
    "chr1\t101\t.\tA\tG\t41.5\tPASS\tSYNC=1;CALL=TP;CALL_WEIGHT=2.00\tGT:DP\t0/1:28",
    "chr1\t201\t.\tA\tG\t20\tLowQual\tSYNC=2,1;CALL=FP_CA\tGT:DP\t1/1:28",
    "chr1\t351\t.\tCA\tC\t.\t.\tSYNC=3;CALL=FP\tGT:DP\t0/1:.",
    "chr1\t601\t.\tG\tT\t10\tPASS\tCALL=IGN\tGT:DP\t./.:5",
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder as vcfeval writes it in output mode `annotate`."""
    for name, lines in (("baseline", BASELINE), ("calls", CALLS)):
        with pysam.BGZFile(str(tmp_path / f"{name}.vcf.gz"), "wb") as file:
            file.write((HEADER + "\n".join(lines) + "\n").encode())
        pysam.tabix_index(str(tmp_path / f"{name}.vcf.gz"), preset="vcf")
    (tmp_path / "summary.txt").write_text(
        "Threshold  True-pos-baseline  True-pos-call  False-pos  False-neg  Precision  Sensitivity  F-measure\n"
        "----------------------------------------------------------------------------------------------------\n"
        "     None                  1              1          2          2     0.3333       0.3333     0.3333\n"
    )
    return tmp_path


def table(out: Path) -> pd.DataFrame:
    sides = [frame(vcfeval.read_scores(out, side, "", "chr1")).assign(side=str(side)) for side in Side]
    return pd.concat(sides, ignore_index=True)


def test_read_scores_gives_each_allele_the_label_of_its_record(out: Path) -> None:
    rows = [(row.side, row.pos, row.alt, row.type, row.label, row.error, row.group) for row in table(out).itertuples()]
    assert rows == [
        ("truth", 101, "G", "SNV", "TP", "", 1),
        ("truth", 201, "G", "SNV", "FN", "genotype", 2),
        ("truth", 201, "AT", "INSERTION", "FN", "genotype", 2),
        ("truth", 301, "CA", "INSERTION", "FN", "missing allele", 3),
        ("truth", 401, "T", "SNV", "FN", "missing allele", -1),
        ("call", 101, "G", "SNV", "TP", "", 1),
        ("call", 201, "G", "SNV", "FP", "genotype", 2),
        ("call", 351, "C", "DELETION", "FP", "extra allele", 3),
    ]


def test_read_scores_keeps_qual_filter_and_depth_of_the_call(out: Path) -> None:
    first, second, third = table(out).query("side == 'call'").itertuples()
    assert (first.qual, first.filter, first.depth) == (41.5, "PASS", 28)
    assert second.filter == "LowQual"
    assert pd.isna(third.qual)
    assert pd.isna(third.depth)


def test_read_scores_of_a_contig_without_records_is_empty(out: Path) -> None:
    assert list(vcfeval.read_scores(out, Side.TRUTH, "", "chr2")) == []


@pytest.mark.parametrize(("old", "new"), [("BASE=TP", "OTHER=TP"), ("BASE=TP", "BASE=MAYBE")])
def test_read_scores_of_an_unknown_or_missing_label_fails(out: Path, old: str, new: str) -> None:
    with pysam.BGZFile(str(out / "baseline.vcf.gz"), "wb") as file:
        file.write((HEADER + BASELINE[0].replace(old, new) + "\n").encode())
    pysam.tabix_index(str(out / "baseline.vcf.gz"), preset="vcf", force=True)
    with pytest.raises(RuntimeError, match=r"no label for chr1:101|label MAYBE is not known"):
        list(vcfeval.read_scores(out, Side.TRUTH, "", "chr1"))


def test_check_sums_refuses_labels_that_lack_true_alleles(out: Path) -> None:
    found = table(out)
    vcfeval.check_sums(out, found)
    with pytest.raises(RuntimeError, match="give 0 true alleles of the truth, but its summary says 1"):
        vcfeval.check_sums(out, found[found.pos != 101])
