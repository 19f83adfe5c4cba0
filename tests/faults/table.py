"""The stages that are disturbed, and the faults: what strikes, and how it is undone before the same command is given again."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.work import Work

Process = subprocess.Popen[str]
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
CGROUP = Path("/sys/fs/cgroup/memory") / f"genvej-faults-{os.getpid()}"
MEMORY = 12_000_000  # bytes: a shell fits, no tool does


@dataclass(frozen=True)
class Stage:
    """A stage by the rule that is disturbed; `after` is when, in seconds from its start: in the middle of the work."""

    name: str
    rule: str
    after: float


STAGES = (
    Stage("intake", "verify_fastq", 0.3),
    Stage("reads", "fastp_measure", 0.03),
    Stage("alignment", "align_reads", 0.3),
    Stage("coverage", "mosdepth", 0.08),
    Stage("screening", "screen_reads", 0.6),
    Stage("calling", "gatk_haplotypecaller", 1.5),
    Stage("gVCF", "bcftools_gather_gvcf", 0.015),
    Stage("joint", "gatk_genotype", 1.0),
    Stage("filter", "filter_calls", 0.15),
    Stage("scope", "decide_scope", 0.15),
    Stage("annotation", "annotate_variants", 0.25),
    Stage("homozygosity", "bcftools_roh", 0.015),
    Stage("family", "examine_family", 0.25),
    Stage("phase", "whatshap_phase", 0.5),
    Stage("interpretation", "rank_candidates", 0.15),
    Stage("evidence", "classify_candidates", 0.25),
    Stage("decision", "decide_release", 0.15),
    Stage("report", "collect_report", 0.4),
    Stage("export", "export_case", 0.15),
    Stage("checking", "check_case", 0.15),
    Stage("page", "multiqc", 1.0),
    Stage("sealing", "seal_release", 0.2),
)


def nothing(work: Work) -> None:
    """Undo nothing."""


def always(work: Work) -> str:
    """Say that a fault can be tried here."""
    return ""


@dataclass(frozen=True, eq=False)
class Fault:
    """One kind of fault. `prepare` returns why it cannot be tried here, or nothing; `more` are arguments of the disturbed run.

    A `timed` fault strikes nobody if it comes too late: it is tried again, sooner.
    """

    name: str
    action: str = ""
    strike: Callable[[Work, Process, Stage], None] | None = None
    prepare: Callable[[Work], str] = always
    cure: Callable[[Work], None] = nothing
    settings: dict[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    timed: bool = False


def signalled(number: signal.Signals, group: bool = False) -> Callable[[Work, Process, Stage], None]:
    """Return what sends a signal to Snakemake alone, or to it and its jobs as Ctrl-C does."""

    def strike(work: Work, process: Process, stage: Stage) -> None:
        time.sleep(stage.after)
        if process.poll() is None:
            (os.killpg if group else os.kill)(process.pid, number)

    return strike


def limited_memory(work: Work) -> str:
    """Make a control group of little memory."""
    try:
        CGROUP.mkdir(exist_ok=True)
        (CGROUP / "memory.limit_in_bytes").write_text(str(MEMORY))
    except OSError as error:
        return f"no control group with a memory limit can be made here ({error.strerror})"
    return ""


def small_results(work: Work) -> str:
    """Put the results on a small disk of their own."""
    work.results.mkdir(exist_ok=True)
    return "" if work.mount(work.results, "160m") else "no disk can be mounted here"


def small_scratch(work: Work) -> str:
    """Put the folder of temporary files on a small disk of its own."""
    scratch = work.folder / "scratch"
    if not work.mount(scratch, "64m"):
        return "no disk can be mounted here"
    work.settings["TMPDIR"] = str(scratch)
    return ""


def without_ballast(work: Work) -> None:
    """Give the disk its room again."""
    for file in (work.results / "ballast", work.folder / "scratch" / "ballast"):
        file.unlink(missing_ok=True)


def writable_again(work: Work) -> None:
    """Mount the results for writing."""
    subprocess.run(["mount", "-o", "remount,rw", str(work.results)], check=True)


def without_metadata(work: Work) -> None:
    """Lose what Snakemake knows of the run."""
    shutil.rmtree(work.folder / ".snakemake")


def has_faketime(work: Work) -> str:
    """Say whether a job can be given another clock."""
    return "" if FAKETIME else "libfaketime is not installed"


def second_run(work: Work, process: Process, stage: Stage) -> None:
    """Give the same command while the first run is at work; it must be refused, in words."""
    other = subprocess.run(work.command(), cwd=work.folder, capture_output=True, text=True, timeout=200)
    (work.fault / "second").touch()
    said = other.stdout + other.stderr
    if other.returncode == 0 or "another run is at work" not in said or "Traceback" in said:
        (work.fault / "bad").write_text(f"a second run ended with status {other.returncode}: {said[-500:]}")


CLOCK = """
LD_PRELOAD={library} FAKETIME={jump} /bin/bash "$@"; code=$?
find "$FAULT_RESULTS" -newer "$FAULT_DIR/struck" -type f -exec touch -d '{date}' {{}} +
exit $code
"""


def clock(jump: str, date: str) -> str:
    """Return the action that runs a job, and dates what it writes, by another clock."""
    return CLOCK.format(library=FAKETIME, jump=jump, date=date)


WAIT = 'rm -f "$FAULT_DIR/second"; for try in {1..1000}; do [ -e "$FAULT_DIR/second" ] && break; sleep 0.2; done'
FILL = """
dd if=/dev/zero of="{place}/ballast" bs=64k status=none 2>/dev/null
dd if=/dev/zero bs=512 status=none >> "{place}/ballast" 2>/dev/null
"""
FAULTS = (
    Fault("kill -9 of the job", "( sleep $FAULT_AFTER; kill -9 $$ ) &", timed=True),
    Fault("kill -9 of Snakemake, its job left behind", strike=signalled(signal.SIGKILL), timed=True),
    Fault("SIGTERM to Snakemake", strike=signalled(signal.SIGTERM), timed=True),
    Fault("Ctrl-C (SIGINT to Snakemake and its jobs)", strike=signalled(signal.SIGINT, group=True), timed=True),
    Fault("out of memory", f"echo $$ > {CGROUP}/tasks", prepare=limited_memory),
    Fault("disk of the results full", FILL.format(place="$FAULT_RESULTS"), prepare=small_results, cure=without_ballast),
    Fault("disk of temporary files full", FILL.format(place="$TMPDIR"), prepare=small_scratch, cure=without_ballast),
    Fault("results read-only", 'mount -o remount,ro "$FAULT_RESULTS"', prepare=small_results, cure=writable_again),
    Fault("a job that hangs", "set -- -c 'sleep 1000 | sleep 1001'", settings={"FAULT_SECONDS": "3"}),
    Fault("clock goes back 20 years", clock("-20y", "2006-01-01"), prepare=has_faketime, more=("--until",)),
    Fault("clock goes forward 10 years", clock("+10y", "2036-01-01"), prepare=has_faketime, more=("--until",)),
    Fault("two runs at once", WAIT, strike=second_run, more=("--until",)),
    Fault("kill -9 of Snakemake, and .snakemake lost", strike=signalled(signal.SIGKILL), cure=without_metadata, timed=True),
)
