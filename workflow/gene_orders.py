"""Genes that are ordered for a sample: the column `genes` of samples.tsv, symbols or panels, looked up before the first job."""

import re
from collections.abc import Collection
from pathlib import Path

from workflow.cohort import Cohort
from workflow.errors import InputError
from workflow.schema import nearest
from workflow.settings import Settings
from workflow.text import open_text

Panels = dict[str, tuple[str, ...]]
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
    panels = read_panels(settings.knowledge["panels"].path) if asked and "panels" in settings.knowledge else {}
    models = settings.knowledge.get("gene_models")
    known = names_in(models.path) if asked and models and check else None
    orders = {}
    for name, sample in asked.items():
        words = re.split(r"[,;\s]+", sample.genes.strip(",; "))
        symbols = [symbol for word in words for symbol in panels.get(word, (word,))]
        orders[name] = tuple(dict.fromkeys(symbols))
        if known is not None:
            for word in words:
                _refuse_unknown(word, known, panels, settings.samples, sample.row)
    return orders


def _refuse_unknown(word: str, known: frozenset[str], panels: Panels, sheet: Path, row: int) -> None:
    """Refuse a word that is neither a panel nor a gene, and a panel with a gene that the models lack."""
    for gene in panels.get(word, (word,)):
        if gene not in known:
            within = f" of panel {word}" if word in panels else ""
            alike = next((name for name in known if name.upper() == gene.upper()), None)
            hint = f"did you mean `{alike}`?" if alike else nearest(gene, sorted({*known, *panels}))
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


def read_panels(path: Path) -> Panels:
    """Return the genes of each panel: a TSV with the columns panel and gene.

    Raises:
        InputError: it is no such table.
    """
    found: dict[str, list[str]] = {}
    with open_text(path) as lines:
        for row, line in enumerate(lines, start=1):
            cells = line.rstrip("\r\n").split("\t")
            if line.startswith("#") or not line.strip() or (row == 1 and cells[:2] == ["panel", "gene"]):
                continue
            if len(cells) < 2 or not all(cells[:2]):
                remedy = "give a tab-separated table with the columns panel and gene"
                raise InputError("this row names no panel and gene", file=path, row=row, remedy=remedy)
            found.setdefault(cells[0], []).append(cells[1])
    if not found:
        raise InputError("there is no panel", file=path, remedy="give a tab-separated table with the columns panel and gene")
    return {name: tuple(dict.fromkeys(genes)) for name, genes in found.items()}
