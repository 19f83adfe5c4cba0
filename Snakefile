"""Genvej: from a patient's reads to a released, interpreted genome.

    snakemake --snakefile PATH/Snakefile --directory WORK --configfile WORK/config.yaml --cores N

Each stage is a file in rules/, in the order of the data; a stage reads only the stages above it. The manual of keys and
columns is config/README.md, the contract of files docs/architecture.md.
"""

from snakemake.utils import min_version

min_version("9.27")


include: "rules/common.smk"


pathvars:
    results=str(SETTINGS.results),
    logs=f"{SETTINGS.results}/logs",
    benchmarks=f"{SETTINGS.results}/benchmarks",


include: "rules/reference.smk"
include: "rules/intake.smk"
include: "rules/reads.smk"
include: "rules/alignment.smk"
include: "rules/coverage.smk"
include: "rules/identity.smk"
include: "rules/screening.smk"
include: "rules/gatk.smk"
include: "rules/freebayes.smk"
include: "rules/small_variants.smk"
include: "rules/relations.smk"
include: "rules/annotation.smk"
include: "rules/family.smk"
include: "rules/interpretation.smk"
include: "rules/evidence.smk"
include: "rules/completeness.smk"
include: "rules/release.smk"
include: "rules/release_page.smk"
include: "rules/provenance.smk"
include: "rules/receipts.smk"
include: "rules/retention.smk"
include: "rules/report.smk"
include: "rules/scoring.smk"
include: "rules/validation.smk"
include: "rules/reanalysis.smk"
include: "rules/cohort.smk"
include: "rules/planning.smk"


rule all:
    default_target: True
    input:
        lambda wildcards: PLAN.targets(GRID),
        PROOFS,


give_time(workflow, hours(SETTINGS.job_hours.brief))
keep_remembered()
give_memory(workflow)


onsuccess:
    end_cluster()
    end_run(ok=True)
    if makes_nothing(workflow):
        return
    remove_leftovers(workflow)
    print(words_of_reanalysis(SETTINGS) if is_asked_for(sys.argv) else summary(SETTINGS, COHORT))
    tell_findings(SETTINGS)


onerror:
    end_cluster()
    end_run(ok=False)
    if makes_nothing(workflow):
        return
    print(damaged_inputs(workflow, SETTINGS.results))
    print(report_missing(SETTINGS, GRID.cells(), PLAN.is_done))
    print(write_failed_page(SETTINGS, PAGE, workflow))
