"""The few `conda` commands that Snakemake's `--sdm conda` gives, on py-rattler: packages are really solved, linked and activated.

An environment with a `pip:` section gets the Python that runs this, if that holds exactly the packages asked for.
CONDA_ROOT is the base folder (bin/activate, package cache); channel names resolve to folders below CONDA_CHANNELS.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import yaml
from rattler import Channel, VirtualPackage, install, solve

ACTIVATE = """[ -d "$1" ] || { echo "no environment at $1" >&2; return 1; }
export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"
"""


def base() -> Path:
    """Return the base folder, with its activation script in place."""
    root = Path(os.environ["CONDA_ROOT"])
    (root / "bin").mkdir(parents=True, exist_ok=True)
    (root / "bin" / "activate").write_text(ACTIVATE)
    return root


def channels(names: list[str]) -> list[Channel]:
    """Return the local channels of these names; `nodefaults` is a switch of conda's, not a channel."""
    folder = Path(os.environ["CONDA_CHANNELS"])
    return [Channel((folder / name).as_uri()) for name in names if name != "nodefaults"]


def lend_python(requirements: list[str], prefix: Path) -> None:
    """Make `prefix`/bin/python call this Python; refuse if a required package is of another release here."""
    for requirement in requirements:
        name, _, pinned = requirement.partition("==")
        if (real := version(name)) != pinned:
            sys.exit(f"{name} is {real}, the environment asks for {pinned}")
    (prefix / "bin").mkdir(parents=True)
    python = prefix / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)


async def create(file: Path, prefix: Path) -> None:
    """Solve an environment file and link its packages into `prefix`."""
    content = yaml.safe_load(file.read_text())
    if isinstance(content["dependencies"][-1], dict):
        lend_python(content["dependencies"][-1]["pip"], prefix)
        return
    records = await solve(
        channels(content["channels"]),
        content["dependencies"],
        platforms=["linux-64", "noarch"],
        virtual_packages=VirtualPackage.detect(),
    )
    await install(records, prefix, cache_dir=base() / "pkgs", show_progress=False)


def main(arguments: list[str]) -> None:
    """Answer one command of conda's."""
    match arguments:
        case ["--version"]:
            print("conda 26.1.0")
        case ["info", "--json"]:
            print(json.dumps({"conda_prefix": str(base()), "platform": "linux-64"}))
        case ["config", "--get", "channel_priority", "--json"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["env", "create", *rest]:
            parser = argparse.ArgumentParser()
            parser.add_argument("--file", type=Path)
            parser.add_argument("--prefix", type=Path)
            options, _ = parser.parse_known_args(rest)
            asyncio.run(create(options.file, options.prefix))
        case ["clean", *_]:
            shutil.rmtree(base() / "pkgs", ignore_errors=True)
        case _:
            sys.exit(f"this front end does not know: conda {' '.join(arguments)}")


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # py-rattler's threads now and then crash Python on its way out
