"""Calls against a truth set: labels by a haplotype-aware scorer, and tables made of them by our own code, so that they are the same for each.

Takes: the joint calls of a case before annotation splits them (splitting lowers scores), its alignments, and `truth` of the config.
Gives, for each sample with a truth: `<results>/validation/{sample}/summary.tsv`, `curve.tsv`, `variants.tsv.gz` and `score.json`.
"""

SCORER = SETTINGS.validation.scorer


rule mosdepth_depth_bins:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
    output:
        bed="<results>/validation/{sample}/depth.quantized.bed.gz",
        csi="<results>/validation/{sample}/depth.quantized.bed.gz.csi",
        dist=temp("<results>/validation/{sample}/depth.mosdepth.global.dist.txt"),
        summary=temp("<results>/validation/{sample}/depth.mosdepth.summary.txt"),
    log:
        "<logs>/mosdepth_depth_bins/{sample}.log",
    benchmark:
        "<benchmarks>/mosdepth_depth_bins/{sample}.tsv"
    conda:
        "../envs/coverage.yaml"
    threads: 2
    resources:
        mem_mb=4000,
    params:
        prefix=subpath(output.bed, strip_suffix=".quantized.bed.gz"),
        min_mapping_quality=SETTINGS.callable.min_mapping_quality,
    shell:
        "MOSDEPTH_Q0=depth_0to4 MOSDEPTH_Q1=depth_5to9 MOSDEPTH_Q2=depth_10to14 MOSDEPTH_Q3=depth_15to19 MOSDEPTH_Q4=depth_20to29 "
        "MOSDEPTH_Q5=depth_30to49 MOSDEPTH_Q6=depth_ge50 mosdepth --no-per-base --threads {threads} --fasta {input.fasta:q} "
        "--mapq {params.min_mapping_quality} --quantize 0:5:10:15:20:30:50: {params.prefix:q} {input.cram:q} 2> {log:q}"


rule prepare_scoring:
    input:
        calls=lambda wildcards: f"<results>/small_variants/{COHORT.samples[wildcards.sample].case}.vcf.gz",
        tbi=lambda wildcards: f"<results>/small_variants/{COHORT.samples[wildcards.sample].case}.vcf.gz.tbi",
        truth=lambda wildcards: str(SETTINGS.truth[wildcards.sample].vcf),
        bed=lambda wildcards: str(SETTINGS.truth[wildcards.sample].bed),
        regions=str(SETTINGS.regions) if SETTINGS.regions else [],
        fasta=REFERENCE.fasta,
    output:
        truth=temp("<results>/validation/{sample}/prepared/truth.vcf.gz"),
        truth_tbi=temp("<results>/validation/{sample}/prepared/truth.vcf.gz.tbi"),
        passing=temp("<results>/validation/{sample}/prepared/PASS.vcf.gz"),
        passing_tbi=temp("<results>/validation/{sample}/prepared/PASS.vcf.gz.tbi"),
        every=temp("<results>/validation/{sample}/prepared/ALL.vcf.gz"),
        every_tbi=temp("<results>/validation/{sample}/prepared/ALL.vcf.gz.tbi"),
        confident=temp("<results>/validation/{sample}/prepared/confident.bed"),
        about=temp("<results>/validation/{sample}/prepared/prepared.json"),
    log:
        "<logs>/prepare_scoring/{sample}.log",
    benchmark:
        "<benchmarks>/prepare_scoring/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=2000,
    params:
        code=code_of("prepare_scoring"),
        truth_sample=lambda wildcards: SETTINGS.truth[wildcards.sample].sample,
    script:
        "../scripts/prepare_scoring.py"


