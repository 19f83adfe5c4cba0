"""Exons that could not be judged: by gene, exon and member."""

from pathlib import Path

import pysam
import pytest

from workflow.coverage_gaps import (
    ASSESSED,
    NO_CONTIG,
    NO_MODEL,
    NOT_ASSESSED,
    OUTSIDE_REGIONS,
    PARTLY,
    CallableBed,
    Territory,
    choose_transcripts,
    gene_coverage,
)
from workflow.transcript import Transcript

WHOLE = Territory(frozenset({"1", "2"}), None)


def transcript(name: str = "NM_1.1", contig: str = "1", strand: str = "+", **more: object) -> Transcript:
    """Three exons of 100 bases at 1000, 2000 and 3000; coding from 1050 to 3050."""
    given: dict[str, object] = {
        "gene": "GENE1",
        "gene_id": "G1",
        "id": name,
        "source_id": name,
        "biotype": "protein_coding",
        "contig": contig,
        "strand": strand,
        "exons": ((1000, 1100), (2000, 2100), (3000, 3100)),
        "cds": ((1050, 1100), (2000, 2100), (3000, 3050)),
        "phase": 0,
        "is_mane": False,
        "is_canonical": False,
    }
    return Transcript(**(given | more))  # type: ignore[arg-type]


@pytest.fixture
def callable_bed(tmp_path: Path):
    """Make a CallableBed of lines `contig start end`."""

    def make(name: str, *lines: tuple[str, int, int]) -> CallableBed:
        plain = tmp_path / f"{name}.bed"
        plain.write_text("".join(f"{contig}\t{start}\t{end}\n" for contig, start, end in lines))
        return CallableBed(pysam.tabix_index(str(plain), preset="bed", force=True))

    return make


def test_within_cuts_intervals_to_the_stretch_and_joins_neighbours(callable_bed) -> None:
    bed = callable_bed("s", ("1", 0, 50), ("1", 50, 120), ("1", 130, 200))
    assert bed.within("1", 100, 150) == [(100, 120), (130, 150)]


def test_within_of_a_contig_without_any_callable_base_is_empty(callable_bed) -> None:
    assert callable_bed("s", ("1", 0, 50)).within("2", 0, 50) == []


def test_gene_coverage_counts_coding_bases_by_exon_and_member(callable_bed) -> None:
    members = {"child": callable_bed("child", ("1", 1000, 1090), ("1", 1990, 2110)), "mother": callable_bed("mother", ("1", 0, 9000))}
    gene = gene_coverage("GENE1", transcript(), members, WHOLE, "child")
    assert [(e["number"], e["bases"], e["callable"]["child"], e["callable"]["mother"]) for e in gene["exons"]] == [
        (1, 50, 40, 50),
        (2, 100, 100, 100),
        (3, 50, 0, 50),
    ]
    assert (gene["status"], gene["bases"], gene["owed"], gene["callable"]) == (PARTLY, 200, 200, {"child": 140, "mother": 200})


def test_gene_coverage_numbers_exons_from_the_5_prime_end_on_the_reverse_strand(callable_bed) -> None:
    gene = gene_coverage("GENE1", transcript(strand="-"), {"s": callable_bed("s", ("1", 3000, 3050))}, WHOLE, "s")
    assert [(exon["number"], exon["start"], exon["callable"]["s"]) for exon in gene["exons"]] == [(1, 3000, 50), (2, 2000, 0), (3, 1050, 0)]


def test_gene_coverage_of_a_gene_without_coding_part_looks_at_its_exons(callable_bed) -> None:
    gene = gene_coverage("GENE1", transcript(cds=()), {"s": callable_bed("s", ("1", 0, 9000))}, WHOLE, "s")
    assert (gene["coding"], gene["bases"], gene["status"]) == (False, 300, ASSESSED)


def test_gene_coverage_without_a_callable_base_is_not_assessed(callable_bed) -> None:
    gene = gene_coverage("GENE1", transcript(), {"s": callable_bed("s", ("1", 5000, 6000))}, WHOLE, "s")
    assert gene["status"] == NOT_ASSESSED


def test_gene_coverage_counts_only_what_lies_in_the_regions(callable_bed) -> None:
    bed = callable_bed("s", ("1", 0, 9000))
    gene = gene_coverage("GENE1", transcript(), {"s": bed}, Territory(frozenset({"1"}), {"1": [(2000, 2050)]}), "s")
    assert (gene["status"], gene["bases"], gene["owed"], gene["callable"]["s"]) == (PARTLY, 200, 50, 50)
    outside = gene_coverage("GENE1", transcript(), {"s": bed}, Territory(frozenset({"1"}), {"1": [(0, 10)]}), "s")
    assert (outside["status"], outside["callable"]["s"]) == (OUTSIDE_REGIONS, 0)


def test_gene_coverage_says_why_there_is_no_place_to_look_at(callable_bed) -> None:
    members = {"s": callable_bed("s", ("1", 0, 9000))}
    assert gene_coverage("GENE1", None, members, WHOLE, "s")["status"] == NO_MODEL
    assert gene_coverage("GENE1", transcript(contig="Y"), members, WHOLE, "s")["status"] == NO_CONTIG


def test_choose_transcripts_prefers_mane_and_contigs_of_the_reference() -> None:
    models = [
        transcript("canonical", is_canonical=True),
        transcript("mane", is_mane=True),
        transcript("elsewhere", contig="alt", is_mane=True, is_canonical=True),
        transcript("other", gene="GENE2"),
    ]
    chosen = choose_transcripts(models, ["GENE1", "GENE3"], WHOLE)
    assert chosen["GENE1"] is models[1]
    assert chosen["GENE3"] is None
    assert "GENE2" not in chosen
