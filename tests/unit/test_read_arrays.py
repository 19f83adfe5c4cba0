"""Alignments as arrays, against what pysam says of the same records."""

import io
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.unit.small_bam import batches_of, header_of, open_stream, random_bases, read_of, write_bam
from workflow.read_arrays import Reads, operations_of, read_batches, read_header

SEQUENCES = {"chr1": random_bases(3000, 1), "chr2": random_bases(500, 2)}
HEADER = header_of(SEQUENCES)
LETTERS = "=ACMGRSVTWYHKDBN"
CIGARS = ("50M", "5S20M3I22M", "10M5D40M", "10H40M", "20M100N30M", "8=2X40=", "3I47M", "10M2P3I37M", "2S10M1I5M2D7M3I10=1X5=4S6H")


def random_reads(count: int, seed: int) -> list:
    """Return reads of all operations; those of odd lengths too, whose last base shares its byte with none."""
    dice = random.Random(seed)
    reads = []
    for number in range(count):
        cigar = dice.choice(CIGARS)
        trial = read_of(HEADER, 0, cigar, "")
        length = trial.infer_query_length()
        bases = "".join(dice.choices("ACGTN", k=length))
        flag, contig = dice.choice([0, 16, 99, 147, 2048]), dice.randrange(2)
        more = {"name": "n" * dice.randrange(1, 60), "mapq": dice.randrange(61), "quality": [dice.randrange(42) for _ in bases]}
        mate = (contig, dice.randrange(300)) if flag & 1 else None
        read = read_of(HEADER, dice.randrange(300), cigar, bases, flag=flag, contig=contig, mate=mate, template=-number, **more)
        read.set_tag("NM", number)
        reads.append(read)
    return reads


def bases_of(reads: Reads, number: int) -> str:
    at, length = int(reads.bases_at[number]), int(reads.fields["length"][number])
    packed = reads.data[at : at + (length + 1) // 2]
    return "".join(LETTERS[code] for byte in packed.tolist() for code in (byte >> 4, byte & 15))[:length]


@pytest.mark.parametrize("size", [1, 7, 50, 1000, 1 << 20])
def test_read_batches_of_any_size_give_what_pysam_reads(tmp_path: Path, size: int) -> None:
    reads = random_reads(60, seed=size)
    path = write_bam(tmp_path / "reads.bam", HEADER, reads)
    expected = sorted(reads, key=lambda read: (read.reference_id, read.reference_start))
    found = [(batch, number) for batch in batches_of(path, size) for number in range(len(batch.fields))]
    assert len(found) == len(expected)
    for (batch, number), read in zip(found, expected, strict=True):
        fields = batch.fields[number]
        assert (fields["contig"], fields["start"], fields["mapq"]) == (read.reference_id, read.reference_start, read.mapping_quality)
        assert (fields["flag"], fields["template"]) == (read.flag, read.template_length)
        assert (fields["mate_contig"], fields["mate_start"]) == (read.next_reference_id, read.next_reference_start)
        assert bases_of(batch, number) == read.query_sequence
        at = int(batch.qualities_at[number])
        assert batch.data[at : at + fields["length"]].tolist() == list(read.query_qualities)


def test_operations_of_every_kind_stand_where_the_cigar_puts_them(tmp_path: Path) -> None:
    reads = random_reads(80, seed=5)
    path = write_bam(tmp_path / "reads.bam", HEADER, reads)
    expected = []
    for number, read in enumerate(sorted(reads, key=lambda read: (read.reference_id, read.reference_start))):
        start, offset = read.reference_start, 0
        for code, length in read.cigartuples:
            expected.append((number, code, length, start, offset))
            start += length if code in (0, 2, 3, 7, 8) else 0
            offset += length if code in (0, 1, 4, 7, 8) else 0
    [batch] = batches_of(path)
    operations = operations_of(batch)
    columns = (operations.read, operations.code, operations.length, operations.start, operations.offset)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected
    assert {code for _, code, *_ in expected} == set(range(9))
    assert set(operations.indels.code.tolist()) == {1, 2}
    assert set(operations.clips.code.tolist()) == {4}


def test_operations_matches_joins_what_only_differs_in_being_equal_or_not(tmp_path: Path) -> None:
    reads = [read_of(HEADER, 7, cigar, "A" * 20) for cigar in ("5=1X14=", "2S3=1X2I4M1X2D7=", "20M")]
    [batch] = batches_of(write_bam(tmp_path / "reads.bam", HEADER, reads))
    found = operations_of(batch).matches
    columns = (found.read, found.start, found.length, found.offset)
    segments = [(0, 7, 20, 0), (1, 7, 4, 2), (1, 11, 5, 8), (1, 18, 7, 13), (2, 7, 20, 0)]
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == segments


def test_operations_of_reads_without_a_cigar_are_none(tmp_path: Path) -> None:
    path = write_bam(tmp_path / "reads.bam", HEADER, [read_of(HEADER, 5, "*", "ACGT", flag=4)])
    [batch] = batches_of(path)
    assert len(operations_of(batch).read) == 0


def test_reads_complete_is_false_without_bases_base_qualities_or_mapping_quality(tmp_path: Path) -> None:
    reads = [
        read_of(HEADER, 1, "4M", "ACGT"),
        read_of(HEADER, 2, "4M", "ACGT", quality=None),
        read_of(HEADER, 3, "4M", "ACGT", mapq=255),
        read_of(HEADER, 4, "4M", "ACGT", quality=0),
        read_of(HEADER, 5, "4M", "", quality=None),  # the last of the file: nothing lies behind it
    ]
    [batch] = batches_of(write_bam(tmp_path / "reads.bam", HEADER, reads))
    assert batch.complete.tolist() == [True, False, False, True, False]


def test_read_header_names_the_contigs_in_order(tmp_path: Path) -> None:
    with open_stream(write_bam(tmp_path / "reads.bam", HEADER, [])) as stream:
        assert read_header(stream) == ["chr1", "chr2"]
        assert list(read_batches(stream)) == []


def test_read_header_refuses_what_is_no_bam() -> None:
    with pytest.raises(ValueError, match="no BAM"):
        read_header(io.BytesIO(b"CRAM\3\0"))


@pytest.mark.parametrize("lost", [1, 30, 150])
def test_read_batches_refuses_a_stream_that_ends_within_a_record(tmp_path: Path, lost: int) -> None:
    with open_stream(write_bam(tmp_path / "reads.bam", HEADER, random_reads(10, seed=9))) as stream:
        read_header(stream)
        text = stream.read()
    sizes = []
    at = 0
    while at < len(text):
        sizes.append(4 + struct.unpack_from("<i", text, at)[0])
        at += sizes[-1]
    assert lost < sizes[-1]
    with pytest.raises(ValueError, match="ends within a record"):
        list(read_batches(io.BytesIO(text[:-lost])))
    whole = list(read_batches(io.BytesIO(text[: -sizes[-1]])))
    assert np.sum([len(batch.fields) for batch in whole]) == 9
