"""Files that are not whole, in each way and format; a CRAM by its check sums."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pysam
import pytest

from workflow.cram_blocks import DamagedError, check_blocks, check_index
from workflow.formats import damage, fault_of_output, format_of


def cram(folder: Path, reads: int = 25_000) -> Path:
    """Write a CRAM of several containers, and its index."""
    fasta = folder / "r.fa"
    fasta.write_text(">c\n" + "ACGT" * 25_000 + "\n")
    pysam.faidx(str(fasta))
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "c", "LN": 100_000}]}
    file = folder / "x.cram"
    with pysam.AlignmentFile(str(file), "wc", header=header, reference_filename=str(fasta), format_options=[b"version=3.0"]) as target:
        for number in range(reads):
            read = pysam.AlignedSegment(target.header)
            read.query_name, read.query_sequence, read.flag = f"r{number}", "ACGT" * 10, 0
            read.reference_id, read.reference_start, read.mapping_quality, read.cigarstring = 0, 4 * (number // 2), 60, "40M"
            read.query_qualities = pysam.qualitystring_to_array("I" * 40)
            target.write(read)
    pysam.index(str(file))
    return file


def flipped(file: Path, at: int) -> None:
    """Flip one bit."""
    content = bytearray(file.read_bytes())
    content[at] ^= 8
    file.write_bytes(content)


def test_whole_cram_has_no_fault(tmp_path: Path) -> None:
    file = cram(tmp_path)
    assert damage(file, "cram") == ""
    assert fault_of_output(f"{file}.crai") == ""


def test_each_flipped_bit_of_a_cram_is_noticed(tmp_path: Path) -> None:
    file = cram(tmp_path)
    whole = file.read_bytes()
    for at in range(30, len(whole), len(whole) // 150):
        flipped(file, at)
        with pytest.raises(DamagedError, match=r"check sum|truncated"):
            check_blocks(file)
        file.write_bytes(whole)


def test_each_truncation_of_a_cram_is_noticed(tmp_path: Path) -> None:
    file = cram(tmp_path)
    whole = file.read_bytes()
    for end in range(40, len(whole), len(whole) // 50):
        file.write_bytes(whole[:end])
        assert damage(file, "cram")


def test_index_that_leaves_out_a_container_is_refused(tmp_path: Path) -> None:
    file = cram(tmp_path)
    index = Path(f"{file}.crai")
    lines = gzip.decompress(index.read_bytes()).splitlines(keepends=True)
    assert len(lines) > 2
    index.write_bytes(gzip.compress(b"".join(lines[:-1])))
    with pytest.raises(DamagedError, match=r"names 2 of the 3 containers"):
        check_index(file, index)
    assert "2 of the 3 containers" in fault_of_output(index)


def bgzipped(file: Path) -> None:
    with pysam.BGZFile(str(file), "wb", None) as handle:
        for number in range(20_000):
            handle.write(f"c\t{number}\t{number * 7919 % 10007}\n".encode())


def zipped(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", "content" * 100)


WRITERS: dict[str, Callable[[Path], object]] = {
    "x.bed.gz": bgzipped,
    "x.settled.gz": bgzipped,
    "x.json": lambda file: file.write_text(json.dumps({"a": list(range(100))}, indent=2)),
    "x.html": lambda file: file.write_text("<html>" + "words " * 100 + "</html>\n"),
    "x.vcf": lambda file: file.write_text("##fileformat=VCFv4.2\n" + "".join(f"c\t{number}\tword\n" for number in range(100))),
    "x.zip": zipped,
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.6, 0.95])
def test_truncated_output_is_refused_and_whole_output_is_not(tmp_path: Path, name: str, kept: float) -> None:
    file = tmp_path / name
    WRITERS[name](file)
    assert fault_of_output(file) == ""
    file.write_bytes(file.read_bytes()[: int(kept * file.stat().st_size)])
    assert fault_of_output(file)


def test_flipped_bits_of_a_compressed_table_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.bed.gz"
    bgzipped(file)
    flipped(file, file.stat().st_size // 2)
    assert "damaged" in fault_of_output(file)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.g.vcf.gz", "vcf"), ("a.phased.vcf", "plain vcf"), ("a.g.vcf.gz.tbi", "tbi"), ("a.settled.gz", "gz"), ("a.txt", None)],
)
def test_format_of(name: str, expected: str | None) -> None:
    assert format_of(name) == expected


def test_damage_tells_of_bits_flipped_anywhere_in_the_data_of_a_block(tmp_path: Path) -> None:
    file = tmp_path / "x.bed.gz"
    with pysam.BGZFile(str(file), "wb", None) as handle:
        handle.write(b"".join(f"chr1\t{place * 37 % 10007}\t{place * 61 % 100003}\n".encode() for place in range(2000)))
    whole = file.read_bytes()
    for place in range(30, len(whole) - 40, len(whole) // 150):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        assert damage(file, "bed").startswith("the file is damaged"), place
