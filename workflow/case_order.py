"""What is ordered for a case, and what its members consent to, as plain data for the params of rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.cohort import Case
from workflow.gene_orders import words_of
from workflow.panels import Panels


def order_of(case: Case, orders: Mapping[str, Sequence[str]], panels: Panels) -> dict[str, Any]:
    """Return what is ordered for the proband: `{genes, panels: [{name, version, genes, not_ordered}], of_gene: {symbol: [...]}}`.

    Args:
        case: the case.
        orders: symbols by sample.
        panels: the panels by name.
    """
    chosen = [panels[word] for word in dict.fromkeys(words_of(case.proband.genes, panels)) if word in panels]
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
