"""What a case asks of which genes: those that are ordered, and those of the secondary findings that may or may not be looked at.

A gene of the secondary list belongs to the question if it is ordered, or if the patient's features make it ten times likelier. Of the
others nothing is named, interpreted or shown for a person who has not consented; unknown is no.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.files import read_json
from workflow.symbols import Symbols, read_symbols
from workflow.text import open_text


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


def outside_question(genes: Sequence[str], inside: Iterable[str], symbols: Symbols) -> list[str]:
    """Return the genes of the list that are not part of the question, each under every name that it has or had."""
    asked = {name for gene in inside for name in symbols.all_names(gene)}
    outside = [symbols.all_names(gene) for gene in genes]
    return [name for names in outside if not asked & set(names) for name in names]


@dataclass(frozen=True)
class Scope:
    """What a case may be asked of the secondary list.

    Attributes:
        configured: a list is configured; without one nothing is kept back.
        consents: by sample, yes, no or unknown; `consent` is the proband's.
        outside: names of the genes that are not part of the question.
        told: the same in words and numbers, for people; it names no gene outside.
    """

    configured: bool = False
    consents: Mapping[str, str] = field(default_factory=dict)
    consent: bool = False
    outside: frozenset[str] = frozenset()
    told: Mapping[str, Any] = field(default_factory=dict)


def read_scope(input: Any) -> Scope:
    """Return the scope of a case from a job's inputs `scope`, `secondary` and `symbols`, which are empty where no list is configured."""
    if not input.scope:
        told: dict[str, Any] = {"release": "", "because": "no list of secondary findings is configured, so that no gene is kept back"}
        return Scope(told={"configured": False, "consent": False, **told, "inside": [], "genes_outside": 0})
    found = read_json(str(input.scope))
    symbols = read_symbols(Path(str(input.symbols)) if input.symbols else None)
    outside = outside_question(read_secondary_genes(Path(str(input.secondary))), found["inside"], symbols)
    told = {"configured": True, "consent": found["consent"], "release": found["release"], "because": found["because"]}
    told |= {"inside": found["inside"], "genes_outside": found["outside"]}
    return Scope(True, found["consents"], found["consent"], frozenset(outside), told)


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
