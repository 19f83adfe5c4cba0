"""Genes that are ordered: looked up before the first job, and their coverage by exon."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.cover_genes import as_ordered, check_file, rows, write_table
from workflow.cohort import Cohort, Sample
from workflow.coverage_gaps import Territory, choose_transcripts, gene_coverage
from workflow.errors import InputError
from workflow.exon_depths import GAP, depths
from workflow.formats import fault
from workflow.gene_models import read_transcripts
from workflow.gene_orders import load_orders, why_not_covered

GFF3 = """##gff-version 3
1\tx\tgene\t101\t400\t.\t-\t.\tID=gene:G1;Name=BRCA2;biotype=protein_coding
1\tx\tmRNA\t101\t400\t.\t-\t.\tID=transcript:T1;Parent=gene:G1
1\tx\texon\t101\t200\t.\t-\t.\tParent=transcript:T1
1\tx\tCDS\t151\t200\t.\t-\t0\tParent=transcript:T1
1\tx\texon\t301\t400\t.\t-\t.\tParent=transcript:T1
1\tx\tCDS\t301\t350\t.\t-\t0\tParent=transcript:T1
2\tx\tgene\t101\t400\t.\t+\t.\tID=gene:G2;biotype=lncRNA
2\tx\tlnc_RNA\t101\t400\t.\t+\t.\tID=transcript:T2;Parent=gene:G2
2\tx\texon\t101\t400\t.\t+\t.\tParent=transcript:T2
3\tx\tgene\t1\t4\t.\t+\t.\tID=gene:G3;Name=C9orf72
"""


@pytest.fixture
def knowledge(tmp_path):
    (tmp_path / "g.gff3").write_text(GFF3)
    (tmp_path / "p.tsv").write_text("panel\tgene\nbreast\tBRCA2\nbreast\tC9orf72\nold\tBRCA9\n")
    return {"gene_models": SimpleNamespace(path=tmp_path / "g.gff3"), "panels": SimpleNamespace(path=tmp_path / "p.tsv")}


def orders(knowledge, genes, check=True):
    sample = Sample("kid", "c", "proband", "female", "yes", None, "", "", row=2, genes=genes)
    settings = SimpleNamespace(knowledge=knowledge, samples=Path("samples.tsv"))
    return load_orders(settings, Cohort({"kid": sample}, {}, {}), check=check)


@pytest.mark.parametrize(
    ("genes", "found"),
    [
        ("BRCA2", ("BRCA2",)),
        ("BRCA2, G2;BRCA2", ("BRCA2", "G2")),
        ("breast, G2", ("BRCA2", "C9orf72", "G2")),
    ],
)
def test_load_orders_writes_panels_out(knowledge, genes, found):
    assert orders(knowledge, genes) == {"kid": found}
    assert orders(knowledge, "") == {}


@pytest.mark.parametrize(
    ("genes", "words"),
    [
        ("BRAC2", "no gene or panel `BRAC2` in the gene models (did you mean `BRCA2`?)"),
        ("C9ORF72", "did you mean `C9orf72`?"),
        ("BRCA2,braest", "did you mean `breast`?"),
        ("old", "no gene or panel `BRCA9` of panel old in the gene models"),
    ],
)
def test_load_orders_refuses_a_gene_that_does_not_exist(knowledge, genes, words):
    with pytest.raises(InputError) as caught:
        orders(knowledge, genes)
    assert str(caught.value).startswith("samples.tsv, row 2: `genes`")
    assert words in str(caught.value)
    assert orders(knowledge, genes, check=False)


def test_load_orders_refuses_panels_that_are_none(knowledge, tmp_path):
    (tmp_path / "p.tsv").write_text("panel\tgene\nbreast\n")
    with pytest.raises(InputError, match=r"p\.tsv, row 2: this row names no panel and gene"):
        orders(knowledge, "BRCA2")


@pytest.mark.parametrize(
    ("genes", "sources", "why"), [("", ["gene_models"], "no genes"), ("A", [], "no gene models"), ("A", ["gene_models"], "")]
)
def test_why_not_covered(genes, sources, why):
    assert why_not_covered(genes, sources).startswith(why)
    assert bool(why_not_covered(genes, sources)) == bool(why)


def read(start, end, name="a", flag=0x1, quality=60, mate=0):
    return SimpleNamespace(
        flag=flag, mapping_quality=quality, query_name=name, is_paired=True, mate_is_unmapped=False, reference_id=0,
        next_reference_id=mate, get_blocks=lambda: [(start, end)],
    )  # fmt: skip


class Reads:
    """An alignment file on one contig, which counts how often it is asked."""

    def __init__(self, *reads):
        self.reads, self.asked = reads, 0

    def fetch(self, contig, start, end):
        self.asked += 1
        return [one for one in self.reads if one.get_blocks()[0][0] < end and start < one.get_blocks()[0][1]]


def test_depths_count_overlapping_mates_once_and_pass_over_what_does_not_count():
    reads = Reads(read(0, 10), read(5, 15), read(0, 4, "b", quality=3), read(0, 4, "c", flag=0x401), read(2, 4, "d", mate=5))
    assert depths(reads, "1", [(0, 6), (8, 20)], 20)[0, 6].tolist() == [1, 1, 2, 2, 1, 1]
    assert depths(reads, "1", [(8, 20)], 20)[8, 20].tolist() == [1] * 7 + [0] * 5


def test_depths_asks_once_for_intervals_near_each_other():
    reads = Reads()
    depths(reads, "1", [(0, 6), (500, 600), (600 + GAP + 1, 600 + GAP + 2)], 20)
    assert reads.asked == 2


def covered(tmp_path, genes):
    (tmp_path / "g.gff3").write_text(GFF3)
    able = SimpleNamespace(within=lambda contig, start, end: [(start, start + 10)])
    territory = Territory(frozenset({"1", "2"}), None)
    chosen = choose_transcripts(as_ordered(read_transcripts(tmp_path / "g.gff3", genes=genes), genes), genes, territory)
    made = [gene_coverage(gene, transcript, {"kid": able}, territory, "kid") for gene, transcript in chosen.items()]
    places = [(exon["contig"], (exon["start"], exon["end"])) for gene in made for exon in gene["exons"]]
    return made, {place: np.full(place[1][1] - place[1][0], 25 if place[0] == "1" else 10) for place in places}


def test_rows_tell_of_each_exon_from_the_5_prime_end(tmp_path):
    made, of = covered(tmp_path, ["BRCA2", "G2", "LOST"])
    table = rows(made, of, "kid")
    assert [(row["gene"], row.get("exon"), row.get("start")) for row in table] == [
        ("BRCA2", 1, 300), ("BRCA2", 2, 150), ("G2", 1, 100), ("LOST", None, None)
    ]  # fmt: skip
    assert table[0] == {
        "gene": "BRCA2", "transcript": "T1", "status": "partly", "exon": 1, "exons": 2, "contig": "1", "start": 300, "end": 350,
        "bases": 50, "mean_depth": 25.0, "pct_20x": 100.0, "pct_30x": 0.0, "pct_callable": 20.0,
    }  # fmt: skip
    assert table[3]["status"] == "no transcript in the gene models"
    write_table(tmp_path / "t.tsv", table)
    assert fault(tmp_path / "t.tsv", "tsv") == ""


def test_check_file_tells_of_all_ordered_bases_and_of_genes_without_a_place(tmp_path):
    found = check_file("kid", *covered(tmp_path, ["BRCA2", "G2", "LOST"]))
    values = {name: one["value"] for name, one in found["metrics"].items()}
    assert values == {"mean_ordered_coverage": 13.75, "pct_ordered_20x": 25.0, "pct_ordered_30x": 0.0, "pct_ordered_callable": 7.5}
    assert found["notes"] == ["ordered gene LOST: no transcript in the gene models"]
    nothing = check_file("kid", *covered(tmp_path, ["LOST"]))
    assert nothing["metrics"] == {}
    assert set(nothing["not_evaluated"]) == set(values)
