"""How right the calls are, where the truth is known: `snakemake … validation`.

Takes: the tables of scoring.smk and the alignments. Gives, for each sample with a truth, `<results>/validation/{sample}/report.html` with
each false call and its reads, and over all of them `<results>/validation/validation.tsv` and `index.html`. Not a part of the target `all`.
"""

from workflow.validation_page import PAGE_FILES

VALIDATION_FILES = ("summary.tsv", "curve.tsv", "variants.tsv.gz", "report.html")


rule validation:
    input:
        lambda wildcards: expand("<results>/validation/{sample}/{file}", sample=samples_with_truth(), file=VALIDATION_FILES),
        "<results>/validation/index.html",
        "<results>/validation/validation.tsv",


rule collect_false_calls:
    input:
        summary="<results>/validation/{sample}/summary.tsv",
        curve="<results>/validation/{sample}/curve.tsv",
        variants="<results>/validation/{sample}/variants.tsv.gz",
        score="<results>/validation/{sample}/score.json",
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
    output:
        ensure("<results>/validation/{sample}/report.json", non_empty=True),
    log:
        "<logs>/collect_false_calls/{sample}.log",
    benchmark:
        "<benchmarks>/collect_false_calls/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=4000,
    params:
        code=code_of("collect_false_calls"),
        min_mapping_quality=SETTINGS.callable.min_mapping_quality,
        reference=SETTINGS.reference.name,
        caller=SETTINGS.caller,
    script:
        "../scripts/collect_false_calls.py"


rule render_validation:
    input:
        report="<results>/validation/{sample}/report.json",
        change="<results>/release/change.json",
    output:
        ensure("<results>/validation/{sample}/report.html", non_empty=True),
    log:
        "<logs>/render_validation/{sample}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("render_validation"),
        files=digest_of(*PAGE_FILES),
    script:
        "../scripts/render_validation.py"


rule join_validation:
    input:
        summaries=expand("<results>/validation/{sample}/summary.tsv", sample=SETTINGS.truth),
        scores=expand("<results>/validation/{sample}/score.json", sample=SETTINGS.truth),
        change="<results>/release/change.json",
    output:
        table=ensure("<results>/validation/validation.tsv", non_empty=True),
        page=ensure("<results>/validation/index.html", non_empty=True),
    log:
        "<logs>/join_validation/all.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("join_validation"),
        files=digest_of(*PAGE_FILES),
    script:
        "../scripts/join_validation.py"
