"""A local conda channel that holds this machine's own tools, and a `conda` command that installs from it."""

import asyncio
import shutil
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from rattler.index import index_fs
from rattler_build import assemble_package

from workflow.tools import Tool, real_version

FRONT_END = Path(__file__).with_name("conda_front_end.py")


def pack(package: str, version: str, programs: Iterable[str], channel: Path, scratch: Path) -> None:
    """Make a conda package of programs on PATH."""
    files = scratch / package
    (files / "bin").mkdir(parents=True)
    for name in programs:
        shutil.copy2(shutil.which(name) or name, files / "bin" / name)
    target = channel / "linux-64"
    target.mkdir(parents=True, exist_ok=True)
    assemble_package(
        package, version, "linux-64", "h0_0", target, files_dir=files, timestamp=datetime(2026, 1, 1, tzinfo=UTC), compression_level=1
    )


def build_channel(tools: Iterable[Tool], folder: Path) -> Path:
    """Pack tools, each only if it really is the pinned release, into `folder`/bioconda; `folder`/conda-forge stays empty."""
    packages: dict[tuple[str, str], list[str]] = {}
    for tool in tools:
        real = real_version(tool)
        assert real is not None, f"{tool.name} is not installed"
        assert tool.agrees(real), f"{tool.name} is {real}, pinned to {tool.version}"
        packages.setdefault((str(tool.conda), str(tool.conda_version)), []).append(tool.name)
    for (package, version), programs in packages.items():
        pack(package, version, programs, folder / "bioconda", folder / "scratch")
    for name in ("bioconda", "conda-forge"):
        (folder / name / "noarch").mkdir(parents=True, exist_ok=True)
        asyncio.run(index_fs(folder / name))
    return folder


def write_conda(folder: Path, channels: Path) -> Path:
    """Write the command `conda` into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "conda"
    settings = f"CONDA_ROOT={folder / 'base'} CONDA_CHANNELS={channels}"
    command.write_text(f'#!/bin/sh\n{settings} exec {sys.executable} {FRONT_END} "$@"\n')
    command.chmod(0o755)
    return command
