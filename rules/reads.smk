"""Quality of the reads as they came.

Takes: a verified pair of FASTQ files. Gives: `<results>/reads/{sample}/{unit}.fastp.json` with yield, base qualities, adapter
content. Nothing is trimmed or filtered: the CRAM holds every base of every read; aligner and caller clip what they must.
"""


rule fastp_measure:
    input:
        fastq_1=lambda wildcards: unit_of(wildcards).fastq_1,
        fastq_2=lambda wildcards: unit_of(wildcards).fastq_2,
        accepted=ancient("<results>/intake/accepted.json"),
        record="<results>/intake/{sample}/{unit}.json",
    output:
        ensure("<results>/reads/{sample}/{unit}.fastp.json", non_empty=True),
    log:
        "<logs>/fastp_measure/{sample}.{unit}.log",
    benchmark:
        "<benchmarks>/fastp_measure/{sample}.{unit}.tsv"
    conda:
        "../envs/reads.yaml"
    threads: 2
    resources:
        runtime=LONG,
        mem_mb=2000,
    shell:
        "fastp --in1 {input.fastq_1:q} --in2 {input.fastq_2:q} --json {output:q}.part --html /dev/null --thread {threads} "
        "--report_title {wildcards.sample}_{wildcards.unit} --detect_adapter_for_pe --dont_eval_duplication "
        "--disable_adapter_trimming --disable_trim_poly_g --disable_quality_filtering --disable_length_filtering "
        "2> {log:q} && "
        "awk -F '[:,]' '$1 ~ \"pairs\" {{ owed = 2 * $2 }} $1 ~ \"total_reads\" && !n {{ n = $2 }} "
        "END {{ if (n != owed) {{ print \"error: fastp tells of \" n+0 \" reads, of \" owed; exit 1 }} }}' {input.record:q} {output:q}.part >&2 && "
        "mv {output:q}.part {output:q}"
