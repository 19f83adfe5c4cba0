"""The candidates of a case as a VCF with plain INFO fields, for programs that filter and show variants (VarSeq and the like).

One record a variant, with every member's genotype as called. Where a variant is a candidate for several genes, each field has one value a
gene, in the order of rank. What a VCF may not hold in a value is written as the specification (VCF 4.3, 1.2) has it: `%3D` for `=`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pysam

from workflow.case_verdicts import latest_verdicts
from workflow.tabix_source import InfoField
from workflow.variant_keys import Key, key_of, record_of

Data = Mapping[str, Any]
FORBIDDEN = {"%": "%25", ";": "%3B", "=": "%3D", ",": "%2C", "\r": "%0D", "\n": "%0A", "\t": "%09", " ": "_"}
"""What has a meaning of its own in INFO (VCF 4.3, 1.2 and 1.6.1), and the blank, which older programs refuse."""
FIELDS = (
    ("RANK", "Integer", "rank", "Rank among the candidates of the case, 1 is first"),
    ("GENE", "String", "gene", "Symbol of the gene"),
    ("CONSEQUENCE", "String", "consequence", "Consequence on the transcript that stands for the gene, Sequence Ontology"),
    ("TRANSCRIPT", "String", "transcript", "Transcript that stands for the gene"),
    ("HGVS_G", "String", "hgvs_g", "HGVS name on the genome"),
    ("HGVS_C", "String", "hgvs_c", "HGVS name on the transcript"),
    ("HGVS_P", "String", "hgvs_p", "HGVS name on the protein, predicted"),
    ("ZYGOSITY", "String", "zygosity", "Zygosity of the proband"),
    ("INHERITANCE", "String", "model", "Best model of inheritance"),
    ("PHASE", "String", "phase", "Phase to the second variant of the gene: in trans, in cis or unknown"),
    ("ORIGIN", "String", "parent_of_origin", "Parent that the variant came from"),
    ("ACMG_CLASS", "String", "class", "Class by ACMG/AMP points, a draft for a specialist"),
    ("ACMG_POINTS", "Integer", "acmg_points", "Sum of ACMG/AMP points (Tavtigian 2020)"),
    ("ACMG_CRITERIA", "String", "criteria", "Criteria that count, joined by &"),
    ("SCORE", "Float", "score", "Score of the ranking, log10"),
    ("PHENOTYPE_SCORE", "Float", "phenotype_score", "Score of the gene for the features, log10"),
    ("POSTERIOR", "Float", "posterior", "Probability of the gene among the genes of all listed candidates, each equally likely beforehand"),
    (
        "FREQUENCY",
        "Float",
        "frequency",
        "Frequency in the population source; missing where it was not evaluated or the variant was not found",
    ),
    ("CLINVAR", "String", "clinvar", "Significance in the ClinVar release"),
    ("TIER", "String", "tier", "1: in an ordered gene; gene-agnostic: in another; missing: nothing was ordered"),
    ("VERDICT", "String", "verdict", "Verdict of a specialist on the variant"),
)
"""ID, Type, key of a candidate, Description."""
KEPT = ("##contig=", "##FORMAT=", "##FILTER=", "##reference=")


def header_of(calls: pysam.VariantFile, source: str) -> list[str]:
    """Return the lines of the header: of the calls' own what genotypes need, and our fields."""
    own = [line for line in str(calls.header).splitlines() if line.startswith(KEPT)]
    fields = [InfoField(name, ".", kind, words).header() for name, kind, _, words in FIELDS]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *calls.header.samples]
    return ["##fileformat=VCFv4.3", f"##source={source}", *own, *fields, "\t".join(columns)]


def lines_of(calls: pysam.VariantFile, candidates: Sequence[Data]) -> Iterator[str]:
    """Give a line for each variant of some candidates, in the order of the genome.

    Raises:
        ValueError: the calls lack a candidate: the files are not of one run.
    """
    order = {name: number for number, name in enumerate(calls.header.contigs)}
    by_variant: dict[Key, list[Data]] = {}
    for one in candidates:
        by_variant.setdefault(key_of(one), []).append(one)
    for key in sorted(by_variant, key=lambda one: (order[one[0]], *one[1:])):
        if (record := record_of(calls, by_variant[key][0])) is None:
            raise ValueError("the calls have no {}:{} {}>{}".format(*key))
        fields = str(record).rstrip("\n").split("\t")
        fields[7] = info_of(by_variant[key])
        yield "\t".join(fields)


def info_of(rows: Sequence[Data]) -> str:
    """Return the INFO column of one variant; a field that no row has a value of is left out."""
    parts = []
    for name, kind, key, _ in FIELDS:
        values = [value_of(row, key, kind) for row in rows]
        if any(value != "." for value in values):
            parts.append(f"{name}={','.join(escaped(value) for value in values)}")
    return ";".join(parts) or "."


def value_of(row: Data, key: str, kind: str) -> str:
    """Return a candidate's value as text, `.` where there is none or it was not evaluated."""
    value = frequency_of(row) if key == "frequency" else row.get(key)
    if kind != "String":
        return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else "."
    text = str(value or "").replace(",", "&") if key == "criteria" else str(value or "")
    return "." if text in {"", "not evaluated"} else text


def frequency_of(row: Data) -> float | None:
    """Return the frequency (fraction) that the population source tells of a candidate."""
    population = row.get("population") or {}
    value = population.get("af")
    return value if isinstance(value, int | float) else None


def escaped(text: str) -> str:
    """Return a value as INFO may hold it."""
    return "".join(FORBIDDEN.get(letter, letter) for letter in text)


def with_verdicts(candidates: Iterable[Data], verdicts: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the candidates with the latest `verdict` on each variant, empty where there is none."""
    latest = latest_verdicts(verdicts)
    return [{**one, "verdict": latest.get(key_of(one), "")} for one in candidates]
