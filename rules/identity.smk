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
