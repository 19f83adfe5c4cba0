"""What was run: version and commit of the workflow, the command, without names of people or machines."""

import datetime
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.digests import ROOT

COMMAND, STARTED = "GENVEJ_COMMAND", "GENVEJ_STARTED"
CODE = ("Snakefile", "rules", "scripts", "envs", "workflow", "resources")


def now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def remember_run(arguments: Sequence[str] | None = None) -> None:
    """Leave command and start time of the main process in its environment, where the local job that records the run finds them.

    They must not be params of a rule: another command line over finished results is no reason to run anything.
    """
    os.environ[COMMAND] = impersonal(list(sys.argv if arguments is None else arguments), Path.cwd())
    os.environ[STARTED] = now()


def impersonal(arguments: Sequence[str], here: Path) -> str:
    """Return a command line without names of people: the program's bare name, paths relative to `here` or the repository."""
    words = [Path(arguments[0]).name.replace("__main__.py", "snakemake"), *arguments[1:]]
    line = shlex.join(words).replace(str(ROOT), "GENVEJ").replace(str(here), ".")
    return re.sub(r"/(home|users|Users)/[^/\s']+", r"/\1/…", line)


def version() -> str:
    """Return the version of the workflow."""
    with (ROOT / "pyproject.toml").open("rb") as handle:
        return str(tomllib.load(handle)["project"]["version"])


def commit_of(root: Path) -> dict[str, Any]:
    """Return commit and whether tracked files differ from it; both None in a copy without git history."""
    try:
        return {"commit": _git(root, "rev-parse", "HEAD"), "dirty": bool(_git(root, "status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "dirty": None}


def _git(root: Path, *arguments: str) -> str:
    """Return what git says of the repository whose top is `root` (and of no repository around it)."""
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(root.parent), "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-c", f"safe.directory={root}", "-C", str(root), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def digest_of_code(root: Path) -> str:
    """Return the SHA-256 of all the workflow's own files by name and content: what ran, with or without git."""
    digest = hashlib.sha256()
    for top in CODE:
        for file in sorted([root / top, *(root / top).rglob("*")]):
            if file.is_file() and "__pycache__" not in file.parts and root / "resources" / "reference" not in file.parents:
                digest.update(str(file.relative_to(root)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def digest_of_config(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a config's content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()


def files_of_source(path: Path) -> list[str]:
    """Return the file of a knowledge source, or all files in its folder, sorted; the head of a frequency store stands for its version."""
    if (path / "store.json").is_file():
        return [str(path / "store.json")]
    return sorted(str(file) for file in path.iterdir() if file.is_file()) if path.is_dir() else [str(path)]
