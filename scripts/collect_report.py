"""Everything that the page of a case shows, gathered from the files of the stages above into one checked report.json."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pysam
import yaml

from workflow.coverage_gaps import CallableBed, Territory, choose_transcripts, gene_coverage
from workflow.files import read_json, write_json
from workflow.gene_models import read_transcripts
from workflow.intervals import read_bed
from workflow.page_words import NOT_EVALUATED
from workflow.report_answer import answer
from workflow.report_evidence import add_genotypes, add_reads
from workflow.report_parts import candidates_of, known_sources, members_of, not_evaluated, quality_of, ranking_of, terms_of, tools_of
from workflow.schema import validator

METHODS = Path(__file__).resolve().parent.parent / "workflow" / "report" / "methods.yaml"
Data = Mapping[str, Any]


def genes_to_check(interpretation: Data, most: int) -> list[str]:
    """Return the genes whose coverage is told: the best by phenotype, then those of the candidates shown, each once; `most` of each."""
    by_phenotype = [gene["symbol"] for gene in interpretation["genes"][:most]]
    of_candidates = [one["gene"] for one in interpretation["candidates"] if one["gene"] not in {"", NOT_EVALUATED}]
    return [*dict.fromkeys(by_phenotype), *[gene for gene in dict.fromkeys(of_candidates) if gene not in by_phenotype][:most]]


def why_these_genes(interpretation: Data, genes: Sequence[str], *, have_models: bool) -> str:
    """Return in words which genes are looked at, or why none is."""
    if not have_models:
        return "Not evaluated: no gene models are configured, so exons are not known."
    if not genes:
        return "Not evaluated: there is neither a gene that fits the features nor a candidate in a gene."
    start = (
        "The genes that fit the features best, and those of the first candidates"
        if interpretation["genes"]
        else "The genes of the first candidates"
    )
    return f"{start}; coding bases of the transcript that stands for each gene. Panels are not part of this version."


def coverage_of_genes(
    genes: Sequence[str], models: str, beds: Mapping[str, str], territory: Territory, proband: str
) -> list[dict[str, Any]]:
    """Return the coverage of each gene in every member; `beds` is callable.bed.gz by sample."""
    chosen = choose_transcripts(read_transcripts(models, genes=genes), genes, territory)
    with ExitStack() as stack:
        members = {name: stack.enter_context(CallableBed(path)) for name, path in beds.items()}
        return [gene_coverage(gene, transcript, members, territory, proband) for gene, transcript in chosen.items()]


def methods_in_words(facts: Mapping[str, object]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the methods with the run's own values in them, and the kinds of change that are not looked for."""
    content = yaml.safe_load(METHODS.read_text(encoding="utf-8"))
    return [{"title": one["title"], "text": one["text"].format_map(facts)} for one in content["methods"]], content["kinds_not_sought"]


def check(report: Data) -> None:
    """Stop if a report is not as its schema asks: that is a fault of the program, not of the input."""
    for error in validator("report").iter_errors(report):
        raise ValueError(f"report.json: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")


def by_sample(names: Iterable[str], paths: Iterable[str]) -> dict[str, str]:
    """Return the files of the members by sample, in the order of the sheet."""
    return dict(zip(names, map(str, paths), strict=True))


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write report.json of one case."""
    names = [member["sample"] for member in params.case["members"]]
    proband = params.case["proband"]
    interpretation = read_json(input.interpretation)
    decision, decisions = read_json(input.decision), [read_json(path) for path in input.decisions]
    candidates = add_reads(
        add_genotypes(candidates_of(interpretation), input.vcf),
        by_sample(names, input.crams),
        input.fasta,
        views=params.views,
        min_mapping_quality=params.callable["min_mapping_quality"],
    )
    genes = genes_to_check(interpretation, params.gap_genes) if input.models else []
    with pysam.FastaFile(input.fasta) as fasta:
        territory = Territory(frozenset(fasta.references), read_bed(input.territory))
    covered = coverage_of_genes(genes, input.models, by_sample(names, input.callable), territory, proband) if genes else []
    facts = {"reference": params.reference, "caller": params.caller, "names": ", ".join(names), **params.callable}
    methods, kinds = methods_in_words(facts)
    report: dict[str, Any] = {
        "schema": "genvej-report/1",
        "status": "draft for a specialist",
        "case": params.case["name"],
        "question": {
            "proband": proband,
            "reference": params.reference,
            "members": members_of(params.case["members"], [read_json(path) for path in input.karyotypes]),
            "terms": terms_of(interpretation, params.case["terms"]),
        },
        "quality": quality_of(decision, decisions, params.labels),
        "callable": params.callable,
        "ranking": ranking_of(interpretation),
        "views": params.views,
        "candidates": candidates,
        "removed": interpretation["counts"],
        "withheld": interpretation["withheld"],
        "genes": interpretation["genes"],
        "not_assessed": {
            "sources": not_evaluated(interpretation, decision),
            "why_these_genes": why_these_genes(interpretation, genes, have_models=bool(input.models)),
            "genes": covered,
            "kinds": kinds,
        },
        "knowledge": known_sources(decision),
        "tools": tools_of([*decisions, decision]),
        "methods": methods,
    }
    report["answer"] = answer(report)
    check(report)
    write_json(output[0], report)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
