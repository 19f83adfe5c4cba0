"""Tools come at their pinned release: from conda's environments if asked for, and a wrong one on PATH is refused."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pysam
import pytest

from tests.pipeline.local_conda import build_channel, write_conda
from tests.pipeline.tiny_person import write_person
from workflow.tools import read_pins, real_version

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("alignment", "annotation", "coverage", "freebayes", "reads")  # those whose programs are small enough to pack in a test

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
    command = [sys.executable, "-m", "snakemake", "--directory", str(work), "--cores", "2", *arguments]
    return subprocess.run(command, env=env, cwd=work, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False)


def genvej(work: Path, *arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run the workflow itself in `work`."""
    return snakemake(work, "--snakefile", str(ROOT / "Snakefile"), *arguments, "--configfile", str(work / "config.yaml"), path=path)


def tools_of(environment: str) -> list[str]:
    return [tool.name for tool in read_pins().values() if environment in tool.envs]


@pytest.fixture(scope="module")
def conda(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a `conda` that installs this machine's tools from a local channel."""
    folder = tmp_path_factory.mktemp("conda")
    tools = [tool for tool in read_pins().values() if set(tool.envs) & set(ENVIRONMENTS)]
    return write_conda(folder / "front", build_channel(tools, folder / "channels")).parent


def test_sdm_conda_gives_the_pinned_tools_of_our_environment_files(tmp_path: Path, conda: Path) -> None:
    rules = [
        RULE.format(name=name, file=ROOT / "envs" / f"{name}.yaml", ask="; ".join(f"command -v {tool}" for tool in tools_of(name)))
        for name in ENVIRONMENTS
    ]
    (tmp_path / "Snakefile").write_text("\n".join(rules))
    done = snakemake(tmp_path, *[f"{name}.txt" for name in ENVIRONMENTS], "--sdm", "conda", path=conda)
    assert done.returncode == 0, done.stderr
    for name in ENVIRONMENTS:
        places = [Path(line) for line in (tmp_path / f"{name}.txt").read_text().split()]
        assert [place.name for place in places] == tools_of(name)
        for place in places:
            assert place.is_relative_to(tmp_path / ".snakemake" / "conda"), f"{place} does not come from the environment"
            assert release_of(place) == read_pins()[place.name].version


def release_of(program: Path) -> str | None:
    """Return the version that the linked program itself reports."""
    tool = read_pins()[program.name]
    return real_version(replace(tool, command=(str(program), *tool.command[1:])))


def test_sdm_conda_fails_where_the_channel_lacks_the_pinned_release(tmp_path: Path, conda: Path) -> None:
    text = (ROOT / "envs" / "reads.yaml").read_text()
    (tmp_path / "other.yaml").write_text(text.replace("fastp ==", "fastp ==9."))
    (tmp_path / "Snakefile").write_text(RULE.format(name="reads", file=tmp_path / "other.yaml", ask="fastp --version"))
    done = snakemake(tmp_path, "reads.txt", "--sdm", "conda", path=conda)
    assert done.returncode != 0
    assert "fastp" in done.stderr
    assert not (tmp_path / "reads.txt").exists()


def test_workflow_from_reads_to_calls_runs_with_sdm_conda_past_wrong_tools_on_path(tmp_path: Path, conda: Path) -> None:
    work = write_person(tmp_path / "work")
    old = write_old_tools(tmp_path / "old", "samtools", "bcftools", "fastp", "mosdepth", "freebayes", "minibwa")
    (old / "conda").symlink_to(conda / "conda")
    targets = ["results/small_variants/case1.vcf.gz", "results/samples/anna/callable.bed.gz", "results/reads/anna/L1.fastp.json"]
    done = genvej(work, *targets, "--sdm", "conda", path=old)
    assert done.returncode == 0, done.stdout + done.stderr
    with pysam.VariantFile(str(work / targets[0])) as calls:
        assert [(call.contig, call.pos) for call in calls] == [("chrM", 8001)]


def write_old_tools(folder: Path, *names: str) -> Path:
    """Put programs on `folder` that say they are release 1.10, and do nothing else."""
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f"#!/bin/sh\necho {name} 1.10\nexit 1\n")
        (folder / name).chmod(0o755)
    return folder


def test_workflow_with_a_wrong_tool_on_path_stops_before_the_first_job(tmp_path: Path) -> None:
    work = write_person(tmp_path / "work")
    done = genvej(work, path=write_old_tools(tmp_path / "old", "samtools"))
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert re.search(r"samtools 1\.10 is on PATH but this release is pinned to 1\.16\.1; run `make env` .* or .* `--sdm conda`\.", said), (
        said
    )
    assert "Traceback" not in said
    assert not list((work / "results").rglob("*.json"))
