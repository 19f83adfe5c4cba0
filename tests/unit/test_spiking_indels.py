"""Reads rewritten for a variant, against reads cut from the changed sequence itself."""

import pysam
import pytest

from tests.unit.test_spike_variant import read_at
from workflow.bases import reverse_complement
from workflow.spiking import Edit, Variant, edited
from workflow.spiking_indels import changed_fragments, changed_read

GENOME = "TTGACGCATCCAGTTAGGCATACCGTGTAAGCTCTGATCCGATTTAGCAACCTGGATGTCAGACTTGCCGAATAC" * 2
LENGTH = 30


def fetch(start: int, end: int) -> str:
    return GENOME[start:end]


VARIANTS = [
    Variant("chr1", 60, GENOME[59], "A" if GENOME[59] != "A" else "C"),
    Variant("chr1", 60, GENOME[59:63], GENOME[59]),
    Variant("chr1", 60, GENOME[59], GENOME[59] + "CAT"),
    Variant("chr1", 60, GENOME[59:62], "GGGGG"),
]


def whole_read(start: int, *, reverse: bool) -> pysam.AlignedSegment:
    return read_at(start, LENGTH, reverse=reverse, sequence=GENOME[start : start + LENGTH])


def as_sequenced(read: pysam.AlignedSegment) -> str:
    sequence = str(read.query_sequence)
    return reverse_complement(sequence) if read.is_reverse else sequence


def rewritten(read: pysam.AlignedSegment, edit: Edit) -> str:
    lines = [f"@{read.query_name}\n".encode(), as_sequenced(read).encode() + b"\n", b"+\n", b"I" * LENGTH + b"\n"]
    return list(edited(lines, {str(read.query_name): [edit]}))[1].decode().strip()


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("before", range(LENGTH))
def test_changed_read_is_the_read_of_the_changed_sequence(variant: Variant, reverse: bool, before: int) -> None:
    """`before` bases as sequenced come before the variant, so a few reads end within it."""
    first, behind = variant.position - 1, variant.position - 1 + len(variant.ref)
    changed = GENOME[:first] + variant.alt + GENOME[behind:]
    start = behind + before - LENGTH if reverse else first - before
    shift = len(variant.alt) - len(variant.ref)
    wanted = changed[start + shift : start + shift + LENGTH] if reverse else changed[start : start + LENGTH]
    read = whole_read(start, reverse=reverse)
    edit = changed_read(read, variant, fetch)
    assert edit is not None
    assert rewritten(read, edit) == (reverse_complement(wanted) if reverse else wanted)


@pytest.mark.parametrize(("start", "reverse"), [(61, False), (31, True)])
def test_changed_read_leaves_a_read_that_begins_within_the_variant(start: int, reverse: bool) -> None:
    deletion = VARIANTS[1]
    assert changed_read(whole_read(start, reverse=reverse), deletion, fetch) is None


def test_changed_read_leaves_a_read_that_differs_or_is_clipped_there() -> None:
    differing = GENOME[40:60] + ("G" if GENOME[60] != "G" else "C") + GENOME[61:70]
    assert changed_read(read_at(40, LENGTH, sequence=differing), VARIANTS[1], fetch) is None
    clipped = read_at(40, LENGTH, cigar="21M9S", sequence=GENOME[40:61] + "A" * 9)
    assert changed_read(clipped, VARIANTS[1], fetch) is None


def test_changed_read_keeps_what_is_clipped_further_on() -> None:
    read = read_at(40, LENGTH, cigar="26M4S", sequence=GENOME[40:66] + "TTTT")
    edit = changed_read(read, VARIANTS[1], fetch)
    assert edit is not None
    assert rewritten(read, edit) == GENOME[40:60] + GENOME[63:66] + "TTTT" + GENOME[70:73]


def test_changed_fragments_needs_both_mates_and_counts_all() -> None:
    variant = VARIANTS[1]
    reads = [read_at(40, LENGTH, name="both", sequence=GENOME[40:70]), read_at(50, LENGTH, name="both", reverse=True, second=True,
             sequence=GENOME[50:80])]  # fmt: skip
    reads += [read_at(40, LENGTH, name="half", sequence=GENOME[40:70]), read_at(61, LENGTH, name="half", sequence=GENOME[61:91])]
    reads += [read_at(40, LENGTH, name="foreign", sequence=GENOME[40:70])]
    edits, over = changed_fragments(reads, {"both", "half"}, variant, fetch)
    assert over == 2
    assert {name: [edit.mate for edit in found] for name, found in edits.items()} == {"both": [0, 1]}
