"""Single-nucleotide variants and small insertions and deletions.

Takes: a caller's chunks (gatk.smk or freebayes.smk, by `caller`). Gives: `<results>/samples/{sample}/{sample}.g.vcf.gz` (kept: it is
what a later joint call needs) and `<results>/small_variants/{case}.vcf.gz`, joint over the members of a case, weak calls flagged
and not removed.
"""


rule bcftools_gather_gvcf:
    input:
        expand("<results>/small_variants/{{sample}}.{chunk}.{caller}.g.vcf.gz", chunk=CHUNKS, caller=SETTINGS.caller),
    output:
        vcf=ensure("<results>/samples/{sample}/{sample}.g.vcf.gz", non_empty=True),
        tbi=ensure("<results>/samples/{sample}/{sample}.g.vcf.gz.tbi", non_empty=True),
    log:
        "<logs>/bcftools_gather_gvcf/{sample}.log",
    conda:
        "../envs/annotation.yaml"
    shell:
        r"""
        exec 2> {log:q}
        bcftools concat --no-version -Oz -o {output.vcf:q}.part {input:q}
        tabix -f -p vcf {output.vcf:q}.part
        owed=$(for chunk in {input:q}; do gzip -dc "$chunk"; done | grep -vc '^#')
        found=$(bcftools index --nrecords {output.vcf:q}.part.tbi)
        if [ "$found" -ne "$owed" ]; then
            echo "error: {wildcards.sample}: the chunks have $owed records, the gVCF $found; nothing is kept." | tee /dev/stderr
            exit 1
        fi
        mv {output.vcf:q}.part.tbi {output.tbi:q}
        mv {output.vcf:q}.part {output.vcf:q}
        touch {output.tbi:q}
        """


rule filter_calls:
    input:
        chunks=expand("<results>/small_variants/{{case}}.{chunk}.{caller}.vcf.gz", chunk=CHUNKS, caller=SETTINGS.caller),
        gvcfs=lambda wildcards: expand("<results>/samples/{sample}/{sample}.g.vcf.gz", sample=members(wildcards)),
        beds=expand("<results>/reference/chunks/{chunk}.bed", chunk=CHUNKS),
    output:
        vcf=ensure("<results>/small_variants/{case}.vcf.gz", non_empty=True),
        tbi=ensure("<results>/small_variants/{case}.vcf.gz.tbi", non_empty=True),
    log:
        "<logs>/filter_calls/{case}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("filter_calls"),
        caller=SETTINGS.caller,
        members=members,
    script:
        "../scripts/filter_calls.py"