rule aardvark_compare:
    input:
        truth="<results>/validation/{sample}/prepared/truth.vcf.gz",
        truth_tbi="<results>/validation/{sample}/prepared/truth.vcf.gz.tbi",
        calls="<results>/validation/{sample}/prepared/{call_set}.vcf.gz",
        calls_tbi="<results>/validation/{sample}/prepared/{call_set}.vcf.gz.tbi",
        confident="<results>/validation/{sample}/prepared/confident.bed",
        fasta=REFERENCE.fasta,
    output:
        temp(directory("<results>/validation/{sample}/aardvark/{call_set}")),
    log:
        "<logs>/aardvark_compare/{sample}.{call_set}.log",
    benchmark:
        "<benchmarks>/aardvark_compare/{sample}.{call_set}.tsv"
    conda:
        "../envs/aardvark.yaml"
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
    shell:
        "aardvark compare --reference {input.fasta:q} --truth-vcf {input.truth:q} --query-vcf {input.calls:q} --regions {input.confident:q} "
        "--output-dir {output:q} --threads {threads} > {log:q} 2>&1"


rule rtg_format:
    input:
        fasta=REFERENCE.fasta,
    output:
        temp(directory("<results>/validation/reference.sdf")),
    log:
        "<logs>/rtg_format/reference.log",
    benchmark:
        "<benchmarks>/rtg_format/reference.tsv"
    conda:
        "../envs/vcfeval.yaml"
    resources:
        mem_mb=8000,
    shell:
        "rtg format --output {output:q} {input.fasta:q} > {log:q} 2>&1"


rule rtg_vcfeval:
    input:
        truth="<results>/validation/{sample}/prepared/truth.vcf.gz",
        truth_tbi="<results>/validation/{sample}/prepared/truth.vcf.gz.tbi",
        calls="<results>/validation/{sample}/prepared/{call_set}.vcf.gz",
        calls_tbi="<results>/validation/{sample}/prepared/{call_set}.vcf.gz.tbi",
        confident="<results>/validation/{sample}/prepared/confident.bed",
        sdf="<results>/validation/reference.sdf",
    output:
        temp(directory("<results>/validation/{sample}/vcfeval/{call_set}")),
    log:
        "<logs>/rtg_vcfeval/{sample}.{call_set}.log",
    benchmark:
        "<benchmarks>/rtg_vcfeval/{sample}.{call_set}.tsv"
    conda:
        "../envs/vcfeval.yaml"
    threads: 2
    resources:
        mem_mb=8000,
    shell:
        "rtg RTG_MEM=6g vcfeval --template {input.sdf:q} --baseline {input.truth:q} --calls {input.calls:q} "
        "--evaluation-regions {input.confident:q} --all-records --ref-overlap --output-mode annotate --threads {threads} "
        "--output {output:q} > {log:q} 2>&1"


rule tabulate_scores:
    input:
        about="<results>/validation/{sample}/prepared/prepared.json",
        truth="<results>/validation/{sample}/prepared/truth.vcf.gz",
        truth_tbi="<results>/validation/{sample}/prepared/truth.vcf.gz.tbi",
        passing="<results>/validation/{sample}/prepared/PASS.vcf.gz",
        passing_tbi="<results>/validation/{sample}/prepared/PASS.vcf.gz.tbi",
        every="<results>/validation/{sample}/prepared/ALL.vcf.gz",
        every_tbi="<results>/validation/{sample}/prepared/ALL.vcf.gz.tbi",
        confident="<results>/validation/{sample}/prepared/confident.bed",
        passing_scores=f"<results>/validation/{{sample}}/{SCORER}/PASS",
        every_score=f"<results>/validation/{{sample}}/{SCORER}/ALL",
        depth="<results>/validation/{sample}/depth.quantized.bed.gz",
        fasta=REFERENCE.fasta,
        stratifications=str(SETTINGS.validation.stratifications) if SETTINGS.validation.stratifications else [],
    output:
        summary=ensure("<results>/validation/{sample}/summary.tsv", non_empty=True),
        curve=ensure("<results>/validation/{sample}/curve.tsv", non_empty=True),
        variants=ensure("<results>/validation/{sample}/variants.tsv.gz", non_empty=True),
        score=ensure("<results>/validation/{sample}/score.json", non_empty=True),
    log:
        "<logs>/tabulate_scores/{sample}.log",
    benchmark:
        "<benchmarks>/tabulate_scores/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 12000 * attempt,
    params:
        code=code_of("tabulate_scores"),
        scorer=SCORER,
    script:
        "../scripts/tabulate_scores.py"
