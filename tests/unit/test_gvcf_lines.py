"""A judged tile as gVCF lines: every base of the tile once, or in the list of what is unclear."""

from pathlib import Path

import numpy as np
import pytest

from tests.unit.small_bam import evidence_of, header_of, other, random_bases, read_of, write_bam
from workflow.clean_calls import CleanCalls, Judgement, judge
from workflow.evidence import Evidence, encoded, lay_out
from workflow.gvcf_lines import BANDS, PRIOR, gvcf_lines, unclear_intervals

SEQUENCES = {"chr2": random_bases(3000, 1), "chr1": random_bases(300, 2)}
LENGTHS = [len(sequence) for sequence in SEQUENCES.values()]
CONTIGS = list(SEQUENCES)
TILE = [(0, 500, 600), (0, 600, 700), (0, 2000, 2010), (1, 0, 300)]


def no_calls() -> CleanCalls:
    none = np.zeros(0, np.int64)
    return CleanCalls(none, none, none, none, none, np.zeros((0, 6), np.int64))


def empty() -> tuple[Evidence, Judgement, np.ndarray]:
    """Return a tile without a read, its judgement and two copies everywhere."""
    layout = lay_out(TILE, LENGTHS)
    reference = np.concatenate([encoded(list(SEQUENCES.values())[contig][start:end]) for contig, start, end in layout.stretches()])
    evidence = Evidence(layout, reference)
    evidence.finish()
    judgement = Judgement(np.zeros(layout.size, np.int64), no_calls(), np.zeros(layout.size, bool))
    return evidence, judgement, np.full(layout.size, 2)


def at(evidence: Evidence, contig: int, position: int) -> int:
    return int(evidence.layout.locate(np.array([contig]), np.array([position]))[0])


def fields_of(line: str) -> dict[str, str]:
    names = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "SAMPLE")
    row = dict(zip(names, line.rstrip("\n").split("\t"), strict=True))
    info = dict(item.partition("=")[::2] for item in row["INFO"].split(";"))
    return row | info | dict(zip(row["FORMAT"].split(":"), row["SAMPLE"].split(":"), strict=True))


def spans(lines: list[str]) -> list[tuple[str, int, int]]:
    """Return (contig, start, end), 0-based half-open, of lines."""
    rows = [fields_of(line) for line in lines]
    return [(row["CHROM"], int(row["POS"]) - 1, int(row.get("END", row["POS"]))) for row in rows]


def test_gvcf_lines_without_reads_are_blocks_of_no_confidence_over_all_that_is_owed() -> None:
    evidence, judgement, copies = empty()
    lines = list(gvcf_lines(evidence, judgement, copies, CONTIGS))
    assert spans(lines) == [("chr2", 500, 700), ("chr2", 2000, 2010), ("chr1", 0, 300)]
    for line, (contig, start, _) in zip(lines, spans(lines), strict=True):
        row = fields_of(line)
        assert (row["GT"], row["DP"], row["GQ"], row["MIN_DP"]) == ("0/0", "0", "0", "0")
        assert (row["REF"], row["ALT"]) == (SEQUENCES[contig][start], "<NON_REF>")


def test_gvcf_lines_blocks_end_where_the_band_changes_and_say_the_least_of_it() -> None:
    evidence, judgement, copies = empty()
    first = at(evidence, 0, 500)
    judgement.confidence[first : first + 200] = np.repeat([19, 20, 29, 30, 39, 40, 99, 0], 25)
    evidence.depth[first : first + 200] = np.arange(200)
    lines = [
        line for line in gvcf_lines(evidence, judgement, copies, CONTIGS) if line.startswith("chr2\t") and int(line.split("\t")[1]) < 800
    ]
    edges = [(500, 525), (525, 575), (575, 625), (625, 675), (675, 700)]
    assert spans(lines) == [("chr2", *edge) for edge in edges]
    rows = [fields_of(line) for line in lines]
    assert [int(row["GQ"]) for row in rows] == [19, *BANDS, 0]
    assert [(int(row["MIN_DP"]), int(row["DP"])) for row in rows] == [
        (start - 500, round((start + end - 1001) / 2)) for start, end in edges
    ]


