"""The page of a case, for the specialist, and the same content as data.

Takes: candidates, calls, alignments, callable regions and decisions of a case. Gives: `<results>/cases/{case}/report.json`, with the
reads at each candidate and the exons that could not be judged; `report.html`, which is made of report.json and the version's change.json;
and for other programs `{case}.phenopacket.json` and `{case}.candidates.vcf.gz`. Verdicts that people saved from the page come in with the config.
"""

from workflow.family import case_of
from workflow.metric_names import metrics
from workflow.page import TEMPLATES
from workflow.report_parts import case_record

METRIC_LABELS = {name: one["label"] for name, one in metrics().items()}


rule collect_report:
    input:
        interpretation="<results>/interpretation/{case}.json",
        family="<results>/family/{case}.family.json",
        vcf="<results>/cases/{case}/{case}.vcf.gz",
        tbi="<results>/cases/{case}/{case}.vcf.gz.tbi",
        decision="<results>/cases/{case}/release.json",
        decisions=lambda wildcards: expand("<results>/samples/{sample}/release.json", sample=members(wildcards)),
        karyotypes=lambda wildcards: expand("<results>/coverage/{sample}.karyotype.json", sample=members(wildcards)),
        crams=lambda wildcards: expand("<results>/samples/{sample}/{sample}.cram", sample=members(wildcards)),
        crais=lambda wildcards: expand("<results>/samples/{sample}/{sample}.cram.crai", sample=members(wildcards)),
        callable=lambda wildcards: expand("<results>/samples/{sample}/callable.bed.gz", sample=members(wildcards)),
        callable_index=lambda wildcards: expand("<results>/samples/{sample}/callable.bed.gz.tbi", sample=members(wildcards)),
        territory="<results>/reference/territory.bed",
        fasta=REFERENCE.fasta,
        models=str(GENE_MODELS.path) if GENE_MODELS else [],
        clinvar=CLINVAR.path if CLINVAR else [],
    output:
        ensure("<results>/cases/{case}/report.json", non_empty=True),
    log:
        "<logs>/collect_report/{case}.log",
    benchmark:
        "<benchmarks>/collect_report/{case}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=2000,
    params:
        code=code_of("collect_report"),
        tables=digest_of("workflow/report/methods.yaml", "workflow/schemas/report.schema.yaml"),
        case=lambda wildcards: case_record(COHORT.cases[wildcards.case]),
        verdicts=lambda wildcards: VERDICTS.get(wildcards.case, []),
        base=KNOWN_BASE,
        labels=METRIC_LABELS,
        reference=SETTINGS.reference.name,
        par=REFERENCE.par,
        clinvar=[CLINVAR.name, str(CLINVAR.path), CLINVAR.release, CLINVAR.kind, list(CLINVAR.fields)] if CLINVAR else [],
        caller=SETTINGS.caller,
        callable={"min_depth": SETTINGS.callable.min_depth, "min_mapping_quality": SETTINGS.callable.min_mapping_quality},
        gap_genes=SETTINGS.interpretation.gap_genes,
        views=200,
    script:
        "../scripts/collect_report.py"


rule render_report:
    input:
        report="<results>/cases/{case}/report.json",
        change="<results>/release/change.json",
    output:
        ensure("<results>/cases/{case}/report.html", non_empty=True),
    log:
        "<logs>/render_report/{case}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("render_report"),
        templates=digest_of(*TEMPLATES),
        language=SETTINGS.language,
    script:
        "../scripts/render_report.py"


rule export_case:
    input:
        report="<results>/cases/{case}/report.json",
        vcf="<results>/cases/{case}/{case}.vcf.gz",
        tbi="<results>/cases/{case}/{case}.vcf.gz.tbi",
    output:
        phenopacket=ensure("<results>/cases/{case}/{case}.phenopacket.json", non_empty=True),
        vcf="<results>/cases/{case}/{case}.candidates.vcf.gz",
        tbi="<results>/cases/{case}/{case}.candidates.vcf.gz.tbi",
    log:
        "<logs>/export_case/{case}.log",
    benchmark:
        "<benchmarks>/export_case/{case}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1000,
    params:
        code=code_of("export_case"),
        case=lambda wildcards: {"measurements": case_of(COHORT.cases[wildcards.case])["measurements"]},
        version=VERSIONS["genvej"],
    script:
        "../scripts/export_case.py"
