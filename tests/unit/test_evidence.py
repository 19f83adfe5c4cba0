"""What is counted of the reads, against a slow count that asks pysam base by base."""

import random
from pathlib import Path

import numpy as np
import pysam
import pytest

from tests.unit.small_bam import evidence_of, header_of, other, random_bases, read_of, write_bam
from workflow.evidence import LOW_MAPQ, MARGIN, MIN_BASE_QUALITY, MIN_CLIP, NEAR_END, Evidence, encoded, lay_out

SEQUENCES = {"chr1": random_bases(6000, 1), "chr2": random_bases(150, 2), "chr3": random_bases(2500, 3)}
HEADER = header_of(SEQUENCES)
TILE = [(0, 1000, 1300), (0, 1700, 1710), (0, 4500, 4600), (1, 20, 90), (2, 0, 100), (2, 2450, 2500)]  # contig ends, margins that meet
READ = 100


def with_errors(bases: str, dice: random.Random) -> str:
    return "".join(dice.choice("ACGTN") if dice.random() < 0.05 else base for base in bases)


def qualities(length: int, dice: random.Random) -> list[int]:
    return [dice.choice([2, 9, 10, 25, 37]) for _ in range(length)]


def pairs(count: int, seed: int) -> list[pysam.AlignedSegment]:
    """Return the reads of fragments: shorter than a read, overlapping, far apart."""
    dice = random.Random(seed)
    reads = []
    for number in range(count):
        contig = dice.choice([0, 0, 0, 2])
        sequence = list(SEQUENCES.values())[contig]
        length = dice.choice([60, 90, 100, 130, 180, 300, 500])
        start = dice.randrange(READ, len(sequence) - length - READ)
        starts = (start, start + length - READ)
        first_is_forward = dice.random() < 0.5
        for end, (own, mate) in enumerate((starts, starts[::-1])):
            flag = 0x3 | (0x10 if end else 0x20) | (0x40 if (end == 0) is first_is_forward else 0x80)
            reads.append(
                read_of(
                    HEADER,
                    own,
                    f"{READ}M",
                    with_errors(sequence[own : own + READ], dice),
                    contig=contig,
                    flag=flag,
                    mapq=dice.choice([3, 19, 20, 60]),
                    quality=qualities(READ, dice),
                    mate=(contig, mate),
                    template=-length if end else length,
                    name=f"pair{number}",
                )
            )
    return reads


def singles(count: int, seed: int) -> list[pysam.AlignedSegment]:
    """Return reads without a mate in reach, with insertions, deletions, skips and clips."""
    dice = random.Random(seed)
    reads = []
    for number in range(count):
        contig = dice.choice([0, 0, 1, 2])
        sequence = list(SEQUENCES.values())[contig]
        cigar = dice.choice(["40M", "1=1X38=", "20M3I20M", "20M7D20M", "4S40M5S", "9S30M", "5H35M30N5M", "3I40M2I", "15M1D2M2I20M"])
        read = read_of(HEADER, 0, cigar, "", contig=contig)
        length, span = read.infer_query_length(), read.reference_length
        start = dice.choice([0, len(sequence) - span, dice.randrange(len(sequence) - span)])
        flag, mate = dice.choice([(0, None), (16, None), (0x1 | 0x8, (contig, start)), (0x1 | 0x10, ((contig + 1) % 3, start))])
        bases = with_errors("".join(dice.choices("ACGT", k=length)) if dice.random() < 0.3 else laid(sequence, start, cigar), dice)
        more = {"mapq": dice.choice([1, 19, 20, 60]), "quality": qualities(length, dice), "name": f"single{number}"}
        reads.append(read_of(HEADER, start, cigar, bases, contig=contig, flag=flag, mate=mate, **more))
    return reads


def laid(sequence: str, start: int, cigar: str) -> str:
    """Return the bases of a read that fits the reference wherever it is aligned."""
    bases = ""
    for code, length in read_of(HEADER, 0, cigar, "").cigartuples:
        bases += sequence[start : start + length] if code in (0, 7, 8) else "A" * length if code in (1, 4) else ""
        start += length if code in (0, 2, 3, 7, 8) else 0
    return bases


