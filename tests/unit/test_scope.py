"""Which genes a case may be asked about, and how the annotation keeps closed ones back."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.decide_scope import fits, main
from workflow.case_calls import parse_row
from workflow.case_order import consents_of, order_of
from workflow.closed_genes import OPEN, ClosedGenes, closed_genes
from workflow.cohort import Case, Sample
from workflow.errors import InputError
from workflow.gene_facts import GeneFacts
from workflow.panels import Panel, PanelGene
from workflow.scope import Scope, outside_question, read_scope, read_secondary_genes, refuse_unknown_genes
from workflow.symbols import Symbols

HPO = Path(__file__).parents[1] / "cases" / "interpretation" / "hpo"
NEW = Symbols({"OLD1": "NEW1"}, {"NEW1": ("OLD1",)}, {"NEW1": ("ALIAS1",)})


def test_outside_question_closes_every_name_of_a_gene_unless_it_is_asked() -> None:
    assert outside_question(["NEW1", "TTN"], [], NEW) == ["NEW1", "OLD1", "ALIAS1", "TTN"]
    assert outside_question(["NEW1", "TTN"], ["OLD1"], NEW) == ["TTN"]
    assert outside_question(["NEW1", "TTN"], ["TTN"], NEW) == ["NEW1", "OLD1", "ALIAS1"]


@pytest.mark.parametrize(
    ("score", "rank", "inside"), [(1.0, 300, True), (0.99, 1, False), (-0.5, 1, False), (None, None, False), (None, 3, False)]
)
def test_fits_asks_for_a_ratio_of_ten_whatever_the_rank(score: float | None, rank: int | None, inside: bool) -> None:
    assert fits(GeneFacts("G", score=score, rank=rank)) is inside


def test_read_secondary_genes(tmp_path: Path) -> None:
    (tmp_path / "s.tsv").write_text("# ACMG\nDisease\tGene\nx\tTTN\ny\tLMNA\nz\tTTN\n")
    assert read_secondary_genes(tmp_path / "s.tsv") == ["TTN", "LMNA"]
    for text in ("disease\nx\n", "gene\n", ""):
        (tmp_path / "s.tsv").write_text(text)
        with pytest.raises(InputError):
            read_secondary_genes(tmp_path / "s.tsv")


def test_refuse_unknown_genes_says_the_new_symbol() -> None:
    refuse_unknown_genes(["NEW1", "TTN"], ["OLD1", "TTN"], NEW, Path("s.tsv"))
    with pytest.raises(InputError, match="no gene `OLD1` \\(it is now `NEW1`\\), so that its variants could not be kept back"):
        refuse_unknown_genes(["OLD1"], ["TTN"], NEW, Path("s.tsv"))


def case(consent: str = "", genes: str = "") -> Case:
    kid = Sample("kid", "c", "proband", "female", "yes", None, "", "", genes=genes, secondary_findings=consent)
    mum = Sample("mum", "c", "mother", "female", "no", None, "", "", secondary_findings="no")
    return Case("c", (kid, mum), kid, None)


def test_consents_of_takes_silence_for_unknown() -> None:
    assert consents_of(case()) == {"kid": "unknown", "mum": "no"}


def test_order_of_keeps_version_inheritance_and_confidence() -> None:
    panel = Panel("P", "2", (PanelGene("A", "BIALLELIC", "green"), PanelGene("B", "", "amber")))
    found = order_of(case(genes="P, C"), {"kid": ["A", "C"]}, {"P": panel})
    assert found["genes"] == ["A", "C"]
    assert found["panels"] == [{"name": "P", "version": "2", "genes": 1, "not_ordered": ["B"]}]
    assert found["of_gene"]["B"] == [{"panel": "P", "version": "2", "inheritance": "", "confidence": "amber"}]


def scope_of(folder: Path, consent: str, genes: str, terms: list[str], ordered: list[str]) -> dict:
    (folder / "s.tsv").write_text("gene\n" + genes.replace(" ", "\n") + "\n")
    record = {"name": "c", "proband": "kid", "terms": [{"id": one, "label": "", "excluded": False} for one in terms], "phenopacket": "p"}
    record |= {"consents": {"kid": consent}, "measurements": [], "names": []}
    files = SimpleNamespace(secondary=str(folder / "s.tsv"), symbols=[], hpo=[HPO / "hp.obo"], laboratory=[], solved_cases=[])
    main(input=files, output=[str(folder / "o.json")], params=SimpleNamespace(case=record, ordered=ordered, release="v3"))
    return json.loads((folder / "o.json").read_text())


def test_main_closes_what_neither_order_nor_features_ask_for(tmp_path: Path) -> None:
    found = scope_of(tmp_path, "unknown", "HEART1 DEAF1 TTN", ["HP:0001644"], ["TTN"])
    assert "TTN" in found["inside"]
    assert "DEAF1" not in json.dumps(found)
    assert found["consent"] is False
    assert "not looked at" in found["because"]
    assert scope_of(tmp_path, "yes", "DEAF1", ["HP:0001644"], [])["consent"] is True


def namer(gene: str) -> SimpleNamespace:
    return SimpleNamespace(transcript=SimpleNamespace(gene=gene, gene_id=f"E{gene}"))


LINE = "1\t5\t.\tA\tC\t.\tPASS\tDP=3\tGT:DP\t{}\t{}\n"


@pytest.mark.parametrize(
    ("genes", "calls", "consenting", "left"),
    [
        ("A", ("0/1", "0/0"), (), None),
        ("A", ("0/1", "0/0"), ("kid",), ["A"]),
        ("A", ("0/0", "0/1"), ("kid",), None),  # only the mother has it, and she has not consented
        ("A", ("0/1", "0|1"), ("mum",), ["A"]),
        ("A", ("1", "./."), ("mum",), None),
        ("A B", ("0/1", "0/0"), (), ["B"]),
        ("B", ("0/1", "0/0"), (), ["B"]),
        ("", ("0/1", "0/0"), (), []),
    ],
)
def test_open_ones(genes: str, calls: tuple[str, str], consenting: tuple[str, ...], left: list[str] | None) -> None:
    closed = ClosedGenes(frozenset({"A"}), frozenset(consenting))
    row = parse_row(LINE.format(*(f"{call}:9" for call in calls)))
    found = closed.open_ones([namer(gene) for gene in genes.split()], row, ["kid", "mum"])  # type: ignore[misc]
    assert (None if found is None else [one.transcript.gene for one in found]) == left


def test_closed_genes_of_a_scope_name_no_gene_in_the_header() -> None:
    scope = Scope(True, {"kid": "unknown", "mum": "yes"}, False, frozenset({"LMNA", "TTN"}), {"release": 'v"3'})
    closed = closed_genes(scope)
    assert closed.consenting == {"mum"}
    (line,) = closed.header()
    assert "Genes=2" in line
    assert "LMNA" not in line
    assert OPEN.header() == []
    assert OPEN.open_ones([namer("A")], parse_row(LINE.format("0/1:9", "0/0:9")), ["kid", "mum"])  # type: ignore[list-item]


def test_read_scope_of_a_job_without_a_list_keeps_nothing_back(tmp_path: Path) -> None:
    nothing = read_scope(SimpleNamespace(scope=[], secondary=[], symbols=[]))
    assert (nothing.configured, nothing.outside, nothing.told["genes_outside"]) == (False, frozenset(), 0)
    scope_of(tmp_path, "no", "HEART1 DEAF1 TTN", ["HP:0001644"], ["TTN"])
    found = read_scope(SimpleNamespace(scope=tmp_path / "o.json", secondary=tmp_path / "s.tsv", symbols=[]))
    assert "DEAF1" in found.outside
    assert "TTN" not in found.outside
    assert found.told["genes_outside"] == len(found.outside)
