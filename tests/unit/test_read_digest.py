"""Digests of sets of reads: FASTQ and CRAM of the same reads agree, whatever the order, strand and writing; anything else differs."""

import gzip
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pysam
import pytest

from workflow.errors import InputError
from workflow.retention.proof import differences
from workflow.retention.read_digest import BLOCK, Digest, blocks, digest_cram, digest_fastq
from workflow.retention.restoring import restore

COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
DICE = random.Random(11)
REFERENCE = "".join(DICE.choices("ACGT", k=3000))


@dataclass(frozen=True)
class Read:
    """A read as the sequencer wrote it, and how it is aligned."""

    name: str
    mate: int
    bases: str
    qualities: str
    reverse: bool = False
    unit: str = "L1"


def pairs(unit: str, number: int = 40, length: int = 60) -> list[Read]:
    """Return pairs of reads of a unit: the first forward, the second from the other strand; some with an unknown base."""
    found = []
    for count in range(number):
        start = DICE.randrange(len(REFERENCE) - 300)
        first, second = REFERENCE[start : start + length], REFERENCE[start + 200 : start + 200 + length]
        qualities = ["".join(DICE.choices("#5AFK", k=length)) for _ in range(2)]
        bases = f"N{first[1:]}" if count % 7 == 0 else first
        found.append(Read(f"{unit}.{count}", 1, bases, qualities[0], False, unit))
        found.append(Read(f"{unit}.{count}", 2, second.translate(COMPLEMENT)[::-1], qualities[1], True, unit))
    return found


READS = (*pairs("L1"), *pairs("L2", 25))


def write_fastq(path: Path, reads: Sequence[Read], line: Callable[[Read], str] = lambda read: read.name) -> Path:
    text = "".join(f"@{line(read)}\n{read.bases}\n+\n{read.qualities}\n" for read in reads)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def write_cram(folder: Path, reads: Sequence[Read], extra: Callable[[pysam.AlignedSegment], Sequence[int]] = lambda record: ()) -> Path:
    """Write reads as a CRAM; `extra` gives flags of further records of the same read (supplementary or secondary)."""
    fasta = folder / "reference.fa"
    fasta.write_text(f">chr1\n{REFERENCE}\n")
    pysam.faidx(str(fasta))
    groups = [{"ID": f"anna.{unit}", "SM": "anna"} for unit in ("L1", "L2")]
    header = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": len(REFERENCE)}], "RG": groups})
    path = folder / "anna.cram"
    with pysam.AlignmentFile(str(path), "wc", header=header, reference_filename=str(fasta), format_options=[b"version=3.0"]) as out:
        for read in reads:
            record = pysam.AlignedSegment(header)
            record.query_name = read.name
            record.query_sequence = read.bases.translate(COMPLEMENT)[::-1] if read.reverse else read.bases
            record.query_qualities = pysam.qualitystring_to_array(read.qualities[::-1] if read.reverse else read.qualities)
            record.flag = 1 | (64 if read.mate == 1 else 128 if read.mate == 2 else 0) | (16 if read.reverse else 0)
            record.reference_id, record.reference_start, record.mapping_quality = 0, 100, 60
            record.cigarstring = f"{len(read.bases)}M"
            record.set_tag("RG", f"anna.{read.unit}")
            out.write(record)
            for flag in extra(record):
                record.flag |= flag
                out.write(record)
    return path


def units(folder: Path, reads: Sequence[Read] = READS) -> dict[str, tuple[Digest, Digest]]:
    found = {}
    for unit in ("L1", "L2"):
        of_unit = [[read for read in reads if (read.unit, read.mate) == (unit, mate)] for mate in (1, 2)]
        found[unit] = tuple(digest_fastq(write_fastq(folder / f"{unit}_{mate}.fq.gz", of_unit[mate - 1])).digest for mate in (1, 2))
    return found


GROUPS = {"L1": "anna.L1", "L2": "anna.L2"}


def proof_of(owed: Mapping[str, tuple[Digest, Digest]]) -> dict[str, Any]:
    told = [(name, one.as_record(), two.as_record()) for name, (one, two) in owed.items()]
    return {
        "sample": "anna",
        "units": [{"unit": name, "read_group": GROUPS[name], "fastq_1": one, "fastq_2": two} for name, one, two in told],
    }


