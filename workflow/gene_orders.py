"""Genes that are ordered for a sample: the column `genes` of samples.tsv, symbols or panels, looked up before the first job."""

import re
from collections.abc import Collection
from pathlib import Path

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.panels import Panels, read_panels
from workflow.settings import Settings
from workflow.symbols import Symbols, read_symbols, why_unknown
from workflow.text import open_text

UNORDERED, NO_MODELS = "no genes are ordered", "no gene models are configured"
_GENE = re.compile(r"ID=gene:([^;\s]+)(?:.*?[;\t]Name=([^;\s]+))?")


def why_not_covered(genes: str, sources: Collection[str]) -> str:
    """Return why the coverage of ordered genes cannot be told, an empty string if it can.

    Args:
        genes: the sample's order of genes.
        sources: names of the knowledge sources that are configured.
    """
    return UNORDERED if not genes else "" if "gene_models" in sources else NO_MODELS


def load_orders(settings: Settings, cohort: Cohort, *, check: bool) -> dict[str, tuple[str, ...]]:
    """Return the symbols that are ordered, by sample, panels written out; samples without such an order are left out.

    Args:
        settings: the config: gene models and panels.
        cohort: the samples.
        check: whether each symbol is looked up in the gene models (once, before the first job).

    Raises:
        InputError: a gene or panel that does not exist, with the nearest name, or panels that cannot be read.
    """
    asked = {sample.name: sample for sample in cohort.samples.values() if sample.genes}
    panels = panels_of(settings) if asked else {}
    models = settings.knowledge.get("gene_models")
    known = names_in(models.path) if asked and models and check else None
    symbols = read_symbols(settings.knowledge["symbols"].path) if known is not None and "symbols" in settings.knowledge else Symbols()
    orders = {}
    for name, sample in asked.items():
        words = words_of(sample.genes, panels)
        chosen = [symbol for word in words for symbol in (panels[word].ordered if word in panels else (word,))]
        orders[name] = tuple(dict.fromkeys(chosen))
        if known is not None:
            for word in words:
                _refuse_unknown(word, known, panels, symbols, settings.samples, sample.row)
    return orders


def panels_of(settings: Settings) -> Panels:
    """Return the configured panels by name, none where there are none."""
    return read_panels(settings.knowledge["panels"].path) if "panels" in settings.knowledge else {}


def words_of(genes: str, panels: Panels) -> list[str]:
    """Return the genes and panels that a cell of the sheet names; between commas stands a panel whose name has blanks, or several words."""
    pieces = [" ".join(piece.split()) for piece in re.split("[,;]", genes)]
    return [word for piece in pieces for word in ([piece] if piece in panels else piece.split())]


def _refuse_unknown(word: str, known: frozenset[str], panels: Panels, symbols: Symbols, sheet: Path, row: int) -> None:
    """Refuse a word that is neither a panel nor a gene, and a panel with a gene that the models lack or know by another symbol."""
    aliases = {gene.symbol: gene.aliases for gene in panels[word].genes} if word in panels else {}
    for gene in panels[word].ordered if word in panels else (word,):
        if gene not in known:
            within = f" of panel {word}" if word in panels else ""
            alias = next((name for name in aliases.get(gene, ()) if name in known), None)
            hint = f"the gene models call it `{alias}`" if alias else why_unknown(gene, known, symbols, panels)
            what = f"`genes`: there is no gene or panel `{gene}`{within} in the gene models ({hint})"
            raise InputError(what, file=sheet, row=row, remedy="order a gene by its symbol in the release of the gene models")


def names_in(gff3: Path) -> frozenset[str]:
    """Return the symbols and identifiers of the genes of a GFF3 in Ensembl's dialect.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with open_text(gff3) as lines:
            found = [match.groups() for line in lines if "ID=gene:" in line and (match := _GENE.search(line))]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError("cannot be read as a GFF3 file", file=gff3, remedy="give a plain or gzipped GFF3 file") from error
    return frozenset(name for names in found for name in names if name)
