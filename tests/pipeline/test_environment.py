"""Tools come at their pinned release: from conda's environments if asked for, and a wrong one on PATH is refused."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.local_conda import build_channel, write_conda
from workflow.tools import read_pins, real_version

ROOT = Path(__file__).resolve().parents[2]
SNAKEMAKE = [sys.executable, "-m", "snakemake"]
ENVIRONMENTS = ("alignment", "annotation", "coverage", "reads")  # those whose programs are small enough to pack in a test

RULE = """
rule {name}:
    output:
        "{name}.txt",
    conda:
        "{file}"
    shell:
        "({ask}) > {{output}} 2>&1"
"""


def snakemake(work: Path, *arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in `work` with the folder `path` first on PATH."""
    env = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(work / "cache")}
    command = [*SNAKEMAKE, "--directory", str(work), "--cores", "1", *arguments]
    return subprocess.run(command, env=env, cwd=work, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False)


def tools_of(environment: str) -> list[str]:
    return [tool.name for tool in read_pins().values() if environment in tool.envs]


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    """Return a folder with a `conda` that installs this machine's tools from a local channel."""
    tools = [tool for tool in read_pins().values() if set(tool.envs) & set(ENVIRONMENTS)]
    channel = build_channel(tools, tmp_path / "channels")
    return write_conda(tmp_path / "front", channel).parent


def test_sdm_conda_runs_the_pinned_tools_of_our_environment_files(tmp_path: Path, conda: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    rules = [
        RULE.format(name=name, file=ROOT / "envs" / f"{name}.yaml", ask="; ".join(f"command -v {tool}" for tool in tools_of(name)))
        for name in ENVIRONMENTS
    ]
    (work / "Snakefile").write_text("\n".join(rules))
    done = snakemake(work, *[f"{name}.txt" for name in ENVIRONMENTS], "--sdm", "conda", path=conda)
    assert done.returncode == 0, done.stderr
    for name in ENVIRONMENTS:
        places = [Path(line) for line in (work / f"{name}.txt").read_text().split()]
        assert [place.name for place in places] == tools_of(name)
        for place in places:
            assert place.is_relative_to(work / ".snakemake" / "conda"), f"{place} does not come from the environment"
            assert release_of(place) == read_pins()[place.name].version


def release_of(program: Path) -> str | None:
    """Return the version that the linked program itself reports."""
    tool = read_pins()[program.name]
    return real_version(replace(tool, command=(str(program), *tool.command[1:])))


def test_sdm_conda_refuses_an_environment_that_the_channel_cannot_give(tmp_path: Path, conda: Path) -> None:
    text = (ROOT / "envs" / "reads.yaml").read_text()
    (tmp_path / "other.yaml").write_text(text.replace("fastp ==", "fastp ==9."))
    (tmp_path / "Snakefile").write_text(RULE.format(name="reads", file=tmp_path / "other.yaml", ask="fastp --version"))
    done = snakemake(tmp_path, "reads.txt", "--sdm", "conda", path=conda)
    assert done.returncode != 0
    assert "fastp" in done.stderr
    assert not (tmp_path / "reads.txt").exists()
