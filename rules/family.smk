"""What the calls and reads of a family say together.

Takes: annotated calls of a case, its alignments and karyotypes. Gives: `<results>/family/{case}.family.json` (errors against Mendel,
chromosomes from one parent, runs of homozygosity, parents' reads at what may be new in the child) and `<results>/family/{case}.phased.vcf`
(phase of the proband's candidates of one gene, from reads that span them; the caller phases within an assembled stretch only).
"""

from workflow.family import people_of


rule bcftools_roh:
    input:
        vcf="<results>/cases/{case}/{case}.vcf.gz",
        tbi="<results>/cases/{case}/{case}.vcf.gz.tbi",
    output:
        "<results>/family/{case}.roh.txt.gz",
    log:
        "<logs>/bcftools_roh/{case}.log",
    benchmark:
        "<benchmarks>/bcftools_roh/{case}.tsv"
    conda:
        "../envs/annotation.yaml"
    resources:
        mem_mb=1000,
    params:
        proband=lambda wildcards: COHORT.cases[wildcards.case].proband.name,
        outside="^X,Y,MT,M,chrX,chrY,chrMT,chrM",  # roh 1.16 stops with a segmentation fault at genotypes of one copy
        frequency=0.4,  # of an allele that no source of frequencies is asked about, as bcftools' manual suggests
        genotype_error=30,  # Phred
    shell:
        "bcftools view --no-version --apply-filters PASS --types snps --targets {params.outside:q} -Ou {input.vcf:q} 2> {log:q} "
        "| bcftools roh --samples {params.proband:q} --AF-dflt {params.frequency} --GTs-only {params.genotype_error} --output-type rz "
        "--output {output:q}.part - 2>> {log:q} && mv {output:q}.part {output:q}"


rule examine_family:
    input:
        vcf="<results>/cases/{case}/{case}.vcf.gz",
        tbi="<results>/cases/{case}/{case}.vcf.gz.tbi",
        roh="<results>/family/{case}.roh.txt.gz",
        karyotypes=lambda wildcards: expand("<results>/coverage/{sample}.karyotype.json", sample=members(wildcards)),
        crams=lambda wildcards: expand("<results>/samples/{sample}/{sample}.cram", sample=members(wildcards)),
        crais=lambda wildcards: expand("<results>/samples/{sample}/{sample}.cram.crai", sample=members(wildcards)),
        territory="<results>/reference/territory.bed",
        fasta=REFERENCE.fasta,
    output:
        family=ensure("<results>/family/{case}.family.json", non_empty=True),
        sites=temp("<results>/family/{case}.sites.vcf"),
        stretches=temp("<results>/family/{case}.stretches.bed"),
    log:
        "<logs>/examine_family/{case}.log",
    benchmark:
        "<benchmarks>/examine_family/{case}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1500,
    params:
        code=code_of("examine_family"),
        case=lambda wildcards: people_of(COHORT.cases[wildcards.case]),
        par=REFERENCE.par,
        limits={
            "max_frequency": SETTINGS.interpretation.max_frequency,
            "min_depth": SETTINGS.callable.min_depth,
            "min_mapping_quality": SETTINGS.callable.min_mapping_quality,
        },
    script:
        "../scripts/examine_family.py"


rule whatshap_phase:
    input:
        sites="<results>/family/{case}.sites.vcf",
        stretches="<results>/family/{case}.stretches.bed",
        cram=lambda wildcards: f"<results>/samples/{COHORT.cases[wildcards.case].proband.name}/{COHORT.cases[wildcards.case].proband.name}.cram",
        crai=lambda wildcards: f"<results>/samples/{COHORT.cases[wildcards.case].proband.name}/{COHORT.cases[wildcards.case].proband.name}.cram.crai",
        fasta=REFERENCE.fasta,
    output:
        ensure("<results>/family/{case}.phased.vcf", non_empty=True),
    log:
        "<logs>/whatshap_phase/{case}.log",
    benchmark:
        "<benchmarks>/whatshap_phase/{case}.tsv"
    conda:
        "../envs/phasing.yaml"
    resources:
        mem_mb=2000,
    shell:
        r"""
        exec > {log:q} 2>&1
        if [ ! -s {input.stretches:q} ]; then
            cat {input.sites:q} > {output:q}.part
            mv {output:q}.part {output:q}
            exit 0
        fi
        scratch=$(mktemp -d {resources.tmpdir:q}/whatshap_phase.XXXXXX)
        trap 'rm -rf "$scratch"' EXIT
        samtools view -b -M -L {input.stretches:q} -T {input.fasta:q} -o "$scratch/reads.bam" {input.cram:q}
        reads=$(samtools view -c "$scratch/reads.bam")
        if [ "$reads" != "$(samtools view -c -M -L {input.stretches:q} -T {input.fasta:q} {input.cram:q})" ]; then
            echo "reads were lost on their way from" {input.cram:q}
            exit 1
        fi
        if [ "$reads" -eq 0 ]; then
            echo "no read of" {input.cram:q} "lies at the sites: their phase stays unknown"
            cat {input.sites:q} > {output:q}.part
            mv {output:q}.part {output:q}
            exit 0
        fi
        samtools index "$scratch/reads.bam"
        whatshap phase --reference {input.fasta:q} --output "$scratch/phased.vcf" {input.sites:q} "$scratch/reads.bam"
        grep -v '^##commandline' "$scratch/phased.vcf" > {output:q}.part  # it holds the name of the scratch folder
        if [ "$(grep -vc '^#' {output:q}.part)" != "$(grep -vc '^#' {input.sites:q})" ]; then
            echo "WhatsHap lost sites"
            exit 1
        fi
        mv {output:q}.part {output:q}
        """
