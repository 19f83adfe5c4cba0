"""HPO releases of a handful of terms, written by tests."""

from collections.abc import Iterable
from pathlib import Path

TERMS = {
    "HP:0000118": ("Phenotypic abnormality", "HP:0000001"),
    "HP:0001250": ("Seizure", "HP:0000118"),
    "HP:0002121": ("Generalized non-motor seizure", "HP:0001250"),
    "HP:0000365": ("Hearing impairment", "HP:0000118"),
    "HP:0001638": ("Cardiomyopathy", "HP:0000118"),
    "HP:0001249": ("Intellectual disability", "HP:0000118"),
}
Statement = tuple[str, str, str, str]
"""Gene, term, frequency (or NOT), day."""


def write_hpo(folder: Path, release: str, statements: Iterable[Statement], renamed: str = "") -> Path:
    """Write a release in which each gene has a disease of its own; `renamed` is a term that it has under the number HP:0009999."""
    folder.mkdir(parents=True)
    lines = ["format-version: 1.2", f"data-version: hp/releases/{release}", "", "[Term]", "id: HP:0000001", "name: All", ""]
    for number, (name, parent) in TERMS.items():
        own = ["id: HP:0009999", f"alt_id: {number}"] if number == renamed else [f"id: {number}"]
        lines += ["[Term]", *own, f"name: {name}", f"is_a: {parent}", ""]
    (folder / "hp.obo").write_text("\n".join(lines) + "\n")
    rows = list(statements)
    header = "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration"
    told = [f"#version: {release}", header]
    for gene, term, frequency, day in rows:
        now = "HP:0009999" if term == renamed else term
        negation, shown = ("NOT", "") if frequency == "NOT" else ("", frequency)
        told.append(f"{disease_of(gene)}\tIllness of {gene}\t{negation}\t{now}\tPMID:1\tPCS\t\t{shown}\t\t\tP\tHPO:someone[{day}]")
    (folder / "phenotype.hpoa").write_text("\n".join(told) + "\n")
    pairs = ["ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id"]
    pairs += [f"1\t{gene}\t{term}\tx\t\t{disease_of(gene)}" for gene, term, *_ in rows]
    (folder / "genes_to_phenotype.txt").write_text("\n".join(pairs) + "\n")
    return folder


def disease_of(gene: str) -> str:
    """Return the identifier of a gene's disease."""
    return f"OMIM:{600000 + sum(ord(letter) * 7**place for place, letter in enumerate(gene)) % 99999}"