class Slow:
    """The same counts, one base at a time: {(contig, position): value} or {(contig, position, base): value}."""

    def __init__(self, bam: Path) -> None:
        self.counts: dict[str, dict] = {"indels": {}, "clips": {}}
        with pysam.AlignmentFile(str(bam)) as alignments:
            for column in alignments.pileup(stepper="nofilter", min_base_quality=0, ignore_overlaps=False, max_depth=100_000):
                self.count_column(column)
            for read in alignments.fetch():
                self.count_events(read)

    def add(self, name: str, key: tuple, value: float = 1) -> None:
        found = self.counts.setdefault(name, {})
        found[key] = found.get(key, 0) + value

    def count_column(self, column: pysam.PileupColumn) -> None:
        place = (column.reference_id, column.reference_pos)
        seen: dict[str, pysam.PileupRead] = {}
        for pileup in column.pileups:
            read = pileup.alignment
            self.add("span", place)
            if pileup.is_del or pileup.is_refskip:
                continue
            self.add("depth", place)
            self.add("low_mapq", place, read.mapping_quality < LOW_MAPQ)
            self.add("mapq_square", place, read.mapping_quality**2)
            earlier = seen.get(read.query_name)
            if earlier is None or self.order(read) < self.order(earlier.alignment):
                seen[read.query_name] = pileup
        for pileup in seen.values():
            self.count_base(place, pileup)

    def order(self, read: pysam.AlignedSegment) -> tuple[int, bool]:
        return read.reference_start, read.is_read2

    def count_base(self, place: tuple[int, int], pileup: pysam.PileupRead) -> None:
        read, at = pileup.alignment, pileup.query_position
        base, quality = read.query_sequence[at], read.query_qualities[at]
        if quality < MIN_BASE_QUALITY or base == "N" or self.is_behind_fragment(read, place[1]):
            return
        kind, key = ("ref", place) if base == list(SEQUENCES.values())[place[0]][place[1]] else ("alt", (*place, "ACGT".index(base)))
        self.add(f"{kind}_count", key)
        self.add(f"{kind}_reverse", key, read.is_reverse)
        self.add(f"{kind}_quality", key, quality)
        if kind == "alt":
            self.add("alt_low_mapq", key, read.mapping_quality < LOW_MAPQ)
            aligned = {position for _, position in read.get_aligned_pairs(matches_only=True)}
            near = not all(place[1] + step in aligned for step in range(-NEAR_END, NEAR_END + 1)) or self.crosses_insertion(read, at)
            self.add("alt_near_end", key, near)

    def crosses_insertion(self, read: pysam.AlignedSegment, at: int) -> bool:
        pairs = dict(read.get_aligned_pairs())
        return any(pairs.get(at + step) is None for step in range(-NEAR_END, NEAR_END + 1))

    def is_behind_fragment(self, read: pysam.AlignedSegment, position: int) -> bool:
        if not 0 < abs(read.template_length) < read.query_length:
            return False
        if read.is_reverse:
            return position < read.next_reference_start
        return position >= read.reference_start + read.template_length

    def count_events(self, read: pysam.AlignedSegment) -> None:
        position = read.reference_start
        for code, length in read.cigartuples:
            if code in (1, 2):
                self.add("indels", (read.reference_id, max(position - 1, 0)))
            if code == 4 and length >= MIN_CLIP:
                self.add("clips", (read.reference_id, position))
            position += length if code in (0, 2, 3, 7, 8) else 0


def places_of(evidence: Evidence) -> list[tuple[int, int]]:
    return [(contig, position) for contig, start, end in evidence.layout.stretches() for position in range(start, end)]


