"""External tools: which release is pinned (`envs/tools.yaml`), and which one really answers on PATH."""

import functools
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.errors import InputError
from workflow.yaml_files import load_yaml

PINS = Path(__file__).resolve().parent.parent / "envs" / "tools.yaml"
PATIENCE = 60  # seconds that a tool may take to print its version


@dataclass(frozen=True)
class Tool:
    """One external tool as pinned; `envs/tools.yaml` explains the fields."""

    name: str
    version: str
    command: tuple[str, ...]
    pattern: str
    purpose: str
    licence: str
    match: str = "exact"
    debian: tuple[str, ...] = ()
    conda: str | None = None
    conda_version: str | None = None
    envs: tuple[str, ...] = ()
    option: dict[str, str] = field(default_factory=dict)
    part: str = "run"

    def agrees(self, real: str) -> bool:
        """Tell whether a real version is what the pin asks for."""
        if self.match == "series":
            return real == self.version or real.startswith(f"{self.version}.")
        if self.match == "at_least":
            return _numbers(real) >= _numbers(self.version)
        return real == self.version

    def version_in(self, printed: str) -> str | None:
        """Return the version in what the tool printed (colours are ignored), None if there is none."""
        found = re.search(self.pattern, re.sub(r"\x1b\[\d*m", "", printed), re.MULTILINE)
        return found[1] if found else None


def _numbers(version: str) -> tuple[int, ...]:
    """Return the whole numbers of a version, in order: '1.78.0' → (1, 78, 0)."""
    return tuple(map(int, re.findall(r"\d+", version)))


def _tool(name: str, entry: dict[str, Any]) -> Tool:
    """Make a Tool of an entry of `envs/tools.yaml`."""
    conda = entry.get("conda", {})
    return Tool(
        name=name,
        command=tuple(entry["shows"]["command"]),
        pattern=entry["shows"]["pattern"],
        debian=tuple(entry.get("debian", ())),
        conda=conda.get("package"),
        conda_version=conda.get("version", entry["version"] if conda else None),
        envs=tuple(entry.get("envs", ())),
        **{key: entry[key] for key in ("version", "match", "option", "part", "purpose", "licence") if key in entry},
    )


@functools.cache
def read_pins(path: Path = PINS) -> dict[str, Tool]:
    """Return every pinned tool by name."""
    return {name: _tool(name, entry) for name, entry in load_yaml(path)["tools"].items()}


def tools_for(**options: str) -> tuple[str, ...]:
    """Return the names of the tools that jobs need under these options of the config, e.g. `aligner="bwa", caller="gatk"`."""
    return tuple(tool.name for tool in read_pins().values() if tool.part == "run" and tool.option.items() <= options.items())


def _ask(tool: Tool) -> str:
    """Return what a tool prints when asked for its version, '' if it is not on PATH or does not answer."""
    if shutil.which(tool.command[0]) is None:
        return ""
    try:
        answer = subprocess.run(
            tool.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode(errors="replace")


def real_version(tool: Tool) -> str | None:
    """Return the version that the tool on PATH reports, None if there is none or it does not run."""
    return tool.version_in(_ask(tool))


def real_versions(names: Iterable[str]) -> dict[str, str | None]:
    """Return the version that each tool on PATH reports, asked all at once; None if it is absent or does not run."""
    tools = [read_pins()[name] for name in names]
    with ThreadPoolExecutor(max_workers=max(1, min(8, len(tools)))) as pool:
        return dict(zip([tool.name for tool in tools], pool.map(real_version, tools), strict=True))


def on_debian() -> bool:
    """Tell whether this machine runs Debian or a child of it."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return "debian" in f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()


def way_out() -> str:
    """Return what a person can do when a tool is absent or of another release."""
    if on_debian():
        return "run `make env` and `. .venv/bin/activate`, or let conda bring the pinned tools with `--sdm conda`"
    return "let conda bring the pinned tools with `--sdm conda`, since `make env` installs them on Debian only"


def complaint(tool: Tool, real: str | None) -> str | None:
    """Return what is wrong with a tool in a few words, None if it is the pinned one."""
    if real is None and shutil.which(tool.command[0]) is None:
        return f"{tool.name} is not on PATH"
    if real is None:
        return f"{tool.name} on PATH does not tell its version ({' '.join(tool.command)})"
    return None if tool.agrees(real) else f"{tool.name} {real} is on PATH but this release is pinned to {tool.version}"


def check_tools(names: Sequence[str]) -> dict[str, str]:
    """Return the real version of each tool.

    Raises:
        InputError: a tool is absent, does not run, or is not of the pinned release; the sentence names each of them.
    """
    real = real_versions(names)
    wrong = [text for name, version in real.items() if (text := complaint(read_pins()[name], version))]
    if wrong:
        raise InputError(" and ".join(wrong), remedy=way_out())
    return {name: version for name, version in real.items() if version}


def pinned_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the pinned version of each tool: what conda brings."""
    return {name: read_pins()[name].conda_version or read_pins()[name].version for name in names}


def aligner_in_use(configured: str, conda: bool = False) -> tuple[str, str | None]:
    """Return the aligner that runs, and a note for the release if it is not the configured one.

    minibwa has to be compiled; where it is not on PATH and bwa is, bwa aligns. With `conda`, the environment brings what is configured.
    """
    if conda or configured != "minibwa" or shutil.which("minibwa") or not shutil.which("bwa"):
        return configured, None
    return "bwa", f"minibwa is not installed here: reads are aligned with bwa {read_pins()['bwa'].version} instead"
