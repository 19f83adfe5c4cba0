"""What is clear without assembly, so that the assembling caller need not look at it (docs/decisions/013).

Takes: CRAM, ploidy regions, a chunk of the territory. Gives: gVCF lines of what is clear from the bases alone (reference where nothing
speaks against it, single-nucleotide variants in the open), and a BED of the rest, which gatk.smk assembles. `join_tiers` puts both
together and refuses a gVCF that leaves out one base of the chunk. With `calling.assemble: everywhere` nothing is taken for clear.
"""


rule screen_reads:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        ploidy="<results>/coverage/{sample}.ploidy.bed",
        absent="<results>/coverage/{sample}.absent.bed",
        chunk="<results>/reference/chunks/{chunk}.bed",
    output:
        settled=temp("<results>/small_variants/{sample}.{chunk}.settled.gz"),
        unclear="<results>/small_variants/{sample}.{chunk}.unclear.bed",
    log:
        "<logs>/screen_reads/{sample}.{chunk}.log",
    benchmark:
        "<benchmarks>/screen_reads/{sample}.{chunk}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        runtime=LONG,
        mem_mb=2000,
    params:
        code=code_of("screen_reads"),
        assemble=SETTINGS.calling.assemble,
    script:
        "../scripts/screen_reads.py"


rule join_tiers:
    input:
        settled="<results>/small_variants/{sample}.{chunk}.settled.gz",
        assembled="<results>/small_variants/{sample}.{chunk}.assembled.g.vcf.gz",
        absent="<results>/coverage/{sample}.absent.bed",
        chunk="<results>/reference/chunks/{chunk}.bed",
        fasta=REFERENCE.fasta,
    output:
        vcf=temp("<results>/small_variants/{sample}.{chunk}.gatk.g.vcf.gz"),
        tbi=temp("<results>/small_variants/{sample}.{chunk}.gatk.g.vcf.gz.tbi"),
    log:
        "<logs>/join_tiers/{sample}.{chunk}.log",
    benchmark:
        "<benchmarks>/join_tiers/{sample}.{chunk}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1000,
    params:
        code=code_of("join_tiers"),
    script:
        "../scripts/join_tiers.py"
