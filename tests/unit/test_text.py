"""Text files are opened alike, and damage in them is told alike."""

import gzip
from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.gene_models import read_transcripts
from workflow.gene_orders import names_in
from workflow.text import open_text

LINES = "".join(f"chr1\tx\tgene\t{place}\t{place * 7919 % 10007}\t.\t+\t.\tID=gene:G{place}\n" for place in range(2000))


def flipped(file: Path, place: int) -> None:
    whole = gzip.compress(LINES.encode())
    file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])


def test_a_gzipped_file_reads_as_a_plain_one(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(LINES.encode()))
    (tmp_path / "x").write_text(LINES)
    with open_text(tmp_path / "x") as plain, open_text(tmp_path / "x.gz") as packed:
        assert list(plain) == list(packed)


@pytest.mark.parametrize("place", range(20, 15_000, 173))
def test_flipped_bits_in_gene_models_are_one_plain_error_wherever_they_are(tmp_path: Path, place: int) -> None:
    file = tmp_path / "genes.gff3.gz"
    flipped(file, place)
    for read in (names_in, read_transcripts):
        with pytest.raises(InputError):
            read(file)
