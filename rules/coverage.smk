"""How deep, how well, and which sex.

Takes: CRAM, territory, fastp's and intake's measurements. Gives: `callable.bed.gz` (where a call can be trusted to be seen),
the karyotype that every caller uses, and `qc.json` with the GA4GH WGS-QC names over the autosomes of the territory.
"""


rule mosdepth:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        territory="<results>/reference/territory.bed",
    output:
        multiext(
            "<results>/coverage/{sample}",
            dist=".mosdepth.region.dist.txt",
            whole=".mosdepth.global.dist.txt",
            summary=".mosdepth.summary.txt",
            regions=".regions.bed.gz",
            quantized=".quantized.bed.gz",
        ),
    log:
        "<logs>/mosdepth/{sample}.log",
    benchmark:
        "<benchmarks>/mosdepth/{sample}.tsv"
    conda:
        "../envs/coverage.yaml"
    threads: 2
    resources:
        runtime=LONG,
        mem_mb=4000,
    params:
        prefix=subpath(output.summary, strip_suffix=".mosdepth.summary.txt"),
        min_depth=SETTINGS.callable.min_depth,
        min_mapping_quality=SETTINGS.callable.min_mapping_quality,
    shell:
        r"""
        exec 2> {log:q}
        part={params.prefix:q}.part
        MOSDEPTH_PRECISION=6 MOSDEPTH_Q0=LOW MOSDEPTH_Q1=CALLABLE \
            mosdepth --no-per-base --threads {threads} --fasta {input.fasta:q} --mapq {params.min_mapping_quality} \
            --by {input.territory:q} --quantize 0:{params.min_depth}: "$part" {input.cram:q}
        gzip -dc "$part.regions.bed.gz" | cut -f 1-3 | cmp - <(cut -f 1-3 {input.territory:q})
        gzip -dc "$part.quantized.bed.gz" | awk -F '\t' '
            NR == FNR {{ length_of[$1] = $2; next }}
            {{ wrong += $2 != end[$1]; end[$1] = $3 }}
            END {{ for (name in length_of) wrong += end[name] != length_of[name]; exit wrong > 0 }}' {input.fasta:q}.fai -
        for name in region global; do
            tail -n 1 "$part.mosdepth.$name.dist.txt" | grep -q '^total'$'\t''0'$'\t'
        done
        grep -q '^total_region'$'\t' "$part.mosdepth.summary.txt"
        for file in mosdepth.{{region,global}}.dist.txt mosdepth.summary.txt {{regions,quantized}}.bed.gz; do
            mv "$part.$file" {params.prefix:q}."$file"
        done
        rm -f "$part".*.csi
        """


rule samtools_stats:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        fasta=REFERENCE.fasta,
    output:
        ensure("<results>/coverage/{sample}.stats.txt", non_empty=True),
    log:
        "<logs>/samtools_stats/{sample}.log",
    benchmark:
        "<benchmarks>/samtools_stats/{sample}.tsv"
    conda:
        "../envs/alignment.yaml"
    threads: 2
    resources:
        runtime=LONG,
        mem_mb=2000,
    shell:
        "samtools stats -@ {threads} --reference {input.fasta:q} {input.cram:q} > {output:q}.part 2> {log:q} && "
        "grep -q '^# GC-depth' {output:q}.part && mv {output:q}.part {output:q}"


rule list_callable:
    input:
        quantized="<results>/coverage/{sample}.quantized.bed.gz",
        territory="<results>/reference/territory.bed",
    output:
        bed=ensure("<results>/samples/{sample}/callable.bed.gz", non_empty=True),
        tbi=ensure("<results>/samples/{sample}/callable.bed.gz.tbi", non_empty=True),
    log:
        "<logs>/list_callable/{sample}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("list_callable"),
    script:
        "../scripts/list_callable.py"


rule decide_karyotype:
    input:
        regions="<results>/coverage/{sample}.regions.bed.gz",
        counts="<results>/identity/{sample}.counts.npz",
    output:
        json="<results>/coverage/{sample}.karyotype.json",
        ploidy="<results>/coverage/{sample}.ploidy.bed",
        absent="<results>/coverage/{sample}.absent.bed",
    log:
        "<logs>/decide_karyotype/{sample}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("decide_karyotype"),
        declared=lambda wildcards: COHORT.samples[wildcards.sample].sex,
        contigs=REFERENCE.primary_contigs,
        par=REFERENCE.par,
    script:
        "../scripts/decide_karyotype.py"


rule collect_qc:
    input:
        fastq="<results>/samples/{sample}/fastq.json",
        fastp=lambda wildcards: expand("<results>/reads/{{sample}}/{unit}.fastp.json", unit=[unit.name for unit in COHORT.units[wildcards.sample]]),
        stats="<results>/coverage/{sample}.stats.txt",
        dist="<results>/coverage/{sample}.mosdepth.region.dist.txt",
        territory="<results>/reference/territory.bed",
        callable="<results>/samples/{sample}/callable.bed.gz",
        karyotype="<results>/coverage/{sample}.karyotype.json",
        identity="<results>/samples/{sample}/identity.json",
    output:
        "<results>/samples/{sample}/qc.json",
    log:
        "<logs>/collect_qc/{sample}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("collect_qc"),
        assembly=SETTINGS.reference.name,
        regions=SETTINGS.regions,
        min_depth=SETTINGS.callable.min_depth,
    script:
        "../scripts/collect_qc.py"
