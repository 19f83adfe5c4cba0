"""Shards of a list, each through SLURM: urgent ones first, one summary, and nothing done twice."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.conftest import PROFILE, QUICK, ROOT
from tests.pipeline.tiny_family import write_family

pytestmark = pytest.mark.cluster


def two_people(folder: Path) -> Path:
    """Make two single cases of the invented family's reads."""
    work = write_family(folder)
    rows = "".join(f"{name}\t{name}\tproband\tfemale\tyes\n" for name in ("kid", "mother"))
    (work / "samples.tsv").write_text(f"sample\tcase\trole\tsex\taffected\n{rows}")
    return work


def submit(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    own = ["--config", str(work / "config.yaml"), "--directory", str(work), "--urgent", "mother", "--in-flight", "1", *more]
    command = [sys.executable, "-m", "scripts.submit_shards", *own, "--", "--profile", str(PROFILE), *QUICK]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_two_shards_run_urgent_first_and_once(tmp_path: Path) -> None:
    work = two_people(tmp_path / "work")
    done = submit(work)
    assert done.returncode == 0, done.stderr + (work / "shards/0001/run.log").read_text()[-3000:]
    summary = json.loads((work / "shards/summary.json").read_text())
    assert [(row["cases"], row["priority"], row["state"]) for row in summary["rows"]] == [
        (["mother"], "urgent", "done"),
        (["kid"], "routine", "done"),
    ]
    assert summary["mean_wait_s"]["urgent"] < summary["mean_wait_s"]["routine"]
    assert sum(summary["decisions"].values()) == 2
    assert (work / "reference.fa.mbw").is_file(), "the indexes are shared"
    before = (work / "shards/0002/shard.json").stat().st_mtime_ns
    shutil.rmtree(work / "shards/0001/.snakemake")
    again = submit(work)
    assert again.returncode == 0
    assert "[shards] 2: 2 done" in again.stderr
    assert (work / "shards/0002/shard.json").stat().st_mtime_ns == before, "what is done is not started"
