"""Who is who: a fingerprint of each sample against all others of the run and against everybody whom the centre has released.

Takes: bases counted at the panel's sites, gVCFs (where the panel has few sites in the regions), the centre's store. Gives:
`relations.json` of each sample for its release decision, `release/relations.json` of the run, and new records in the store once a release is
sealed. The run's fingerprints are a gate that samples take as `ancient()`: a sample more has nobody compared again.
"""

PEOPLE = [
    {"sample": one.name, "case": one.case, "role": one.role, "sex": one.sex, "person": one.person} for one in COHORT.samples.values()
]
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
        fingerprints=expand("<results>/identity/{sample}.fingerprint.npz", sample=COHORT.samples),
        gvcfs=expand("<results>/samples/{sample}/{sample}.g.vcf.gz", sample=COHORT.samples),
        tbis=expand("<results>/samples/{sample}/{sample}.g.vcf.gz.tbi", sample=COHORT.samples),
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
        people=PEOPLE,
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
        case=lambda wildcards: [one for one in PEOPLE if one["case"] == COHORT.samples[wildcards.sample].case],
    script:
        "../scripts/relate_sample.py"


rule list_relations:
    input:
        checks=expand("<results>/samples/{sample}/relations.json", sample=COHORT.samples),
        **RUN_FINGERPRINTS,
    output:
        "<results>/release/relations.json",
    log:
        "<logs>/list_relations.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("list_relations"),
    script:
        "../scripts/list_relations.py"


rule store_fingerprints:
    input:
        manifest="<results>/release/manifest.json",
        fingerprints=expand("<results>/identity/{sample}.fingerprint.npz", sample=COHORT.samples),
        releases=expand("<results>/samples/{sample}/release.json", sample=COHORT.samples),
    output:
        "<results>/release/stored.json",
    log:
        "<logs>/store_fingerprints.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("store_fingerprints"),
        store=str(SETTINGS.identity.store),
        people=PEOPLE,
    script:
        "../scripts/store_fingerprints.py"
