"""Which disease shows which HPO term how often, and which gene causes it: `phenotype.hpoa` and the table of genes of one release.

Formats: https://hpo-annotation-qc.readthedocs.io/en/latest/annotationFormat.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.errors import InputError
from workflow.ontology import Ontology

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

# Middle of the range that each frequency class of the HPO states (HP:0040280 obligate … HP:0040285 excluded).
CLASS_FREQUENCY = {"HP:0040280": 1.0, "HP:0040281": 0.9, "HP:0040282": 0.55, "HP:0040283": 0.17, "HP:0040284": 0.025, "HP:0040285": 0.0}
CLASS_WEIGHT = 10.0  # patients that a frequency given as a class or percentage stands for, beside counted patients
UNSTATED_FREQUENCY = 0.5
UNSTATED_WEIGHT = 1.0
HEADERS = ("database_id\t", "DatabaseID\t")
ONSET = "HP:0003674"
PAIR_FILES = {"genes_to_phenotype.txt": 1, "phenotype_to_genes.txt": 3}  # column of the gene's symbol; older releases have the second only


class Mode(StrEnum):
    """Modes of inheritance that a disease is annotated with."""

    DOMINANT = "autosomal dominant"
    RECESSIVE = "autosomal recessive"
    X_LINKED = "X-linked"
    MITOCHONDRIAL = "mitochondrial"
    Y_LINKED = "Y-linked"


MODE_TERMS = {
    "HP:0000006": Mode.DOMINANT,
    "HP:0000007": Mode.RECESSIVE,
    "HP:0001417": Mode.X_LINKED,
    "HP:0001427": Mode.MITOCHONDRIAL,
    "HP:0001450": Mode.Y_LINKED,
}


@dataclass(frozen=True)
class Annotations:
    """One release, as parallel arrays: a row is one source's statement that a disease shows a term.

    Attributes:
        diseases: (identifier, name) of each disease; its position is its number.
        disease, term: numbers of each row's disease and (in the ontology) term.
        observed, examined: patients with the term, and patients asked about it, that the row counts (or stands for).
        references: where each row is from: publications, separated by `;`.
        genes: symbols; `gene_of`, `disease_of`: the pairs of gene and disease, as numbers, sorted by gene.
        modes: modes of inheritance by disease number, for the diseases that state any.
        onsets: HPO terms of the age of onset by disease number, for the diseases that state any.
    """

    diseases: tuple[tuple[str, str], ...]
    disease: Numbers
    term: Numbers
    observed: Floats
    examined: Floats
    references: tuple[str, ...]
    genes: tuple[str, ...]
    gene_of: Numbers
    disease_of: Numbers
    modes: dict[int, frozenset[Mode]]
    onsets: dict[int, tuple[str, ...]]

    def modes_by_gene(self) -> dict[str, frozenset[Mode]]:
        """Return every mode of inheritance stated for any disease of a gene, by symbol; genes without any are left out."""
        found: dict[str, frozenset[Mode]] = {}
        for gene, disease in zip(self.gene_of.tolist(), self.disease_of.tolist(), strict=True):
            if modes := self.modes.get(disease):
                found[self.genes[gene]] = found.get(self.genes[gene], frozenset()) | modes
        return found


def patients(frequency: str) -> tuple[float, float]:
    """Return (patients with the term, patients examined) that a frequency field, or the qualifier `NOT`, stands for.

    >>> patients("3/7"), patients("40%"), patients("HP:0040283")
    ((3.0, 7.0), (4.0, 10.0), (1.7000000000000002, 10.0))
    """
    if "/" in frequency:
        with_term, _, examined = frequency.partition("/")
        return float(with_term), float(examined)
    if frequency.endswith("%"):
        return float(frequency[:-1]) / 100 * CLASS_WEIGHT, CLASS_WEIGHT
    if frequency == "NOT":
        return 0.0, CLASS_WEIGHT
    if frequency:
        return CLASS_FREQUENCY[frequency] * CLASS_WEIGHT, CLASS_WEIGHT
    return UNSTATED_FREQUENCY * UNSTATED_WEIGHT, UNSTATED_WEIGHT


def _counts(frequencies: list[str]) -> tuple[Floats, Floats]:
    """Return the arrays (observed, examined) of a column of frequency fields, each different one understood once."""
    kinds = {frequency: number for number, frequency in enumerate(dict.fromkeys(frequencies))}
    table = np.array([patients(frequency) for frequency in kinds], dtype=np.float64).reshape(-1, 2)
    rows = table[[kinds[frequency] for frequency in frequencies]]
    return rows[:, 0].copy(), rows[:, 1].copy()


def _lines(path: Path) -> list[str]:
    """Return the lines of a table of the release; comments stand only at its top, with the header."""
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("this file of the HPO release cannot be read", file=path, remedy="give the folder of an HPO release") from error


def _modes(stated: dict[int, set[str]], ontology: Ontology) -> dict[int, frozenset[Mode]]:
    """Turn inheritance terms (X-linked recessive, …) into the mode that each of them is a kind of."""
    above = {ontology.index[name]: mode for name, mode in MODE_TERMS.items() if name in ontology.index}
    found = {}
    for disease, terms in stated.items():
        kinds = {kind for name in terms if name in ontology.index for kind in ontology.ancestors(ontology.index[name])}
        if modes := frozenset(above[kind] for kind in kinds & above.keys()):
            found[disease] = modes
    return found


def _onsets(stated: dict[int, dict[str, None]], ontology: Ontology) -> dict[int, tuple[str, ...]]:
    """Keep the terms that are a kind of onset; other terms of the clinical course say nothing of it."""
    kinds = ontology.descendants(ontology.index[ONSET]) if ONSET in ontology.index else frozenset()
    found = {disease: tuple(term for term in terms if ontology.index[term] in kinds) for disease, terms in stated.items()}
    return {disease: terms for disease, terms in found.items() if terms}


def _phenotype_rows(path: Path, ontology: Ontology) -> dict[str, Any]:
    """Read `phenotype.hpoa`; rows whose term the ontology does not use (by any name) are left out."""
    number_of = {**{old: ontology.index[new] for old, new in ontology.replaced.items() if new}, **ontology.index}
    diseases: dict[str, tuple[int, str]] = {}
    stated: dict[int, set[str]] = {}
    onsets: dict[int, dict[str, None]] = {}
    diseases_of_rows, terms = list[int](), list[int]()
    frequencies, references = list[str](), list[str]()
    row = 0
    try:
        for row, line in enumerate(_lines(path), 1):  # noqa: B007 - named in the error below
            if not line or line[0] == "#" or line.startswith(HEADERS):
                continue
            identifier, name, negation, term, reference, _, _, frequency, _, _, aspect, *_ = line.split("\t")
            disease = diseases.setdefault(identifier, (len(diseases), name))[0]
            if aspect == "P" and term in number_of:
                diseases_of_rows.append(disease)
                terms.append(number_of[term])
                frequencies.append(negation or frequency)
                references.append(reference)
            elif aspect == "I":
                stated.setdefault(disease, set()).add(term)
            elif aspect == "C" and ONSET in ontology.index and term in ontology.index and not negation:
                onsets.setdefault(disease, {})[term] = None
        observed, examined = _counts(frequencies)
    except (KeyError, ValueError):
        raise InputError("this row is not one of a phenotype.hpoa file", file=path, row=row, remedy="take it from an HPO release") from None
    if not terms:
        raise InputError("no annotation in it uses a term of hp.obo", file=path, remedy="take both from one HPO release")
    return {
        "diseases": tuple((identifier, name) for identifier, (_, name) in diseases.items()),
        "disease": np.array(diseases_of_rows, dtype=np.int64), "term": np.array(terms, dtype=np.int64),
        "observed": observed, "examined": examined, "references": tuple(references), "modes": _modes(stated, ontology),
        "onsets": _onsets(onsets, ontology),
    }  # fmt: skip


def pair_file(folder: Path) -> Path:
    """Return the file of an HPO release that says which gene causes which disease."""
    return next((folder / name for name in PAIR_FILES if (folder / name).exists()), folder / next(iter(PAIR_FILES)))


def _gene_pairs(path: Path, numbers: dict[str, int]) -> dict[str, Any]:
    """Read the gene–disease pairs of a release, for the diseases that have annotations."""
    lines, column = _lines(path), PAIR_FILES[path.name]
    if not 4 <= (lines[1] if len(lines) > 1 else "").count("\t") <= 6:
        raise InputError("this is not a table of six columns", file=path, remedy=f"take {path.name} from an HPO release")
    named = {(line.split("\t", column + 1)[column], line.rpartition("\t")[2]) for line in lines[1:] if line.count("\t") > column}
    return gene_arrays((symbol, numbers[disease]) for symbol, disease in named if disease in numbers)


def gene_arrays(named: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """Return pairs of (symbol, disease number) as the fields `genes`, `gene_of` and `disease_of` of annotations."""
    pairs = sorted(set(named))
    genes = {symbol: number for number, symbol in enumerate(dict.fromkeys(symbol for symbol, _ in pairs))}
    table = np.array([(genes[symbol], disease) for symbol, disease in pairs], dtype=np.int64).reshape(-1, 2)
    return {"genes": tuple(genes), "gene_of": table[:, 0], "disease_of": table[:, 1]}


def read_annotations(folder: str | Path, ontology: Ontology) -> Annotations:
    """Read an HPO release's folder; raise InputError if a file is missing or is not what its name says."""
    rows = _phenotype_rows(Path(folder) / "phenotype.hpoa", ontology)
    numbers = {identifier: number for number, (identifier, _) in enumerate(rows["diseases"])}
    return Annotations(**rows, **_gene_pairs(pair_file(Path(folder)), numbers))
