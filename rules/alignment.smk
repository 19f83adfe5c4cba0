"""From reads to one CRAM a sample.

Takes: all verified lanes of a sample. Gives: `<results>/samples/{sample}/{sample}.cram` (3.0, since GATK reads no 3.1) with its
index: one streamed pass, duplicates marked over all lanes of a library, every base of every read kept, as many reads out as came in.
"""


rule align_reads:
    input:
        fastq=lambda wildcards: [path for unit in COHORT.units[wildcards.sample] for path in (unit.fastq_1, unit.fastq_2)],
        record="<results>/samples/{sample}/fastq.json",
        accepted=ancient("<results>/intake/accepted.json"),
        fasta=REFERENCE.fasta,
        dictionary=REFERENCE.dictionary,
        index=REFERENCE.aligner_index(ALIGNER),
    output:
        cram=ensure("<results>/samples/{sample}/{sample}.cram", non_empty=True),
        crai=ensure("<results>/samples/{sample}/{sample}.cram.crai", non_empty=True),
        duplicates="<results>/alignment/{sample}.markdup.txt",
    log:
        "<logs>/align_reads/{sample}.log",
    benchmark:
        "<benchmarks>/align_reads/{sample}.tsv"
    conda:
        "../envs/alignment.yaml"
    threads: 16
    resources:
        runtime=LONG,
        mem_mb=lambda wildcards, attempt: 24000 * attempt,
    params:
        align=lambda wildcards, threads: align_command(ALIGNER, lanes(wildcards.sample), REFERENCE.fasta, REFERENCE.dictionary, threads),
        duplicates=lambda wildcards: duplicate_options(lanes(wildcards.sample)),
    shell:
        """
        exec 2> {log:q}
        part={output.cram:q}.part.cram
        scratch=$(mktemp -d {resources.tmpdir:q}/align_reads.XXXXXX)
        trap 'rm -rf "$scratch" "$part" "$part.crai"' EXIT
        ( {params.align} ) \
            | samtools fixmate -m -u - - \
            | samtools sort -u -@ {threads} -T "$scratch/sort" - \
            | samtools markdup {params.duplicates} -@ {threads} -T "$scratch/markdup" -f {output.duplicates:q} \
                -O cram,version=3.0 --reference {input.fasta:q} - "$part"
        samtools quickcheck -v "$part"
        samtools index -@ {threads} "$part"
        reads_in=$(sed -n 's/^  "pairs": \\([0-9]*\\),*$/\\1/p' {input.record:q})
        reads_out=$(samtools view -@ {threads} -c -F 0x900 --input-fmt-option required_fields=0x2 "$part")
        if [ "$reads_out" -ne $((2 * reads_in)) ]; then
            echo "error: {wildcards.sample}: $((2 * reads_in)) reads came in, $reads_out are in the CRAM; nothing is kept." | tee /dev/stderr
            exit 1
        fi
        mv "$part.crai" {output.crai:q}
        mv "$part" {output.cram:q}
        touch {output.crai:q}
        """
