"""Write envs/*.yaml, the conda environments, from `envs/tools.yaml` (`make envs`).

    .venv/bin/python -m scripts.setup.write_envs [--check]

With `--check` nothing is written: the exit status is 1 if a file differs from what its sources say.
"""

import re
import sys
from pathlib import Path

import yaml

from workflow.files import atomic
from workflow.tools import PINS, Tool, read_pins

ENVS = PINS.parent
PYTHON = "3.11"
HEAD = "# Written by `make envs` from {source}: change that, not this.\n"


def channels(pins: Path = PINS) -> list[str]:
    """Return the conda channels, highest priority first."""
    names: list[str] = yaml.safe_load(pins.read_text(encoding="utf-8"))["channels"]
    return names


def conda_pin(tool: Tool) -> str:
    """Return the exact conda requirement of a tool, e.g. `samtools ==1.16.1`."""
    return f"{tool.conda} {'==' if tool.match == 'exact' else '='}{tool.conda_version}"


def tool_environments(tools: dict[str, Tool]) -> dict[str, list[str]]:
    """Return the requirements of each environment by its name, sorted, each once."""
    names = sorted({env for tool in tools.values() for env in tool.envs})
    return {name: sorted({conda_pin(tool) for tool in tools.values() if name in tool.envs}) for name in names}


def environment(source: str, dependencies: list[object]) -> str:
    """Return the text of one environment file."""
    content = {"channels": channels(), "dependencies": dependencies}
    return HEAD.format(source=source) + yaml.safe_dump(content, sort_keys=False)


def python_packages() -> list[str]:
    """Return every package of the runtime lock file as `name==version`."""
    return re.findall(r"^[\w.-]+==\S+", (ENVS / "python.lock").read_text(encoding="utf-8"), re.MULTILINE)


def python_environment() -> str:
    """Return the environment of the scripts: exactly the packages of `.venv`, from PyPI since not all of them are in conda's channels."""
    return environment("python.lock", [f"python ={PYTHON}", "pip", {"pip": python_packages()}])


def expected() -> dict[Path, str]:
    """Return the text that each environment file should hold."""
    tools = {name: environment(PINS.name, list(pins)) for name, pins in tool_environments(read_pins()).items()}
    return {ENVS / f"{name}.yaml": text for name, text in {**tools, "python": python_environment()}.items()}


def outdated() -> list[Path]:
    """Return the environment files that are missing, differ from their sources, or have no source."""
    want = expected()
    stray = set(ENVS.glob("*.yaml")) - want.keys() - {PINS}
    return sorted([file for file, text in want.items() if not file.is_file() or file.read_text(encoding="utf-8") != text] + list(stray))


def main(arguments: list[str]) -> int:
    """Write or check the environment files; return the exit status."""
    late = outdated()
    if "--check" in arguments:
        for file in late:
            print(f"{file.relative_to(ENVS.parent)} differs from {PINS.name}: run `make envs`", file=sys.stderr)
        return int(bool(late))
    for file in late:
        if (text := expected().get(file)) is None:
            file.unlink()
            continue
        with atomic(file) as part:
            part.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
