"""Solved cases as knowledge: patients whose gene is known, published or the centre's own, beside the HPO release.

A file is JSON (or the same gzipped): a list of `{id, genes: [symbol], obs: [HPO], exc: [HPO], dis: [disease], pmid}`; `pmid` is any name of
the source. For a gene g with n solved cases, k of which show term t or a more specific one, and b the share of all solved cases that do,

    LR(t, g) = max(LEAST, (k + PRIOR * b) / ((n + PRIOR) * b))

`workflow/phenotype.py` tempers them and divides by their mean over the genes that have solved cases, so that a gene with solved cases
that are like the average patient neither gains nor loses against a gene without any.
"""

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workflow.errors import InputError
from workflow.hpo_annotations import Annotations, Floats, Numbers, gene_arrays
from workflow.ontology import Ontology
from workflow.text import open_text

PRIOR = 6.0
LEAST = 0.15


@dataclass(frozen=True)
class SolvedCase:
    """One solved case: numbers of its terms in the ontology, symbol of its gene, identifier of its disease, where it is told of."""

    id: str
    gene: str
    disease: str
    source: str
    observed: tuple[int, ...]
    excluded: tuple[int, ...]


class CaseBase:
    """Solved cases, made ready to compare a patient with.

    Args:
        ontology: what the terms are numbered by.
        cases: those with a gene and an observed term; others are left out.
    """

    def __init__(self, ontology: Ontology, cases: Iterable[SolvedCase]) -> None:
        self.cases = tuple(one for one in cases if one.gene and one.observed)
        self.genes = tuple(sorted({one.gene for one in self.cases}))
        number = {symbol: position for position, symbol in enumerate(self.genes)}
        self.gene_of = np.array([number[one.gene] for one in self.cases], dtype=np.int64)
        self._showing: dict[int, array[int]] = defaultdict(lambda: array("q"))
        self._by_source: dict[str, list[int]] = defaultdict(list)
        for position, one in enumerate(self.cases):
            for name in {one.source, one.id}:
                self._by_source[name].append(position)
            for term in frozenset().union(*map(ontology.ancestors, one.observed)):
                self._showing[term].append(position)

    def kept(self, without: Iterable[str]) -> Floats:
        """Return 1 for each case that may be used and 0 for those of the sources or with the identifiers `without`."""
        weight = np.ones(len(self.cases))
        for name in without:
            weight[self._by_source.get(name, [])] = 0
        return weight

    def log_ratios(self, terms: Sequence[int], without: Iterable[str] = ()) -> tuple[Floats, Numbers]:
        """Return log10 LR of each term (row) for each gene of `genes`, and how many cases of each gene were used."""
        kept = self.kept(without)
        size = np.bincount(self.gene_of, kept, len(self.genes))
        rows = np.zeros((len(terms), len(self.genes)))
        for row, term in enumerate(terms):
            showing = np.asarray(self._showing.get(term, ()), dtype=np.int64)
            count = np.bincount(self.gene_of[showing], kept[showing], len(self.genes))
            usual = (count.sum() + 0.5) / (kept.sum() + 1)
            rows[row] = np.log10(np.maximum((count + PRIOR * usual) / ((size + PRIOR) * usual), LEAST))
        return rows, size.astype(np.int64)


def read_cases(path: str | Path, ontology: Ontology) -> list[SolvedCase]:
    """Read a file of solved cases; terms that the release does not use by any name are left out.

    Raises:
        InputError: it is no such file.
    """
    remedy = "give a list of {id, genes, obs, exc, dis, pmid} (config/README.md tells how)"
    try:
        with open_text(path) as handle:
            return [_case(record, ontology) for record in json.load(handle)]
    except (OSError, EOFError, ValueError) as error:
        raise InputError("the solved cases cannot be read as JSON", file=path, remedy=remedy) from error
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError("an entry is no solved case", file=path, remedy=remedy) from error


def _case(record: dict[str, Any], ontology: Ontology) -> SolvedCase:
    def numbers(key: str) -> tuple[int, ...]:
        return tuple(sorted({ontology.index[now] for name in record.get(key) or () if (now := ontology.current(name))}))

    genes, diseases = record.get("genes") or [""], record.get("dis") or [""]
    return SolvedCase(str(record["id"]), str(genes[0]), str(diseases[0]), str(record.get("pmid", "")), numbers("obs"), numbers("exc"))


def with_cases(annotations: Annotations, cases: Iterable[SolvedCase]) -> Annotations:
    """Return annotations to which solved cases add rows, diseases and genes.

    A source that the release already cites for a disease adds no rows there: its patients are counted. A row is one source's count.
    """
    cited: dict[str, set[str]] = defaultdict(set)
    for number, references in zip(annotations.disease.tolist(), annotations.references, strict=True):
        cited[annotations.diseases[number][0]].update(references.replace(",", ";").split(";"))
    numbers = {identifier: number for number, (identifier, _) in enumerate(annotations.diseases)}
    told: dict[tuple[int, int, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    known = zip(annotations.gene_of.tolist(), annotations.disease_of.tolist(), strict=True)
    pairs = {(annotations.genes[gene], disease) for gene, disease in known}
    for one in cases:
        name = one.disease or f"solved cases of {one.gene}"
        pairs.add((one.gene, number := numbers.setdefault(name, len(numbers))))
        if one.source in cited[name]:
            continue
        for terms, observed in ((one.observed, 1.0), (one.excluded, 0.0)):
            for term in terms:
                counts = told[number, term, one.source]
                counts[0] += observed
                counts[1] += 1.0
    return _joined(annotations, numbers, told) if not pairs else replace(_joined(annotations, numbers, told), **gene_arrays(pairs))


def _joined(annotations: Annotations, numbers: dict[str, int], told: dict[tuple[int, int, str], list[float]]) -> Annotations:
    """Return annotations with the diseases of `numbers` and a row a key of `told`: (disease, term, source) → (observed, examined)."""
    named = dict(annotations.diseases)
    keys, counts = np.array([key[:2] for key in told], dtype=np.int64).reshape(-1, 2), np.array(list(told.values())).reshape(-1, 2)
    return replace(
        annotations,
        diseases=tuple((identifier, named.get(identifier, identifier)) for identifier in numbers),
        disease=np.concatenate([annotations.disease, keys[:, 0]]),
        term=np.concatenate([annotations.term, keys[:, 1]]),
        observed=np.concatenate([annotations.observed, counts[:, 0]]),
        examined=np.concatenate([annotations.examined, counts[:, 1]]),
        references=annotations.references + tuple(source for _, _, source in told),
    )
