import gzip
from types import SimpleNamespace

import pysam
import pytest

from scripts.extract_reads import main as extract
from scripts.spike_variant import main
from workflow.errors import InputError
from workflow.spiking import Edit, Marker, Variant, copies_of, edit_of, edited, half_of, share_of, without
from workflow.trial_reads import keep_copy

LENGTH = 200
HEADER = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": LENGTH}]})
REFERENCE = ("ACGGTCATTG" * 20)[:LENGTH]
VARIANT = Variant("chr1", 55, REFERENCE[54], "A")


def read_at(
    start: int, length: int = 20, *, name: str = "r", reverse: bool = False, second: bool = False, cigar: str = "", sequence: str = ""
):
    read = pysam.AlignedSegment(HEADER)
    read.query_name = name
    read.query_sequence = sequence or REFERENCE[start : start + length]
    read.flag = 1 | (16 if reverse else 32) | (128 if second else 64)
    read.reference_id, read.reference_start, read.mapping_quality = 0, start, 60
    read.cigarstring = cigar or f"{length}M"
    read.query_qualities = pysam.qualitystring_to_array("I" * len(read.query_sequence))
    return read


def test_edit_of_a_forward_read_counts_from_its_start() -> None:
    assert edit_of(read_at(50), VARIANT) == Edit(mate=0, offset=4, base="A", reverse=False)


def test_edit_of_a_reverse_read_is_in_sequenced_orientation() -> None:
    assert edit_of(read_at(50, reverse=True, second=True), VARIANT) == Edit(mate=1, offset=15, base="T", reverse=True)


@pytest.mark.parametrize(("cigar", "sequence", "offset"), [
    ("2S8M", "GG" + REFERENCE[50:58], 6),
    ("2M3I8M", REFERENCE[50:52] + "TTT" + REFERENCE[52:60], 7),
    ("2M1D8M", REFERENCE[50:52] + REFERENCE[53:61], 3),
])  # fmt: skip
def test_edit_of_minds_clips_and_indels(cigar: str, sequence: str, offset: int) -> None:
    edit = edit_of(read_at(50, cigar=cigar, sequence=sequence), VARIANT)
    assert (edit.offset, sequence[edit.offset]) == (offset, VARIANT.ref)


def test_edit_of_refuses_a_read_with_another_base() -> None:
    other = REFERENCE[50:54] + "C" + REFERENCE[55:60]
    with pytest.raises(InputError, match="carries C and not"):
        edit_of(read_at(50, cigar="10M", sequence=other), VARIANT)


def test_edit_of_refuses_a_read_with_a_deletion_there() -> None:
    with pytest.raises(InputError, match="deletion"):
        edit_of(read_at(50, cigar="3M4D7M", sequence=REFERENCE[50:53] + REFERENCE[57:64]), VARIANT)


@pytest.mark.parametrize(("forward", "reverse"), [(8, 8), (7, 8), (1, 0), (5, 3)])
def test_half_of_is_half_of_all_and_of_each_strand(forward: int, reverse: int) -> None:
    edits = {f"r{i}": [Edit(0, 0, "A", i >= forward)] for i in range(forward + reverse)}
    chosen = half_of(edits)
    on_reverse = sum(found[0].reverse for found in chosen.values())
    assert abs(2 * len(chosen) - len(edits)) <= 1
    assert abs(2 * on_reverse - reverse) <= 1


def test_half_of_does_not_depend_on_the_order_of_reads() -> None:
    edits = {f"r{i}": [Edit(0, 0, "A", i % 3 == 0)] for i in range(11)}
    assert half_of(dict(reversed(edits.items()))) == half_of(edits)


def test_edited_changes_one_base_of_named_reads_only() -> None:
    lines = [b"@a x\n", b"ACGT\n", b"+\n", b"ACGT\n", b"@b\n", b"ACGT\n", b"+\n", b"IIII\n"]
    assert list(edited(lines, {"a": [Edit(0, 2, "T", False)]})) == [b"@a x\n", b"ACTT\n", *lines[2:]]


def sequences(path) -> dict[str, str]:
    lines = gzip.decompress(path.read_bytes()).decode().split()
    return {lines[i][1:]: lines[i + 1] for i in range(0, len(lines), 4)}


