"""Rank the candidates of a case by phenotype, variant and inheritance; say what was taken out on the way and what was not looked at."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.candidate_rows import COLUMNS, candidate_row, plain_row, with_posteriors
from workflow.candidates import Sieve, by_call_quality, missing_sources
from workflow.family import Family
from workflow.family_found import evidence_of, family_of
from workflow.files import atomic, read_json, write_json
from workflow.gene_facts import Phenotype, phenotype_of
from workflow.ranking import Evidence, rank_hits
from workflow.variants import KnowledgeState, read_annotated, read_knowledge

BY_PHENOTYPE, BY_VARIANT = "phenotype and variant", "variant only"
Row = dict[str, Any]


def list_candidates(
    vcf: str,
    case: Mapping[str, Any],
    phenotype: Phenotype,
    missing: Mapping[str, str],
    limits: Mapping[str, Any],
    family: Family | None = None,
    evidence: Evidence | None = None,
) -> tuple[list[Row], dict[str, Any]]:
    """Return the rows of a case, best first, and what was left out: `{counts: {step: records}, withheld: [named variants]}`.

    Args:
        vcf: the annotated call set.
        case: name, proband, and members {sample, role, sex, affected}.
        phenotype: the patient's terms held against HPO.
        missing: what was not looked at, by name.
        limits: max_frequency, max_candidates and min_depth.
        family: the people with what else is known of them; without it, as the sheet has them.
        evidence: what the reads say of parents and phase.
    """
    family = family or Family.of(case["members"], case["proband"])
    sieve = Sieve(case["proband"], limits["max_frequency"], frequencies="gnomad" not in missing)
    most = limits["max_candidates"]
    if "gene_models" in missing:
        carried, found = by_call_quality(sieve.carried(read_annotated(vcf)), case["proband"], most)
        rows = [plain_row(rank, case["name"], one, case["proband"], missing) for rank, one in enumerate(carried, 1)]
    else:
        ranked = rank_hits(sieve.hits_in(vcf), family, phenotype, limits["min_depth"], evidence)
        rows, found = [candidate_row(rank, case["name"], one, missing) for rank, one in enumerate(ranked[:most], 1)], len(ranked)
    counts = {**sieve.counts, f"candidates below the first {most}, not listed": found - len(rows), "candidates listed": len(rows)}
    return rows, {"counts": {name: count for name, count in counts.items() if count}, "withheld": sieve.withheld}


def why_ranked_so(phenotype: Phenotype, missing: Mapping[str, str]) -> tuple[str, str]:
    """Return how candidates were ranked, and why they were not ranked by phenotype if they were not."""
    if "gene_models" in missing:
        return BY_VARIANT, "no gene models are configured, so genes are not known: ordered by call quality alone"
    if phenotype.ranking is not None:
        return BY_PHENOTYPE, ""
    return BY_VARIANT, "no HPO release is configured" if "hpo" in missing else missing["phenotype"]


def genes_of(phenotype: Phenotype, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the genes that fit best, then those of candidates further down that have a known disease."""
    if phenotype.ranking is None:
        return []
    candidates = [row["gene"] for row in rows if row["gene"] in phenotype.number]
    return [phenotype.facts(symbol).as_record() for symbol in dict.fromkeys([*phenotype.best_genes(), *candidates])]


def write_table(path: str | Path, rows: Sequence[Row]) -> None:
    """Write the columns of the rows as a tab-separated table."""
    with atomic(path) as part, open(part, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, delimiter="\t", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write candidates.tsv and the interpretation of one case; `params.case` is the case as plain data."""
    case = params.case
    phenotype = phenotype_of(input, params)
    knowledge: Mapping[str, KnowledgeState] = read_knowledge(input.vcf)
    missing = missing_sources(knowledge, hpo=bool(input.hpo), terms=phenotype.ranking is not None)
    missing |= phenotype.not_looked_at(len(case["measurements"]), laboratory=bool(input.laboratory), solved_cases=bool(input.solved_cases))
    found = read_json(input.family)
    family, evidence = family_of(case, found, params.par), evidence_of(found, input.phased)
    rows, left_out = list_candidates(input.vcf, case, phenotype, missing, params.limits, family, evidence)
    rows = with_posteriors(rows, phenotype)
    ranked_by, reason = why_ranked_so(phenotype, missing)
    write_table(output.table, rows)
    interpretation = {
        "case": case["name"],
        "proband": case["proband"],
        "terms": phenotype.terms,
        "notes": list(phenotype.notes),
        "prior": phenotype.prior,
        "ranked_by": ranked_by,
        "reason": reason,
        "genes": genes_of(phenotype, rows),
        **left_out,
        "not_evaluated": missing,
        "family": {name: part for name, part in found.items() if name not in {"case", "reads"}},
        "candidates": rows,
    }
    write_json(output.interpretation, interpretation)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
