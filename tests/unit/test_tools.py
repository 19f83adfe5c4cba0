import stat
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.setup import write_envs
from workflow import tools
from workflow.errors import InputError
from workflow.tools import aligner_in_use, check_tools, read_pins, real_versions, tools_for

ALL = sorted(read_pins())


def fake(folder: Path, name: str, text: str, status: int = 0) -> None:
    """Put a program on the folder that prints `text`."""
    program = folder / name
    program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{text}\nEOF\nexit {status}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands alone on PATH, but for the system's `cat` and `sh`."""
    for name in ("cat", "sh"):
        (tmp_path / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ALL)
def test_read_pins_every_tool_says_what_it_is_for_and_its_licence(name: str) -> None:
    tool = read_pins()[name]
    assert tool.purpose
    assert tool.licence
    assert tool.match in {"exact", "series", "at_least"}
    assert tool.part in {"run", "builder", "test", "bench", "validation"}
    assert bool(tool.conda) == bool(tool.envs)


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("samtools", "samtools 1.10\nUsing htslib 1.10", "1.10"),
        ("bgzip", "bgzip (htslib) 1.16\nCopyright", "1.16"),
        ("bwa", "\nProgram: bwa\nVersion: 0.7.17-r1188", "0.7.17"),
        ("freebayes", "version:  v1.3.6", "1.3.6"),
        ("minibwa", "0.6-r416", "0.6-r416"),
        ("gatk", "The Genome Analysis Toolkit (GATK) v4.6.2.0\nHTSJDK Version: 4.2.0", "4.6.2.0"),
        ("java", 'openjdk version "17.0.9" 2023-10-17', "17.0.9"),
        ("java", 'java version "1.8.0_401"', "1.8.0_401"),
        ("aardvark", "aardvark-bio 1.1.0-unknown", "1.1.0"),
        ("rtg", "Product: RTG Tools 3.12.1\nCore Version: ", "3.12.1"),
        ("mvn", "\x1b[1mApache Maven 3.8.7\x1b[m", "3.8.7"),
        ("samtools", "could not load: libhts.so", None),
    ],
)
def test_real_versions_reads_what_each_tool_prints(path: Path, name: str, text: str, version: str | None) -> None:
    fake(path, name, text, status=1)
    assert real_versions([name]) == {name: version}


@pytest.mark.usefixtures("path")
def test_real_versions_absent_tool_is_none() -> None:
    assert real_versions(["samtools", "fastp"]) == {"samtools": None, "fastp": None}


@pytest.mark.parametrize(
    ("match", "pin", "real", "agrees"),
    [
        ("exact", "1.16", "1.16", True),
        ("exact", "1.16", "1.16.1", False),
        ("series", "17", "17.0.9", True),
        ("series", "17", "170.1", False),
        ("series", "17", "21.0.1", False),
        ("at_least", "1.78", "1.100.0", True),
        ("at_least", "1.78", "1.9.0", False),
    ],
)
def test_agrees_follows_the_kind_of_pin(match: str, pin: str, real: str, agrees: bool) -> None:
    assert replace(read_pins()["java"], match=match, version=pin).agrees(real) is agrees


def test_check_tools_pinned_release_gives_versions(path: Path) -> None:
    fake(path, "fastp", "fastp 0.23.2")
    assert check_tools(["fastp"]) == {"fastp": "0.23.2"}


def test_check_tools_other_release_is_one_sentence_with_the_way_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "on_debian", lambda: True)
    fake(path, "samtools", "samtools 1.10")
    fake(path, "bcftools", "bcftools: not found in archive")
    with pytest.raises(InputError) as caught:
        check_tools(["samtools", "bcftools", "fastp"])
    assert str(caught.value) == (
        "samtools 1.10 is on PATH but this release is pinned to 1.16.1 and bcftools on PATH does not tell its version "
        "(bcftools --version) and fastp is not on PATH; "
        "run `make env` and `. .venv/bin/activate`, or let conda bring the pinned tools with `--sdm conda`."
    )


@pytest.mark.usefixtures("path")
def test_check_tools_not_on_debian_names_conda_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "on_debian", lambda: False)
    with pytest.raises(InputError, match=r"fastp is not on PATH; let conda bring the pinned tools with `--sdm conda`"):
        check_tools(["fastp"])


def test_tools_for_follows_the_options_of_the_config() -> None:
    default, light = set(tools_for(aligner="minibwa", caller="gatk")), set(tools_for(aligner="bwa", caller="freebayes"))
    assert default - light == {"minibwa", "gatk", "java"}
    assert light - default == {"bwa", "freebayes"}
    assert not {"cargo", "chromium"} & (default | light)


def test_aligner_in_use_without_minibwa_falls_back_to_bwa_and_says_so(path: Path) -> None:
    fake(path, "bwa", "Version: 0.7.17-r1188")
    aligner, note = aligner_in_use("minibwa")
    assert aligner == "bwa"
    assert note is not None
    assert "minibwa is not installed" in note


def test_aligner_in_use_with_minibwa_or_conda_stays_as_configured(path: Path) -> None:
    fake(path, "bwa", "Version: 0.7.17-r1188")
    assert aligner_in_use("minibwa", conda=True) == ("minibwa", None)
    assert aligner_in_use("bwa") == ("bwa", None)
    fake(path, "minibwa", "0.6-r416")
    assert aligner_in_use("minibwa") == ("minibwa", None)


@pytest.mark.usefixtures("path")
def test_aligner_in_use_without_any_aligner_leaves_the_error_to_the_check() -> None:
    assert aligner_in_use("minibwa") == ("minibwa", None)


def test_environment_files_agree_with_the_list_of_tools() -> None:
    assert write_envs.outdated() == []


def test_outdated_names_a_file_that_someone_edited_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_envs, "ENVS", tmp_path)
    (tmp_path / "python.lock").write_text("pysam==0.24.1 \\\n    --hash=sha256:0\n")
    for file, text in write_envs.expected().items():
        file.write_text(text.replace("samtools ==1.16.1", "samtools ==1.17"))
    assert {file.name for file in write_envs.outdated()} == {f"{name}.yaml" for name in read_pins()["samtools"].envs}
    assert write_envs.main(["--check"]) == 1


def test_python_lock_pins_every_package_by_hash_and_names_no_registry() -> None:
    for name in ("python", "dev", "multiqc", "whatshap"):
        text = (write_envs.ENVS / f"{name}.lock").read_text()
        assert text.count("==") <= text.count("--hash=sha256:")
        assert not any(option in text for option in ("://", "--index", "--find-links", "--extra-index"))
