"""The evidence of each candidate, what was ordered, and what may be told.

Takes: config and sheets (ordered genes and panels, consent, evidence sheet), the candidates as ranked, the annotated calls, what
family.smk found, and the sealed versions of the release, which hold how a variant was classified before.
Gives: `<results>/interpretation/{case}.scope.json` (where a list of secondary findings is configured: which of its genes the question asks, and
who consents; annotation keeps the others back),
`<results>/cases/{case}/candidates.tsv`, and `<results>/interpretation/{case}.json` with evidence lines, points, classes, tiers and, with
consent, secondary findings.
"""

from workflow.case_order import consents_of, order_of
from workflow.family import case_of
from workflow.gene_orders import panels_of

PANELS = panels_of(SETTINGS) if any(sample.genes for sample in COHORT.samples.values()) else {}
DOSAGE, CLINVAR = (SETTINGS.knowledge.get(name) for name in ("dosage", "clinvar"))


localrules:
    decide_scope,


rule decide_scope:
    input:
        secondary=SECONDARY.path if SECONDARY else [],
        symbols=SYMBOLS.path if SYMBOLS else [],
        hpo=rules.rank_candidates.input.hpo,
        laboratory=LABORATORY.path if LABORATORY else [],
        solved_cases=SOLVED_CASES.path if SOLVED_CASES else [],
    output:
        ensure("<results>/interpretation/{case}.scope.json", non_empty=True),
    log:
        "<logs>/decide_scope/{case}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("decide_scope"),
        laboratory_release=LABORATORY.release if LABORATORY else "",
        case=lambda wildcards: case_of(COHORT.cases[wildcards.case]) | {"consents": consents_of(COHORT.cases[wildcards.case])},
        ordered=lambda wildcards: list(ORDERS.get(COHORT.cases[wildcards.case].proband.name, ())),
        release=SECONDARY.release if SECONDARY else "",
    script:
        "../scripts/decide_scope.py"


rule classify_candidates:
    input:
        ranked="<results>/interpretation/{case}.ranked.json",
        table="<results>/interpretation/{case}.ranked.tsv",
        secondary=SECONDARY.path if SECONDARY else [],
        symbols=SYMBOLS.path if SECONDARY and SYMBOLS else [],
        scope="<results>/interpretation/{case}.scope.json" if SECONDARY else [],
        vcf="<results>/cases/{case}/{case}.vcf.gz",
        tbi="<results>/cases/{case}/{case}.vcf.gz.tbi",
        family="<results>/family/{case}.family.json",
        phased="<results>/family/{case}.phased.vcf",
        fasta=REFERENCE.fasta,
        models=GENE_MODELS.path if GENE_MODELS else [],
        clinvar=CLINVAR.path if CLINVAR else [],
        dosage=DOSAGE.path if DOSAGE else [],
    output:
        table=ensure("<results>/cases/{case}/candidates.tsv", non_empty=True),
        interpretation=ensure("<results>/interpretation/{case}.json", non_empty=True),
    log:
        "<logs>/classify_candidates/{case}.log",
    benchmark:
        "<benchmarks>/classify_candidates/{case}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1500,
    params:
        code=code_of("classify_candidates"),
        case=lambda wildcards: case_of(COHORT.cases[wildcards.case]),
        order=lambda wildcards: order_of(COHORT.cases[wildcards.case], ORDERS, PANELS),
        evidence=lambda wildcards: EVIDENCE.get(wildcards.case, []),
        clinvar=[CLINVAR.name, str(CLINVAR.path), CLINVAR.release, CLINVAR.kind, list(CLINVAR.fields)] if CLINVAR else [],
        dosage=DOSAGE.release if DOSAGE else "",
        assembly=SETTINGS.reference.name,
        par=REFERENCE.par,
        versions=f"{SETTINGS.results}/release/versions",
        limits={"max_frequency": SETTINGS.interpretation.max_frequency, "min_depth": SETTINGS.callable.min_depth},
    script:
        "../scripts/classify_candidates.py"
