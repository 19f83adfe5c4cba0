from types import SimpleNamespace

import numpy as np
import pysam
import pytest

from scripts.rebuild_reference import as_fasta, blocks, informative, main, rebuild
from workflow.errors import InputError

HEADER = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 100}]})


def aligned(start: int, sequence: str, cigar: str, md: str | None, flag: int = 0, name: str = "r") -> pysam.AlignedSegment:
    read = pysam.AlignedSegment(HEADER)
    read.query_name, read.query_sequence, read.flag = name, sequence, flag
    read.reference_id, read.reference_start, read.mapping_quality, read.cigarstring = 0, start, 60, cigar
    read.query_qualities = pysam.qualitystring_to_array("I" * len(sequence))
    if md is not None:
        read.set_tag("MD", md)
    return read


def text(contig: np.ndarray) -> str:
    return contig.tobytes().decode()


def test_rebuild_takes_the_reference_base_at_a_mismatch() -> None:
    assert text(rebuild([aligned(2, "ACGTA", "5M", "2T2")], 10)) == "NNACTTANNN"


def test_rebuild_restores_deleted_bases_and_leaves_out_inserted_and_clipped_ones() -> None:
    read = aligned(1, "GGACTTGA", "2S2M2I1M2D1M", "3^CC1")
    assert text(rebuild([read], 9)) == "NACGCCANN"


def test_rebuild_joins_overlapping_reads() -> None:
    assert text(rebuild([aligned(0, "ACGT", "4M", "4"), aligned(2, "GAAA", "4M", "1T2")], 7)) == "ACGTAAN"


def test_rebuild_refuses_reads_that_disagree_and_says_where() -> None:
    with pytest.raises(InputError, match="chr1:4"):
        rebuild([aligned(0, "ACGT", "4M", "4"), aligned(2, "GAAA", "4M", "4")], 7)


def test_rebuild_keeps_a_base_known_where_the_tag_says_n() -> None:
    assert text(rebuild([aligned(0, "ACGT", "4M", "4"), aligned(0, "ACGT", "4M", "1N2")], 4)) == "ACGT"


def test_informative_leaves_out_unmapped_secondary_supplementary_and_untagged() -> None:
    reads = [aligned(0, "AC", "2M", "2", flag=flag) for flag in (0, 4, 256, 2048)] + [aligned(0, "AC", "2M", None)]
    assert informative(reads) == reads[:1]


def test_blocks_are_half_open_and_at_least_as_long_as_asked() -> None:
    contig = np.frombuffer(b"ACNNACGNT", dtype=np.uint8)
    assert blocks(contig, 1) == [(0, 2), (4, 7), (8, 9)]
    assert blocks(contig, 2) == [(0, 2), (4, 7)]


@pytest.mark.parametrize("size", [59, 60, 61, 120, 121])
def test_as_fasta_is_what_samtools_reads_back(tmp_path, size) -> None:
    sequence = ("ACGTN" * 30)[:size]
    path = tmp_path / "x.fa"
    path.write_bytes(b"".join(as_fasta("chr1", np.frombuffer(sequence.encode(), dtype=np.uint8))))
    with pysam.FastaFile(str(path)) as fasta:
        assert fasta.fetch("chr1") == sequence
    assert max(map(len, path.read_text().splitlines())) <= 60


def test_main_writes_contig_of_true_length_and_regions(tmp_path) -> None:
    bam = tmp_path / "x.bam"
    with pysam.AlignmentFile(str(bam), "wb", header=HEADER) as out:
        out.write(aligned(10, "ACGTACGT", "8M", "8"))
        out.write(aligned(40, "AC", "2M", "2"))
    pysam.index(str(bam))
    output = SimpleNamespace(fasta=tmp_path / "r.fa", regions=tmp_path / "r.bed")
    main(input=SimpleNamespace(bam=str(bam)), output=output, params=SimpleNamespace(contig="chr1", least_block=5))
    with pysam.FastaFile(str(output.fasta)) as fasta:
        assert fasta.lengths == [100]
        assert fasta.fetch("chr1").replace("N", "") == "ACGTACGTAC"
    assert output.regions.read_text() == "chr1\t10\t18\n"
