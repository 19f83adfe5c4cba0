"""Reads screened tile by tile, from files."""

import gzip
import random
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pysam
import pytest

from scripts.screen_reads import TILE, copies_of, main
from tests.unit.small_bam import header_of, other, random_bases, read_of, write_bam, write_fasta
from workflow.evidence import MARGIN, lay_out
from workflow.intervals import Intervals, bed_lines, merged
from workflow.tile_counts import tiles

SEQUENCES = {"chr2": random_bases(6000, 1), "chr10": random_bases(120, 2), "chrM": random_bases(900, 3)}
LENGTHS = [len(sequence) for sequence in SEQUENCES.values()]
NUMBERS = {name: number for number, name in enumerate(SEQUENCES)}


# --- tiles ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_tiles_deal_out_every_base_once_in_order_of_one_contig_each(seed: int) -> None:
    dice = random.Random(seed)
    chunk = []
    for contig in ("chr2", "chr10"):
        at = 0
        for _ in range(40):
            start = at + dice.choice([0, 1, 50, 5000])
            at = start + dice.choice([1, 30, 900, 7000])
            chunk.append((contig, start, at))
    size = dice.choice([801, 1000, 5000])
    dealt = list(tiles(chunk, size))
    assert all(len({contig for contig, _, _ in tile}) == 1 for tile in dealt)
    bases = [(contig, at) for contig, start, end in chunk for at in range(start, end)]
    assert [(contig, at) for tile in dealt for contig, start, end in tile for at in range(start, end)] == bases


def test_tiles_of_many_single_bases_stay_small_with_their_margins() -> None:
    chunk = [("chr2", at, at + 1) for at in range(0, 20_000_000, 2000)]
    size = 100_000
    dealt = list(tiles(chunk, size))
    assert max(lay_out([(0, start, end) for _, start, end in tile], [20_000_000]).size for tile in dealt) <= size + 2 * MARGIN
    assert len(dealt) <= 1 + len(chunk) * (1 + 2 * MARGIN) // (size - 2 * MARGIN)


def test_tiles_of_nothing_are_none() -> None:
    assert list(tiles([], TILE)) == []


# --- ploidy -----------------------------------------------------------------------------------------------------------------


def test_copies_of_follows_the_ploidy_regions_and_gives_whole_contigs_to_assembly() -> None:
    layout = lay_out([(0, 1000, 1100), (0, 3000, 3100), (2, 0, 900)], LENGTHS)
    ploidy = [("chr2", 0, 700, 1), ("chr2", 1050, 3050, 1), ("chr2", 3400, 6000, 3), ("chrM", 0, 900, 1)]
    copies = copies_of(layout, list(SEQUENCES), ploidy, ["chrM"])

    def slow(contig: int, position: int) -> int:
        name = list(SEQUENCES)[contig]
        found = [value for region, start, end, value in ploidy if region == name and start <= position < end]
        return 0 if name == "chrM" else (found or [2])[0]

    places = [(contig, position) for contig, start, end in layout.stretches() for position in range(start, end)]
    assert copies.tolist() == [slow(*place) for place in places]
    assert set(copies.tolist()) == {0, 1, 2, 3}


# --- files ------------------------------------------------------------------------------------------------------------------


