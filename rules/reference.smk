"""Indexes of the reference, and the territory in which calls are owed.

Takes: the FASTA (its .fai is there once the Snakefile is read) and, if given, the regions BED.
Gives: sequence dictionary, STR table and aligner index beside the FASTA (or in `reference.index`), made once and shared by
every run; `<results>/reference/territory.bed` (sequence that is not N, inside the regions or else the primary contigs, split
at the pseudoautosomal boundaries) and its CHUNKS for scattered calling.
"""


rule samtools_dict:
    input:
        REFERENCE.fasta,
    output:
        REFERENCE.dictionary,
    log:
        "<logs>/samtools_dict.log",
    conda:
        "../envs/alignment.yaml"
    shell:
        "samtools dict {input:q} -o {output:q}.part 2> {log:q} && "
        "cut -f 1,2 {input:q}.fai | cmp - <(awk -F '\\t' '$1 == \"@SQ\" {{ print substr($2, 4) FS substr($3, 4) }}' {output:q}.part) >&2 && "
        "[ $(tail -c 1 {output:q}.part | wc -l) -eq 1 ] && mv {output:q}.part {output:q}"


rule minibwa_index:
    input:
        REFERENCE.fasta,
    output:
        multiext(REFERENCE.fasta, letters=".l2b", words=".mbw"),
    log:
        "<logs>/minibwa_index.log",
    benchmark:
        "<benchmarks>/minibwa_index.tsv"
    conda:
        "../envs/alignment.yaml"
    threads: 4
    resources:
        runtime=LONG,
        mem_mb=48000,
    params:
        prefix=f"{REFERENCE.fasta}.part",
    shell:
        "minibwa index -t {threads} {input:q} {params.prefix:q} 2> {log:q} && "
        "mv {params.prefix:q}.l2b {output.letters:q} && mv {params.prefix:q}.mbw {output.words:q}"


rule bwa_index:
    input:
        REFERENCE.fasta,
    output:
        multiext(REFERENCE.fasta, ".amb", ".ann", ".bwt", ".pac", ".sa"),
    log:
        "<logs>/bwa_index.log",
    benchmark:
        "<benchmarks>/bwa_index.tsv"
    conda:
        "../envs/alignment.yaml"
    resources:
        runtime=LONG,
        mem_mb=8000,
    params:
        prefix=f"{REFERENCE.fasta}.part",
    shell:
        "bwa index -p {params.prefix:q} {input:q} 2> {log:q} && "
        "for end in amb ann bwt pac sa; do mv {params.prefix:q}.$end {input:q}.$end; done"


rule gatk_compose_str_table:
    input:
        fasta=REFERENCE.fasta,
        dictionary=REFERENCE.dictionary,
    output:
        REFERENCE.str_table,
    log:
        "<logs>/gatk_compose_str_table.log",
    benchmark:
        "<benchmarks>/gatk_compose_str_table.tsv"
    conda:
        "../envs/gatk.yaml"
    resources:
        runtime=LONG,
        mem_mb=4000,
    params:
        java=JAVA,
        part=f"{REFERENCE.str_table}.part.zip",
    shell:
        "gatk --java-options {params.java:q} ComposeSTRTableFile -R {input.fasta:q} -O {params.part:q} > {log:q} 2>&1 && "
        "mv {params.part:q} {output:q}"


rule list_territory:
    input:
        fasta=REFERENCE.fasta,
        regions=SETTINGS.regions or [],
    output:
        territory="<results>/reference/territory.bed",
        chunks=expand("<results>/reference/chunks/{chunk}.bed", chunk=CHUNKS),
    log:
        "<logs>/list_territory.log",
    conda:
        "../envs/python.yaml"
    priority: 100
    params:
        code=code_of("list_territory"),
        contigs=REFERENCE.primary_contigs,
        par=REFERENCE.par,
    script:
        "../scripts/list_territory.py"
