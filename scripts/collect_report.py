"""Everything that the page of a case shows, gathered from the files of the stages above into one checked report.json."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pysam
import yaml

from workflow.case_verdicts import held_against, may_not_tell_all, refuse_unknown_variants, without_closed
from workflow.coverage_gaps import Territory
from workflow.family_found import family_of
from workflow.files import read_json, write_json
from workflow.intervals import read_bed
from workflow.knowledge_base.case_judgements import as_record, judged_in, with_judgements
from workflow.knowledge_base.pinned import base_of
from workflow.report_answer import answer
from workflow.report_evidence import add_genotypes, add_reads
from workflow.report_family import add_states, family_part
from workflow.report_genes import coverage_of_genes, why_these_genes
from workflow.report_parts import (
    candidates_of,
    known_sources,
    members_of,
    not_evaluated,
    order_of,
    quality_of,
    ranking_of,
    secondary_of,
    terms_of,
    tools_of,
)
from workflow.schema import validator

METHODS = Path(__file__).resolve().parent.parent / "workflow" / "report" / "methods.yaml"
Data = Mapping[str, Any]


def candidates_with_reads(interpretation: Data, family: Data, input: Any, params: Any) -> list[dict[str, Any]]:
    """Return the candidates with every member's genotype, state and reads."""
    names = [member["sample"] for member in params.case["members"]]
    people = family_of(params.case, family, params.par)
    shown = add_states(
        add_genotypes(candidates_of(interpretation), input.vcf), people, params.callable["min_depth"], family.get("reads", {})
    )
    quality = params.callable["min_mapping_quality"]
    return add_reads(shown, by_sample(names, input.crams), input.fasta, views=params.views, min_mapping_quality=quality)


def methods_in_words(facts: Mapping[str, object]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the methods with the run's own values in them, and the kinds of change that are not looked for."""
    content = yaml.safe_load(METHODS.read_text(encoding="utf-8"))
    return [{"title": one["title"], "text": one["text"].format_map(facts)} for one in content["methods"]], content["kinds_not_sought"]


def assessed(
    interpretation: Data, candidates: Sequence[Data], decision: Data, input: Any, params: Any
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return what was not assessed, and the methods in words."""
    with pysam.FastaFile(input.fasta) as fasta:
        territory = Territory(frozenset(fasta.references), read_bed(input.territory))
    covered = coverage_of_genes(interpretation, candidates, input, territory, params)
    names = ", ".join(member["sample"] for member in params.case["members"])
    methods, kinds = methods_in_words({"reference": params.reference, "caller": params.caller, "names": names, **params.callable})
    not_assessed = {
        "sources": not_evaluated(interpretation, decision),
        "why_these_genes": why_these_genes(interpretation, covered, have_models=bool(input.models)),
        "genes": covered,
        "effects": interpretation.get("not_assessed_for_effect") or {"genes": [], "found": 0, "variants": []},
        "kinds": kinds,
    }
    return not_assessed, methods


def check(report: Data) -> None:
    """Stop if a report is not as its schema asks: that is a fault of the program, not of the input."""
    for error in validator("report").iter_errors(report):
        raise ValueError(f"report.json: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")


def by_sample(names: Iterable[str], paths: Iterable[str]) -> dict[str, str]:
    """Return the files of the members by sample, in the order of the sheet."""
    return dict(zip(names, map(str, paths), strict=True))


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write report.json of one case."""
    case = params.case
    interpretation, family = read_json(input.interpretation), read_json(input.family)
    decision, decisions = read_json(input.decision), [read_json(path) for path in input.decisions]
    refuse_unknown_variants(case["name"], params.verdicts, input.vcf)
    verdicts = without_closed(params.verdicts, input.vcf, interpretation)
    base = base_of(params.base)
    closed = may_not_tell_all(interpretation)
    judged = judged_in(base, input.vcf, case["proband"], case["name"], closed=closed) if base else {}
    candidates = with_judgements(candidates_with_reads(interpretation, family, input, params), judged)
    not_assessed, methods = assessed(interpretation, candidates, decision, input, params)
    report: dict[str, Any] = {
        "schema": "genvej-report/1",
        "status": "draft for a specialist",
        "case": case["name"],
        "question": {
            "proband": case["proband"],
            "reference": params.reference,
            "members": members_of(case["members"], [read_json(path) for path in input.karyotypes]),
            "terms": terms_of(interpretation, case["terms"]),
        },
        "order": order_of(interpretation),
        "family": family_part(interpretation, case["members"], case["proband"]),
        "quality": quality_of(decision, decisions, params.labels),
        "callable": params.callable,
        "ranking": ranking_of(interpretation),
        "views": params.views,
        "candidates": candidates,
        "removed": interpretation["counts"],
        "withheld": interpretation["withheld"],
        "genes": interpretation["genes"],
        "secondary": secondary_of(interpretation),
        "elsewhere": interpretation.get("evidence_elsewhere", []),
        "not_assessed": not_assessed,
        "knowledge": known_sources(decision),
        "knowledge_base": as_record(base, judged, candidates),
        "tools": tools_of([*decisions, decision]),
        "methods": methods,
    }
    report["verdicts"] = held_against(verdicts, candidates, report["knowledge"])
    report["answer"] = answer(report)
    check(report)
    write_json(output[0], report)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
