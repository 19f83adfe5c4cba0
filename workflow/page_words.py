"""How the page of a case puts things into words: filters of its templates. Each takes plain data of report.json."""

from collections.abc import Iterable, Mapping
from typing import Any

Data = Mapping[str, Any]
LONGEST_NAME = 17  # letters under a person of the pedigree
NOT_EVALUATED = "not evaluated"
OVERRIDES = "config, release.overrides"
"""How the source of a limit begins that the config sets (workflow/limits.py)."""
SOURCE_NAMES = {
    "clinvar": "ClinVar",
    "gnomad": "gnomAD",
    "hpo": "Human Phenotype Ontology",
    "gene_models": "gene models",
    "panels": "gene panels",
    "acmg": "ACMG classification",
    "phenotype": "phenotype",
}


def plain(value: object) -> str:
    """Return a code name as words: `missense_variant` → missense variant, `a&b` → a, b."""
    return str(value if value is not None else "").replace("&", ", ").replace("_", " ")


def gene_groups(genes: Iterable[Data]) -> dict[str, list[Data]]:
    """Return genes by what the page does with them: `gaps` (a base is missing in a member), `assessed`, and each reason for neither."""
    groups: dict[str, list[Data]] = {}
    for gene in genes:
        complete = gene["bases"] and all(bases == gene["bases"] for bases in gene["callable"].values())
        name = "assessed" if complete else "gaps" if gene["owed"] else gene["status"]
        groups.setdefault(name, []).append(gene)
    return groups


def sentence(text: str) -> str:
    """Return a text with its first letter upper case, unless its first word is spelt with capitals of its own (gnomAD)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text


def source_name(name: str) -> str:
    """Return a knowledge source as people call it."""
    return SOURCE_NAMES.get(name, plain(name))


def who(question: Data) -> str:
    """Return one line on the case: proband, relatives, reference, number of features."""
    proband = next(member for member in question["members"] if member["sample"] == question["proband"])
    others = [f"{member['role']} {member['sample']}" for member in question["members"] if member is not proband]
    observed = sum(not term["excluded"] for term in question["terms"])
    parts = [
        f"{proband['role'].capitalize()} {proband['sample']} ({proband['sex']})",
        " and ".join(others) if others else "no relatives sequenced",
        f"{observed} feature{'s' * (observed != 1)} given" if observed else "no features given",
        f"reference {question['reference']}",
    ]
    return " · ".join(parts)


def role_of(question: Data, sample: str) -> str:
    """Return the role of a sample in its case."""
    return str(next(member["role"] for member in question["members"] if member["sample"] == sample))


def variant_name(one: Data) -> str:
    """Return a variant's shortest full name in one line."""
    return " ".join(variant_names(one))


def variant_names(one: Data) -> list[str]:
    """Return a variant's c. and p. names without transcript, else its g. name, else the record itself."""
    names = [one[key].rsplit(":", 1)[-1] for key in ("hgvs_c", "hgvs_p") if one[key] and one[key] != NOT_EVALUATED]
    return names or [str(one.get("hgvs_g", "")) or place(one)]


def place(one: Data) -> str:
    """Return a variant as its VCF record has it."""
    return f"{one['chrom']}:{one['pos']:,} {one['ref']}>{one['alt']}"


def under_person(person: Data, one: Data | None = None) -> list[str]:
    """Return the lines under a person of the pedigree: what they carry of a candidate, then who they are."""
    name = person["name"]
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    if not person["sequenced"]:
        return ["not sequenced", "" if name in {"(mother)", "(father)"} else short.strip("()")]
    if one is None:
        return [person["role"], short]
    call = one["members"].get(name)
    if call is None or call["state"] == "not known":
        depth = call["depth"] if call else None
        return ["not known", short, "no coverage" if not depth else f"{depth} reads"]
    reads = "" if call["alt_reads"] is None else f"{call['alt_reads']} of {call['alt_reads'] + call['ref_reads']} reads"
    return [f"{call['genotype']} mosaic" if call["state"] == "mosaic" else call["genotype"], short, reads]


def support(one: Data, sample: str) -> str:
    """Return how many of a sample's reads carry the variant, by the caller's own count."""
    call = one["members"].get(sample, {})
    if call.get("alt_reads") is None:
        return "reads not counted by the caller"
    return f"{call['alt_reads']} of {call['alt_reads'] + call['ref_reads']} reads"


def reads_in_words(view: Data) -> str:
    """Return what the reads at a site show, in one line."""
    counts = {allele: sum(both.values()) for allele, both in view["alleles"].items()}
    total = sum(counts.values())
    if not total:
        return "no read tells the alleles apart here; that is not the same as the reference"
    return f"{counts['alt']} of {total} reads show the variant" + (f", {counts['other']} something else" if counts["other"] else "")


def left_out(view: Data, min_mapping_quality: int) -> str:
    """Return which reads are not drawn, or drawn and not counted."""
    low, duplicates = view["excluded"]["low_mapping_quality"], view["excluded"]["duplicate"]
    parts = [
        f"Drawn: {view['shown']} of {view['of']} reads"
        + ("" if view["shown"] == view["of"] else ", chosen by a fixed rule; all are counted")
    ]
    parts += [f"below mapping quality {min_mapping_quality}, faint and not counted: {low}"] if low else []
    parts += [f"duplicates, left out: {duplicates}"] if duplicates else []
    return "; ".join(parts) + ". Two mates that overlap count twice. A read counts where it spans the whole of the variant."


def has_gap(exon: Data) -> bool:
    """Tell whether any member lacks depth somewhere in an exon."""
    return any(bases < exon["bases"] for bases in exon["callable"].values())


def exons_in_words(gene: Data, proband: str) -> str:
    """Return the exons that could not be judged whole in the proband: `2, 5 to 7 of 12`."""
    if not gene["exons"]:
        return "–"
    numbers = sorted({exon["number"] for exon in gene["exons"] if exon["callable"][proband] < exon["bases"]})
    total = gene["exons"][0]["of"]
    if not numbers:
        return "none"
    if len(numbers) == total:
        return f"all {total}" if total > 1 else "its only exon"
    return f"{', '.join(_runs(numbers))} of {total}"


def _runs(numbers: list[int]) -> list[str]:
    """Return ascending numbers with neighbours joined: 1, 2, 3, 5 → `1 to 3`, `5`."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def limits_of_its_own(members: Iterable[Data]) -> bool:
    """Say whether a limit of some samples is the config's, in the place of the limit set's own."""
    return any(str(metric.get("source", "")).startswith(OVERRIDES) for member in members for metric in member["metrics"])


_ALL = (
    limits_of_its_own,
    plain, sentence, source_name, who, role_of, variant_name, variant_names, place, support, reads_in_words, left_out,
    gene_groups, has_gap, exons_in_words,
)  # fmt: skip
FILTERS = {one.__name__: one for one in _ALL}