@pytest.fixture
def spiked(tmp_path):
    reads = [read for i in range(6) for read in (read_at(40 + i, name=f"p{i}"), read_at(46 + i, name=f"p{i}", reverse=True, second=True))]
    reads += [read_at(50, name="single"), read_at(100, name="far"), read_at(130, name="far", reverse=True, second=True)]
    bam = tmp_path / "x.bam"
    with pysam.AlignmentFile(str(bam), "wb", header=HEADER) as out:
        for read in sorted(reads, key=lambda read: read.reference_start):
            out.write(read)
    pysam.index(str(bam))
    before, after = [[tmp_path / f"{name}_{mate}.fastq.gz" for mate in (1, 2)] for name in ("before", "after")]
    extract(input=SimpleNamespace(bam=str(bam)), output=before, params=SimpleNamespace(contig="chr1"))
    variant = {"contig": "chr1", "position": 55, "ref": VARIANT.ref, "alt": "A"}
    main(input=SimpleNamespace(bam=str(bam), fastq=before), output=after, params=SimpleNamespace(variant=variant))
    return before, after


def test_main_changes_both_mates_of_half_of_the_covering_pairs(spiked) -> None:
    before, after = ([sequences(path) for path in pair] for pair in spiked)
    changed = [{name for name in old if old[name] != new[name]} for old, new in zip(before, after, strict=True)]
    assert changed[0] == changed[1]
    assert len(changed[0]) == 3
    assert "far" not in changed[0]
    for old, new in zip(before, after, strict=True):
        assert all(sum(a != b for a, b in zip(old[name], new[name], strict=True)) == 1 for name in changed[0])


def test_extract_restores_reads_as_sequenced_and_leaves_singles_out(spiked) -> None:
    first, second = (sequences(path) for path in spiked[0])
    assert list(first) == list(second) == ["far", *(f"p{i}" for i in range(6))]
    assert first["p0"] == REFERENCE[40:60]
    assert second["p0"] == REFERENCE[46:66].translate(str.maketrans("ACGT", "TGCA"))[::-1]


def test_extract_and_spike_give_the_same_bytes_again(spiked, tmp_path) -> None:
    kept = [path.read_bytes() for pair in spiked for path in pair]
    extract(input=SimpleNamespace(bam=str(tmp_path / "x.bam")), output=spiked[0], params=SimpleNamespace(contig="chr1"))
    assert [path.read_bytes() for path in spiked[0]] == kept[:2]
    assert all(content[4:8] == b"\0\0\0\0" for content in kept)


def test_share_of_takes_the_share_asked_for_spread_over_both_strands() -> None:
    edits = {f"r{number}": [Edit(0, 0, "A", number % 2 == 0)] for number in range(40)}
    chosen = share_of(edits, 0.15)
    assert len(chosen) == 6
    assert sum(edits[name][0].reverse for name in chosen) == 3
    assert share_of(edits, 0.0) == {}
    assert share_of(edits, 1.0) == edits


def test_copies_of_follows_a_known_heterozygous_base_and_deals_out_the_rest() -> None:
    base = REFERENCE[59]
    other = next(one for one in "ACGT" if one != base)
    changed = REFERENCE[50:59] + other + REFERENCE[60:70]
    told = [read_at(50, name="a"), read_at(50, name="b", sequence=changed), *(read_at(100 + n, name=f"n{n}") for n in range(10))]
    copies = copies_of(told, [Marker(60, other, base)])
    assert (copies["a"], copies["b"]) == ("2", "1")
    assert [copies[f"n{n}"] for n in range(4)] == ["1", "2", "1", "2"]


def test_without_takes_whole_records_out() -> None:
    lines = [b"@a/1\n", b"ACGT\n", b"+\n", b"IIII\n", b"@b\n", b"ACGT\n", b"+\n", b"IIII\n"]
    assert list(without(lines, {"b"})) == lines[:4]


def test_keep_copy_leaves_the_fragments_of_one_copy(tmp_path) -> None:
    base, other = REFERENCE[59], next(one for one in "ACGT" if one != REFERENCE[59])
    reads = [read_at(50, name="a"), read_at(50, name="b", sequence=REFERENCE[50:59] + other + REFERENCE[60:70])]
    with pysam.AlignmentFile(str(tmp_path / "x.bam"), "wb", header=HEADER) as out:
        for read in reads:
            out.write(read)
    pysam.index(str(tmp_path / "x.bam"))
    path = tmp_path / "x_1.fq.gz"
    path.write_bytes(gzip.compress("".join(f"@{read.query_name}\n{read.query_sequence}\n+\n{'I' * 20}\n" for read in reads).encode()))
    keep_copy(str(tmp_path / "x.bam"), [path], "1", [Marker(60, other, base)])
    assert gzip.decompress(path.read_bytes()).decode().splitlines()[::4] == ["@b"]
