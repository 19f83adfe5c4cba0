"""GATK in DRAGEN mode, the default caller; no base quality recalibration.

Takes: CRAM, ploidy regions, what screening.smk leaves unclear. Gives: the assembled part of a gVCF a sample and chunk, in blocks of
confidence as screening.smk makes them, and the joint genotypes of a case a chunk, from gVCFs alone. A JVM is dear to start, so a
small territory makes one chunk. Where nothing is unclear, the gVCF is a header without records, since GATK refuses to be asked for nothing.
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
        runtime=LONG,
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        java=JAVA,
    shell:
        "gatk --java-options {params.java:q} CalibrateDragstrModel -R {input.fasta:q} -I {input.cram:q} -str {input.str_table:q} "
        "-O {output:q}.part > {log:q} 2>&1 && "
        "awk '$0 ~ \"^[A-Z]+:\" {{ table = $1; rows = 0; next }} {{ rows++ }} END {{ exit table != \"API:\" || rows != 8 }}' {output:q}.part && "
        "mv {output:q}.part {output:q}"


rule gatk_haplotypecaller:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        dictionary=REFERENCE.dictionary,
        dragstr="<results>/small_variants/{sample}.dragstr.txt",
        ploidy="<results>/coverage/{sample}.ploidy.bed",
        unclear="<results>/small_variants/{sample}.{chunk}.unclear.bed",
        chunk="<results>/reference/chunks/{chunk}.bed",
    output:
        vcf=temp("<results>/small_variants/{sample}.{chunk}.assembled.g.vcf.gz"),
        tbi=temp("<results>/small_variants/{sample}.{chunk}.assembled.g.vcf.gz.tbi"),
    log:
        "<logs>/gatk_haplotypecaller/{sample}.{chunk}.log",
    benchmark:
        "<benchmarks>/gatk_haplotypecaller/{sample}.{chunk}.tsv"
    conda:
        "../envs/gatk.yaml"
    resources:
        runtime=LONG,
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
    params:
        java=JAVA,
        java_brief=JAVA_BRIEF,
        brief_bases=400_000,  # of 25 million, at 30x, about 600,000 are left to assemble
        bands="-GQB 20 -GQB 30 -GQB 40",
    shell:
        r"""
        exec > {log:q} 2>&1
        scratch=$(mktemp -d {resources.tmpdir:q}/gatk_haplotypecaller.XXXXXX)
        trap 'rm -rf "$scratch"' EXIT
        part={output.vcf:q}.part.g.vcf.gz
        calls="$part"
        cat {input.unclear:q} > "$scratch/called.bed"
        if [ ! -s "$scratch/called.bed" ]; then
            calls="$scratch/calls.g.vcf.gz"
            awk -v OFS='\t' 'NR == 1 {{ print $1, $2, $2 + 1 }}' {input.chunk:q} > "$scratch/called.bed"
        fi
        java={params.java:q}
        if awk '{{ bases += $3 - $2 }} END {{ exit bases > {params.brief_bases} }}' "$scratch/called.bed"; then
            java={params.java_brief:q}
        fi
        gatk --java-options "$java" HaplotypeCaller -R {input.fasta:q} -I {input.cram:q} -L "$scratch/called.bed" -ERC GVCF {params.bands} \
            --dragen-mode true --dragstr-params-path {input.dragstr:q} --ploidy-regions {input.ploidy:q} \
            --native-pair-hmm-threads 1 -O "$calls"
        if [ "$calls" != "$part" ]; then
            bcftools view --no-version --header-only -Oz -o "$part" "$calls"
            tabix -f -p vcf "$part"
        fi
        mv "$part.tbi" {output.tbi:q}
        mv "$part" {output.vcf:q}
        touch {output.tbi:q}
        """


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
        "-O {output.vcf:q}.part.g.vcf.gz > {log:q} 2>&1 && "
        "mv {output.vcf:q}.part.g.vcf.gz.tbi {output.tbi:q} && mv {output.vcf:q}.part.g.vcf.gz {output.vcf:q} && touch {output.tbi:q}"


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
        java=JAVA_BRIEF,
    shell:
        "gatk --java-options {params.java:q} GenotypeGVCFs -R {input.fasta:q} -V {input.vcf:q} -L {input.chunk:q} "
        "--only-output-calls-starting-in-intervals --standard-min-confidence-threshold-for-calling 3 -O {output.vcf:q}.part.vcf.gz "
        "> {log:q} 2>&1 && "
        "mv {output.vcf:q}.part.vcf.gz.tbi {output.tbi:q} && mv {output.vcf:q}.part.vcf.gz {output.vcf:q} && touch {output.tbi:q}"
