"""Symbols of genes change: former and other names, from HGNC's complete set (`knowledge.symbols`)."""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflow.errors import InputError
from workflow.schema import nearest
from workflow.text import open_text

COLUMNS = ("symbol", "prev_symbol", "alias_symbol")


@dataclass(frozen=True)
class Symbols:
    """`now`: the symbol of today by former symbol; `former` and `other`: former symbols and aliases by the symbol of today."""

    now: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def all_names(self, symbol: str) -> list[str]:
        """Return a symbol, and every other one that the same gene has or had."""
        now = symbol if symbol in self.former else self.now.get(symbol, symbol)
        return list(dict.fromkeys((symbol, now, *self.former.get(now, ()), *self.other.get(now, ()))))

    def in_models(self, symbol: str, known: Collection[str]) -> str | None:
        """Return the name by which the gene models know a gene: by its symbol, its new or a former one; None if they know none of them."""
        now = symbol if symbol in self.former else self.now.get(symbol, symbol)
        return next((name for name in (symbol, now, *self.former.get(now, ())) if name in known), None)


def read_symbols(path: Path | None) -> Symbols:
    """Return the symbols of HGNC's complete set (TSV with the columns symbol, prev_symbol and alias_symbol); nothing without a file.

    Raises:
        InputError: it is no such table.
    """
    if path is None:
        return Symbols()
    with open_text(path) as lines:
        reader = csv.DictReader(lines, delimiter="\t")
        if lacking := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
            remedy = "give HGNC's complete set as TSV"
            raise InputError(f"column `{lacking[0]}` is missing", file=path, row=1, remedy=remedy)
        rows = [(row["symbol"], _list(row["prev_symbol"]), _list(row["alias_symbol"])) for row in reader]
    today = {symbol for symbol, _, _ in rows}
    now = {name: symbol for symbol, former, _ in rows for name in former if name not in today}
    return Symbols(now, {symbol: former for symbol, former, _ in rows}, {symbol: other for symbol, _, other in rows})


def _list(cell: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (cell or "").strip('"').split("|") if name.strip())


def why_unknown(gene: str, known: Collection[str], symbols: Symbols, more: Iterable[str] = ()) -> str:
    """Return what to write in place of a symbol that the gene models lack; `more` are other words that may have been meant."""
    if renamed := symbols.in_models(gene, known):
        word = "it is now" if symbols.now.get(gene) == renamed else "the gene models call it"
        return f"{word} `{renamed}`"
    if gene in symbols.now:
        return f"it is now `{symbols.now[gene]}`, which the gene models lack too"
    alike = next((name for name in known if name.upper() == gene.upper()), None)
    return f"did you mean `{alike}`?" if alike else nearest(gene, sorted({*known, *more}))
