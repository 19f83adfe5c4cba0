"""Every FASTQ file opened and read to its end, once, before anything is aligned.

Takes: the pairs of FASTQ files in units.tsv. Gives: `<results>/intake/{sample}/{unit}.json` (one verified pair),
`<results>/samples/{sample}/fastq.json` (all of a sample) and `<results>/intake/accepted.json`, the gate for the whole sheet
that reads and alignment wait for: no read set is there twice. The jobs of the gate are about what is new, its look is at everybody.
"""

from workflow.retention.gone_reads import md5_of


rule verify_fastq:
    input:
        fastq_1=lambda wildcards: unit_of(wildcards).fastq_1,
        fastq_2=lambda wildcards: unit_of(wildcards).fastq_2,
    output:
        ensure("<results>/intake/{sample}/{unit}.json", non_empty=True),
    log:
        "<logs>/verify_fastq/{sample}.{unit}.log",
    benchmark:
        "<benchmarks>/verify_fastq/{sample}.{unit}.tsv"
    conda:
        "../envs/python.yaml"
    threads: 2
    priority: 100
    resources:
        runtime=LONG,
        mem_mb=1000,
    params:
        code=code_of("verify_fastq"),
        md5_1=lambda wildcards: md5_of(unit_of(wildcards), 1, SETTINGS.results),
        md5_2=lambda wildcards: md5_of(unit_of(wildcards), 2, SETTINGS.results),
    script:
        "../scripts/verify_fastq.py"


rule merge_fastq_records:
    input:
        units=lambda wildcards: expand("<results>/intake/{{sample}}/{unit}.json", unit=[unit.name for unit in COHORT.units[wildcards.sample]]),
    output:
        ensure("<results>/samples/{sample}/fastq.json", non_empty=True),
    log:
        "<logs>/merge_fastq_records/{sample}.log",
    benchmark:
        "<benchmarks>/merge_fastq_records/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    localrule: True
    params:
        code=code_of("merge_fastq_records"),
    script:
        "../scripts/merge_fastq_records.py"


rule accept_intake:
    input:
        units=lambda wildcards: [f"<results>/intake/{sample}/{unit.name}.json" for sample in PLAN.samples for unit in COHORT.units[sample]],
    output:
        ensure("<results>/intake/accepted.json", non_empty=True),
    log:
        "<logs>/accept_intake.log",
    benchmark:
        "<benchmarks>/accept_intake.tsv"
    conda:
        "../envs/python.yaml"
    localrule: True
    params:
        code=code_of("accept_intake"),
        results=subpath(output[0], ancestor=2),
        members=MEMBERS.digest(),
        sheet=str(SETTINGS.units),
    script:
        "../scripts/accept_intake.py"
