"""Indexes beside a reference that are of another one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.genome import Genome
from workflow.other_indexes import check_other_indexes
from workflow.settings import load_settings

FASTA = ">1 the first\n" + "ACGTTGCAAC\n" * 30 + ">2\n" + "TTGACCATGC\n" * 20 + ">decoy_3 of us\n" + "GGATC\n"
COMMANDS = {"minibwa": ["minibwa", "index", "ref.fa", "ref.fa"], "bwa": ["bwa", "index", "ref.fa"]}


def check(aligner: str) -> None:
    least = {"samples": "s", "units": "u", "reference": {"name": "GRCh38", "fasta": "ref.fa"}}
    check_other_indexes(load_settings(least), Genome("ref.fa", {}, [], ()), aligner)


@pytest.fixture(params=["minibwa", "bwa"])
def aligner(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a reference with its dictionary and the index of an aligner."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    monkeypatch.chdir(tmp_path)
    Path("ref.fa").write_text(FASTA)
    subprocess.run(["samtools", "dict", "ref.fa", "-o", "ref.dict"], check=True)
    subprocess.run(COMMANDS[request.param], check=True, capture_output=True)
    return str(request.param)


def replace_reference(content: str) -> None:
    """Put another FASTA in its place, dated before the indexes, as a move does."""
    Path("ref.fa").write_text(content)
    Path("ref.fa.fai").unlink(missing_ok=True)
    os.utime("ref.fa", (1, 1))


def test_check_other_indexes_accepts_its_own(aligner: str) -> None:
    check(aligner)
    replace_reference(FASTA)
    check(aligner)


@pytest.mark.parametrize("other", [FASTA.replace(">2", ">chr2"), FASTA.replace("GGATC", "GGATCC"), FASTA + ">4\nAC\n"])
def test_check_other_indexes_refuses_those_of_another_reference(aligner: str, other: str) -> None:
    replace_reference(other)
    with pytest.raises(InputError, match=r"ref\.dict: this is the index of another reference than ref\.fa; remove it"):
        check(aligner)
    Path("ref.dict").unlink()
    with pytest.raises(InputError, match=r"ref\.fa\.(l2b|ann): this is the index of another reference"):
        check(aligner)


def test_check_other_indexes_leaves_older_ones_to_be_made_anew(aligner: str) -> None:
    Path("ref.fa").write_text(FASTA + ">4\nAC\n")
    os.utime("ref.fa", (4e9, 4e9))
    check(aligner)


@pytest.mark.parametrize(("name", "kept"), [("l2b", 0.3), ("l2b", 0.99), ("mbw", 0.3), ("mbw", 0.99), ("ann", 0.3)])
def test_check_other_indexes_refuses_a_truncated_index(aligner: str, name: str, kept: float) -> None:
    file = Path(f"ref.fa.{name}")
    if not file.exists():
        pytest.skip("a file of the other aligner")
    file.write_bytes(file.read_bytes()[: int(kept * file.stat().st_size)])
    with pytest.raises(InputError, match=rf"{file}: (the index is|this is the index of another).*remove it; it will be built again"):
        check(aligner)
