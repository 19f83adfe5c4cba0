"""What a new release of the gene panels does to a case: genes that come into its order, and genes that leave it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from workflow.gene_orders import words_of
from workflow.panels import Panels, read_panels


@cache
def _read(path: Path) -> Panels:
    return read_panels(path)


def panels_changed(old: Path | None, new: Path, genes: str) -> tuple[list[Mapping[str, str]], list[str]] | None:
    """Return (genes that are touched, why the answer may change) of a case; None where the old panels are gone.

    `old` and `new` are the panels before and now, `genes` what is ordered for the proband, as the sheet has it.
    """
    if not genes:
        return [], []
    if old is None:
        return None
    before, now = _read(old), _read(new)
    touched: list[Mapping[str, str]] = []
    for word in words_of(genes, now):
        if word in now:
            had = set(before[word].ordered) if word in before else set()
            has = set(now[word].ordered)
            touched += [{"gene": gene, "variant": "", "what": f"comes into panel {word}"} for gene in sorted(has - had)]
            touched += [{"gene": gene, "variant": "", "what": f"leaves panel {word}"} for gene in sorted(had - has)]
    return touched, [f"{len(touched)} genes of its order come or go: {', '.join(one['gene'] for one in touched[:5])}"] if touched else []