class Person:
    """A person with reads in `alignments`, and the files that the rule gives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fasta = write_fasta(folder / "ref.fa", SEQUENCES)
        self.header = header_of(SEQUENCES)
        self.reads: list[pysam.AlignedSegment] = []
        self.alignments = folder / "reads.bam"

    def cover(self, contig: str, changes: dict[int, str] | None = None) -> None:
        """Lay reads over a contig, 20 deep; half of them with changes."""
        sequence = SEQUENCES[contig]
        for number, start in enumerate(range(0, len(sequence) - 100 + 1, 5)):
            at = range(start, start + 100)
            bases = "".join((changes or {}).get(place, sequence[place]) if number % 2 else sequence[place] for place in at)
            self.reads.append(read_of(self.header, start, "100M", bases, contig=NUMBERS[contig], flag=16 * (number // 2 % 2)))

    def write_cram(self) -> None:
        self.alignments = self.folder / "reads.cram"
        with pysam.AlignmentFile(str(self.alignments), "wc", header=self.header, reference_filename=str(self.fasta)) as out:
            for read in sorted(self.reads, key=lambda read: (read.reference_id, read.reference_start)):
                out.write(read)
        pysam.index(str(self.alignments))

    def screen(self, chunk: list, *, ploidy: tuple = (), absent: tuple = (), assemble: str = "unclear") -> tuple[list[str], list]:
        """Return the settled lines and the unclear intervals."""
        if self.alignments.suffix == ".bam":
            write_bam(self.alignments, self.header, self.reads)
        for name, intervals in (("chunk", chunk), ("ploidy", ploidy), ("absent", absent)):
            (self.folder / f"{name}.bed").write_text("".join("\t".join(map(str, interval)) + "\n" for interval in intervals))
        beds = {name: self.folder / f"{name}.bed" for name in ("chunk", "ploidy", "absent")}
        settled, unclear = self.folder / "settled.gz", self.folder / "unclear.bed"
        main(
            input=SimpleNamespace(cram=str(self.alignments), fasta=str(self.fasta), **beds),
            output=SimpleNamespace(settled=settled, unclear=unclear),
            params=SimpleNamespace(assemble=assemble),
        )
        lines = gzip.decompress(settled.read_bytes()).decode().splitlines()
        return lines, [interval[:3] for interval in bed_lines(unclear)]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def span(line: str) -> tuple[str, int, int]:
    contig, pos, _, ref, _, _, _, info = line.split("\t")[:8]
    return contig, int(pos) - 1, int(info.removeprefix("END=")) if info.startswith("END=") else int(pos) - 1 + len(ref)


def spoken_of(lines: list[str], unclear: list) -> Intervals:
    """Return the stretches that lines and intervals speak of; none may lie in two."""
    found: Intervals = {}
    for contig, start, end in [*map(span, lines), *unclear]:
        found.setdefault(contig, []).append((start, end))
    for stretches in found.values():
        assert len({at for start, end in stretches for at in range(start, end)}) == sum(end - start for start, end in stretches)
    return {contig: merged(stretches) for contig, stretches in found.items()}


def variants(lines: list[str]) -> list[int]:
    return [int(line.split("\t")[1]) - 1 for line in lines if line.split("\t")[4] != "<NON_REF>"]


CHANGES = {at: other(SEQUENCES["chr2"][at]) for at in (1000, 2499, 3500, 3530)}
WHOLE = [("chr2", 0, 6000), ("chr10", 0, 120), ("chrM", 0, 900)]


def test_main_every_base_is_settled_or_unclear(person: Person) -> None:
    person.cover("chr2", CHANGES)
    person.cover("chr10")
    person.cover("chrM")
    lines, unclear = person.screen(WHOLE)
    assert spoken_of(lines, unclear) == {contig: [(start, end)] for contig, start, end in WHOLE}
    assert variants(lines) == [1000, 2499]
    assert unclear == [("chr2", 3450, 3581), ("chrM", 0, 900)]


def test_main_chunks_and_panels_settle_the_same_as_the_whole(person: Person) -> None:
    person.cover("chr2", CHANGES)
    whole, _ = person.screen([("chr2", 0, 6000)])
    pieces = [("chr2", 900, 1001), ("chr2", 1001, 1200), ("chr2", 2499, 2500), ("chr2", 3400, 3490), ("chr2", 5999, 6000)]
    lines, unclear = person.screen(pieces)
    assert variants(lines) == [1000, 2499]
    assert set(line for line in whole if line.split("\t")[1] in {"1001", "2500"}) <= set(lines)
    assert unclear == [("chr2", 3450, 3490)]
    owed = merged((start, end) for _, start, end in pieces)
    assert spoken_of(lines, unclear) == {"chr2": owed}


@pytest.mark.parametrize("covered", [True, False])
def test_main_reads_a_cram_as_a_bam_even_an_empty_one(person: Person, covered: bool) -> None:
    if covered:
        person.cover("chr2", CHANGES)
        person.cover("chrM")
    from_bam = person.screen(WHOLE)
    person.write_cram()
    assert person.screen(WHOLE) == from_bam
    assert variants(from_bam[0]) == ([1000, 2499] if covered else [])


def test_main_chunk_without_a_read_is_a_block_of_no_confidence(person: Person) -> None:
    person.cover("chr2")
    lines, unclear = person.screen([("chr10", 10, 100)])
    assert [span(line) for line in lines] == [("chr10", 10, 100)]
    assert lines[0].split("\t")[9] == "0/0:0:0:0:0,0,0"
    assert unclear == []


def test_main_everywhere_takes_nothing_for_clear(person: Person) -> None:
    person.cover("chr2", CHANGES)
    assert person.screen(WHOLE, absent=(("chr10", 0, 120, 0),), assemble="everywhere") == ([], [WHOLE[0], WHOLE[2]])


def test_main_leaves_out_what_the_person_lacks_and_follows_ploidy(person: Person) -> None:
    person.cover("chr2", CHANGES)
    lines, unclear = person.screen(WHOLE, absent=(("chr10", 0, 120, 0),), ploidy=(("chr2", 0, 2000, 1), ("chrM", 0, 900, 1)))
    assert set(spoken_of(lines, unclear)) == {"chr2", "chrM"}
    assert variants(lines) == [2499]  # with one copy, half of the reads make no clear variant
    assert unclear[0] == ("chr2", 950, 1051)
    genotypes = {line.split("\t")[9].partition(":")[0] for line in lines if span(line)[2] <= 2000}
    assert genotypes == {"0"}


def test_main_refuses_alignments_to_contigs_in_another_order(person: Person) -> None:
    person.cover("chr2")
    backwards = {name: SEQUENCES[name] for name in reversed(SEQUENCES)}
    person.header = header_of(backwards)
    person.reads = []
    with pytest.raises(ValueError, match="contigs differ"):
        person.screen(WHOLE)
    assert not (person.folder / "settled.gz").exists()


def test_main_refuses_alignments_that_end_too_early(person: Person) -> None:
    person.cover("chr2")
    person.write_cram()
    text = person.alignments.read_bytes()
    person.alignments.write_bytes(text[: len(text) // 2])
    with pytest.raises((OSError, ValueError, EOFError)):
        person.screen(WHOLE)
    assert not (person.folder / "settled.gz").exists()


def test_main_very_deep_stretch_is_judged_like_any_other(person: Person) -> None:
    person.cover("chr2")
    bases = SEQUENCES["chr2"][2000:2050] + CHANGES.get(2050, other(SEQUENCES["chr2"][2050])) + SEQUENCES["chr2"][2051:2100]
    for number in range(3000):
        more = {"flag": 16 * (number % 2), "name": f"deep{number}"}
        person.reads.append(read_of(person.header, 2000, "100M", bases if number % 4 < 2 else SEQUENCES["chr2"][2000:2100], **more))
    lines, unclear = person.screen([("chr2", 0, 6000)])
    assert variants(lines) == []
    assert unclear == [("chr2", 2000, 2101)]
    [deepest] = [line for line in lines if span(line)[1] <= 1999 < span(line)[2]]
    assert int(np.max([int(line.split(":")[-2]) for line in [deepest]])) <= 20
