"""Who is who: a fingerprint of each sample against all others of the run and against everybody whom the centre has released.

Takes: bases counted at the panel's sites, gVCFs (where the panel has few sites in the regions), the centre's store. Gives:
`relations.json` of each sample for its release decision, `release/relations.json` of the run, and new records in the store once a release is
sealed. The run's fingerprints are a gate that samples take as `ancient()`: a sample more is compared with everybody, and nobody again with it.
"""

RUN_FINGERPRINTS = {
    "json": "<results>/identity/run.json",
    "sites": "<results>/identity/run.sites.npz",
    "quality": "<results>/identity/run.quality.npy",
    "planes": "<results>/identity/run.planes.npy",
}


localrules:
    list_relations,
    store_fingerprints,


rule fingerprint_sample:
    input:
        counts="<results>/identity/{sample}.counts.npz",
        sites="<results>/identity/sites.tsv.gz",
    output:
        ensure("<results>/identity/{sample}.fingerprint.npz", non_empty=True),
    log:
        "<logs>/fingerprint_sample/{sample}.log",
    benchmark:
        "<benchmarks>/fingerprint_sample/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=500,
    params:
        code=code_of("fingerprint_sample"),
    script:
        "../scripts/fingerprint_sample.py"


rule gather_fingerprints:
    input:
        fingerprints=lambda wildcards: expand("<results>/identity/{sample}.fingerprint.npz", sample=PLAN.samples),
        gvcfs=lambda wildcards: expand("<results>/samples/{sample}/{sample}.g.vcf.gz", sample=PLAN.samples),
        indexes=lambda wildcards: expand("<results>/samples/{sample}/{sample}.g.vcf.gz.tbi", sample=PLAN.samples),
    output:
        **RUN_FINGERPRINTS,
    log:
        "<logs>/gather_fingerprints.log",
    benchmark:
        "<benchmarks>/gather_fingerprints.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=1000,
    params:
        code=code_of("gather_fingerprints"),
        results=subpath(output.json, ancestor=2),
        members=MEMBERS.digest(),
    script:
        "../scripts/gather_fingerprints.py"


rule relate_sample:
    input:
        fingerprint="<results>/identity/{sample}.fingerprint.npz",
        **{name: ancient(file) for name, file in RUN_FINGERPRINTS.items()},
    output:
        ensure("<results>/samples/{sample}/relations.json", non_empty=True),
    log:
        "<logs>/relate_sample/{sample}.log",
    benchmark:
        "<benchmarks>/relate_sample/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    resources:
        mem_mb=500,
    params:
        code=code_of("relate_sample"),
        store=str(SETTINGS.identity.store),
        case=lambda wildcards: MEMBERS.of_case(COHORT.samples[wildcards.sample].case),
    script:
        "../scripts/relate_sample.py"


rule list_relations:
    input:
        receipts="<results>/release/receipts/cohort.tsv",
        **RUN_FINGERPRINTS,
    output:
        "<results>/release/relations.json",
    log:
        "<logs>/list_relations.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("list_relations"),
        results=subpath(output[0], ancestor=2),
    script:
        "../scripts/list_relations.py"


rule store_fingerprints:
    input:
        manifest="<results>/release/manifest.json",
    output:
        "<results>/release/stored.json",
    log:
        "<logs>/store_fingerprints.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("store_fingerprints"),
        results=subpath(output[0], ancestor=2),
        store=str(SETTINGS.identity.store),
    script:
        "../scripts/store_fingerprints.py"
