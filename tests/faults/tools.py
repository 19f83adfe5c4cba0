"""Tools that say all is well (exit status 0) and leave a spoilt file; files that a failing disk spoils before a later stage reads them."""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.chains import Outcome, differences, judge, unverified
from tests.faults.work import ROOT, Run, Work, copy_of

CLEAR = "clear stop; made again once the file is deleted, as it says"


@dataclass(frozen=True)
class Spoilt:
    """A tool's call (tool, a word of its arguments) in the job of a rule, the file that is spoilt and how.

    An empty tool: the file is spoilt as the job of the rule begins, which only reads it. `pipe`: what the call writes to the next program.
    """

    stage: str
    rule: str
    tool: str
    call: str
    file: str
    how: str

    @property
    def name(self) -> str:
        """What a person reads in the table."""
        done = {"cut": "truncated", "end_early": "incomplete but properly ended", "empty": "empty", "flip": "bits flipped"}[self.how]
        if not self.tool:
            return f"{self.file.rpartition('/')[2]} {done} before {self.rule}"
        return f"{' '.join(filter(None, (self.tool, self.call.strip())))}, exit 0: {self.file} {done}"


BOTH = ("cut", "end_early")
TOOLS = (
    *(Spoilt("reference", "samtools_dict", "samtools", " dict ", "*.dict*", how) for how in BOTH),
    *(Spoilt("reference", "minibwa_index", "minibwa", " index ", f"*.{end}", "cut") for end in ("l2b", "mbw")),
    Spoilt("reference", "gatk_compose_str_table", "gatk", " ComposeSTRTableFile ", "*.zip", "cut"),
    *(Spoilt("reads", "fastp_measure", "fastp", "", "*.json*", how) for how in (*BOTH, "empty")),
    Spoilt("alignment", "align_reads", "minibwa", " map ", "pipe", "cut"),
    Spoilt("alignment", "align_reads", "samtools", " fixmate ", "pipe", "cut"),
    Spoilt("alignment", "align_reads", "samtools", " sort ", "pipe", "cut"),
    *(Spoilt("alignment", "align_reads", "samtools", " markdup ", "*.cram", how) for how in (*BOTH, "empty", "flip")),
    *(Spoilt("alignment", "align_reads", "samtools", " index ", "*.crai", how) for how in (*BOTH, "empty")),
    *(Spoilt("coverage", "mosdepth", "mosdepth", "", f"*{end}", how) for end in ("quantized.bed.gz", "regions.bed.gz") for how in BOTH),
    *(Spoilt("coverage", "mosdepth", "mosdepth", "", f"*{end}", "cut") for end in ("region.dist.txt", "summary.txt")),
    *(Spoilt("coverage", "samtools_stats", "samtools", " stats ", "*stats.txt*", how) for how in (*BOTH, "empty")),
    *(Spoilt("calling", "gatk_calibrate_dragstr", "gatk", " CalibrateDragstrModel ", "*dragstr*", how) for how in BOTH),
    *(Spoilt("calling", "gatk_haplotypecaller", "gatk", " HaplotypeCaller ", "*.g.vcf.gz", how) for how in (*BOTH, "empty", "flip")),
    *(Spoilt("gVCF", "bcftools_gather_gvcf", "bcftools", " concat ", "*.g.vcf.gz*", how) for how in (*BOTH, "empty")),
    *(Spoilt("gVCF", "bcftools_gather_gvcf", "tabix", "", "*.tbi", how) for how in ("cut", "empty")),
    *(Spoilt("joint", "gatk_combine_gvcfs", "gatk", " CombineGVCFs ", "*.g.vcf.gz", how) for how in (*BOTH, "flip")),
    *(Spoilt("joint", "gatk_genotype", "gatk", " GenotypeGVCFs ", "*.vcf.gz", how) for how in (*BOTH, "empty", "flip")),
    Spoilt("annotation", "bcftools_norm", "bcftools", " norm ", "pipe", "cut"),
    *(Spoilt("annotation", "bcftools_norm", "bcftools", " view ", "*.vcf.gz*", how) for how in BOTH),
    *(Spoilt("annotation", "bcftools_csq", "bcftools", " csq ", "*.vcf.gz*", how) for how in (*BOTH, "empty")),
    *(Spoilt("annotation", "bcftools_csq", "bcftools", " csq ", "*haplotypes.txt*", how) for how in BOTH),
    Spoilt("homozygosity", "bcftools_roh", "bcftools", " view ", "pipe", "cut"),
    *(Spoilt("homozygosity", "bcftools_roh", "bcftools", " roh ", "*.roh.txt.gz*", how) for how in ("cut", "empty")),
    *(Spoilt("phase", "whatshap_phase", "samtools", " view -b ", "reads.bam", how) for how in (*BOTH, "empty")),
    *(Spoilt("phase", "whatshap_phase", "whatshap", " phase ", "phased.vcf", how) for how in (*BOTH, "empty")),
    *(Spoilt("decision", "bcftools_stats", "bcftools", " stats ", "*stats.txt*", how) for how in (*BOTH, "empty")),
    *(Spoilt("page", "multiqc", "multiqc", "", "multiqc.html*", how) for how in ("cut", "empty")),
)
CRAM, GVCF = "samples/anna/anna.cram", "samples/anna/anna.g.vcf.gz"
DISK = (
    *(Spoilt("alignment", rule, "", "", CRAM, "flip") for rule in ("mosdepth", "samtools_stats", "screen_reads", "gatk_calibrate_dragstr")),
    *(Spoilt("alignment", rule, "", "", CRAM, "flip") for rule in ("gatk_haplotypecaller", "collect_report", "check_sample")),
    *(Spoilt("alignment", rule, "", "", CRAM, "flip") for rule in ("examine_family", "whatshap_phase")),
    *(Spoilt("alignment", rule, "", "", CRAM, "cut") for rule in ("mosdepth", "check_sample")),
    *(Spoilt("coverage", "list_callable", "", "", "coverage/anna.quantized.bed.gz", how) for how in ("flip", "cut")),
    *(Spoilt("coverage", "check_sample", "", "", "samples/anna/callable.bed.gz", how) for how in ("flip", "cut")),
    *(
        Spoilt("gVCF", rule, "", "", GVCF, how)
        for rule in ("gatk_combine_gvcfs", "filter_calls", "check_sample")
        for how in ("flip", "cut")
    ),
    *(Spoilt("filter", "bcftools_norm", "", "", "small_variants/case1.vcf.gz", how) for how in ("flip", "cut")),
    *(
        Spoilt("annotation", rule, "", "", "cases/case1/case1.vcf.gz", "flip")
        for rule in ("bcftools_roh", "examine_family", "rank_candidates", "classify_candidates", "collect_report", "check_case")
    ),
    *(Spoilt("homozygosity", "examine_family", "", "", "family/case1.roh.txt.gz", how) for how in ("flip", "cut")),
    *(Spoilt("family", "rank_candidates", "", "", "family/case1.family.json", how) for how in ("cut", "empty")),
    *(Spoilt("phase", "rank_candidates", "", "", "family/case1.phased.vcf", how) for how in ("cut", "empty")),
    Spoilt("scope", "annotate_variants", "", "", "interpretation/case1.scope.json", "cut"),
    *(Spoilt("decision", "decide_release", "", "", "samples/anna/qc.json", how) for how in ("cut", "empty")),
    *(Spoilt("interpretation", "classify_candidates", "", "", "interpretation/case1.ranked.json", how) for how in ("cut", "empty")),
    Spoilt("interpretation", "check_case", "", "", "cases/case1/candidates.tsv", "cut"),
    Spoilt("report", "check_case", "", "", "cases/case1/report.html", "cut"),
)
SPOIL = f'PATH="${{PATH#*/fault/bin:}}" PYTHONPATH={ROOT} {sys.executable} -m tests.faults.spoil'
FILES = rf"""
if [ "$FAULT_FILE" = pipe ]; then
    "$real" "$@" > "$FAULT_DIR/piped"
    {SPOIL} "$FAULT_HOW" "$FAULT_DIR/piped"
    cat "$FAULT_DIR/piped"
    exit 0
fi
"$real" "$@"
find -L "$FAULT_RESULTS" "$FAULT_REFERENCE" "$TMPDIR" -newer "$FAULT_DIR/struck" -type f -name "$FAULT_FILE" \
    ! -path '*/logs/*' ! -path '*/benchmarks/*' |
    while read -r file; do {SPOIL} "$FAULT_HOW" "$file" || touch "$FAULT_DIR/bad"; done
exit 0
"""


