"""What is clear from the bases and what is not, on piles of reads built in code."""

import itertools
import random
from pathlib import Path

import numpy as np
import pytest

from tests.unit.small_bam import evidence_of, header_of, other, random_bases, read_of, write_bam
from workflow.clean_calls import (
    BRIDGE,
    EVENT_WINDOW,
    INDEL_SIZE,
    ISOLATION,
    MAX_GQ,
    PAD,
    Judgement,
    _spread,
    _window_sum,
    judge,
    longest_run,
    reach_of_indels,
)
from workflow.evidence import Evidence, encoded

LENGTH, READ, PLACE = 1000, 100, 500
SEQUENCE = random_bases(LENGTH, 4)


class Pile:
    """Reads over one contig, all of it owed. `copies` is its ploidy."""

    def __init__(self, folder: Path, sequence: str = SEQUENCE) -> None:
        self.folder, self.sequence, self.reads = folder, sequence, []
        self.header = header_of({"chr1": sequence})

    def lay(
        self, count: int, change: dict[int, str] | None = None, *, over: int = PLACE, strand: int | None = None, **more: object
    ) -> None:
        """Lay reads over a place, at starts that differ, strands by turns; `change` maps positions to other bases."""
        for number in range(count):
            start = over - 20 - number * 60 // max(count, 1)
            bases = "".join((change or {}).get(at, self.sequence[at]) for at in range(start, start + READ))
            flag = 16 * (number % 2 if strand is None else strand)
            self.reads.append(read_of(self.header, start, f"{READ}M", bases.translate(str.maketrans("RYN", "AAA")), flag=flag, **more))

    def add(self, start: int, cigar: str, bases: str, **more: object) -> None:
        self.reads.append(read_of(self.header, start, cigar, bases, **more))

    def cover(self, depth: int) -> None:
        """Lay reads like the reference over all of the contig."""
        for start in range(0, len(self.sequence) - READ + 1, READ // depth):
            self.add(start, f"{READ}M", self.sequence[start : start + READ], flag=16 * (start % 2))

    def evidence(self) -> Evidence:
        bam = write_bam(self.folder / "reads.bam", self.header, self.reads)
        return evidence_of(bam, {"chr1": self.sequence}, [(0, 0, len(self.sequence))])

    def judged(self, copies: int = 2) -> Judgement:
        return judge(self.evidence(), np.full(len(self.sequence), copies))


@pytest.fixture
def pile(tmp_path: Path) -> Pile:
    return Pile(tmp_path)


ALT = {PLACE: other(SEQUENCE[PLACE])}
THIRD = {PLACE: other(SEQUENCE[PLACE], 2)}


def called(judgement: Judgement) -> list[int]:
    return judgement.calls.place.tolist()


def test_judge_heterozygous_site_in_the_clear_is_called(pile: Pile) -> None:
    pile.lay(15)
    pile.lay(14, ALT)
    judgement = pile.judged()
    calls = judgement.calls
    assert called(judgement) == [PLACE]
    assert (calls.ref_count.tolist(), calls.alt_count.tolist(), calls.copies.tolist()) == ([15], [14], [2])
    assert "ACGT"[calls.alt[0]] == ALT[PLACE]
    assert calls.likelihoods[0].argmin() == 1
    assert calls.likelihoods[0].min() == 0
    assert not judgement.unclear.any()


def test_judge_homozygous_site_in_the_clear_is_called(pile: Pile) -> None:
    pile.lay(30, ALT)
    judgement = pile.judged()
    assert called(judgement) == [PLACE]
    assert judgement.calls.likelihoods[0].argmin() == 2
    assert judgement.calls.likelihoods[0, 1] == round(30 * 10 * np.log10(2))


def test_judge_haploid_site_has_one_copy(pile: Pile) -> None:
    pile.lay(20, ALT)
    judgement = pile.judged(copies=1)
    assert called(judgement) == [PLACE]
    assert judgement.calls.likelihoods[0, 1] == 0
    assert judgement.calls.likelihoods[0, 3:].tolist() == [-1, -1, -1]


def test_judge_haploid_site_with_two_alleles_is_unclear(pile: Pile) -> None:
    pile.lay(15)
    pile.lay(15, ALT)
    judgement = pile.judged(copies=1)
    assert called(judgement) == []
    assert judgement.unclear[PLACE]


@pytest.mark.parametrize(
    "piles",
    [
        pytest.param([(4, {}, {}), (4, ALT, {})], id="low depth"),
        pytest.param([(15, {}, {}), (14, ALT, {"strand": 1})], id="one strand only"),
        pytest.param([(15, {}, {}), (14, ALT, {"mapq": 15})], id="low mapping quality of the variant"),
        pytest.param([(15, {}, {"mapq": 15}), (14, ALT, {})], id="low mapping quality of the reference"),
        pytest.param([(15, {}, {}), (14, ALT, {"quality": 15})], id="low base quality"),
        pytest.param([(10, {}, {}), (10, ALT, {}), (10, THIRD, {})], id="a third allele"),
        pytest.param([(15, {}, {}), (15, THIRD, {}), (15, ALT, {})], id="two other alleles, no reference"),
        pytest.param([(24, {}, {}), (6, ALT, {})], id="an unlikely share"),
        pytest.param([(200, {}, {}), (200, ALT, {})], id="too deep"),
    ],
)
def test_judge_site_that_is_not_in_the_clear_is_assembled_with_its_surroundings(pile: Pile, piles: list) -> None:
    for count, change, more in piles:
        pile.lay(count, change, **more)
    judgement = pile.judged()
    assert called(judgement) == []
    assert np.flatnonzero(judgement.unclear).tolist() == list(range(PLACE - PAD, PLACE + PAD + 1))


def test_judge_variant_seen_only_at_ends_of_reads_is_assembled(pile: Pile) -> None:
    pile.lay(15)
    for number in range(14):
        start = PLACE - number % 8
        bases = ALT[PLACE].join((SEQUENCE[start:PLACE], SEQUENCE[PLACE + 1 : start + READ]))
        pile.add(start, f"{READ}M", bases, flag=16 * (number % 2))
    assert called(pile.judged()) == []


@pytest.mark.parametrize(("distance", "clear"), [(1, False), (30, False), (ISOLATION, False), (ISOLATION + 1, True)])
def test_judge_close_variants_are_assembled_together(pile: Pile, distance: int, clear: bool) -> None:
    second = PLACE + distance
    both = ALT | {second: other(SEQUENCE[second])}
    for change in ({}, both):
        pile.lay(8, change, over=PLACE)
        pile.lay(8, change, over=second)
    judgement = pile.judged()
    assert called(judgement) == ([PLACE, second] if clear else [])
    assert judgement.unclear[[PLACE, second]].tolist() == [not clear] * 2


@pytest.mark.parametrize("cigar", ["80M3I17M", "80M3D20M", "80M20S"])
def test_judge_variant_beside_an_indel_or_clip_is_assembled(pile: Pile, cigar: str) -> None:
    pile.lay(15)
    pile.lay(15, ALT)
    start = PLACE - 60  # the event stands 20 bases behind the variant
    for number in range(4):
        pile.add(start, cigar, SEQUENCE[start : start + READ], flag=16 * (number % 2))
    judgement = pile.judged()
    assert called(judgement) == []
    assert judgement.unclear[PLACE]


@pytest.mark.parametrize("code", "NR")
def test_judge_base_that_the_reference_does_not_tell_is_never_called(tmp_path: Path, code: str) -> None:
    pile = Pile(tmp_path, SEQUENCE[:PLACE] + code + SEQUENCE[PLACE + 1 :])
    pile.lay(30)
    judgement = pile.judged()
    assert called(judgement) == []
    assert judgement.unclear[PLACE]


def test_judge_without_reads_knows_nothing_and_takes_nothing_for_reference(pile: Pile) -> None:
    judgement = pile.judged()
    assert not judgement.confidence.any()
    assert not judgement.unclear.any()
    assert called(judgement) == []


def test_judge_reference_is_as_sure_as_reads_are_many(pile: Pile) -> None:
    pile.cover(depth=10)
    confidence = pile.judged().confidence
    assert set(confidence[200:800].tolist()) <= set(range(int(8 * 3.01), int(11 * 3.01) + 1))
    assert confidence[-1] == confidence[-INDEL_SIZE] == 0  # no read goes on far enough
    haploid = pile.judged(copies=1).confidence
    assert haploid[400:600].min() > 2 * confidence[400:600].max()


def test_judge_single_error_lowers_confidence_where_it_stands(pile: Pile) -> None:
    pile.cover(depth=20)
    before = pile.judged().confidence
    pile.lay(1, ALT)
    after = pile.judged()
    assert not after.unclear.any()
    assert after.confidence[PLACE] == int(20 * 10 * np.log10(2) - 35)
    assert after.confidence[PLACE] < before[PLACE] <= after.confidence[PLACE + 1] <= MAX_GQ


@pytest.mark.parametrize("copies", [0, 3])
def test_judge_stretch_of_another_ploidy_is_assembled(pile: Pile, copies: int) -> None:
    pile.lay(30, ALT)
    judgement = pile.judged(copies)
    assert judgement.unclear.all()
    assert called(judgement) == []


@pytest.mark.parametrize(("depth", "unclear"), [(10, True), (70, False)])
def test_judge_two_reads_with_an_insertion_count_only_where_they_are_not_outweighed(pile: Pile, depth: int, unclear: bool) -> None:
    pile.cover(depth)
    for number in range(2):
        start = PLACE - 50 + number
        pile.add(start, f"{PLACE - start}M4I40M", SEQUENCE[start:PLACE] + "ACCA" + SEQUENCE[PLACE : PLACE + 40])
    assert pile.judged().unclear[PLACE] == unclear


@pytest.mark.parametrize(("length", "bridged"), [(140, True), (BRIDGE - 1, True), (BRIDGE + 1, False)])
def test_judge_reads_clipped_at_both_ends_of_a_deletion_are_assembled_with_all_between(pile: Pile, length: int, bridged: bool) -> None:
    pile.cover(depth=20)
    start = 300
    gone = SEQUENCE[start : start + length]
    for number in range(8):
        flag = 16 * (number % 2)
        pile.add(start - 70, "70M30S", SEQUENCE[start - 70 : start] + gone[::-1][:30], flag=flag)
        pile.add(start + length, "30S70M", gone[::-1][:30] + SEQUENCE[start + length : start + length + 70], flag=flag)
    unclear = pile.judged().unclear
    assert unclear[[start, start + length]].all()
    assert unclear[start : start + length].all() == bridged


# --- against plain Python ---------------------------------------------------------------------------------------------------


def sequences(count: int, letters: str = "ACGTN") -> list[str]:
    dice = random.Random(11)
    found = ["A", "AAAA", "ACACACACACACACACACAC"]
    for _ in range(count):
        units = ("".join(dice.choices(letters, k=dice.randrange(1, 12))) * dice.randrange(1, 8) for _ in range(6))
        found.append("".join(units))
    return found


def slow_reach(sequence: str, at: int) -> int:
    """Return the most that any repeat unit behind `at` reaches: as long as each base equals that one unit further on."""
    reaches = [INDEL_SIZE]
    for unit in range(1, INDEL_SIZE + 1):
        first = here = at + 1
        while here + unit < len(sequence) and sequence[here] == sequence[here + unit] != "N":
            here += 1
        reaches.append(here - first + unit)
    return max(reaches)


@pytest.mark.parametrize("sequence", sequences(40))
def test_reach_of_indels_is_that_of_a_slow_count(sequence: str) -> None:
    assert reach_of_indels(encoded(sequence)).tolist() == [slow_reach(sequence, at) for at in range(len(sequence))]


@pytest.mark.parametrize("sequence", sequences(40, "AACGT"))
def test_longest_run_is_that_of_a_slow_count(sequence: str) -> None:
    own = [length for _, run in itertools.groupby(sequence) for length in [len(list(run))] for _ in range(length)]
    assert longest_run(encoded(sequence)).tolist() == [max(own[max(at - 1, 0) : at + 2]) for at in range(len(own))]


@pytest.mark.parametrize("seed", range(10))
def test_window_sum_and_spread_are_those_of_slow_counts(seed: int) -> None:
    dice = random.Random(seed)
    size = dice.choice([1, 5, 30, 400])
    values = [dice.choice([0, 0, 0, 1, 5]) for _ in range(size)]
    windows = [sum(values[max(at - EVENT_WINDOW, 0) : at + EVENT_WINDOW + 1]) for at in range(size)]
    assert _window_sum(np.array(values), EVENT_WINDOW).tolist() == windows
    marked = [dice.random() < 0.01 for _ in range(size)]
    reach = [dice.choice([10, 20, 150]) for _ in range(size)]
    spread = [any(mark and here - PAD <= at <= here + max(PAD, reach[here]) for here, mark in enumerate(marked)) for at in range(size)]
    assert _spread(np.array(marked), np.array(reach)).tolist() == spread
