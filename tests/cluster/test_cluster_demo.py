"""The demo through SLURM: the same results as on one machine."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.conftest import PROFILE, QUICK, ROOT
from tests.faults.content import content
from tests.pipeline.conftest import RESULTS, demo_work
from workflow.cluster.slurm import mark_of

pytestmark = pytest.mark.cluster


def test_the_demo_on_slurm_gives_what_one_machine_gives(demo_alone: Path, tmp_path: Path) -> None:
    here, there = demo_alone, demo_work(tmp_path / "there")
    start = [sys.executable, "-m", "snakemake", "--profile", str(PROFILE), "--snakefile", str(ROOT / "Snakefile")]
    files = ["--directory", str(there), "--configfile", str(there / "config/demo.yaml")]
    done = subprocess.run([*start, *files, *QUICK], cwd=there, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-5000:]
    fasta = ROOT / "resources/reference/demo/GRCh38.chr1.fa"
    expected, found = (content(work / RESULTS, fasta) for work in (here, there))
    assert expected
    assert {name for name in expected if expected[name] != found.get(name)} == set()
    assert set(found) == set(expected)
    same = [name for name in expected if bytes_of(here / RESULTS / name) == bytes_of(there / RESULTS / name)]
    print(f"{len(same)} of {len(expected)} files are the same to the byte")
    assert any(name.endswith(".cram") for name in expected)
    verify = [sys.executable, str(ROOT / "scripts/verify_release.py"), str(there / RESULTS)]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    assert jobs_of(there), "the jobs went through SLURM"


def bytes_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else str(file)  # a segment of the history has a day in its name


def jobs_of(work: Path) -> list[str]:
    """Return the names of a folder's jobs that the accounting holds."""
    told = subprocess.run(
        ["sacct", "-X", "-nP", "-u", os.environ.get("USER", "root"), "--format", "JobName"], capture_output=True, text=True, check=True
    )
    return [name for name in told.stdout.split() if name.endswith(mark_of(work))]
