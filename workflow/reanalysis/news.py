"""What a release of HPO says of some genes that the one before did not, row by row, with the day on which it was written down.

phenotype.hpoa names the day of each annotation in its last column (`HPO:probinson[2024-02-11]`); a pair of gene and disease has no day of
its own, and is dated by the release that has it first.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workflow.hpo_annotations import HEADERS, PAIR_FILES, pair_file
from workflow.ontology import Ontology
from workflow.text import open_text

_DAYS = re.compile(r"\[(\d{4}-\d{2}-\d{2})\]")
PHENOTYPE = "P"


@dataclass(frozen=True)
class Statement:
    """One annotation: disease, its name, HPO term, `NOT` or nothing, frequency and reference as the file has them."""

    disease: str
    name: str
    term: str
    negation: str
    frequency: str
    reference: str


Statements = dict[str, dict[Statement, str]]
"""By disease, each statement with its latest day (YYYY-MM-DD, empty where the file names none)."""


def statements_of(hpo: Path, diseases: Collection[str], ontology: Ontology | None = None) -> Statements:
    """Return what a release says of some diseases; terms under the names that `ontology`, a later release, has for them."""
    found: Statements = defaultdict(dict)
    with open_text(hpo / "phenotype.hpoa") as lines:
        for line in lines:
            disease = line.partition("\t")[0]
            if disease not in diseases or line.startswith(HEADERS):
                continue
            _, name, negation, term, reference, _, _, frequency, _, _, aspect, written, *_ = [*line.rstrip("\n").split("\t"), ""]
            if aspect == PHENOTYPE:
                now = (ontology.current(term) if ontology else None) or term
                one = Statement(disease, name, now, negation, frequency, reference)
                found[disease][one] = max([*_DAYS.findall(written), found[disease].get(one, "")])
    return dict(found)


@lru_cache(maxsize=4)
def diseases_by_gene(hpo: Path) -> Mapping[str, frozenset[str]]:
    """Return the diseases that a release links to each gene, by symbol."""
    path = pair_file(hpo)
    column = PAIR_FILES[path.name]
    found: dict[str, set[str]] = defaultdict(set)
    with open_text(path) as lines:
        next(lines, None)
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if len(cells) > column:
                found[cells[column]].add(cells[-1])
    return {gene: frozenset(names) for gene, names in found.items()}


@dataclass(frozen=True)
class News:
    """Two releases side by side, for the diseases of some genes.

    Attributes:
        ontology: that of the new release.
        old, new: statements by disease.
        linked: diseases by gene, (old, new).
        releases: (old, new).
    """

    ontology: Ontology
    old: Statements
    new: Statements
    linked: tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]
    releases: tuple[str, str]

    @classmethod
    def of(cls, old: Path, new: Path, genes: Iterable[str], ontology: Ontology, releases: tuple[str, str]) -> "News":
        """Read both releases as far as they concern some genes."""
        linked = diseases_by_gene(old), diseases_by_gene(new)
        wanted = {disease for gene in genes for pairs in linked for disease in pairs.get(gene, ())}
        return cls(ontology, statements_of(old, wanted, ontology), statements_of(new, wanted, ontology), linked, releases)

    def of_gene(self, gene: str, *, gone: bool = False) -> Iterator[tuple[Statement, str]]:
        """Give the statements on a gene's diseases that the new release alone has, with their days; with `gone`, the old one alone."""
        here, there = (self.old, self.new) if gone else (self.new, self.old)
        for disease in sorted(self.linked[not gone].get(gene, ())):
            had = there.get(disease, {}) if disease in self.linked[gone].get(gene, ()) else {}
            yield from ((one, day) for one, day in here.get(disease, {}).items() if one not in had)

    def links(self, gene: str, *, gone: bool = False) -> list[str]:
        """Return the diseases that are linked to a gene in the new release alone; with `gone`, in the old one alone."""
        old, new = (pairs.get(gene, frozenset()) for pairs in self.linked)
        return sorted(old - new if gone else new - old)

    def name_of(self, disease: str) -> str:
        """Return a disease's name and identifier."""
        for side in (self.new, self.old):
            if one := next(iter(side.get(disease, {})), None):
                return f"{one.name} ({disease})"
        return disease
