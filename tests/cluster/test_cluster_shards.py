"""Shards of a list, each through SLURM: urgent ones first, one summary, and nothing done twice."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.conftest import PROFILE, QUICK, ROOT
from tests.pipeline.tiny_person import write_person

pytestmark = pytest.mark.cluster


def two_people(folder: Path) -> Path:
    """Make two single cases, `anna` and `berta`, of the invented person's reads."""
    work = write_person(folder)
    for mate in (1, 2):
        shutil.copyfile(work / f"r_{mate}.fq.gz", work / f"b_{mate}.fq.gz")
    rows = "".join(f"{name}\t{name}\tproband\tfemale\tyes\n" for name in ("anna", "berta"))
    (work / "samples.tsv").write_text(f"sample\tcase\trole\tsex\taffected\n{rows}")
    units = "anna\tL1\tr_1.fq.gz\tr_2.fq.gz\nberta\tL1\tb_1.fq.gz\tb_2.fq.gz\n"
    (work / "units.tsv").write_text(f"sample\tunit\tfastq_1\tfastq_2\n{units}")
    return work


def submit(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    own = ["--config", str(work / "config.yaml"), "--directory", str(work), "--urgent", "berta", "--in-flight", "1", *more]
    command = [sys.executable, "-m", "scripts.submit_shards", *own, "--", "--profile", str(PROFILE), *QUICK]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_two_shards_run_urgent_first_and_once(tmp_path: Path) -> None:
    work = two_people(tmp_path / "work")
    done = submit(work)
    assert done.returncode == 0, done.stderr + (work / "shards/0001/run.log").read_text()[-3000:]
    summary = json.loads((work / "shards/summary.json").read_text())
    assert [(row["cases"], row["priority"], row["state"]) for row in summary["rows"]] == [
        (["berta"], "urgent", "done"),
        (["anna"], "routine", "done"),
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
