"""Load and check what the user gave; name what every rule file shares.

Takes: config and sheets. Gives: SETTINGS, COHORT, CONSENTS, DECISIONS, EVIDENCE, VERDICTS, ORDERS, WAIVED, GRID, KNOWN_BASE, REFERENCE, CHUNKS, ALIGNER, LONG, JAVA, JAVA_BRIEF, code_of,
digest_of, members, unit_of, lanes,
samples_with_truth.
"""

import datetime
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent))

from workflow.alignment import Lane, align_command, duplicate_options, read_group_line
from workflow.case_verdicts import load_verdicts
from workflow.cluster.attempts import give_memory
from workflow.cluster.session import end_cluster, prepare_cluster, start_cluster
from workflow.config_check import refuse_doubled_keys
from workflow.consent.answers import allowed_cohort, told
from workflow.costs.recording import begin_run, end_run, keep_accounts
from workflow.decisions import load_decisions, waivers
from workflow.deliverables import report_missing
from workflow.digests import code_of, digest_of
from workflow.errors import InputError
from workflow.evidence_sheet import by_case, load_evidence
from workflow.failed_run import write_failed_page
from workflow.gene_orders import load_orders
from workflow.genome import load_genome
from workflow.grid import Grid, write_expected
from workflow.knowledge_base.pinned import known_base
from workflow.leftovers import remove_leftovers
from workflow.lineage import write_lineage
from workflow.output_check import damaged_inputs
from workflow.panel_places import base_panel_digest
from workflow.planning.target import makes_nothing
from workflow.progress import attach_progress
from workflow.reanalysis.asked import fix_plan
from workflow.receipts.cohort_plan import known_phenopackets
from workflow.receipts.cohort_table import Members
from workflow.remembered import keep_remembered
from workflow.samples import load_cohort
from workflow.sealed_files import forget_receipts
from workflow.session import prepare_session, start_run, uses_conda
from workflow.settings import load_settings
from workflow.start.checks import check_given, tools_in_use
from workflow.summary import summary
from workflow.time_limits import give_time, hours
from workflow.tools import aligner_in_use, tools_for
from workflow.validation_check import tell_findings

prepare_session(workflow)
prepare_cluster(workflow)

try:
    CONFIG_FILES = [os.path.relpath(file) for file in workflow.configfiles]
    refuse_doubled_keys(CONFIG_FILES)
    SETTINGS = load_settings(config, ", ".join(CONFIG_FILES) or "config")
    COHORT = load_cohort(SETTINGS, known_phenopackets(SETTINGS))
    COHORT, NOT_ANALYSED, CONSENTS = allowed_cohort(SETTINGS, COHORT, datetime.date.today())
    TODAY = datetime.date.today() if workflow.is_main_process else None
    DECISIONS = load_decisions(SETTINGS.release.decisions, SETTINGS.release.people, COHORT, TODAY)
    EVIDENCE = by_case(load_evidence(SETTINGS.interpretation.evidence, COHORT, TODAY))
    VERDICTS = load_verdicts(SETTINGS.interpretation.verdicts, COHORT, TODAY, SETTINGS.file)
    ORDERS = load_orders(SETTINGS, COHORT, check=workflow.is_main_process)
    WAIVED = waivers(DECISIONS, Grid(SETTINGS, COHORT))
    KNOWN_BASE = known_base(SETTINGS)
    REFERENCE = load_genome(SETTINGS)
    ALIGNER, ALIGNER_NOTE = aligner_in_use(SETTINGS.aligner, conda=uses_conda(workflow))
    if workflow.is_main_process:
        check_given(SETTINGS, COHORT, REFERENCE, ALIGNER, VERDICTS)
        for sentence in told(CONSENTS, COHORT, NOT_ANALYSED):
            print(f"genvej: {sentence}", file=sys.stderr)
        attach_progress(workflow, SETTINGS.results)
except InputError as error:
    raise WorkflowError(str(error)) from None

CHUNKS = REFERENCE.chunks
MEMBERS = Members(COHORT)
GRID = Grid(SETTINGS, COHORT, WAIVED)
keep_accounts(workflow, SETTINGS, COHORT, len(CHUNKS))
FREEBAYES_OPTIONS = "-C 2 -F 0.12 -m 5 -q 10"
LONG = hours(SETTINGS.job_hours.long)
JAVA = "-Xmx3g -XX:+UseSerialGC"
JAVA_BRIEF = f"{JAVA} -XX:TieredStopAtLevel=1"  # for work of a minute: the optimising compiler costs more than it saves


def prepare_release(jobs):
    """Write what is owed and how it is made, and check the tools, before the first job of results."""
    write_expected(SETTINGS, GRID)
    MEMBERS.write(SETTINGS.results)
    forget_receipts(SETTINGS.results, GRID, (str(output) for job in jobs for output in job.output))
    if ALIGNER_NOTE:
        print(f"genvej: {ALIGNER_NOTE}", file=sys.stderr)
    tools = tools_in_use(SETTINGS, ALIGNER, (job.rule.name for job in jobs), conda=uses_conda(workflow))
    begin_run(workflow, SETTINGS, IDENTITY["id"])
    write_lineage(workflow.dag, SETTINGS.results, GRID, VERSIONS | tools)


onstart:
    if makes_nothing(workflow):
        return
    try:
        start_cluster(workflow)
        start_run()
        needed = list(workflow.dag.needrun_jobs())
        if not fix_plan(SETTINGS, needed):
            prepare_release(needed)
    except InputError as error:
        raise WorkflowError(str(error)) from None


wildcard_constraints:
    sample="[A-Za-z0-9][A-Za-z0-9_-]*",
    case="[A-Za-z0-9][A-Za-z0-9_-]*",
    unit="[A-Za-z0-9][A-Za-z0-9_-]*",
    chunk=r"\d+",
    caller="gatk|freebayes",
    call_set="PASS|ALL",


def members(wildcards):
    """Return the names of a case's samples, in the order of the sheet."""
    return [sample.name for sample in COHORT.cases[wildcards.case].members]


def unit_of(wildcards):
    """Return the unit that the wildcards `sample` and `unit` name."""
    return next(unit for unit in COHORT.units[wildcards.sample] if unit.name == wildcards.unit)


def lanes(sample):
    """Return the lanes of a sample as the aligner takes them."""
    units = COHORT.units[sample]
    return [Lane(read_group_line(sample, unit.name, unit.library, unit.platform), unit.fastq_1, unit.fastq_2) for unit in units]


def gvcf_of_case(wildcards):
    """Return the gVCF that a case is genotyped from: its only member's, or the members' combined."""
    names = members(wildcards)
    vcf = f"<results>/samples/{names[0]}/{names[0]}.g.vcf.gz" if len(names) == 1 else "<results>/small_variants/{case}.{chunk}.combined.g.vcf.gz"
    return {"vcf": vcf, "tbi": f"{vcf}.tbi"}


def samples_with_truth():
    """Return the names of the samples that have a truth set."""
    if not SETTINGS.truth:
        raise WorkflowError(f"{SETTINGS.file}: no sample has a truth set; name one under `truth` (config/README.md).")
    return list(SETTINGS.truth)
