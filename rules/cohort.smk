"""What the country learns: released genomes whose consent covers it are counted in the frequency store (target `cohort`).

Takes: consents, the finished results of a sample and its case, the store (`frequency_store`), which lies outside of the results.
Gives: `<results>/cohort_store/counted/{sample}.json` for whom consent covers the store, one of a case; `withdrawn/{sample}.json` and
`withdrawn/{sample}.md`, the statement for the citizen, for who is in the store and may not stay, or in that of fingerprints and is not to be
analysed any more. Without consent there is no job. `<results>/cohort_store/index.html`: the page of the store, for the inside of the centre.
"""

from functools import partial

from workflow.cohort_page.page import PAGE_FILES
from workflow.consent.counting import counting_of, records_owed
from workflow.consent.left_out import page_owed, page_params
from workflow.reanalysis.asked import is_asked_for


counting = partial(counting_of, SETTINGS, COHORT, CONSENTS)
"""Gives who is counted and who is taken out today."""

if workflow.is_main_process and is_asked_for(sys.argv, ["cohort"]):
    try:
        counting()
    except InputError as error:
        raise WorkflowError(str(error)) from None


localrules:
    cohort,


rule cohort:
    input:
        SETTINGS.consent.sheet or [],  # a file that nothing makes: with no input at all the job would run each time
        lambda wildcards: records_owed(counting(), aloud=workflow.is_main_process),
        lambda wildcards: page_owed(counting(), NOT_ANALYSED),


rule count_genome:
    input:
        decision="<results>/samples/{sample}/release.json",
        relations="<results>/samples/{sample}/relations.json",
        callable="<results>/samples/{sample}/callable.bed.gz",
        karyotype="<results>/coverage/{sample}.karyotype.json",
        case_decision=lambda wildcards: f"<results>/cases/{COHORT.samples[wildcards.sample].case}/release.json",
        vcf=lambda wildcards: "<results>/cases/{0}/{0}.vcf.gz".format(COHORT.samples[wildcards.sample].case),
    output:
        ensure("<results>/cohort_store/counted/{sample}.json", non_empty=True),
    log:
        "<logs>/count_genome/{sample}.log",
    benchmark:
        "<benchmarks>/count_genome/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
    params:
        code=code_of("count_genome"),
        store=str(SETTINGS.frequency_store or ""),
        assembly=SETTINGS.reference.name,
        person=lambda wildcards: counting().person(wildcards.sample),
        lost=lambda wildcards: counting().lost(wildcards.sample),
    script:
        "../scripts/count_genome.py"


rule withdraw_genome:
    output:
        record=ensure("<results>/cohort_store/withdrawn/{sample}.json", non_empty=True),
        statement=ensure("<results>/cohort_store/withdrawn/{sample}.md", non_empty=True),
    log:
        "<logs>/withdraw_genome/{sample}.log",
    benchmark:
        "<benchmarks>/withdraw_genome/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
    params:
        code=code_of("withdraw_genome"),
        store=str(SETTINGS.frequency_store or ""),
        why=lambda wildcards: counting().withdrawn().get(wildcards.sample, ""),
        stopped=lambda wildcards: counting().no_longer_analysed().get(wildcards.sample, ""),
        fingerprints=lambda wildcards: str(SETTINGS.identity.store),
        assembly=SETTINGS.reference.name,
    script:
        "../scripts/withdraw_genome.py"


rule render_cohort:
    input:
        lambda wildcards: records_owed(counting(), aloud=False),
    output:
        page=ensure("<results>/cohort_store/index.html", non_empty=True),
        data="<results>/cohort_store/index.json",
    log:
        "<logs>/render_cohort.log",
    benchmark:
        "<benchmarks>/render_cohort.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
    params:
        code=code_of("render_cohort"),
        templates=digest_of(*PAGE_FILES),
        store=str(SETTINGS.frequency_store or ""),
        assembly=SETTINGS.reference.name,
        genes=str(SETTINGS.knowledge["gene_models"].path) if "gene_models" in SETTINGS.knowledge else "",
        regions=str(SETTINGS.regions or ""),
        run=lambda wildcards: page_params(counting(), NOT_ANALYSED),
    script:
        "../scripts/render_cohort.py"
