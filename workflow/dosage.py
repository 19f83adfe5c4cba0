"""ClinGen's list of dosage sensitivity: of which genes the loss of a copy is shown to make ill (licence CC0)."""

from pathlib import Path

from workflow.acmg_facts import Dosage
from workflow.errors import InputError
from workflow.text import open_text

GENE, SCORE, DATE = "Gene Symbol", "Haploinsufficiency Score", "Date Last Evaluated"


def read_dosage(path: Path) -> dict[str, Dosage]:
    """Return the judgement of each gene, by symbol, from `ClinGen_gene_curation_list_*.tsv`.

    Raises:
        InputError: it is no such table.
    """
    header: list[str] = []
    found = {}
    with open_text(path) as lines:
        for line in lines:
            cells = line.rstrip("\r\n").lstrip("#").split("\t")
            if not header:
                header = cells if GENE in cells and SCORE in cells else []
            elif len(cells) >= len(header) > 0:
                row = dict(zip(header, cells, strict=False))
                found[row[GENE]] = Dosage(row[SCORE].strip(), row.get(DATE, "").strip())
    if not found:
        raise InputError(f"there is no row below a header with {GENE} and {SCORE}", file=path, remedy="give ClinGen's gene curation list")
    return found
