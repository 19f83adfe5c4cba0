"""The demo run once a test session, through the command line that users type."""

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULTS = "results/demo"


def snakemake(work: Path, *more: str, repo: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the workflow of `repo` in a working directory and return what it said."""
    return subprocess.run(command(work, *more, repo=repo), cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def command(work: Path, *more: str, repo: Path = ROOT) -> list[str]:
    """Return the command line that DESIGN promises, for a working directory that holds the demo."""
    start = [sys.executable, "-m", "snakemake", "--snakefile", str(repo / "Snakefile"), "--directory", str(work)]
    return [*start, "--configfile", str(work / "config/demo.yaml"), "--cores", str(len(os.sched_getaffinity(0))), *more]


@functools.cache
def prepare_data() -> None:
    """Make the demo's data in the repository, unless they are there; test processes side by side wait for one another."""
    data = ["--snakefile", str(ROOT / "rules/demo.smk"), "--directory", str(ROOT), "--cores", "2", "--quiet", "all"]
    with open(ROOT / "Makefile") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-m", "snakemake", *data], check=True)


def demo_work(folder: Path) -> Path:
    """Make a working directory for the demo: its own config, the repository's prepared data."""
    prepare_data()
    shutil.copytree(ROOT / "config", folder / "config")
    (folder / "resources").symlink_to(ROOT / "resources")
    return folder


def consent_of(work: Path, *people: str) -> None:
    """Write the demo's consent sheet anew: diagnosis, for each of some people."""
    header = (work / "config/demo/consents.tsv").read_text().splitlines()[0].split("\t")
    rows = [{"person": one, "version": "test", "date": "2025-01-16", "diagnosis": "yes"} for one in people]
    lines = ["\t".join(header), *("\t".join(row.get(name, "") for name in header) for row in rows)]
    (work / "config/demo/consents.tsv").write_text("\n".join(lines) + "\n")


def fresh_clone(folder: Path) -> Path:
    """Copy the repository's files, uncommitted changes included, with the dates of today."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a working directory in which the demo ran to its end. Tests leave it as it is, or finished again.

    Test processes side by side share one run, of which each has its own copy.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return run_demo(tmp_path_factory.mktemp("finished"))
    shared = tmp_path_factory.getbasetemp().parent / "finished"
    with open(f"{shared}.lock", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not shared.exists():
            run_demo(shared.with_name("finished.part")).rename(shared)
    own = tmp_path_factory.mktemp("finished") / "work"
    return Path(shutil.copytree(shared, own, symlinks=True))


def run_demo(work: Path) -> Path:
    """Run the demo in a new folder and return the folder."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    done = snakemake(demo_work(work))
    assert done.returncode == 0, done.stderr[-4000:]
    return work
