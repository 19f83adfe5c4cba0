import numpy as np
import pysam
import pytest

from scripts.collect_qc import depth_histogram, depth_metrics, read_metrics, summary_numbers, territory_of
from scripts.decide_karyotype import decide
from scripts.list_territory import find_territory
from workflow.ploidy import SexContigs


def dist_lines(depths, contig="1"):
    """mosdepth's region.dist lines of a list of per-base depths: depths that no base has are left out, as mosdepth does."""
    depths = np.array(depths)
    return [f"{contig}\t{d}\t{np.mean(depths >= d):.6f}\n" for d in sorted({0, *depths.tolist()}, reverse=True)]


@pytest.mark.parametrize("depths", [[0] * 10, [30] * 7, [0, 0, 3, 9, 9, 31], list(range(100))])
def test_depth_metrics_equal_those_of_the_bases_themselves(depths):
    metrics = depth_metrics(depth_histogram(dist_lines(depths), {"1": len(depths)}))
    bases = np.array(depths, dtype=float)
    assert metrics["mean_autosome_coverage"][0] == pytest.approx(bases.mean(), abs=1e-3)
    assert metrics["pct_autosomes_15x"][0] == pytest.approx(100 * np.mean(bases >= 15), abs=1e-3)
    median = np.sort(bases)[(len(bases) - 1) // 2]
    assert metrics["median_autosome_coverage"][0] == median
    assert metrics["mad_autosome_coverage"][0] == np.sort(np.abs(bases - median))[(len(bases) - 1) // 2]


def test_depth_histogram_adds_contigs_by_their_length():
    lines = dist_lines([10] * 4) + dist_lines([20] * 6, "2") + dist_lines([99] * 9, "X")
    assert depth_histogram(lines, {"1": 4, "2": 6})[[10, 20]].tolist() == pytest.approx([4, 6])


def test_summary_numbers_reads_the_sn_section():
    assert summary_numbers("# x\nSN\traw total sequences:\t12\t# excluding\nFFQ\t1\t2\n") == {"raw total sequences": 12.0}


def test_read_metrics_adds_lanes():
    lane = {"summary": {"before_filtering": {"total_bases": 100, "q30_bases": 90}}}
    assert read_metrics([lane, lane])["yield_bp_q30"] == (180, "bp")


def test_territory_of_prefers_autosomes():
    assert territory_of({"chr1": [(0, 5)], "chrX": [(0, 9)]}, None) == ("autosomes of the genome", {"chr1": 5})
    assert territory_of({"chrX": [(0, 9)]}, "a/b.bed") == ("all contigs of regions b.bed (no autosome there)", {"chrX": 9})


def test_find_territory_leaves_out_n_and_what_is_outside_regions(tmp_path):
    fasta = tmp_path / "r.fa"
    fasta.write_text(">1\nACGTNNNNac\n>2\nNNNN\n")
    pysam.faidx(str(fasta))
    with pysam.FastaFile(str(fasta)) as handle:
        assert find_territory(handle, {"1": 10, "2": 4}, None) == {"1": [(0, 4), (8, 10)]}
        assert find_territory(handle, {"1": 10}, {"1": [(2, 9)]}) == {"1": [(2, 4), (8, 9)]}


CONTIGS = {"1": 10**6, "X": 10**6, "Y": 10**6}
SEX = SexContigs("X", "Y", ())


@pytest.mark.parametrize(("declared", "agrees"), [("male", True), ("female", False), ("unknown", None)])
def test_decide_measures_sex_and_compares_it_with_the_order(declared, agrees):
    record = decide(declared, [("1", 0, 10**6, 30.0), ("X", 0, 10**6, 15.5), ("Y", 0, 10**6, 14.0)], CONTIGS, SEX)
    assert (record["measured"], record["used"], record["agrees"]) == ("XY", "XY", agrees)
    assert ["X", 0, 10**6, 1] in record["regions"]


def test_decide_without_sex_contigs_is_not_evaluated_and_uses_the_order():
    record = decide("male", [("1", 0, 10**6, 30.0)], {"1": 10**6}, SexContigs(None, None, ()))
    assert (record["measured"], record["used"], record["agrees"], record["evaluated"]) == (None, "XY", None, False)
    assert "X has 0 bases" in record["reason"]


def test_decide_without_autosomal_depth_gives_the_reason_once():
    record = decide("male", [("1", 0, 10**6, 0.0), ("X", 0, 10**6, 0.0), ("Y", 0, 10**6, 0.0)], CONTIGS, SEX)
    assert (record["used"], record["reason"]) == ("XY", "autosomal depth is too low to compare with")