def test_gvcf_lines_blocks_end_where_ploidy_changes() -> None:
    evidence, judgement, copies = empty()
    copies[at(evidence, 0, 620) : at(evidence, 0, 699) + 1] = 1
    lines = list(gvcf_lines(evidence, judgement, copies, CONTIGS))
    assert spans(lines)[:2] == [("chr2", 500, 620), ("chr2", 620, 700)]
    assert [fields_of(line)["GT"] for line in lines[:2]] == ["0/0", "0"]
    assert [fields_of(line)["PL"] for line in lines[:2]] == ["0,0,0", "0,0"]


def test_gvcf_lines_and_unclear_intervals_share_out_what_is_owed() -> None:
    evidence, judgement, copies = empty()
    unclear = [(0, 480, 520), (0, 590, 610), (0, 699, 760), (0, 1995, 2100), (1, 299, 300)]
    for contig, start, end in unclear:
        first = at(evidence, contig, start)
        judgement.unclear[first : first + end - start] = True
    intervals = list(unclear_intervals(evidence, judgement, CONTIGS))
    assert intervals == [("chr2", 500, 520), ("chr2", 590, 610), ("chr2", 699, 700), ("chr2", 2000, 2010), ("chr1", 299, 300)]
    lines = list(gvcf_lines(evidence, judgement, copies, CONTIGS))
    assert spans(lines) == [("chr2", 520, 590), ("chr2", 610, 699), ("chr1", 0, 299)]


def test_gvcf_lines_block_over_a_base_that_is_none_of_four_says_n() -> None:
    evidence, judgement, copies = empty()
    evidence.reference[at(evidence, 0, 500)] = 4
    assert fields_of(next(gvcf_lines(evidence, judgement, copies, CONTIGS)))["REF"] == "N"


def piled(folder: Path, place: int, ref: int, alt: int, copies: int) -> list[str]:
    """Return the lines of a tile in which reads show another base at a place."""
    header, sequence = header_of(SEQUENCES), SEQUENCES["chr2"]
    reads = []
    for number in range(ref + alt):
        start = place - 20 - number * 60 // (ref + alt)
        base = sequence[place] if number % (ref + alt) < ref else other(sequence[place])
        bases = sequence[start:place] + base + sequence[place + 1 : start + 100]
        reads.append(read_of(header, start, "100M", bases, flag=16 * (number % 2)))
    evidence = evidence_of(write_bam(folder / "reads.bam", header, reads), SEQUENCES, TILE)
    ploidy = np.full(evidence.layout.size, copies)
    return list(gvcf_lines(evidence, judge(evidence, ploidy), ploidy, CONTIGS))


@pytest.mark.parametrize(
    ("ref", "alt", "copies", "genotype", "values"),
    [(15, 15, 2, "0/1", 6), (0, 30, 2, "1/1", 6), (0, 30, 1, "1", 3)],
)
def test_gvcf_lines_variant_has_likelihoods_of_its_ploidy(
    tmp_path: Path, ref: int, alt: int, copies: int, genotype: str, values: int
) -> None:
    lines = piled(tmp_path, 600, ref, alt, copies)
    [row] = [fields_of(line) for line in lines if not line.split("\t")[4].startswith("<")]
    assert (row["POS"], row["REF"], row["ALT"]) == ("601", SEQUENCES["chr2"][600], f"{other(SEQUENCES['chr2'][600])},<NON_REF>")
    assert (row["GT"], row["AD"], row["DP"]) == (genotype, f"{ref},{alt},0", f"{ref + alt}")
    likelihoods = [int(value) for value in row["PL"].split(",")]
    assert len(likelihoods) == values
    assert likelihoods.count(0) == 1
    own = likelihoods[: copies + 1]
    assert own.index(0) == sum(int(allele) for allele in genotype.split("/"))
    assert int(row["GQ"]) == min(sorted(own)[1], 99) > 30
    assert sum(int(strand) for strand in row["SB"].split(",")) == ref + alt
    assert float(row["QUAL"]) == pytest.approx(likelihoods[0] - PRIOR, abs=0.01)
    assert row["RAW_MQandDP"] == f"{3600 * (ref + alt)},{ref + alt}"
    covered = [position for contig, start, end in spans(lines) if contig == "chr2" for position in range(start, end)]
    assert covered == [*range(500, 700), *range(2000, 2010)]


def test_gvcf_lines_variant_in_the_margin_is_left_to_the_tile_that_owns_it(tmp_path: Path) -> None:
    assert all(line.split("\t")[4] == "<NON_REF>" for line in piled(tmp_path, 730, 15, 15, 2))
