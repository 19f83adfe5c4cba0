"""Genes of which one parent's copy alone is read (`resources/imprinted_genes.tsv`)."""

import csv
import functools
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "resources" / "imprinted_genes.tsv"


@functools.cache
def expressed_copies() -> dict[str, str]:
    """Return the parent (mother or father) whose copy is expressed, by symbol of the gene."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {row["gene"]: row["expressed"] for row in csv.DictReader(lines, delimiter="\t")}
