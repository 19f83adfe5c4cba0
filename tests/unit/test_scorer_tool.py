"""The scorer is there, is built, or the run stops with one sentence."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.setup import aardvark as step
from scripts.setup import tools as setup_tools
from scripts.setup.common import SetupError
from workflow import scorer_tool
from workflow.errors import InputError
from workflow.files import sha256_of
from workflow.scorer_tool import check_scorer, provide_scorer
from workflow.tools import read_pins

AARDVARK = read_pins()["aardvark"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands alone on PATH, but for `cat`, `sh` and `mkdir`."""
    (tmp_path / "bin").mkdir()
    for name in ("cat", "sh", "mkdir"):
        (tmp_path / "bin" / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def fake(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def builds(monkeypatch: pytest.MonkeyPatch, status: int, said: str, then: Any = lambda: None) -> list[list[str]]:
    """Replace the build; return the commands that are run."""
    asked = []
    real = subprocess.run

    def run(command: Any, **options: Any) -> Any:
        if "scripts.setup.tools" not in command:
            return real(command, **options)
        asked.append(command)
        then()
        return subprocess.CompletedProcess(command, status, "", said)

    monkeypatch.setattr(scorer_tool.subprocess, "run", run)
    return asked


def test_provide_scorer_builds_it_once_and_says_so(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = builds(monkeypatch, 0, "", then=lambda: fake(path, "aardvark", "echo aardvark-bio 1.1.0-unknown"))
    provide_scorer("aardvark")
    provide_scorer("aardvark")
    assert [command[1:] for command in asked] == [["-m", "scripts.setup.tools", "--validation"]]
    assert "setting up aardvark" in capsys.readouterr().err


@pytest.mark.usefixtures("path")
def test_provide_scorer_that_cannot_be_built_is_one_sentence_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    builds(monkeypatch, 1, "make env: there is no cargo to build aardvark: install cargo 1.88 or later\nmore\n")
    with pytest.raises(InputError) as caught:
        provide_scorer("aardvark")
    assert str(caught.value) == (
        "aardvark could not be built (there is no cargo to build aardvark: install cargo 1.88 or later); "
        "build it with `make validation-tools`, or let conda bring it with `--sdm conda`."
    )


@pytest.mark.usefixtures("path")
def test_provide_scorer_never_tries_to_build_vcfeval(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = builds(monkeypatch, 0, "")
    with pytest.raises(InputError, match="rtg is not on PATH; install RTG Tools, let conda bring them"):
        provide_scorer("vcfeval")
    assert asked == []


def test_check_scorer_refuses_another_release(path: Path) -> None:
    fake(path, "aardvark", "echo aardvark-bio 0.9.0")
    with pytest.raises(InputError, match=r"aardvark 0\.9\.0 is on PATH but this release is pinned to 1\.1\.0"):
        check_scorer("aardvark")


@pytest.mark.parametrize(("cargo", "says"), [("", "there is no cargo to build aardvark"), ("echo cargo 1.85.0", "cargo 1.85.0 is too old")])
def test_check_builders_without_a_cargo_that_can_names_what_to_install(path: Path, cargo: str, says: str) -> None:
    if cargo:
        fake(path, "cargo", cargo)
    with pytest.raises(SetupError, match=f"{says}.*cargo-web"):
        step.check_builders()


def test_build_refuses_a_crate_with_other_bytes(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crate = tmp_path / "home/registry/cache/x/aardvark-bio-1.1.0.crate"
    crate.parent.mkdir(parents=True)
    crate.write_bytes(b"other")
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "home"))
    fake(path, "cargo", "exit 0")
    with pytest.raises(SetupError, match=r"aardvark-bio-1\.1\.0\.crate from crates\.io has other bytes than aardvark\.sha256 pins"):
        step.build(AARDVARK, tmp_path / "part")
    monkeypatch.setattr(step, "SUM", tmp_path / "sum")
    (tmp_path / "sum").write_text(f"{sha256_of(crate)}  {crate.name}\n")
    step.build(AARDVARK, tmp_path / "part")


def test_build_scorer_for_tests_goes_on_without_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_tool: Any) -> None:
        raise SetupError("there is no cargo")

    monkeypatch.setattr(step, "setup_aardvark", fail)
    setup_tools.build_scorer(must=False)
    assert "there is no cargo; the tests of validation will fail" in capsys.readouterr().out
    with pytest.raises(SetupError):
        setup_tools.build_scorer(must=True)
