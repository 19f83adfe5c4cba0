"""Python tools in an environment of their own, since they are heavy and no job imports them, and their commands."""

import shlex
import sys
import venv
from pathlib import Path

from scripts.setup.common import ENVS, digest, install_once, run, say, write_command
from workflow.tools import Tool

WRAPPER = """#!/bin/sh
# {name} {version}. Written by `make env`.
home={home}
if [ "$#" -eq 1 ] && [ "$1" = --version ]; then
    info=$(echo "$home"/lib/python3*/site-packages/{name}-*.dist-info)
    info=${{info##*/{name}-}}
    echo "{name}, version ${{info%.dist-info}}"
    exit 0
fi
exec "$home/bin/python" -m {name} "$@"
"""


def setup_separate(tool: Tool) -> None:
    """Install a tool of `envs/<name>.lock` once for this user, each package checked by its hash, and put its command on PATH."""
    lock = ENVS / f"{tool.name}.lock"

    def build(part: Path) -> None:
        say(f"installing {tool.name} (once)")
        venv.create(part, with_pip=False, symlinks=True)
        pip = [sys.executable, "-m", "pip", "--python", str(part / "bin" / "python"), "install", "-q", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)], f"installing {tool.name}")

    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    home = install_once(f"{tool.name}-{tool.version}-py{python}-{digest(lock)}", build)
    write_command(tool.name, WRAPPER.format(name=tool.name, version=tool.version, home=shlex.quote(str(home))))
