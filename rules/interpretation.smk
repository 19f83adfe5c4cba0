"""Candidates of a case, ranked.

Takes: `<results>/cases/{case}/{case}.vcf.gz` (annotated), what family.smk found, the case's members and HPO terms, the HPO release of
`knowledge.hpo`, and `knowledge.laboratory` and `knowledge.solved_cases` where they are named.
Gives: `<results>/interpretation/{case}.ranked.tsv` and `.ranked.json` with the genes that fit the terms, each reason apart, what was taken out
and what was not looked at; evidence.smk makes the final files of them. Without terms or HPO the variants are ranked by themselves, and it says so.
"""

from workflow.family import case_of
from workflow.hpo_annotations import pair_file

HPO = SETTINGS.knowledge.get("hpo")
LABORATORY = SETTINGS.knowledge.get("laboratory")
SOLVED_CASES = SETTINGS.knowledge.get("solved_cases")


rule rank_candidates:
    input:
        vcf="<results>/cases/{case}/{case}.vcf.gz",
        family="<results>/family/{case}.family.json",
        phased="<results>/family/{case}.phased.vcf",
        hpo=[HPO.path / "hp.obo", HPO.path / "phenotype.hpoa", pair_file(HPO.path)] if HPO else [],
        laboratory=LABORATORY.path if LABORATORY else [],
        solved_cases=SOLVED_CASES.path if SOLVED_CASES else [],
    output:
        table=ensure("<results>/interpretation/{case}.ranked.tsv", non_empty=True),
        interpretation=ensure("<results>/interpretation/{case}.ranked.json", non_empty=True),
    log:
        "<logs>/rank_candidates/{case}.log",
    benchmark:
        "<benchmarks>/rank_candidates/{case}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1500,
    params:
        code=code_of("rank_candidates"),
        laboratory_release=LABORATORY.release if LABORATORY else "",
        # the phenopacket's content and not its file: a copy with a new date asks nothing new
        case=lambda wildcards: case_of(COHORT.cases[wildcards.case]),
        imprinted=digest_of("resources/imprinted_genes.tsv"),
        par=REFERENCE.par,
        limits={
            "max_frequency": SETTINGS.interpretation.max_frequency,
            "max_candidates": SETTINGS.interpretation.max_candidates,
            "min_depth": SETTINGS.callable.min_depth,
        },
    script:
        "../scripts/rank_candidates.py"