def action(spoilt: Spoilt) -> str:
    """Return what is done as the job begins."""
    if not spoilt.tool:
        return f'{SPOIL} {spoilt.how} "$FAULT_RESULTS/{spoilt.file}"'
    return f"export FAULT_TOOL={spoilt.tool} FAULT_CALL='{spoilt.call}' FAULT_FILE='{spoilt.file}' FAULT_HOW={spoilt.how}"


def deleted_as_told(work: Work, said: str) -> str:
    """Delete the files that a message says to delete; return their names, empty if it names none."""
    told = re.findall(r"^\s*(?:error: )?(\S+?)(?:, [^:\n]*)?: .*delete it and run the same command again", said, re.MULTILINE)
    names = sorted({name for name in told if (work.folder / name).exists()})
    for name in names:
        (work.folder / name).unlink()
    return ", ".join(names)


def spoil_each(base: Work, folder: Path, entries: Sequence[Spoilt], tell: Callable[[str], None]) -> list[Outcome]:
    """Do each entry in one folder; after each the same command is given until its stage is past."""
    expected = base.content()
    outcomes: list[Outcome] = []
    with copy_of(base, folder, own_reference=any(one.stage == "reference" for one in entries)) as work:
        (work.fault / "doctored").write_text(FILES)
        kept = work.sealed()
        (work.folder / "scratch").mkdir()
        work.settings |= {"FAULT_FASTA": str(work.folder / "reference/reference.fa"), "FAULT_REFERENCE": str(work.folder / "reference")}
        work.settings |= {"TMPDIR": str(work.folder / "scratch")}
        for spoilt in entries:
            outcomes.append(one_spoilt(work, spoilt, expected, kept))
            tell(f"{spoilt.name}: {outcomes[-1].outcome} {outcomes[-1].bad}")
        last = work.run()
        if wrong := ("" if last.status == 0 else last.said[-1500:]) or differences(expected, work.content()) or unverified(work):
            for outcome in outcomes:
                outcome.bad = outcome.bad or f"at last: {wrong}"
    return outcomes


