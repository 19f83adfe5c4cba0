"""A profile that is wrong for the cluster is refused with one sentence, before anything is submitted."""

import subprocess
from pathlib import Path

import pytest

from scripts.setup.slurm import ACCOUNT
from tests.cluster.conftest import jobs, run

pytestmark = pytest.mark.cluster
DEFAULTS = ["--default-resources", "mem_mb=1000", "tmpdir=system_tmpdir"]


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (
            ["slurm_partition=shrt,long", f"slurm_account={ACCOUNT}"],
            "the profile names the partition 'shrt', which this cluster does not have; did you mean short?",
        ),
        (["slurm_partition=short"], "the profile names no account, and this cluster asks for one. Accounts of root here: genomics"),
        (["slurm_partition=short", "slurm_account=genomcis"], "the profile names the account 'genomcis', which root may not use."),
        (
            ["slurm_partition=short", f"slurm_account={ACCOUNT}", "runtime=600"],
            "hold asks for 1,000 MB and 600 min; the largest partition of the profile, short, gives 60,000 MB and 300 min.",
        ),
    ],
)
def test_a_wrong_profile_is_refused_before_submission(tmp_path: Path, resources: list[str], said: str) -> None:
    done = run(tmp_path, "--config", "wanted=a.hold", *DEFAULTS, *resources)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "has been submitted" not in done.stderr
    assert jobs(tmp_path) == []


def test_a_preempted_job_is_started_again(tmp_path: Path) -> None:
    for words in (["qos", "low"], ["qos", "high", "preempt=low"]):
        subprocess.run(["sacctmgr", "-i", "add", *words], capture_output=True, check=False)
    subprocess.run(["sacctmgr", "-i", "modify", "user", "root", "set", "qos=normal,low,high"], capture_output=True, check=False)
    from tests.cluster.conftest import attempts, begin, wait_for

    at_work = begin(tmp_path, "--config", "wanted=a.hold", "seconds=15", "--slurm-qos", "low")
    wait_for(lambda: attempts(tmp_path, "a"))
    subprocess.run(
        ["sbatch", "-q", "high", "-A", ACCOUNT, "-p", "long", "-c", "16", "--mem", "60000", "-o", "/dev/null", "--wrap", "sleep 5"],
        check=True,
    )
    assert at_work.wait(180) == 0, (tmp_path / "run.log").read_text()[-3000:]
    said = (tmp_path / "run.log").read_text()
    assert "hold a had to make room" in said
    assert "attempt 2 of 3 follows" in said
