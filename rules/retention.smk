"""Which raw reads may go: those of a sample whose CRAM is proved to hold every one of them.

Takes: FASTQ files as verified, the CRAM. Gives: `<results>/retention/{sample}.proof.json`, where the policy lets raw reads go, or the target
`proofs` asks for it. Nothing is removed here: `make retention` does, for a person. A sample whose reads are gone goes on from its CRAM.
"""

from workflow.retention.gone_reads import alignment_of, check_alignments
from workflow.retention.policy import load_policy
from workflow.retention.proof import proofs_owed

try:
    RETENTION = load_policy(SETTINGS)
    PROOFS, UNPROVABLE = [], []
    if RETENTION.removes_reads and workflow.is_main_process:
        PROOFS, UNPROVABLE = proofs_owed(SETTINGS, COHORT, lambda sample: PLAN.is_done("sample", sample))
    if workflow.is_main_process:
        check_alignments(SETTINGS, COHORT, IDENTITY, Path(REFERENCE.dictionary))
        if UNPROVABLE:
            print(f"genvej: no proof can be made where FASTQ files are not there: {', '.join(UNPROVABLE)}", file=sys.stderr)
except InputError as error:
    raise WorkflowError(str(error)) from None


rule proofs:
    input:
        lambda wildcards: proofs_owed(SETTINGS, COHORT)[0],


rule prove_reads:
    input:
        fastq=lambda wildcards: [path for unit in COHORT.units[wildcards.sample] for path in (unit.fastq_1, unit.fastq_2)],
        record="<results>/samples/{sample}/fastq.json",
        cram="<results>/samples/{sample}/{sample}.cram",
        fasta=REFERENCE.fasta,
        dictionary=REFERENCE.dictionary,
    output:
        ensure("<results>/retention/{sample}.proof.json", non_empty=True),
    log:
        "<logs>/prove_reads/{sample}.log",
    benchmark:
        "<benchmarks>/prove_reads/{sample}.tsv"
    conda:
        "../envs/python.yaml"
    threads: 2
    resources:
        runtime=LONG,
        mem_mb=1000,
    params:
        code=code_of("prove_reads"),
        units=lambda wildcards: [unit.name for unit in COHORT.units[wildcards.sample]],
        alignment=lambda wildcards: alignment_of(IDENTITY, wildcards.sample, COHORT),
    script:
        "../scripts/prove_reads.py"
