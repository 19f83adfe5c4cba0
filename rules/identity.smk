"""Of one person, and of which sex: what reads say at common variants, before anything is called.

Takes: CRAM, territory, the panel of common variants, population frequencies where they are configured.
Gives: the panel of the run, the bases counted at its sites lane by lane, and `identity.json` (contamination, sex, lanes).
"""

FREQUENCIES = SETTINGS.knowledge.get("gnomad")


rule select_sites:
    input:
        territory="<results>/reference/territory.bed",
        fasta=REFERENCE.fasta,
        own=SETTINGS.identity.sites or [],
        frequencies=FREQUENCIES.path if FREQUENCIES else [],
    output:
        "<results>/identity/sites.tsv.gz",
    log:
        "<logs>/select_sites.log",
    benchmark:
        "<benchmarks>/select_sites.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1000,
    params:
        code=code_of("select_sites"),
        base=None if SETTINGS.identity.sites else base_panel_digest(SETTINGS.reference.name),
        assembly=SETTINGS.reference.name,
        release=FREQUENCIES.release if FREQUENCIES else "",
        fields=[*(name for name in FREQUENCIES.fields if name.startswith("AF")), "AF"] if FREQUENCIES else [],
    script:
        "../scripts/select_sites.py"


rule count_sites:
    input:
        cram="<results>/samples/{sample}/{sample}.cram",
        crai="<results>/samples/{sample}/{sample}.cram.crai",
        fasta=REFERENCE.fasta,
        territory="<results>/reference/territory.bed",
        sites="<results>/identity/sites.tsv.gz",
    output:
        "<results>/identity/{sample}.counts.npz",
    log:
        "<logs>/count_sites/{sample}.log",
    benchmark:
        "<benchmarks>/count_sites/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1500,
    params:
        code=code_of("count_sites"),
        par=REFERENCE.par,
    script:
        "../scripts/count_sites.py"


rule check_identity:
    input:
        counts="<results>/identity/{sample}.counts.npz",
        sites="<results>/identity/sites.tsv.gz",
        karyotype="<results>/coverage/{sample}.karyotype.json",
    output:
        "<results>/samples/{sample}/identity.json",
    log:
        "<logs>/check_identity/{sample}.log",
    benchmark:
        "<benchmarks>/check_identity/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1500,
    params:
        code=code_of("check_identity"),
    script:
        "../scripts/check_identity.py"


rule name_sources:
    input:
        receipts="<results>/release/receipts/cohort.tsv",
        sites="<results>/identity/sites.tsv.gz",
        fasta=REFERENCE.fasta,
    output:
        "<results>/identity/sources.json",
    log:
        "<logs>/name_sources.log",
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=2000,
    params:
        code=code_of("name_sources"),
        results=subpath(output[0], ancestor=2),
    script:
        "../scripts/name_sources.py"
