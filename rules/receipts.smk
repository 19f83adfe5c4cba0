"""What is finished leaves a receipt, and what has a good one makes no job.

Takes: the deliverables of a sample or case once they are decided. Gives: `<results>/release/receipts/{samples,cases}/NAME.json` (inputs, what each
stage was made by, files with their hashes, cost, a seal), `cohort.tsv` (all of them by seal: what the steps over the whole cohort wait for)
and `cohort.json`, the receipt of these steps. PLAN says what is not done (docs/decisions/026).
"""

from workflow.deliverables import RELEASED, owed_files
from workflow.receipts.cohort_plan import make_plan
from workflow.receipts.parts import Facts, released_facts
from workflow.receipts.unit_inputs import Given, UnitInputs


PLAN = make_plan(
    workflow,
    SETTINGS,
    UnitInputs(
        COHORT,
        Given(
            ORDERS,
            EVIDENCE,
            VERDICTS,
            WAIVED,
            {kind: overrides(DECISIONS, kind) for kind in ("sample", "case")},
            lambda sample: key_of(sample, LIMITS),
        ),
    ),
    Facts(SETTINGS, IDENTITY, ALIGNER, CHANGE, released_facts(PAGE, key_in_use(), config, MEMBERS.digest(), IDENTITY, CHANGE)),
)

localrules:
    gather_receipts,
    check_cohort,


rule check_sample:
    input:
        lambda wildcards: owed_files(GRID["sample", wildcards.sample]),
    output:
        "<results>/release/receipts/samples/{sample}.json",
    log:
        "<logs>/check_sample/{sample}.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("check_deliverables"),
        results=subpath(output[0], ancestor=4),
        owed=lambda wildcards: [owed.as_param() for owed in GRID["sample", wildcards.sample]],
        about=lambda wildcards: PLAN.about("sample", wildcards.sample),
    script:
        "../scripts/check_deliverables.py"


use rule check_sample as check_case with:
    input:
        lambda wildcards: owed_files(GRID["case", wildcards.case]),
    output:
        "<results>/release/receipts/cases/{case}.json",
    log:
        "<logs>/check_case/{case}.log",
    params:
        code=code_of("check_deliverables"),
        results=subpath(output[0], ancestor=4),
        owed=lambda wildcards: [owed.as_param() for owed in GRID["case", wildcards.case]],
        about=lambda wildcards: PLAN.about("case", wildcards.case),


rule gather_receipts:
    input:
        samples=lambda wildcards: expand("<results>/release/receipts/samples/{sample}.json", sample=PLAN.samples),
        cases=lambda wildcards: expand("<results>/release/receipts/cases/{case}.json", case=PLAN.cases),
    output:
        "<results>/release/receipts/cohort.tsv",
    log:
        "<logs>/gather_receipts.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("gather_receipts"),
        results=subpath(output[0], ancestor=3),
        assembly=SETTINGS.reference.name,
        members=MEMBERS.digest(),
    script:
        "../scripts/gather_receipts.py"


rule check_cohort:
    input:
        receipts="<results>/release/receipts/cohort.tsv",
        released=expand("<results>/{file}", file=RELEASED),
    output:
        "<results>/release/receipts/cohort.json",
    log:
        "<logs>/check_cohort.log",
    conda:
        "../envs/python.yaml"
    params:
        code=code_of("check_cohort"),
        results=subpath(output[0], ancestor=3),
        files=list(RELEASED),
        about=lambda wildcards: PLAN.about("cohort", "cohort"),
    script:
        "../scripts/check_cohort.py"
