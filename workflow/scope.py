"""What a case asks of which genes: those that are ordered, and those of the secondary findings that may or may not be looked at.

A gene of the secondary list belongs to the question if it is ordered, or if the patient's features fit one of its diseases well. Of the
others nothing is named, interpreted or shown for a person who has not consented; unknown is no.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.cohort import Case
from workflow.errors import InputError
from workflow.gene_facts import GeneFacts
from workflow.panels import Panels
from workflow.symbols import Symbols
from workflow.text import open_text

FITTING_SCORE, FITTING_RANK = 1.0, 50
"""What makes a gene part of the question by the features: its disease is tenfold likelier with them (log10 likelihood ratio), and it is
among the best 50, which the interpretation lists. A single common feature makes hundreds of genes tenfold likelier, so that the ratio alone
would open them all. Set by judgement."""


def read_secondary_genes(path: Path) -> list[str]:
    """Return the symbols of the list: a TSV whose header has the column gene (or Gene); lines with # are left out.

    Raises:
        InputError: it is no such table.
    """
    remedy = "give a tab-separated table with the column gene"
    try:
        with open_text(path) as lines:
            rows = [line.rstrip("\r\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]
    except (OSError, UnicodeDecodeError):
        raise InputError("the list of secondary findings cannot be read", file=path, remedy=remedy) from None
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "gene" not in header:
        raise InputError("column `gene` is missing", file=path, remedy=remedy)
    at = header.index("gene")
    genes = [cells[at].strip() for cells in rows[1:] if at < len(cells) and cells[at].strip()]
    if not genes:
        raise InputError("the list of secondary findings has no gene", file=path, remedy=remedy)
    return list(dict.fromkeys(genes))


def order_of(case: Case, orders: Mapping[str, Sequence[str]], panels: Panels, words: Iterable[str]) -> dict[str, Any]:
    """Return what is ordered for the proband: `{genes, panels: [{name, version, genes, not_ordered}], of_gene: {symbol: [...]}}`.

    Args:
        case: the case.
        orders: symbols by sample.
        panels: the panels by name.
        words: genes and panels as the sheet names them.
    """
    chosen = [panels[word] for word in dict.fromkeys(words) if word in panels]
    listed = [
        {
            "name": panel.name,
            "version": panel.version,
            "genes": len(panel.ordered),
            "not_ordered": sorted(gene.symbol for gene in panel.genes if not gene.ordered),
        }
        for panel in chosen
    ]
    of_gene: dict[str, list[dict[str, str]]] = {}
    for panel in chosen:
        for gene in panel.genes:
            place = {"panel": panel.name, "version": panel.version, "inheritance": gene.inheritance, "confidence": gene.confidence}
            of_gene.setdefault(gene.symbol, []).append(place)
    return {"genes": list(orders.get(case.proband.name, ())), "panels": listed, "of_gene": of_gene}


def consents_of(case: Case) -> dict[str, str]:
    """Return by sample what it says on secondary findings: yes, no or unknown."""
    return {one.name: one.secondary_findings or "unknown" for one in case.members}


def fits(facts: GeneFacts) -> bool:
    """Tell whether the features make a gene part of the question."""
    return facts.score is not None and facts.rank is not None and facts.score >= FITTING_SCORE and facts.rank <= FITTING_RANK


def outside_question(genes: Sequence[str], ordered: Iterable[str], fitting: Iterable[str], symbols: Symbols) -> list[str]:
    """Return the genes of the list that are not part of the question, each under every name that it has or had."""
    asked = {name for gene in ordered for name in symbols.all_names(gene)}
    asked |= set(fitting)
    outside = [symbols.all_names(gene) for gene in genes]
    return [name for names in outside if not asked & set(names) for name in names]


def refuse_unknown_genes(genes: Sequence[str], known: Iterable[str], symbols: Symbols, path: Path) -> None:
    """Refuse a gene of the list that the gene models know by no name: what is not known cannot be kept back.

    Raises:
        InputError: naming the gene.
    """
    names = set(known)
    for gene in genes:
        if symbols.in_models(gene, names) is None:
            new = f" (it is now `{symbols.now[gene]}`)" if gene in symbols.now else ""
            what = f"the gene models have no gene `{gene}`{new}, so that its variants could not be kept back"
            raise InputError(what, file=path, remedy="name it as the gene models do, or give `knowledge.symbols`")
