"""Names and knowledge for the calls of a case.

Takes: `<results>/small_variants/{case}.vcf.gz` (joint, filtered, not split), the reference, and what `knowledge` names.
Gives: `<results>/cases/{case}/{case}.vcf.gz`: left-aligned, one ALT a record, INFO/CSQ and HGVSg, one field a knowledge field.
Genes of the secondary findings that may not be looked at (evidence.smk) leave no name, consequence or source's word; the call itself stays.
A call whose first base the reference does not know (N, or a code for several bases) has nothing to differ from and is left out; the gVCF
holds it.
Without gene models the calls are still normalised and split, and the header says that genes were not evaluated.
"""

from workflow.run_record import files_of_source

GENE_MODELS, SYMBOLS = (SETTINGS.knowledge.get(name) for name in ("gene_models", "symbols"))
SECONDARY = SETTINGS.interpretation.secondary_findings
TABLES = [item for item in SETTINGS.knowledge.values() if item.kind in {"vcf", "bed", "inhouse"}]


rule bcftools_norm:
    input:
        vcf="<results>/small_variants/{case}.vcf.gz",
        tbi="<results>/small_variants/{case}.vcf.gz.tbi",
        fasta=REFERENCE.fasta,
    output:
        temp("<results>/annotation/{case}.split.vcf.gz"),
    log:
        "<logs>/bcftools_norm/{case}.log",
    benchmark:
        "<benchmarks>/bcftools_norm/{case}.tsv"
    conda:
        "../envs/annotation.yaml"
    resources:
        mem_mb=1000,
    shell:
        r"""
        exec 2> {log:q}
        bcftools norm --no-version --check-ref e --fasta-ref {input.fasta:q} --multiallelics -any -Ou {input.vcf:q} \
            | bcftools view --no-version --exclude 'ALT="*" || REF~"^[^ACGTacgt]"' -Oz1 -o {output:q}.part
        owed=$(gzip -dc {input.vcf:q} | awk -F '\t' '
            /^#/ || $4 ~ /^[^ACGTacgt]/ {{ next }}
            {{ n = split($5, alts, ","); for (i = 1; i <= n; i++) owed += alts[i] != "*" }}
            END {{ print owed + 0 }}')
        found=$(gzip -dc {output:q}.part | awk '!/^#/ {{ found++ }} END {{ print found + 0 }}')
        if [ "$found" -ne "$owed" ]; then
            echo "error: {wildcards.case}: the joint calls have $owed alleles, $found are left after splitting; nothing is kept." | tee /dev/stderr
            exit 1
        fi
        mv {output:q}.part {output:q}
        """


rule bcftools_csq:
    input:
        vcf="<results>/annotation/{case}.split.vcf.gz",
        fasta=REFERENCE.fasta,
        gff3=GENE_MODELS.path if GENE_MODELS else [],
    output:
        vcf=temp("<results>/annotation/{case}.consequences.vcf.gz"),
        haplotypes=temp("<results>/annotation/{case}.haplotypes.txt"),
    log:
        "<logs>/bcftools_csq/{case}.log",
    benchmark:
        "<benchmarks>/bcftools_csq/{case}.tsv"
    conda:
        "../envs/annotation.yaml"
    resources:
        mem_mb=2000,
    shell:
        r"""
        exec 2> {log:q}
        bcftools csq --no-version --local-csq --samples - -f {input.fasta:q} -g {input.gff3:q} -Oz1 -o {output.vcf:q}.part {input.vcf:q}
        bcftools csq --no-version --phase s -f {input.fasta:q} -g {input.gff3:q} -Ot -o {output.haplotypes:q}.part {input.vcf:q}
        cmp <(gzip -dc {input.vcf:q} | grep -v '^#' | cut -f 1-5) <(gzip -dc {output.vcf:q}.part | grep -v '^#' | cut -f 1-5)
        mv {output.haplotypes:q}.part {output.haplotypes:q}
        mv {output.vcf:q}.part {output.vcf:q}
        """


rule annotate_variants:
    input:
        vcf="<results>/annotation/{case}.consequences.vcf.gz" if GENE_MODELS else "<results>/annotation/{case}.split.vcf.gz",
        haplotypes="<results>/annotation/{case}.haplotypes.txt" if GENE_MODELS else [],
        fasta=REFERENCE.fasta,
        gff3=GENE_MODELS.path if GENE_MODELS else [],
        tables=[file for item in TABLES for file in files_of_source(item.path)],
        secondary=SECONDARY.path if SECONDARY else [],
        symbols=SYMBOLS.path if SECONDARY and SYMBOLS else [],
        scope="<results>/interpretation/{case}.scope.json" if SECONDARY else [],
    output:
        vcf=ensure("<results>/cases/{case}/{case}.vcf.gz", non_empty=True),
        tbi=ensure("<results>/cases/{case}/{case}.vcf.gz.tbi", non_empty=True),
    log:
        "<logs>/annotate_variants/{case}.log",
    benchmark:
        "<benchmarks>/annotate_variants/{case}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
    params:
        code=code_of("annotate_variants"),
        accessions=digest_of("resources/refseq_accessions.tsv"),
        assembly=SETTINGS.reference.name,
        members=members,
        knowledge=[(item.name, str(item.path), item.release, item.kind, list(item.fields)) for item in SETTINGS.knowledge.values()],
    script:
        "../scripts/annotate_variants.py"
