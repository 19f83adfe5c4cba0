"""Whether what a sample owes is really in its files, before anything is decided on it.

Takes: alignments, depth, callable regions, gVCF, gene models. Gives: `completeness.json` a sample, a check file that the decision takes in
(the job fails where reads or calls were lost: a faulty file must never be sealed), and where genes are ordered their coverage by exon.
"""


rule check_calls:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        gvcf="<results>/samples/{sample}/{sample}.g.vcf.gz",
        callable="<results>/samples/{sample}/callable.bed.gz",
        territory="<results>/reference/territory.bed",
        absent="<results>/coverage/{sample}.absent.bed",
        summary="<results>/coverage/{sample}.mosdepth.summary.txt",
    output:
        "<results>/samples/{sample}/completeness.json",
    log:
        "<logs>/check_calls/{sample}.log",
    benchmark:
        "<benchmarks>/check_calls/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1000,
    params:
        code=code_of("check_calls"),
        waived=lambda wildcards: WAIVED.get(("sample", wildcards.sample, "completeness of reads and calls"), ""),
    script:
        "../scripts/check_calls.py"


rule cover_genes:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        callable="<results>/samples/{sample}/callable.bed.gz",
        callable_index="<results>/samples/{sample}/callable.bed.gz.tbi",
        territory="<results>/reference/territory.bed",
        models=str(SETTINGS.knowledge["gene_models"].path) if "gene_models" in SETTINGS.knowledge else [],
    output:
        table=ensure("<results>/samples/{sample}/gene_coverage.tsv", non_empty=True),
        json="<results>/coverage/{sample}.ordered_genes.json",
    log:
        "<logs>/cover_genes/{sample}.log",
    benchmark:
        "<benchmarks>/cover_genes/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=2000,
    params:
        code=code_of("cover_genes"),
        genes=lambda wildcards: list(ORDERS.get(wildcards.sample, ())),
        min_mapping_quality=SETTINGS.callable.min_mapping_quality,
    script:
        "../scripts/cover_genes.py"
