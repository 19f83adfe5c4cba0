"""Weigh the evidence of each candidate: ACMG/AMP lines, points and class, people's evidence and vetoes, panels, secondary findings."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.acmg_facts import Release
from workflow.acmg_gather import Gatherer
from workflow.candidate_rows import posteriors_anew
from workflow.case_evidence import judged_variants, records_of
from workflow.classification import COLUMNS, Classifier, Row, cells, ranked_anew, reportable
from workflow.classification_history import read_history
from workflow.clinvar import ClinVar
from workflow.config_sections import Knowledge
from workflow.dosage import read_dosage
from workflow.evidence_places import Places, accessions_of, texts_of
from workflow.family_found import evidence_of, family_of
from workflow.files import atomic, read_json, write_json
from workflow.gene_models import read_transcripts
from workflow.scope import Scope, read_scope
from workflow.secondary import secondary_rows
from workflow.transcript import Transcript
from workflow.unassessed import genes_of_interest, unassessed_variants
from workflow.variant_keys import key_of
from workflow.variants import read_knowledge

NOT_ORDERED = "no genes or panels are ordered for this case"
SHARED: dict[str, list[Transcript]] = {}
"""Transcripts by file of gene models, where one process does many cases (reanalyse_cases); empty else."""
MOVED = "in genes outside of the question: told apart as secondary findings, or not told"


def not_evaluated(told: Mapping[str, str], order: Mapping[str, Any], *, genes_known: bool) -> dict[str, str]:
    """Return what was not looked at, now that panels and evidence were."""
    left = {name: reason for name, reason in told.items() if name not in {"panels", "acmg"}}
    left |= {} if order["genes"] else {"panels": NOT_ORDERED}
    return left if genes_known else left | {"acmg": "no gene models are configured"}


def recount(counts: Mapping[str, int], moved: int) -> dict[str, int]:
    """Return the counts with `moved` candidates no longer listed as such."""
    if not moved:
        return dict(counts)
    return {**counts, "candidates listed": counts["candidates listed"] - moved, MOVED: moved}


def write_table(path: str | Path, like: str, rows: Sequence[Row]) -> None:
    """Write the table: the columns of the ranking's table `like`, then our own."""
    with open(like, encoding="utf-8") as handle:
        columns = handle.readline().rstrip("\n").split("\t")
    with atomic(path) as part, open(part, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, [*columns, *COLUMNS], delimiter="\t", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(map(cells, rows))


def transcripts_of(models: Any, genes: Iterable[str]) -> list[Transcript]:
    """Return the transcripts of some genes, none without gene models; from those that were read for many cases, where they were."""
    if not models:
        return []
    wanted = frozenset(genes)
    if kept := SHARED.get(str(models)):
        return [one for one in kept if one.gene in wanted or one.gene_id in wanted]
    return read_transcripts(str(models), genes=wanted)


def gatherer_of(input: Any, ranked: Mapping[str, Any], transcripts: Sequence[Transcript], places: Places, params: Any) -> Gatherer:
    """Return what the facts of candidates are gathered from."""
    states = read_knowledge(input.vcf)
    sources = {name: Release(name, state.release) for name, state in states.items() if state.evaluated}
    clinvar = ClinVar(Knowledge(*params.clinvar), places.bases) if params.clinvar else None
    parentage = ranked.get("family", {}).get("parentage", {})
    return Gatherer(
        places.bases,
        transcripts,
        sources,
        clinvar,
        read_dosage(Path(str(input.dosage))) if input.dosage else {},
        {gene["symbol"]: gene for gene in ranked["genes"]},
        {role: one["verdict"] for role, one in parentage.items()},
    )


def secondary_section(scope: Scope, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the scope in words with `findings` and the number `not_reported`; without consent nothing that depends on the calls."""
    if not scope.consent:
        return {**scope.told, "findings": [], "not_reported": None}
    findings = ranked_anew(row for row in rows if reportable(row))
    return {**scope.told, "findings": findings, "not_reported": len(rows) - len(findings)}


def own_rows(rows: Sequence[Row], outside: frozenset[str]) -> list[Row]:
    """Return the rows of genes that belong to the question; where others stood among them, with the probability among these alone."""
    own = [row for row in rows if row["gene"] not in outside]
    return own if len(own) == len(rows) else posteriors_anew(own)


def elsewhere(classifier: Classifier, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the judgements on variants of the case that are not listed: they are kept, and change no list."""
    listed = {key_of(row) for row in rows}
    names = ("variant", "criterion", "direction", "author", "date", "fact")
    return [
        {name: one[name] for name in names} for key, found in classifier.judgements.items() if key not in listed for one in found
    ]  # fmt: skip


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write candidates.tsv and the interpretation of one case."""
    ranked, scope, case, order = read_json(input.ranked), read_scope(input), params.case, params.order
    outside = scope.outside
    own = own_rows(ranked["candidates"], outside)
    interest = genes_of_interest(order["genes"], own) if input.models else []
    transcripts = transcripts_of(input.models, {*(row["gene"] for row in own), *interest, *(outside if scope.consent else ())})
    models = Path(str(input.models)) if input.models else None
    places = Places(input.fasta, params.assembly, models, accessions_of(texts_of(params.evidence)))
    missing = not_evaluated(ranked["not_evaluated"], order, genes_known=bool(models))
    judged = judged_variants(params.evidence, places, input.vcf, case["name"], closed=bool(outside) and not scope.consent)
    gatherer, sealed = gatherer_of(input, ranked, transcripts, places, params), read_history(Path(params.versions), case["name"])
    classifier = Classifier(gatherer, judged, sealed, order, bool(models))
    records = records_of(own, input.vcf)
    told = ",".join(missing)
    rows = ranked_anew(classifier.complete({**row, "not_evaluated": told}, records[key_of(row)]) for row in own)
    apart = []
    if scope.consent:
        told_apart, known = [one for one in transcripts if one.gene in outside], read_json(input.family)
        family, reads = family_of(case, known, params.par), evidence_of(known, input.phased)
        found = secondary_rows(input.vcf, told_apart, outside, case["name"], family, reads, params.limits, missing)
        apart = [classifier.complete(row, variant) for row, variant in found]
    write_table(output.table, input.table, rows)
    unassessed = unassessed_variants(
        input.vcf, transcripts, interest, case["proband"], params.limits["max_frequency"], "gnomad" not in missing
    )  # fmt: skip
    more = {
        "counts": recount(ranked["counts"], len(ranked["candidates"]) - len(own)),
        "withheld": [one for one in ranked["withheld"] if one["gene"] not in outside],
        "not_evaluated": missing,
        "candidates": rows,
        "order": order,
        "secondary_findings": secondary_section(scope, apart),
        "evidence_elsewhere": elsewhere(classifier, [*rows, *apart]),
        "not_assessed_for_effect": unassessed,
    }
    write_json(output.interpretation, {**ranked, **more})


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
