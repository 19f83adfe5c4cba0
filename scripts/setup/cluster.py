"""`make cluster-env`: the plugins for SLURM and for object storage, beside the run-time environment and not in it.

    .venv/bin/python -m scripts.setup.cluster [--tests]

Snakemake imports each plugin that it finds, in each process of each job. The one that submits to SLURM costs 0.3 CPU seconds and 35 MB
there, and asks SLURM for its configuration as it is imported. So it lies in a folder of its own, which only the main process looks into
(`workflow.cluster.submission` marks the jobs); the one that jobs need is small. What object storage needs is seen only where
`GENVEJ_OBJECT_STORAGE` is set. `--tests` adds a server with Amazon's interface for objects, in an environment of its own.
"""

import shlex
import shutil
import sys
import sysconfig
import venv
from pathlib import Path

from scripts.setup.common import ENVS, ROOT, SetupError, digest, install_once, run, say, write_command
from workflow.files import atomic

HOME = ROOT / ".venv" / "cluster"
JOB, MAIN, STORAGE = HOME / "job", HOME / "main", HOME / "storage"
SUBMITS = "snakemake_executor_plugin_slurm"
PATHS = """\
{job}
import os, sys; "GENVEJ_CLUSTER_JOB" in os.environ or sys.path.append({main!r})
import os, sys; "GENVEJ_OBJECT_STORAGE" not in os.environ or sys.path.append({storage!r})
"""
PIP = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]


def install_folder(lock: Path, folder: Path) -> None:
    """Install the packages of a lock file, each checked by its hash, into a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    run([*PIP, "--no-deps", "--target", str(folder), "-r", str(lock)], f"installing {lock.name}")


def setup_cluster() -> None:
    """Install the plugins unless they are there.

    Raises:
        SetupError: pip failed.
    """
    locks = ENVS / "cluster.lock", ENVS / "object_storage.lock"
    stamp = HOME / digest(*locks)
    if not stamp.is_file():
        say("installing the plugins for SLURM and object storage")
        shutil.rmtree(HOME, ignore_errors=True)
        install_folder(locks[0], JOB)
        install_folder(locks[1], STORAGE)
        MAIN.mkdir()
        for part in [JOB / SUBMITS, *JOB.glob(f"{SUBMITS}-*.dist-info")]:
            part.rename(MAIN / part.name)
        stamp.touch()
    with atomic(Path(sysconfig.get_path("purelib")) / "genvej_cluster.pth") as part:
        part.write_text(PATHS.format(job=JOB, main=str(MAIN), storage=str(STORAGE)))


def setup_server() -> None:
    """Install the server for the tests and put its command on PATH."""
    lock = ENVS / "object_storage_test.lock"

    def build(part: Path) -> None:
        say("installing a server of objects for the tests (once)")
        venv.create(part, with_pip=False, symlinks=True)
        run([*PIP[:3], "--python", str(part / "bin" / "python"), *PIP[3:], "-r", str(lock)], "installing moto")

    home = install_once(f"moto-py{sys.version_info.major}.{sys.version_info.minor}-{digest(lock)}", build)
    write_command("moto_server", f'#!/bin/sh\nexec {shlex.quote(str(home))}/bin/python -m moto.server "$@"\n')


def main(arguments: list[str]) -> int:
    """Install; a failure becomes one message."""
    try:
        setup_cluster()
        if "--tests" in arguments:
            setup_server()
    except (SetupError, OSError) as error:
        print(f"make cluster-env: {error}", file=sys.stderr)
        return 1
    say("the plugins for SLURM and object storage are ready")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
