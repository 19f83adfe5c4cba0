"""MultiQC in an environment of its own, since it is heavy and no job imports it, and the command `multiqc`."""

import shlex
import sys
import venv
from pathlib import Path

from scripts.setup.common import ENVS, digest, install_once, run, say, write_command
from workflow.tools import Tool

LOCK = ENVS / "multiqc.lock"

WRAPPER = """#!/bin/sh
# MultiQC {version}. Written by `make env`.
home={home}
if [ "$#" -eq 1 ] && [ "$1" = --version ]; then
    info=$(echo "$home"/lib/python3*/site-packages/multiqc-*.dist-info)
    info=${{info##*/multiqc-}}
    echo "multiqc, version ${{info%.dist-info}}"
    exit 0
fi
exec "$home/bin/python" -m multiqc "$@"
"""


def build(part: Path) -> None:
    """Make a virtual environment at `part` with the packages of the lock file, each checked by its hash."""
    say("installing MultiQC (once)")
    venv.create(part, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(part / "bin" / "python"), "install", "-q", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)], "installing MultiQC")


def setup_multiqc(tool: Tool) -> None:
    """Install MultiQC once for this user and put `multiqc` on the PATH of the environment."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    home = install_once(f"multiqc-{tool.version}-py{python}-{digest(LOCK)}", build)
    write_command("multiqc", WRAPPER.format(version=tool.version, home=shlex.quote(str(home))))
