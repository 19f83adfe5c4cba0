"""report.json gathered from the files of the stages above."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.collect_report import check, main
from tests.report_case import candidates, interpretation, make_case, write_json
from workflow.report_answer import headline
from workflow.report_genes import genes_to_check


@pytest.fixture
def case(tmp_path: Path) -> SimpleNamespace:
    return make_case(tmp_path)


def collect(case: SimpleNamespace) -> dict[str, Any]:
    main(input=case.input, output=case.output, params=case.params)
    content: dict[str, Any] = json.loads(Path(case.output[0]).read_text())
    return content


def with_interpretation(case: SimpleNamespace, **change: object) -> SimpleNamespace:
    write_json(Path(case.input.interpretation), interpretation() | change)
    return case


def test_collect_gives_genotypes_and_reads_of_every_member(case: SimpleNamespace) -> None:
    first = collect(case)["candidates"][0]
    assert first["members"]["child"] == {
        "genotype": "0|1",
        "depth": 20,
        "ref_reads": 10,
        "alt_reads": 10,
        "quality": 99,
        "state": "one copy",
    }
    assert (first["members"]["mother"]["genotype"], first["members"]["mother"]["state"]) == ("0/0", "absent")
    counts = {name: {allele: sum(both.values()) for allele, both in view["alleles"].items()} for name, view in first["reads"].items()}
    assert counts == {"child": {"ref": 10, "alt": 10, "other": 0}, "mother": {"ref": 20, "alt": 0, "other": 0}}


def test_collect_draws_only_the_first_views(case: SimpleNamespace) -> None:
    case.params.views = 1
    report = collect(case)
    assert [sorted(one["reads"]) for one in report["candidates"]] == [["child", "mother"], []]


def test_collect_tells_exons_that_could_not_be_judged(case: SimpleNamespace) -> None:
    genes = {gene["gene"]: gene for gene in collect(case)["not_assessed"]["genes"]}
    assert [(exon["number"], exon["callable"]) for exon in genes["LMNA"]["exons"]] == [
        (1, {"child": 200, "mother": 200}),
        (2, {"child": 0, "mother": 80}),
    ]
    assert {name: gene["status"] for name, gene in genes.items()} == {
        "LMNA": "partly",
        "TTN": "outside the regions called",
        "FAR": "no transcript in the gene models",
    }


def test_collect_without_gene_models_says_not_evaluated(case: SimpleNamespace) -> None:
    case.input.models = []
    report = collect(case)
    assert report["not_assessed"]["genes"] == []
    assert "Not evaluated: no gene models" in report["not_assessed"]["why_these_genes"]
    assert report["answer"]["gaps"] == "Coverage of genes was not evaluated"


def test_collect_names_every_source_that_was_not_evaluated(case: SimpleNamespace) -> None:
    report = collect(case)
    assert report["not_assessed"]["sources"] == [
        {"name": "clinvar", "reason": "not configured"},
        {"name": "gnomad", "reason": "not configured"},
    ]
    assert [(one["name"], one["evaluated"], one["release"]) for one in report["knowledge"]] == [
        ("hpo", True, "2025-01-16"),
        ("gnomad", False, ""),
    ]


def test_collect_names_both_versions_where_members_differ(case: SimpleNamespace) -> None:
    tools = {tool["name"]: tool["version"] for tool in collect(case)["tools"]}
    assert tools == {"bwa": "0.7.17 and 0.7.18", "gatk": "4.6.2.0", "genvej": "0.1.0"}


def test_collect_holds_no_path_and_no_read_name(case: SimpleNamespace, tmp_path: Path) -> None:
    collect(case)
    text = Path(case.output[0]).read_text()
    assert str(tmp_path) not in text
    assert "secret-read-name" not in text


def test_collect_without_candidates_finds_none_and_says_what_that_means(case: SimpleNamespace) -> None:
    report = collect(with_interpretation(case, candidates=[]))
    assert report["answer"]["headline"] == "No candidate found"
    assert report["candidates"] == []


def test_collect_without_phenotype_takes_genes_from_the_candidates(case: SimpleNamespace) -> None:
    report = collect(with_interpretation(case, genes=[], terms=[], ranked_by="variant only", reason="no HPO terms"))
    assert report["answer"]["headline"] == "Candidates, ranked without the phenotype"
    assert [gene["gene"] for gene in report["not_assessed"]["genes"]] == ["LMNA"]
    assert report["ranking"]["text"] == "Ranked by variant only (no HPO terms)."


def test_collect_gives_the_share_of_each_feature(case: SimpleNamespace) -> None:
    first, second = collect(case)["candidates"]
    assert [(term["kind"], term["share"], term.get("source", "")) for term in first["terms"]] == [
        ("observed", 3.5, ""),
        ("laboratory", 1.2, "LOINC 2157-6 Creatine kinase: 900 U/L (reference 30 to 200)"),
        ("excluded", -0.1, ""),
    ]
    assert first["disease"] == "Muscular dystrophy (OMIM:181350)"
    assert (second["terms"], second["disease"]) == ([], "")


def test_genes_to_check_takes_the_best_then_those_of_candidates() -> None:
    many = {"genes": [{"symbol": f"G{i}"} for i in range(50)], "candidates": [{"gene": gene} for gene in ("X", "G1", "X", "", "G40")]}
    assert genes_to_check(many, 3) == ["G0", "G1", "G2", "X", "G40"]


def test_check_refuses_a_report_that_lacks_a_part(case: SimpleNamespace) -> None:
    report = collect(case)
    del report["knowledge"]
    with pytest.raises(ValueError, match="knowledge"):
        check(report)


@pytest.mark.parametrize(
    ("rank", "next_score", "expected"),
    [
        (1, 4.0, "One candidate stands out"),
        (9.5, 4.5, "One candidate stands out"),
        (1, 4.6, "A candidate in a gene that fits; others are close"),
        (11, 0.0, "Candidates, but the first is in no gene that fits well"),
        ("not evaluated", 0.0, "Candidates, but the first is in no gene that fits well"),
    ],
)
def test_headline_follows_the_rank_of_the_gene_and_the_distance(rank: object, next_score: float, expected: str) -> None:
    first = candidates()[0] | {"gene_rank": rank, "score": 5.5}
    same_gene, other = first | {"rank": 2, "score": 5.4}, first | {"rank": 3, "gene": "OTHER", "score": next_score}
    assert headline([first, same_gene, other], by_phenotype=True) == expected
