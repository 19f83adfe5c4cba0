"""FASTQ files read to their end: what is counted and hashed, and every fault with its line."""

import gzip
import hashlib
import pickle
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.accept_intake import check_unique
from scripts.merge_fastq_records import merge
from scripts.verify_fastq import main as verify
from workflow import fastq
from workflow.errors import InputError
from workflow.fastq import first_unpaired, read_fastq
from workflow.fastq_records import order_in_pair, pair_name, pair_names
from workflow.files import read_json


def record(number: int, length: int = 50, mate: int = 1, quality: str = "I") -> bytes:
    bases = "".join(random.Random(f"{number}/{mate}").choices("ACGTN", k=length))
    return f"@run:1:{number} {mate}:N:0:AC\n{bases}\n+\n{quality * length}\n".encode()


def records(count: int, mate: int = 1) -> bytes:
    return b"".join(record(number, 40 + number % 20, mate) for number in range(count))


def write(path: Path, content: bytes, level: int = 6) -> Path:
    path.write_bytes(gzip.compress(content, level, mtime=0))
    return path


def test_read_fastq_counts_and_hashes(tmp_path: Path) -> None:
    content = records(100)
    file = write(tmp_path / "r.gz", content)
    reads = read_fastq(file)
    assert (reads.records, reads.bases) == (100, sum(40 + number % 20 for number in range(100)))
    assert (reads.length_min, reads.length_max) == (40, 59)
    assert reads.size == file.stat().st_size
    assert reads.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert reads.md5 == hashlib.md5(file.read_bytes()).hexdigest()
    assert reads.reads_sha256 == hashlib.sha256(content).hexdigest()


def test_read_fastq_is_the_same_in_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "r.gz", records(300))
    whole = read_fastq(file)
    for size in (1, 7, 64, 333, 4096):
        monkeypatch.setattr(fastq, "BLOCK", size)
        assert read_fastq(file) == whole


def test_read_fastq_knows_the_same_reads_compressed_anew(tmp_path: Path) -> None:
    content = records(500)
    first = read_fastq(write(tmp_path / "a.gz", content, 1))
    (tmp_path / "b.gz").write_bytes(b"".join(gzip.compress(content[start : start + 999]) for start in range(0, len(content), 999)))
    second = read_fastq(tmp_path / "b.gz")
    assert first.sha256 != second.sha256
    assert first.reads_sha256 == second.reads_sha256


def test_read_fastq_takes_a_last_line_without_end_and_blank_lines_after_it(tmp_path: Path) -> None:
    assert read_fastq(write(tmp_path / "a.gz", records(3)[:-1])).records == 3
    assert read_fastq(write(tmp_path / "b.gz", records(3) + b"\n\n")).records == 3


def test_read_fastq_takes_names_of_254_characters(tmp_path: Path) -> None:
    assert read_fastq(write(tmp_path / "a.gz", b"@" + b"x" * 254 + b"/1\nA\n+\nI\n" + record(1))).records == 2


def refusal(file: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_fastq(file)
    assert str(file) in str(caught.value)
    return str(caught.value)


GOOD = records(9)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no read in the file"),
        (b"\n\n", "no read in the file"),
        (GOOD + b"@x\nAC\n+\n", "the last read has 3 of its four lines (line 39 "),
        (GOOD + b"x\nAC\n+\nII\n" + GOOD, "is not @ and a name (line 37 "),
        (GOOD + b"@\nAC\n+\nII\n", "is not @ and a name (line 37 "),
        (GOOD + b"@x\nAC\n-\nII\n" + GOOD, "does not begin with + (line 39 "),
        (GOOD + b"@x\nACG\n+\nII\n" + GOOD, "3 bases and 2 qualities (line 40 "),
        (GOOD + b"@x\n\n+\n\n" + GOOD, "no bases (line 38 "),
        (GOOD + b"@x\nAXG\n+\nIII\n", "'X', which is no base (line 38 "),
        (GOOD + b"@x\nACG\n+\nI I\n", "' ', out of the range of Phred+33 (line 40 "),
        (GOOD + b"@x\nACG\n+\nI\x7fI\n", "out of the range of Phred+33 (line 40 "),
        (GOOD.replace(b"\n", b"\r\n"), "as Windows writes them (line 2 "),
        (b"\n".join(f"@r{n}\nACGT\n+\nhhBf".encode() for n in range(9)), "Phred+64"),
        (b"hello world", "(line 1 "),
        (b"BAM\1\0\0\0\0@HD\n", "this is BAM and not FASTQ"),
        (b">x\nACGT\n", "this is FASTA and not FASTQ"),
        (b"@HD\tVN:1.6\n@SQ\tSN:1\tLN:9\n", "this is SAM and not FASTQ"),
        (
            GOOD + record(100, 4) + record(100, 4, mate=2) + GOOD,
            "has the name of the one before it, as if both reads of a pair were in one file (line 41 ",
        ),
        (GOOD + b"@" + b"x" * 255 + b" 1:N:0\nA\n+\nI\n", "longer than 254 characters (line 37 "),
    ],
)
@pytest.mark.parametrize("block", [50, fastq.BLOCK])
def test_read_fastq_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, says: str, block: int) -> None:
    monkeypatch.setattr(fastq, "BLOCK", block)
    assert says in refusal(write(tmp_path / "r.gz", content))


