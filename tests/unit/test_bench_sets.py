import gzip

import pysam

from scripts.bench.real import PADDING, bed_rows, padded, sites_of
from scripts.bench.sets import LARGE, SHORTEST, SIZES, Piece, demo_pieces, site
from scripts.bench.simulate import Variant


def test_sizes_are_nested_and_as_long_as_they_are_called():
    assert SIZES["5"][: len(SIZES["2.5"])] == SIZES["2.5"]
    assert SIZES["10"][: len(SIZES["5"])] == SIZES["5"]
    for name, pieces in SIZES.items():
        assert sum(piece.end - piece.start for piece in pieces) == float(name) * 1e6


def test_pieces_do_not_overlap():
    for one in LARGE:
        assert not any(one.contig == other.contig and one.start < other.end and other.start < one.end for other in LARGE if other != one)


def test_demo_pieces_are_the_longest_sequence_of_each_region(tmp_path):
    real = "ACGT" * SHORTEST
    fasta, bed = tmp_path / "ref.fa", tmp_path / "regions.bed"
    fasta.write_text(f">chr1\n{'N' * 100}{real}{'N' * 50}{'ACGT' * 10}{'N' * 60}\n")
    pysam.faidx(str(fasta))
    bed.write_text(f"chr1\t90\t{200 + len(real)}\nchr1\t{140 + len(real)}\t{210 + len(real)}\n")
    assert demo_pieces(fasta, bed) == (Piece("r0", "chr1", 100, 100 + len(real)),)


def test_site_counts_from_one():
    assert site(Piece("a", "20", 1000, 9000), Variant(4, "A", "AT", (True, False), True)) == ("20", 1005, "A", "AT", "1|0")


def test_bed_rows_of_several_files_are_sorted_as_numbers(tmp_path):
    (tmp_path / "a.bed").write_text("20\t900\t1000\n20\t10000\t11000\n")
    (tmp_path / "b.bed").write_text("\n20\t950\t2000\tname\n")
    assert bed_rows([tmp_path / "a.bed", tmp_path / "b.bed"]) == [("20", 900, 1000), ("20", 950, 2000), ("20", 10000, 11000)]


def test_padded_stays_on_the_contig():
    assert padded([("20", 100, 200), ("20", 1000, 2000)]) == [("20", 0, 200 + PADDING), ("20", 1000 - PADDING, 2000 + PADDING)]


def test_sites_of_two_files_are_there_once(tmp_path):
    for name, lines in (("a", "20\t5\t.\tA\tC\t50\tPASS\tx\n"), ("b", "20\t5\trs1\tA\tC\t9\t.\ty\n20\t7\t.\tG\tGT,GTT\t9\t.\ty\n")):
        with gzip.open(tmp_path / f"{name}.vcf.gz", "wt") as handle:
            handle.write("##fileformat=VCFv4.2\n#CHROM\tPOS\n" + lines)
    found = sites_of([tmp_path / "a.vcf.gz", tmp_path / "b.vcf.gz"])
    assert sorted(found) == [("20", 5, "A", "C", ""), ("20", 7, "G", "GT,GTT", "")]
