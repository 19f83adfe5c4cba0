"""One person's records as scorers take them, and the alleles in them."""

from pathlib import Path

import pysam
import pytest

from workflow.interval_arrays import IntervalArray
from workflow.scorable import Record, left_out, read_records, write_scorable
from workflow.scored_alleles import alleles_of

HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=LowQual,Description="weak">
##contig=<ID=chr1,length=1000>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tanna\tbent
"""


def record(ref: str, alts: str, genotype: str, filters: str = "PASS") -> Record:
    return Record("chr1", 101, ref, tuple(alts.split(",")), "50", filters, genotype, "30")


def write(folder: Path, *lines: str) -> Path:
    (folder / "calls.vcf").write_text(HEADER + "".join(line.replace(" ", "\t") + "\n" for line in lines))
    return folder / "calls.vcf"


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (record("A", "G", "0/1"), None),
        (record("A", "G", "./1"), None),
        (record("A", "G", "0/0"), "no variant"),
        (record("A", "G", "./."), "no variant"),
        (record("A", "*", "0/1"), "no variant"),
        (record("A", "*,G", "1/2"), None),
        (record("A", "<DEL>", "0/1"), "alternative allele without bases"),
        (record("A", "G,<NON_REF>", "0/1"), None),
        (record("A", "G", "0/2"), "alternative allele without bases"),
        (record("A", "G", "0/1/1"), "more than two copies in the genotype"),
        (record("A", "G", "0/1", "LowQual"), "FILTER is not PASS"),
        (record("A", "G", "0/1", "."), None),
    ],
)
def test_left_out_says_why(one: Record, reason: str | None) -> None:
    assert left_out(one, passing_only=True) == reason


def test_left_out_keeps_what_a_filter_flagged_if_every_record_is_wanted() -> None:
    assert left_out(record("A", "G", "0/1", "LowQual"), passing_only=False) is None


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (record("A", "G", "0/1"), [("SNV", "het", 100, 101, "G")]),
        (record("A", "G", "1/1"), [("SNV", "hom", 100, 101, "G")]),
        (record("A", "G", "1"), [("SNV", "hemi", 100, 101, "G")]),
        (record("A", "G", ".|1"), [("SNV", "het", 100, 101, "G")]),
        (record("A", "ATT", "0/1"), [("INSERTION", "het", 101, 101, "TT")]),
        (record("ATT", "A", "0|1"), [("DELETION", "het", 101, 103, "")]),
        (record("ATT", "AT,ATTT", "1/2"), [("DELETION", "het", 101, 102, ""), ("INSERTION", "het", 101, 101, "T")]),
        (record("AC", "GT", "0/1"), [("OTHER", "het", 100, 102, "GT")]),
        (record("ACC", "ATC", "0/1"), [("SNV", "het", 101, 102, "T")]),
        (record("A", "*,G", "2/1"), [("SNV", "het", 100, 101, "G")]),
    ],
)
def test_alleles_of_tells_type_zygosity_and_the_bases_that_change(one: Record, expected: list[tuple[str, str, int, int, str]]) -> None:
    assert [(allele.type, allele.zygosity, allele.start, allele.end, allele.added) for allele in alleles_of(one)] == expected


def test_write_scorable_takes_one_column_inside_the_regions(tmp_path: Path) -> None:
    vcf = write(
        tmp_path,
        "chr1 10 . A G 50 PASS SVTYPE=DEL GT:DP 0/1:30 0/0:31",
        "chr1 21 . A G 50 PASS . GT:DP 0/0:30 1|1:31",
        "chr1 30 . A G 7 LowQual . GT:DP 0/1:30 0/1:9",
        "chr1 31 . A G 50 PASS . GT:DP 0/1:30 0/1:33",
        "chr1 95 . A <DEL> 50 PASS . GT:DP 0/1:30 0/1:33",
    )
    places = {"confident": {"chr1": IntervalArray.of([20, 90], [30, 100])}, "lengths": {"chr1": 1000}}
    counts = write_scorable(vcf, 1, tmp_path / "bent.vcf.gz", passing_only=True, **places)
    assert counts == {"scored": 1, "FILTER is not PASS": 1, "alternative allele without bases": 1}
    with pysam.VariantFile(str(tmp_path / "bent.vcf.gz")) as file:
        assert [(one.pos, one.samples[0]["GT"], dict(one.info)) for one in file.fetch("chr1")] == [(21, (1, 1), {})]
    every = write_scorable(vcf, 1, tmp_path / "all.vcf.gz", passing_only=False, **places)
    assert every["scored"] == 2
    assert [one.filters for one in read_records(tmp_path / "all.vcf.gz", 0)] == ["PASS", "LowQual"]


def test_write_scorable_without_a_record_writes_a_vcf_that_can_be_looked_up(tmp_path: Path) -> None:
    vcf = write(tmp_path, "chr1 10 . A G 50 PASS . GT 0/1 0/0")
    places = {"confident": {"chr1": IntervalArray.of([20], [30])}, "lengths": {"chr1": 1000}}
    assert write_scorable(vcf, 0, tmp_path / "none.vcf.gz", passing_only=True, **places) == {"scored": 0}
    with pysam.TabixFile(str(tmp_path / "none.vcf.gz")) as file:
        assert list(file.contigs) == []
