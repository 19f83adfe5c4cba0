"""Whether what a sample owes is really in its files, before anything is decided on it.

Takes: alignments, depth, callable regions, gVCF. Gives: `completeness.json` a sample, a check file that the decision takes in. The job
fails where reads or calls were lost: a faulty file must never be sealed.
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