def test_read_fastq_refuses_damaged_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(records(2000), mtime=0)
    file = tmp_path / "r.gz"
    for cut in (len(whole) // 2, len(whole) - 1, 5):
        file.write_bytes(whole[:cut])
        assert "truncated" in refusal(file)
    file.write_bytes(whole + b"left over")
    assert "damaged" in refusal(file)
    flipped = bytearray(whole)
    flipped[-6] ^= 1
    file.write_bytes(bytes(flipped))
    assert "damaged" in refusal(file)
    file.write_bytes(gzip.compress(GOOD) + whole[: len(whole) // 2])
    assert "truncated" in refusal(file)


def test_read_fastq_gives_up_on_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastq, "LONGEST", 1 << 16)
    monkeypatch.setattr(fastq, "BLOCK", 1 << 12)
    assert "no FASTQ" in refusal(write(tmp_path / "r.gz", b"A" * (1 << 18)))


@pytest.mark.parametrize(
    ("line", "name"), [(b"@a:1 1:N:0", b"@a:1"), (b"@a/1", b"@a"), (b"@a/2\tx", b"@a"), (b"@a/1 x/2", b"@a"), (b"@a/3", b"@a/3")]
)
def test_pair_name_leaves_out_what_tells_the_reads_apart(line: bytes, name: bytes) -> None:
    assert pair_name(line) == name
    assert pair_names([line, b"@z 1:N"]) == name + b"\n@z\n"


@pytest.mark.parametrize(
    ("line", "order"), [(b"@a 1:N:0", "1"), (b"@a/2", "2"), (b"@a/2 x", "2"), (b"@a", ""), (b"@a 12:x", ""), (b"@1:2:3", "")]
)
def test_order_in_pair(line: bytes, order: str) -> None:
    assert order_in_pair(line) == order


def test_first_unpaired_names_the_record(tmp_path: Path) -> None:
    first = write(tmp_path / "1.gz", records(20))
    second = write(tmp_path / "2.gz", records(20, 2).replace(b"run:1:7 ", b"run:1:77 "))
    assert first_unpaired(first, second) == (8, b"@run:1:7", b"@run:1:77")


def run_verify(folder: Path, first: bytes, second: bytes, **params: str) -> dict[str, Any]:
    files = SimpleNamespace(fastq_1=str(write(folder / "1.gz", first)), fastq_2=str(write(folder / "2.gz", second)))
    names = SimpleNamespace(sample="S", unit="L1")
    verify(
        input=files,
        output=[str(folder / "out.json")],
        params=SimpleNamespace(**{"md5_1": "", "md5_2": ""} | params),
        wildcards=names,
        threads=2,
    )
    content: dict[str, Any] = read_json(folder / "out.json")
    return content


def test_verify_writes_what_it_saw(tmp_path: Path) -> None:
    md5 = hashlib.md5(gzip.compress(records(10), 6, mtime=0)).hexdigest()
    content = run_verify(tmp_path, records(10), records(10, 2), md5_1=md5)
    assert (content["sample"], content["unit"], content["pairs"], content["quality_encoding"]) == ("S", "L1", 10, "Phred+33")
    assert content["bases"] == 2 * sum(40 + number for number in range(10))
    assert content["fastq_1"]["md5"] == md5


@pytest.mark.parametrize(
    ("first", "second", "params", "says"),
    [
        (records(9), records(8, 2), {}, "there are 9 reads, but 8 in"),
        (records(9), records(9, 2).replace(b"run:1:4 ", b"run:1:77 "), {}, "read 5 (line 17 of the unpacked file) has another name"),
        (records(9, 2), records(9, 1), {}, "`fastq_1` holds second reads"),
        (records(9), records(9), {}, "holds the same reads"),
        (records(9), records(9, 2), {"md5_2": "0" * 32}, "but the sheet says 00000000000000000000000000000000"),
        (records(9)[:-30], records(9, 2), {}, "bases and"),
    ],
)
def test_verify_refuses_and_writes_nothing(tmp_path: Path, first: bytes, second: bytes, params: dict[str, str], says: str) -> None:
    with pytest.raises(InputError) as caught:
        run_verify(tmp_path, first, second, **params)
    assert says in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.gz", "2.gz"]


def unit(sample: str, first: str, second: str) -> dict[str, Any]:
    sides = {key: {"path": f"{sample}_{key}.gz", "reads_sha256": value} for key, value in (("fastq_1", first), ("fastq_2", second))}
    return {"sample": sample, "unit": "L1", "pairs": 3, "bases": 30, **sides}


def test_check_unique_names_both_places() -> None:
    check_unique([unit("a", "x", "y"), unit("b", "z", "w")], "units.tsv")
    with pytest.raises(InputError, match=r"sample a, unit L1 \(a_fastq_2.gz\) and sample b, unit L1 \(b_fastq_1.gz\)"):
        check_unique([unit("a", "x", "y"), unit("b", "y", "w")], "units.tsv")


def test_merge_adds_units_up() -> None:
    merged = merge("a", [unit("a", "x", "y"), unit("a", "z", "w")])
    assert (merged["sample"], merged["pairs"], merged["bases"], len(merged["units"])) == ("a", 6, 60, 2)


def test_input_error_passes_between_processes_whole() -> None:
    error = InputError("what", file="f.gz", row=3, remedy="do")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.row) == (str(error), 3)
