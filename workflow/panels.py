"""Gene panels with version, inheritance and confidence, as PanelApp gives them (TSV or JSON), or as a plain table (`knowledge.panels`)."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.text import open_text

PLAIN = ("panel", "gene", "version", "inheritance", "confidence")
PANELAPP = {
    "panel": "Level4",
    "gene": "Gene Symbol",
    "version": "version",
    "inheritance": "Model_Of_Inheritance",
    "confidence": "GEL_Status",
}
CONFIDENCE = {"4": "green", "3": "green", "2": "amber", "1": "red", "0": "red", "green": "green", "amber": "amber", "red": "red", "": ""}
"""PanelApp's levels: green is fit for diagnosis; an empty one is a list without levels."""
REMEDY = "give a tab-separated table with the columns panel and gene, or PanelApp's own TSV or JSON"
Panels = dict[str, "Panel"]


@dataclass(frozen=True)
class PanelGene:
    """A gene of a panel; `inheritance` as the panel words it, `confidence` green, amber, red or empty, `aliases` as the panel has them."""

    symbol: str
    inheritance: str = ""
    confidence: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def ordered(self) -> bool:
        """Whether who orders the panel orders this gene: it is green, or the panel has no levels."""
        return self.confidence in {"", "green"}


@dataclass(frozen=True)
class Panel:
    """A named list of genes in one version."""

    name: str
    version: str
    genes: tuple[PanelGene, ...]

    @property
    def ordered(self) -> tuple[str, ...]:
        """Symbols of the genes that an order of the panel means."""
        return tuple(dict.fromkeys(gene.symbol for gene in self.genes if gene.ordered))


def read_panels(path: Path) -> Panels:
    """Return the panels of a file or of a folder of files (.tsv, .json), by name; blanks in a name may also be written `_`.

    Raises:
        InputError: a file holds no panel, a level or a name is not as it must be, or two files hold one panel.
    """
    files = sorted(file for file in path.iterdir() if file.suffix in {".tsv", ".json"}) if path.is_dir() else [path]
    found: Panels = {}
    for file in files:
        for panel in _read(file):
            if panel.name in found:
                raise InputError(f"panel {panel.name} is there twice", file=file, remedy="keep one version of it")
            found[panel.name] = panel
    if not found:
        raise InputError("there is no panel", file=path, remedy=REMEDY)
    return {**{name.replace(" ", "_"): panel for name, panel in found.items()}, **found}


def _read(file: Path) -> list[Panel]:
    with open_text(file) as handle:
        start = handle.read(1)
    return list(_from_json(file) if start in {"{", "["} else _from_table(file))


def _from_json(file: Path) -> Iterator[Panel]:
    try:
        with open_text(file) as handle:
            content = json.load(handle)
        panels = content.get("results", [content]) if isinstance(content, Mapping) else content
        for one in panels:
            genes = tuple(_json_gene(gene, file) for gene in one["genes"])
            yield Panel(str(one["name"]), str(one.get("version", "")), genes)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError("this is no panel as PanelApp gives it", file=file, remedy=REMEDY) from None


def _json_gene(gene: Mapping[str, Any], file: Path) -> PanelGene:
    data = gene.get("gene_data") or {}
    symbol = str(gene.get("entity_name") or data["gene_symbol"])
    aliases = [data.get("hgnc_symbol"), data.get("gene_symbol"), *(data.get("alias") or ())]
    return PanelGene(
        symbol,
        str(gene.get("mode_of_inheritance") or ""),
        _confidence(str(gene.get("confidence_level") or ""), file, None),
        tuple(dict.fromkeys(str(name) for name in aliases if name and name != symbol)),
    )


def _confidence(text: str, file: Path, row: int | None) -> str:
    level = text.strip().lower()
    if level not in CONFIDENCE:
        raise InputError(f"`{text}` is no level of confidence", file=file, row=row, remedy="write green, amber or red, or 3, 2 or 1")
    return CONFIDENCE[level]


def _from_table(file: Path) -> Iterator[Panel]:
    with open_text(file) as lines:
        filled = [(number, line.rstrip("\r\n")) for number, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
    rows = list(csv.reader((line for _, line in filled), delimiter="\t"))
    header = rows[0] if rows else []
    names = PANELAPP if PANELAPP["gene"] in header else dict(zip(PLAIN, PLAIN, strict=True)) if set(PLAIN[:2]) <= set(header) else {}
    places = {name: header.index(column) if column in header else None for name, column in names.items()} or {"panel": 0, "gene": 1}
    genes: dict[tuple[str, str], list[PanelGene]] = {}
    for (number, _), cells in list(zip(filled, rows, strict=True))[bool(names) :]:
        cell = {name: cells[at].strip() if at is not None and at < len(cells) else "" for name, at in places.items()}
        if not cell.get("panel") or not cell.get("gene"):
            raise InputError("this row names no panel and gene", file=file, row=number, remedy=REMEDY)
        gene = PanelGene(cell["gene"], cell.get("inheritance", ""), _confidence(cell.get("confidence", ""), file, number))
        genes.setdefault((cell["panel"], cell.get("version", "")), []).append(gene)
    yield from (Panel(name, version, tuple(listed)) for (name, version), listed in genes.items())