def names_in(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines()[0::4]


def told(folder: Path, reads: Sequence[Read]) -> str:
    """Return in words what differs between READS as FASTQ and `reads` as CRAM."""
    cram = digest_cram(write_cram(folder, reads), str(folder / "reference.fa"), 1)
    return "; ".join(differences(units(folder), cram, GROUPS))


def test_digest_of_a_cram_is_that_of_its_fastq_files_in_any_order_and_strand(tmp_path: Path) -> None:
    shuffled = random.Random(1).sample(READS, len(READS))
    turned = [replace(read, reverse=not read.reverse) for read in shuffled]
    assert told(tmp_path, shuffled) == ""
    assert told(tmp_path, turned) == ""


def test_digest_of_a_cram_leaves_secondary_and_supplementary_records_out(tmp_path: Path) -> None:
    cram = write_cram(tmp_path, READS, lambda record: (0x100, 0x800) if record.is_read1 else ())
    assert differences(units(tmp_path), digest_cram(cram, str(tmp_path / "reference.fa"), 2), GROUPS) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda reads: reads[1:], "1 read of 40 is missing in first reads of unit L1"),
        (lambda reads: reads[:-3], "2 reads of 25 are missing in second reads of unit L2"),
        (lambda reads: [*reads, reads[0]], "1 read is there beyond the 40 that came in first reads of unit L1"),
        (lambda reads: [replace(reads[0], qualities="!" + reads[0].qualities[1:]), *reads[1:]], "qualities differ in first reads of unit"),
        (lambda reads: [replace(reads[3], bases=reads[3].bases[:-1] + "N"), *reads[:3], *reads[4:]], "bases differ in second reads"),
        (lambda reads: [replace(reads[0], name="L1.x"), *reads[1:]], "names of reads differ in first reads of unit L1"),
        (lambda reads: [replace(read, mate=3 - read.mate) if read.name == "L2.4" else read for read in reads], "exchanged in unit L2"),
        (lambda reads: [replace(read, unit="L2") if read.name == "L1.0" else read for read in reads], "reads stand under other units"),
        (lambda reads: [replace(reads[0], mate=0), *reads[1:]], "1 read of the CRAM is of no unit or no read of a pair"),
    ],
)  # fmt: skip
def test_differences_tell_what_is_not_the_same(tmp_path: Path, change: Callable[[Sequence[Read]], Sequence[Read]], says: str) -> None:
    assert says in told(tmp_path, list(change(READS)))


def test_two_reads_that_exchange_their_qualities_are_seen(tmp_path: Path) -> None:
    one, other = READS[0], READS[2]
    changed = [replace(one, qualities=other.qualities), replace(other, qualities=one.qualities), *READS[1:2], *READS[3:]]
    assert told(tmp_path, changed) == "qualities differ in first reads of unit L1"


@pytest.mark.parametrize(
    "line",
    [
        lambda read: f"{read.name}/{read.mate}",
        lambda read: f"{read.name} {read.mate}:N:0:ACGT",
        lambda read: f"{read.name}\t{read.mate}",
    ],
)
def test_digest_fastq_takes_names_as_aligners_do(tmp_path: Path, line: Callable[[Read], str]) -> None:
    plain, other = (write_fastq(tmp_path / f"{number}.fq.gz", READS[:20], one) for number, one in enumerate((lambda read: read.name, line)))
    assert digest_fastq(plain).digest == digest_fastq(other).digest


def test_digest_fastq_takes_small_letters_for_capitals(tmp_path: Path) -> None:
    small = [replace(read, bases=read.bases.lower()) for read in READS[:10]]
    assert (
        digest_fastq(write_fastq(tmp_path / "a.fq.gz", small)).digest == digest_fastq(write_fastq(tmp_path / "b.fq.gz", READS[:10])).digest
    )


def test_digest_fastq_of_parts_adds_up_to_that_of_all(tmp_path: Path) -> None:
    parts = [digest_fastq(write_fastq(tmp_path / f"{part.start}.fq.gz", READS[part])).digest for part in (slice(0, 50), slice(50, None))]
    assert parts[0] + parts[1] == digest_fastq(write_fastq(tmp_path / "all.fq.gz", READS)).digest
    assert Digest.of_record(parts[0].as_record()) == parts[0]


def test_digest_fastq_of_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write_fastq(tmp_path / "a.fq.gz", READS)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be read to its end"):
        digest_fastq(path)


def test_blocks_give_whole_records_wherever_a_piece_ends() -> None:
    text = b"".join(f"@r{number}\nACGT\n+\n{'I' * (number % 9 + 1)}\n".encode() for number in range(50))

    class Pieces:
        """Bytes in pieces of `size`, whatever is asked for."""

        def __init__(self, size: int) -> None:
            self.size, self.at = size, 0

        def read(self, size: int = -1) -> bytes:
            self.at += self.size
            return text[self.at - self.size : self.at]

    for size in (1, 7, 33, 1000, BLOCK):
        lines = [line for block in blocks(Pieces(size)) for line in block]
        assert b"\n".join(lines) + b"\n" == text


def test_restore_gives_back_the_reads_that_were_proved(tmp_path: Path) -> None:
    cram, owed = write_cram(tmp_path, random.Random(2).sample(READS, len(READS))), units(tmp_path)
    proof = proof_of(owed)
    files = {name: (tmp_path / f"back_{name}_1.fq.gz", tmp_path / f"back_{name}_2.fq.gz") for name in owed}
    facts = restore(cram, str(tmp_path / "reference.fa"), proof, files)
    assert {name: tuple(digest_fastq(path).digest for path in pair) for name, pair in files.items()} == owed
    assert [fact["file"] for fact in facts] == [str(path) for pair in files.values() for path in pair]
    assert names_in(files["L1"][0]) == names_in(files["L1"][1])


def test_restore_of_another_cram_writes_nothing(tmp_path: Path) -> None:
    owed = units(tmp_path)
    proof = proof_of(owed)
    files = {name: (tmp_path / f"back_{name}_1.fq.gz", tmp_path / f"back_{name}_2.fq.gz") for name in owed}
    with pytest.raises(InputError, match="does not give back the reads of unit L1 of sample `anna`"):
        restore(write_cram(tmp_path, READS[2:]), str(tmp_path / "reference.fa"), proof, files)
    assert not list(tmp_path.glob("*back_*"))
