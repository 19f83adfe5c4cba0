"""GATK in DRAGEN mode, the default caller; no base quality recalibration.

Takes: CRAM, ploidy regions, territory chunks. Gives: a reblocked gVCF a sample and chunk, and the joint genotypes of a case a chunk,
from gVCFs alone. A JVM is dear to start, so a small territory makes one chunk.
"""


rule gatk_calibrate_dragstr:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        dictionary=REFERENCE.dictionary,
        str_table=REFERENCE.str_table,
    output:
        ensure("<results>/small_variants/{sample}.dragstr.txt", non_empty=True),
    log:
        "<logs>/gatk_calibrate_dragstr/{sample}.log",
    benchmark:
        "<benchmarks>/gatk_calibrate_dragstr/{sample}.tsv"
    conda:
        "../envs/gatk.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        java=JAVA,
    shell:
        "gatk --java-options {params.java:q} CalibrateDragstrModel -R {input.fasta:q} -I {input.cram:q} -str {input.str_table:q} "
        "-O {output:q}.part > {log:q} 2>&1 && mv {output:q}.part {output:q}"


rule gatk_haplotypecaller:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        dictionary=REFERENCE.dictionary,
        dragstr="<results>/small_variants/{sample}.dragstr.txt",
        ploidy="<results>/coverage/{sample}.ploidy.bed",
        absent="<results>/coverage/{sample}.absent.bed",
        chunk="<results>/reference/chunks/{chunk}.bed",
    output:
        vcf=temp("<results>/small_variants/{sample}.{chunk}.raw.g.vcf.gz"),
        tbi=temp("<results>/small_variants/{sample}.{chunk}.raw.g.vcf.gz.tbi"),
    log:
        "<logs>/gatk_haplotypecaller/{sample}.{chunk}.log",
    benchmark:
        "<benchmarks>/gatk_haplotypecaller/{sample}.{chunk}.tsv"
    conda:
        "../envs/gatk.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        java=JAVA,
    shell:
        "gatk --java-options {params.java:q} HaplotypeCaller -R {input.fasta:q} -I {input.cram:q} -L {input.chunk:q} -ERC GVCF "
        "--dragen-mode true --dragstr-params-path {input.dragstr:q} --ploidy-regions {input.ploidy:q} "
        "$(test ! -s {input.absent:q} || echo -XL {input.absent:q}) "
        "--native-pair-hmm-threads 1 -O {output.vcf:q} > {log:q} 2>&1"


rule gatk_reblock:
    input:
        vcf="<results>/small_variants/{sample}.{chunk}.raw.g.vcf.gz",
        tbi="<results>/small_variants/{sample}.{chunk}.raw.g.vcf.gz.tbi",
        fasta=REFERENCE.fasta,
    output:
        vcf=temp("<results>/small_variants/{sample}.{chunk}.gatk.g.vcf.gz"),
        tbi=temp("<results>/small_variants/{sample}.{chunk}.gatk.g.vcf.gz.tbi"),
    log:
        "<logs>/gatk_reblock/{sample}.{chunk}.log",
    benchmark:
        "<benchmarks>/gatk_reblock/{sample}.{chunk}.tsv"
    conda:
        "../envs/gatk.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        java=JAVA,
    shell:
        "gatk --java-options {params.java:q} ReblockGVCF -R {input.fasta:q} -V {input.vcf:q} --floor-blocks -GQB 20 -GQB 30 -GQB 40 "
        "-O {output.vcf:q} > {log:q} 2>&1"


rule gatk_combine_gvcfs:
    input:
        vcfs=lambda wildcards: expand("<results>/samples/{sample}/{sample}.g.vcf.gz", sample=members(wildcards)),
        tbis=lambda wildcards: expand("<results>/samples/{sample}/{sample}.g.vcf.gz.tbi", sample=members(wildcards)),
        fasta=REFERENCE.fasta,
        chunk="<results>/reference/chunks/{chunk}.bed",
    output:
        vcf=temp("<results>/small_variants/{case}.{chunk}.combined.g.vcf.gz"),
        tbi=temp("<results>/small_variants/{case}.{chunk}.combined.g.vcf.gz.tbi"),
    log:
        "<logs>/gatk_combine_gvcfs/{case}.{chunk}.log",
    benchmark:
        "<benchmarks>/gatk_combine_gvcfs/{case}.{chunk}.tsv"
    conda:
        "../envs/gatk.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        java=JAVA,
        variants=lambda wildcards, input: [part for vcf in input.vcfs for part in ("-V", vcf)],
    shell:
        "gatk --java-options {params.java:q} CombineGVCFs -R {input.fasta:q} {params.variants:q} -L {input.chunk:q} "
        "-O {output.vcf:q} > {log:q} 2>&1"


rule gatk_genotype:
    input:
        unpack(gvcf_of_case),
        fasta=REFERENCE.fasta,
        chunk="<results>/reference/chunks/{chunk}.bed",
    output:
        vcf=temp("<results>/small_variants/{case}.{chunk}.gatk.vcf.gz"),
        tbi=temp("<results>/small_variants/{case}.{chunk}.gatk.vcf.gz.tbi"),
    log:
        "<logs>/gatk_genotype/{case}.{chunk}.log",
    benchmark:
        "<benchmarks>/gatk_genotype/{case}.{chunk}.tsv"
    conda:
        "../envs/gatk.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        java=JAVA,
    shell:
        "gatk --java-options {params.java:q} GenotypeGVCFs -R {input.fasta:q} -V {input.vcf:q} -L {input.chunk:q} "
        "--standard-min-confidence-threshold-for-calling 3 -O {output.vcf:q} > {log:q} 2>&1"
