"""GA4GH WGS-QC metrics of a sample's calls, from the report of `bcftools stats`.

The standard counts biallelic PASS calls on the autosomes; the report is made of PASS calls outside X, Y and the mitochondrion.
A genotype with two different alternative alleles counts as heterozygous here and not at all there.
"""

import re
from collections.abc import Iterable

Metric = tuple[float, str]


def read_rows(lines: Iterable[str], section: str) -> dict[str, dict[str, float]]:
    """Return {sample: {column: value}} of a per-sample section (PSC or PSI), columns named as its header names them."""
    columns: list[str] = []
    rows = {}
    for line in lines:
        if line.startswith(f"# {section}\t"):
            columns = re.findall(r"\[\d+\]([^\t\n]+)", line)
        elif line.startswith(f"{section}\t"):
            row = dict(zip(columns, line.rstrip("\n").split("\t")[1:], strict=True))
            rows[row["sample"]] = {name: float(value) for name, value in row.items() if name not in {"id", "sample"}}
    return rows


def genotyped(snvs: dict[str, float]) -> tuple[int, int]:
    """Return in how many records of a PSC row the sample has a genotype (reference or not), and in how many it has none."""
    return int(sum(snvs[name] for name in ("nRefHom", "nNonRefHom", "nHets", "nHapRef", "nHapAlt", "nIndels"))), int(snvs["nMissing"])


def variant_metrics(snvs: dict[str, float], indels: dict[str, float]) -> tuple[dict[str, Metric], dict[str, str]]:
    """Return ({metric: (value, unit)}, {metric: why it has no value}) of one sample.

    Args:
        snvs: its row of the section PSC.
        indels: its row of the section PSI.
    """
    insertions, deletions = indels["nInsHets"] + indels["nInsAltHoms"], indels["nDelHets"] + indels["nDelAltHoms"]
    homozygous = snvs["nNonRefHom"] + snvs["nHapAlt"]
    counts = {"count_snvs": snvs["nHets"] + homozygous, "count_insertions": insertions, "count_deletions": deletions}
    ratios = {
        "ratio_heterozygous_homozygous_snv": (snvs["nHets"], homozygous),
        "ratio_heterozygous_homozygous_indel": (indels["nInsHets"] + indels["nDelHets"], indels["nInsAltHoms"] + indels["nDelAltHoms"]),
        "ratio_insertion_deletion": (insertions, deletions),
        "ratio_transitions_transversions_snv": (snvs["nTransitions"], snvs["nTransversions"]),
    }
    metrics: dict[str, Metric] = {name: (int(count), "variants") for name, count in counts.items()}
    metrics |= {name: (round(above / below, 3), "ratio") for name, (above, below) in ratios.items() if below}
    return metrics, {name: "no variant to divide by" for name, (_, below) in ratios.items() if not below}