def one_spoilt(work: Work, spoilt: Spoilt, expected: dict[str, str], kept: dict[str, str]) -> Outcome:
    """Do one entry, and see to it that the next finds a folder without its traces."""
    run = work.run(spoilt.rule, action(spoilt))
    if run.status == 0 and not run.struck:  # the job was done already, beside an earlier one
        work.forget_results()
        run = work.run(spoilt.rule, action(spoilt))
    outcome = Outcome(spoilt.name, spoilt.stage, *judge(run, work, expected, kept))
    (work.fault / "bad").unlink(missing_ok=True)
    if run.status == 0:
        work.forget_results()
    elif not outcome.bad:
        heal(work, spoilt, run, outcome)
    return outcome


def heal(work: Work, spoilt: Spoilt, run: Run, outcome: Outcome) -> None:
    """Do what a message says, and note what it took; where a tool's own job failed, the next run makes its files anew.

    A file that a disk has spoilt must be named. Once it is deleted, the run of the next entry goes on from there, the last run to the end.
    """
    if spoilt.tool and re.search(rf"Error in rule {spoilt.rule}\b", run.said):
        return
    if not spoilt.tool:
        if deleted_as_told(work, run.said):
            outcome.outcome = CLEAR
        else:
            outcome.bad = f"no remedy is told: {run.said[-1200:]}"
            work.forget_results()
        return
    for _ in range(3):
        if not deleted_as_told(work, run.said):
            outcome.bad = f"a later job fails, now and again, and no remedy is told: {run.said[-1200:]}"
            work.forget_results()
            return
        outcome.outcome = CLEAR
        run = work.run()
        if run.status == 0:
            break
    else:
        outcome.bad = f"still failing after three remedies: {run.said[-1200:]}"
    work.forget_results()
