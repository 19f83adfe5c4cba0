"""What happens to a sample and a case, and what leaves the building.

Takes: quality metrics, karyotype, calls, every deliverable. Gives: `release.json` a sample and case (each metric with limit and
margin, the decision, its reasons), the completeness of the grid, a manifest with the SHA-256 of every deliverable, and a sealed
version that is never written again. A sample is decided before its case, a case before its report, everything before the manifest.
"""

from workflow.change import state_of_change
from workflow.decisions import overrides, waived_of
from workflow.deliverables import EXPECTED, RUN, SIGNED
from workflow.gene_orders import why_not_covered
from workflow.identity import identify
from workflow.limit_sets import key_of, load_limit_sets
from workflow.release_key import key_in_use
from workflow.run_record import version

try:
    LIMITS = load_limit_sets(SETTINGS, COHORT)
    IDENTITY = identify(SETTINGS, LIMITS, ALIGNER)
    CHANGE = state_of_change(SETTINGS.results, SETTINGS.impact, IDENTITY["id"], SETTINGS.release.previous, SETTINGS.release.people)
except InputError as error:
    raise WorkflowError(str(error)) from None

CHECKS = [f"<results>/samples/{{sample}}/{name}.json" for name in ("completeness", "identity", "relations")]
"""Check files of a sample that the decision takes in, in the form of qc.json (docs/architecture.md): one line a file."""


ORDERED = ["<results>/coverage/{sample}.ordered_genes.json"]
"""The coverage of ordered genes, one more check file where it can be told."""
NOT_COVERED = {name: why_not_covered(sample.genes, SETTINGS.knowledge) for name, sample in COHORT.samples.items()}
VERSIONS = {"genvej": version(), "workflow": IDENTITY["id"]}


localrules:
    decide_case,
    judge_change,
    list_completeness,
    seal_release,


rule bcftools_stats:
    input:
        vcf="<results>/small_variants/{case}.vcf.gz",
        tbi="<results>/small_variants/{case}.vcf.gz.tbi",
    output:
        ensure("<results>/release/variants/{case}.stats.txt", non_empty=True),
    log:
        "<logs>/bcftools_stats/{case}.log",
    conda:
        "../envs/annotation.yaml"
    params:
        elsewhere="^chrX,chrY,chrM,X,Y,MT",
    shell:
        "bcftools stats --apply-filters PASS,. --targets {params.elsewhere:q} --samples - {input.vcf:q} > {output:q}.part 2> {log:q} && "
        "grep -q '^# HWE' {output:q}.part && mv {output:q}.part {output:q}"


rule decide_release:
    input:
        qc="<results>/samples/{sample}/qc.json",
        karyotype="<results>/coverage/{sample}.karyotype.json",
        cram="<results>/samples/{sample}/{sample}.cram",
        gvcf="<results>/samples/{sample}/{sample}.g.vcf.gz",
        variants=lambda wildcards: f"<results>/release/variants/{COHORT.samples[wildcards.sample].case}.stats.txt",
        checks=lambda wildcards: CHECKS if NOT_COVERED[wildcards.sample] else CHECKS + ORDERED,
    output:
        "<results>/samples/{sample}/release.json",
    log:
        "<logs>/decide_release/{sample}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("decide_release"),
        limits=lambda wildcards: LIMITS[key_of(COHORT.samples[wildcards.sample], LIMITS)],
        aligner_note=ALIGNER_NOTE,
        not_covered=lambda wildcards: NOT_COVERED[wildcards.sample],
        override=lambda wildcards: overrides(DECISIONS, "sample").get(wildcards.sample),
        waived=lambda wildcards: waived_of(WAIVED, "sample", wildcards.sample),
    script:
        "../scripts/decide_release.py"


rule decide_case:
    input:
        members=lambda wildcards: expand("<results>/samples/{sample}/release.json", sample=members(wildcards)),
        vcf="<results>/cases/{case}/{case}.vcf.gz",
        tbi="<results>/cases/{case}/{case}.vcf.gz.tbi",
        variants="<results>/release/variants/{case}.stats.txt",
    output:
        "<results>/cases/{case}/release.json",
    log:
        "<logs>/decide_case/{case}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("decide_case"),
        override=lambda wildcards: overrides(DECISIONS, "case").get(wildcards.case),
        waived=lambda wildcards: waived_of(WAIVED, "case", wildcards.case),
    script:
        "../scripts/decide_case.py"


rule judge_change:
    output:
        "<results>/release/change.json",
    log:
        "<logs>/judge_change.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("judge_change"),
        change=CHANGE,
    script:
        "../scripts/judge_change.py"


rule list_completeness:
    input:
        receipts="<results>/release/receipts/cohort.tsv",
    output:
        table="<results>/release/completeness.tsv",
        counts="<results>/release/completeness.json",
    log:
        "<logs>/list_completeness.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("list_completeness"),
        results=subpath(output.table, ancestor=2),
    script:
        "../scripts/list_completeness.py"


rule seal_release:
    input:
        receipts="<results>/release/receipts/cohort.tsv",
        run=expand("<results>/{file}", file=RUN[:-1]),
    output:
        expand("<results>/{file}", file=SIGNED),
    log:
        "<logs>/seal_release.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("seal_release"),
        results=subpath(output[0], ancestor=2),
        files=[EXPECTED, *RUN[:-1]],
        key=key_in_use(),
    script:
        "../scripts/seal_release.py"
