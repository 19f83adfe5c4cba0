"""Panels as PanelApp and plain tables give them, and genes that were renamed."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from workflow.cohort import Cohort, Sample
from workflow.errors import InputError
from workflow.gene_orders import load_orders, words_of
from workflow.panels import read_panels
from workflow.symbols import Symbols, read_symbols, why_unknown

HGNC = "hgnc_id\tsymbol\tprev_symbol\talias_symbol\n1\tKMT2D\tMLL2|TNRC21\tALR\n2\tAARS1\tAARS\t\n3\tBRCA2\tFANCD1\t\n"


def app(name: str = "Ataxia", **more: object) -> dict[str, object]:
    gene = {"entity_name": "AARS", "confidence_level": "3", "mode_of_inheritance": "BIALLELIC", "gene_data": {"alias": ["AARS1"]}}
    amber = {"entity_name": "KMT2D", "confidence_level": "2", "mode_of_inheritance": "MONOALLELIC", "gene_data": {"gene_symbol": "KMT2D"}}
    return {"name": name, "version": "4.12", "genes": [gene, amber], **more}


def test_read_panels_of_panelapps_json(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(app("Hereditary ataxia")))
    found = read_panels(tmp_path / "p.json")
    assert list(found) == ["Hereditary_ataxia", "Hereditary ataxia"]
    panel = found["Hereditary ataxia"]
    assert (panel.version, panel.ordered) == ("4.12", ("AARS",)), "amber is not ordered"
    assert [(one.symbol, one.inheritance, one.confidence) for one in panel.genes] == [
        ("AARS", "BIALLELIC", "green"),
        ("KMT2D", "MONOALLELIC", "amber"),
    ]


def test_read_panels_of_panelapps_table(tmp_path: Path) -> None:
    header = "Entity Name\tGene Symbol\tLevel4\tModel_Of_Inheritance\tGEL_Status\tversion"
    (tmp_path / "p.tsv").write_text(f"{header}\nx\tBRCA2\tBreast\tMONOALLELIC\t4\t2.1\nx\tKMT2D\tBreast\t\t1\t2.1\n")
    (panel,) = read_panels(tmp_path / "p.tsv").values()
    assert (panel.name, panel.version, panel.ordered) == ("Breast", "2.1", ("BRCA2",))


def test_read_panels_of_a_plain_table_with_its_columns_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("version\tgene\tpanel\n3.2\tBRCA2\tBreast\n")
    (panel,) = read_panels(tmp_path / "p.tsv").values()
    assert (panel.name, panel.version, panel.ordered) == ("Breast", "3.2", ("BRCA2",))


def test_read_panels_of_a_folder_and_of_a_plain_table_with_versions(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([app("One"), app("Two")]))
    (tmp_path / "b.tsv").write_text("panel\tgene\tversion\tconfidence\nThree\tBRCA2\t1\tgreen\nThree\tKMT2D\t1\tred\n")
    assert {name: panel.ordered for name, panel in read_panels(tmp_path).items()} == {
        "One": ("AARS",),
        "Two": ("AARS",),
        "Three": ("BRCA2",),
    }


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("p.json", "{}", "no panel as PanelApp gives it"),
        ("p.json", "{", "no panel as PanelApp gives it"),
        ("p.tsv", "panel\tgene\tconfidence\nP\tG\thigh\n", "row 2: `high` is no level of confidence"),
        ("p.tsv", "panel\tgene\n", "there is no panel"),
        ("p.tsv", "panel\tgene\tversion\nP\tA\t1\nP\tB\t2\n", "panel P is there twice"),
    ],
)
def test_read_panels_refuses(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as caught:
        read_panels(tmp_path / name)
    assert words in str(caught.value)


def orders(folder: Path, genes: str, models: str, *, symbols: bool = True) -> dict[str, tuple[str, ...]]:
    (folder / "g.gff3").write_text("".join(f"1\tx\tgene\t1\t4\t.\t+\t.\tID=gene:E{name};Name={name}\n" for name in models.split()))
    (folder / "hgnc.tsv").write_text(HGNC)
    (folder / "p.json").write_text(json.dumps(app("Hereditary ataxia")))
    files = {"gene_models": "g.gff3", "panels": "p.json"} | ({"symbols": "hgnc.tsv"} if symbols else {})
    settings = SimpleNamespace(
        knowledge={key: SimpleNamespace(path=folder / file) for key, file in files.items()}, samples=Path("samples.tsv")
    )
    sample = Sample("kid", "c", "proband", "female", "yes", None, "", "", row=2, genes=genes)
    return load_orders(settings, Cohort({"kid": sample}, {}, {}), check=True)  # type: ignore[arg-type]


def test_load_orders_takes_many_panels_and_names_with_blanks(tmp_path: Path) -> None:
    assert orders(tmp_path, "Hereditary ataxia, BRCA2 KMT2D", "AARS BRCA2 KMT2D") == {"kid": ("AARS", "BRCA2", "KMT2D")}
    assert orders(tmp_path, "Hereditary_ataxia", "AARS") == {"kid": ("AARS",)}
    assert words_of(" A  B;C ", {}) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("genes", "models", "symbols", "words"),
    [
        ("MLL2", "KMT2D BRCA2", True, "no gene or panel `MLL2` in the gene models (it is now `KMT2D`)"),
        ("KMT2D", "MLL2 BRCA2", True, "(the gene models call it `MLL2`)"),
        ("MLL2", "BRCA2", True, "(it is now `KMT2D`, which the gene models lack too)"),
        (
            "Hereditary ataxia",
            "AARS1 BRCA2",
            True,
            "`AARS` of panel Hereditary ataxia in the gene models (the gene models call",
        ),
        ("Hereditary ataxia", "AARS1 BRCA2", False, "(the gene models call it `AARS1`)"),
        ("BRAC2", "BRCA2", True, "did you mean `BRCA2`?"),
    ],
)
def test_load_orders_says_the_new_symbol(tmp_path: Path, genes: str, models: str, symbols: bool, words: str) -> None:
    with pytest.raises(InputError) as caught:
        orders(tmp_path, genes, models, symbols=symbols)
    assert words in str(caught.value)


def test_symbols_know_every_name_of_a_gene(tmp_path: Path) -> None:
    (tmp_path / "hgnc.tsv").write_text(HGNC)
    found = read_symbols(tmp_path / "hgnc.tsv")
    assert found.all_names("MLL2") == ["MLL2", "KMT2D", "TNRC21", "ALR"]
    assert read_symbols(None) == Symbols()
    assert why_unknown("X", ["Y"], Symbols()) == "known are Y"
    (tmp_path / "hgnc.tsv").write_text("symbol\tprev_symbol\n")
    with pytest.raises(InputError, match="column `alias_symbol` is missing"):
        read_symbols(tmp_path / "hgnc.tsv")