def check_against_slow(evidence: Evidence, slow: Slow) -> None:
    places = places_of(evidence)
    for name in ("depth", "low_mapq", "mapq_square", "ref_count", "ref_reverse", "ref_quality", "indels", "clips"):
        assert getattr(evidence, name).tolist() == [slow.counts[name].get(place, 0) for place in places], name
    assert (evidence.starts - evidence.ends).tolist() == [slow.counts["span"].get(place, 0) for place in places]
    for name in ("alt_count", "alt_reverse", "alt_quality", "alt_low_mapq", "alt_near_end"):
        found = getattr(evidence, name).reshape(-1, 4)[evidence.layout.owned].tolist()
        owned = [place for place, mine in zip(places, evidence.layout.owned, strict=True) if mine]
        assert found == [[slow.counts[name].get((*place, base), 0) for base in range(4)] for place in owned], name


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_evidence_of_pairs_counts_each_fragment_once_and_nothing_behind_it(tmp_path: Path, seed: int) -> None:
    bam = write_bam(tmp_path / "reads.bam", HEADER, pairs(400, seed))
    check_against_slow(evidence_of(bam, SEQUENCES, TILE, size=5000), Slow(bam))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_evidence_of_indels_skips_and_clips_is_that_of_pysam(tmp_path: Path, seed: int) -> None:
    bam = write_bam(tmp_path / "reads.bam", HEADER, singles(600, seed))
    slow = Slow(bam)
    assert all(sum(slow.counts[name].values()) for name in ("indels", "clips", "alt_near_end", "alt_low_mapq"))
    check_against_slow(evidence_of(bam, SEQUENCES, TILE), slow)


def test_evidence_of_a_read_longer_than_the_margins_is_cut_and_not_lost(tmp_path: Path) -> None:
    reads = [read_of(HEADER, 10, "5000M", SEQUENCES["chr1"][10:5010], quality=30)]
    bam = write_bam(tmp_path / "reads.bam", HEADER, reads)
    evidence = evidence_of(bam, SEQUENCES, [(0, 1000, 1300), (0, 4500, 4600)])
    expected = [int(10 <= position < 5010) for _, position in places_of(evidence)]
    assert len(expected) == 300 + 100 + 4 * MARGIN
    assert evidence.depth.tolist() == expected
    assert evidence.ref_count.tolist() == expected
    assert (evidence.starts - evidence.ends).tolist() == expected


@pytest.mark.parametrize(("quality", "mapq"), [(None, 60), (35, 255)])
def test_evidence_of_reads_without_qualities_is_none(tmp_path: Path, quality: int | None, mapq: int) -> None:
    wrong = other(SEQUENCES["chr1"][1050])
    bases = SEQUENCES["chr1"][1000:1050] + wrong + SEQUENCES["chr1"][1051:1100]
    bam = write_bam(tmp_path / "reads.bam", HEADER, [read_of(HEADER, 1000, "5S95M", bases, quality=quality, mapq=mapq)])
    evidence = evidence_of(bam, SEQUENCES, TILE)
    for name in ("depth", "ref_count", "alt_count", "clips", "starts"):
        assert not getattr(evidence, name).any(), name


def test_evidence_without_reads_is_zero(tmp_path: Path) -> None:
    evidence = evidence_of(write_bam(tmp_path / "reads.bam", HEADER, []), SEQUENCES, TILE)
    assert not evidence.depth.any()
    assert len(evidence.depth) == evidence.layout.size


def test_lay_out_cuts_margins_at_the_ends_of_contigs_and_joins_those_that_meet() -> None:
    layout = lay_out(TILE, [len(sequence) for sequence in SEQUENCES.values()])
    assert layout.stretches() == [(0, 600, 2110), (0, 4100, 5000), (1, 0, 150), (2, 0, 500), (2, 2050, 2500)]
    owned = [place for place, mine in zip(places_of(Evidence(layout, np.zeros(layout.size, np.uint8))), layout.owned, strict=True) if mine]
    assert owned == [(contig, position) for contig, start, end in TILE for position in range(start, end)]


def test_layout_locate_and_stretch_of_are_each_others_inverse() -> None:
    layout = lay_out(TILE, [len(sequence) for sequence in SEQUENCES.values()])
    for contig in range(4):
        positions = np.arange(-5, 6100)
        found = layout.locate(np.full(len(positions), contig), positions)
        inside = [any(number == contig and start <= position < end for number, start, end in layout.stretches()) for position in positions]
        assert (found >= 0).tolist() == inside
        stretch = layout.stretch_of(found[found >= 0])
        assert (layout.start[stretch] + found[found >= 0] - layout.at[stretch]).tolist() == positions[found >= 0].tolist()
        assert set(layout.contig[stretch].tolist()) <= {contig}


def test_encoded_knows_both_cases_and_nothing_but_four_bases() -> None:
    assert encoded("ACGTacgtNnRY").tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 4, 4, 4, 4]
