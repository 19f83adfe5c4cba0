"""The light caller, `caller: freebayes`: for a laboratory that is validated on it.

Takes: CRAMs, ploidy regions, territory chunks. Gives: the gVCF of a sample and the joint calls of a case a
chunk; small_variants.smk joins and filters them (QUAL below 20 is flagged `FreebayesQual20`). Calls need two reads of one allele, 12 % of the depth,
mapping quality 5 and base quality 10. freebayes knows no "no copy": what a person lacks (Y of a woman) is called as one copy, then blanked.
The gVCF is made contig by contig, since freebayes 1.3.6 names the wrong contig in the block before a change (freebayes issue 561). Its
blocks run on between regions, with a MIN_DP of 0 as wherever no read lies: a block alone never says "reference".
"""

# Reads a BED with samples as fourth column, then one or more VCFs after each other: keeps the first header, blanks a sample's column
# inside its stretches, drops records that say nothing then.
BLANK_ABSENT = r"""awk -F'\t' -v OFS='\t' '
    FILENAME == ARGV[1] { contig[++n] = $1; start[n] = $2; end[n] = $3; name[n] = $4; next }
    /^#/ && !headed { print }
    /^#CHROM/ { headed = 1; for (i = 10; i <= NF; i++) column[$i] = i }
    /^#/ { next }
    { for (i = 1; i <= n; i++) if ($1 == contig[i] && start[i] < $2 && $2 <= end[i] && name[i] in column) $column[name[i]] = "." }
    { for (i = 10; i <= NF; i++) if ($i != ".") { print; next } }'"""


rule freebayes_copies:
    input:
        lambda wildcards: expand("<results>/coverage/{sample}.{kind}.bed", sample=members(wildcards), kind=["ploidy", "absent"]),
    output:
        copies="<results>/small_variants/{case}.copies.bed",
        absent="<results>/small_variants/{case}.absent.bed",
    log:
        "<logs>/freebayes_copies/{case}.log",
    conda:
        "../envs/freebayes.yaml"
    params:
        samples=lambda wildcards: [sample for sample in members(wildcards) for _ in ("ploidy", "absent")],
    shell:
        r"""
        exec 2> {log:q}
        set -- {params.samples:q}
        for bed in {input:q}; do
            awk -v OFS='\t' -v sample="$1" '{{ print $1, $2, $3, sample, $4 }}' "$bed"
            shift
        done > {output.copies:q}.part
        awk -F'\t' -v OFS='\t' '$5 == 0 {{ print $1, $2, $3, $4 }}' {output.copies:q}.part > {output.absent:q}
        awk -F'\t' -v OFS='\t' '$5 == 0 {{ $5 = 1 }} {{ print }}' {output.copies:q}.part > {output.copies:q}
        rm {output.copies:q}.part
        """


rule freebayes_gvcf:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        chunk="<results>/reference/chunks/{chunk}.bed",
        copies=lambda wildcards: f"<results>/small_variants/{COHORT.samples[wildcards.sample].case}.copies.bed",
        absent=lambda wildcards: f"<results>/small_variants/{COHORT.samples[wildcards.sample].case}.absent.bed",
    output:
        temp("<results>/small_variants/{sample}.{chunk}.freebayes.g.vcf.gz"),
    log:
        "<logs>/freebayes_gvcf/{sample}.{chunk}.log",
    benchmark:
        "<benchmarks>/freebayes_gvcf/{sample}.{chunk}.tsv"
    conda:
        "../envs/freebayes.yaml"
    resources:
        runtime=LONG,
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
    params:
        options=FREEBAYES_OPTIONS,
        blank=lambda wildcards: BLANK_ABSENT,
    shell:
        r"""
        exec 2> {log:q}
        targets=$(mktemp {resources.tmpdir:q}/freebayes_gvcf.XXXXXX)
        trap 'rm -f "$targets"' EXIT
        cut -f 1 {input.chunk:q} | uniq | while read -r contig; do
            awk -F'\t' -v contig="$contig" '$1 == contig' {input.chunk:q} > "$targets"
            freebayes -f {input.fasta:q} -t "$targets" --cnv-map {input.copies:q} --gvcf --gvcf-chunk 1000 {params.options} {input.cram:q} < /dev/null
        done | {params.blank} {input.absent:q} - | bgzip > {output:q}.part
        mv {output:q}.part {output:q}
        """


rule freebayes_call:
    input:
        crams=lambda wildcards: expand("<results>/samples/{sample}/{sample}.cram", sample=members(wildcards)),
        crais=lambda wildcards: expand("<results>/samples/{sample}/{sample}.cram.crai", sample=members(wildcards)),
        fasta=REFERENCE.fasta,
        chunk="<results>/reference/chunks/{chunk}.bed",
        copies="<results>/small_variants/{case}.copies.bed",
        absent="<results>/small_variants/{case}.absent.bed",
    output:
        temp("<results>/small_variants/{case}.{chunk}.freebayes.vcf.gz"),
    log:
        "<logs>/freebayes_call/{case}.{chunk}.log",
    benchmark:
        "<benchmarks>/freebayes_call/{case}.{chunk}.tsv"
    conda:
        "../envs/freebayes.yaml"
    resources:
        runtime=LONG,
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
    params:
        options=FREEBAYES_OPTIONS,
        blank=lambda wildcards: BLANK_ABSENT,
    shell:
        "freebayes -f {input.fasta:q} -t {input.chunk:q} --cnv-map {input.copies:q} {params.options} {input.crams:q} "
        "2> {log:q} | {params.blank} {input.absent:q} - | bgzip > {output:q}.part && mv {output:q}.part {output:q}"
