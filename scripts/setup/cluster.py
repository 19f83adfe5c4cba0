"""`make cluster-env`: the plugins for SLURM, beside the run-time environment and not in it.

    .venv/bin/python -m scripts.setup.cluster

Snakemake imports each plugin that it finds, in each process of each job. The one that submits costs 0.3 CPU seconds and 35 MB there, and asks
SLURM for its configuration as it is imported. So it lies in a folder of its own, which only the main process looks into
(`workflow.cluster.submission` marks the jobs); the one that jobs need is small.
"""

import shutil
import sys
import sysconfig
from pathlib import Path

from scripts.setup.common import ENVS, ROOT, SetupError, digest, run, say
from workflow.files import atomic

LOCK = ENVS / "cluster.lock"
HOME = ROOT / ".venv" / "cluster"
SUBMITS = "snakemake_executor_plugin_slurm"
PATHS = """\
{home}/job
import os, sys; "GENVEJ_CLUSTER_JOB" in os.environ or sys.path.append({main!r})
"""


def setup_cluster() -> None:
    """Install the plugins of `envs/cluster.lock`, each checked by its hash, unless they are there.

    Raises:
        SetupError: pip failed.
    """
    stamp = HOME / digest(LOCK)
    if not stamp.is_file():
        say("installing the plugins for SLURM")
        shutil.rmtree(HOME, ignore_errors=True)
        job, main = HOME / "job", HOME / "main"
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
        ]
        run([*pip, "--target", str(job), "-r", str(LOCK)], "installing the plugins for SLURM")
        main.mkdir()
        for part in [job / SUBMITS, *job.glob(f"{SUBMITS}-*.dist-info")]:
            part.rename(main / part.name)
        stamp.touch()
    with atomic(Path(sysconfig.get_path("purelib")) / "genvej_cluster.pth") as part:
        part.write_text(PATHS.format(home=HOME, main=str(HOME / "main")))


def main() -> int:
    """Install; a failure becomes one message."""
    try:
        setup_cluster()
    except (SetupError, OSError) as error:
        print(f"make cluster-env: {error}", file=sys.stderr)
        return 1
    say("the plugins for SLURM are ready; `snakemake --profile config/profiles/slurm …`")
    return 0


if __name__ == "__main__":
    sys.exit(main())
