"""How fast jobs reach SLURM and how often it is asked, beside Snakemake's plugin as it is: `make slurm-bench`.

    python -m scripts.bench.submission [--jobs 400] [--beside 0,8] [--ways "genvej;plugin"] [--wait 60] [--table FILE]

On the SLURM of `scripts.setup.slurm`, whose node is drained meanwhile: jobs are submitted, wait, and are cancelled all at once, as when
a node is lost. `--beside` adds processes that only count, at the same precedence, with which the main process has to share. A rate is
jobs / (end of the last sbatch - begin of the first).
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.slurm_calls import count, read_calls, seconds_of, stand_in, submitted
from scripts.setup.slurm import start
from workflow.digests import ROOT
from workflow.files import atomic

COLUMNS = ("way", "jobs", "beside", "load", "submissions", "seconds", "jobs_per_s", "sacct_waiting", "sacct_ending", "other_calls", "cpu_s")
NOTE = (
    "# Submission to a SLURM of one node, scripts/bench/submission.py. beside: busy processes that share the processors. load: of the "
    "machine as it began. sacct_waiting: questions while all jobs waited. sacct_ending: from when all were cancelled to the end of the "
    "run, at most 60 s. other_calls: squeue, sinfo, scontrol, sacctmgr. cpu_s: of the main process and of all that it called.\n"
)
ADAPTED = """\
import sys
sys.path.insert(0, config["genvej"])
from workflow.cluster import session
from workflow.session import prepare_session, start_run
session.SUBMITTING = config["hands"]
prepare_session(workflow)
session.prepare_cluster(workflow)
onstart:
    session.start_cluster(workflow)
    start_run()
"""
JOBS = """
rule all:
    input: expand("{name}.done", name=range(config["jobs"])),
rule hold:
    output: "{name}.done",
    shell: "sleep 5; touch {output}"
"""
ENDING_S = 60


@dataclass(frozen=True)
class Way:
    """A way to submit: with what `workflow.cluster` changes or not, submissions at the same time, jobs in each (0 = all), options."""

    adapted: bool
    hands: int = 8
    together: int = 1
    options: tuple[str, ...] = ()


WAYS = {
    "genvej": Way(adapted=True),
    "genvej, two at a time": Way(adapted=True, hands=2),
    "genvej, groups of 10": Way(adapted=True, together=10, options=("--groups", "hold=many", "--group-components", "many=10")),
    "plugin": Way(adapted=False),
    "plugin, arrays": Way(adapted=False, together=0, options=("--slurm-array-jobs", "all")),
}


@contextmanager
def busy(number: int) -> Iterator[None]:
    """Keep processors busy with so many processes."""
    at_work = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for one in at_work:
            one.kill()
            one.wait()


@contextmanager
def drained() -> Iterator[None]:
    """Keep jobs waiting."""
    node = os.uname().nodename.split(".")[0]
    subprocess.run(["scontrol", "update", f"nodename={node}", "state=drain", "reason=bench"], check=True)
    try:
        yield
    finally:
        subprocess.run(["scontrol", "update", f"nodename={node}", "state=resume"], check=True)


def begin(work: Path, way: Way, jobs: int) -> subprocess.Popen[bytes]:
    """Start a run through the profile."""
    (work / "Snakefile").write_text((ADAPTED if way.adapted else "") + JOBS)
    command = [sys.executable, "-m", "snakemake", "--profile", str(ROOT / "config/profiles/slurm"), "--snakefile", str(work / "Snakefile")]
    command += ["--directory", str(work), "--jobs", str(jobs), "--retries", "0", *(way.options or ("--groups", "none=none"))]
    command += ["--config", f"jobs={jobs}", f"hands={way.hands}", f"genvej={ROOT}"]
    environment = os.environ | {"PATH": f"{work / 'bin'}:{os.environ['PATH']}"}
    with open(work / "run.log", "wb") as said:
        return subprocess.Popen(command, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)


def wait_until_submitted(work: Path, at_work: subprocess.Popen[bytes], submissions: int) -> None:
    """Wait until so many submissions have ended.

    Raises:
        RuntimeError: the run ended before.
    """
    while len(submitted(read_calls(work / "calls"))) < submissions:
        if at_work.poll() is not None:
            raise RuntimeError(f"the run ended before all was submitted:\n{(work / 'run.log').read_text()[-2000:]}")
        time.sleep(0.2)


def end(at_work: subprocess.Popen[bytes]) -> float:
    """Wait for the end of a run, kill it if it takes too long; return its CPU seconds."""
    signal.signal(signal.SIGALRM, lambda *_: at_work.kill())
    signal.alarm(ENDING_S)
    _, status, usage = os.wait4(at_work.pid, 0)
    signal.alarm(0)
    at_work.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def measure(way: Way, jobs: int, beside: int, wait: float) -> tuple[str, ...]:
    """Submit, wait, cancel; return the cells of the row after `way`."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="genvej-slurm-") as folder, drained(), busy(beside):
        work = Path(folder)
        stand_in(work / "bin", work / "calls")
        at_work = begin(work, way, jobs)
        wait_until_submitted(work, at_work, -(-jobs // (way.together or jobs)))
        time.sleep(wait)
        waiting = read_calls(work / "calls")
        subprocess.run(["scancel", *submitted(waiting)], check=True)
        cpu = end(at_work)
        every = read_calls(work / "calls")
    seconds, asked = seconds_of(waiting, "sbatch"), count(waiting, "sacct")
    other = count(every, "squeue", "sinfo", "scontrol", "sacctmgr")
    cells = (jobs, beside, f"{load:.1f}", len(submitted(waiting)), f"{seconds:.1f}", f"{jobs / seconds:.1f}", asked)
    return tuple(map(str, (*cells, count(every, "sacct") - asked, other, f"{cpu:.1f}")))


def write_table(file: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Write the table."""
    with atomic(file) as part:
        part.write_text(NOTE + "\n".join("\t".join(row) for row in [COLUMNS, *rows]) + "\n", encoding="utf-8")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=400)
    parser.add_argument("--beside", default="0,8", help="numbers of busy processes")
    parser.add_argument("--ways", default=";".join(WAYS), help="separated by semicolons")
    parser.add_argument("--wait", type=float, default=60, help="seconds that jobs wait before they are cancelled")
    parser.add_argument("--table", type=Path, default=ROOT / "benchmarks" / "slurm.tsv")
    asked = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    start()
    rows = []
    for beside in map(int, asked.beside.split(",")):
        for name in asked.ways.split(";"):
            rows.append((name, *measure(WAYS[name], asked.jobs, beside, asked.wait)))
            print("\t".join(rows[-1]), flush=True)
    write_table(asked.table, rows)


if __name__ == "__main__":
    main()
