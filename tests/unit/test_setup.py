import hashlib
import shlex
import subprocess
from pathlib import Path

import pytest

from scripts.setup import common, debian, minibwa
from scripts.setup import gatk as gatk_step
from scripts.setup.common import SetupError, install_once, write_command


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a cache and a folder of commands of its own."""
    monkeypatch.setenv("GENVEJ_CACHE", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(common, "BIN", tmp_path / "bin")
    return tmp_path / "cache"


def test_install_once_builds_once(cache: Path) -> None:
    built = []

    def build(part: Path) -> None:
        built.append(part)
        (part / "tool").write_text("x")

    assert install_once("t-1", build) == install_once("t-1", build) == cache / "t-1"
    assert len(built) == 1
    assert [entry.name for entry in cache.iterdir()] == ["t-1"]


def test_install_once_failed_build_leaves_nothing(cache: Path) -> None:
    def build(part: Path) -> None:
        (part / "half").write_text("x")
        raise SetupError("no network")

    with pytest.raises(SetupError):
        install_once("t-1", build)
    assert list(cache.iterdir()) == []


def test_install_once_another_process_was_faster(cache: Path) -> None:
    def build(part: Path) -> None:
        (part / "tool").write_text("late")
        (cache / "t-1").mkdir()
        (cache / "t-1" / "tool").write_text("first")

    assert (install_once("t-1", build) / "tool").read_text() == "first"
    assert [entry.name for entry in cache.iterdir()] == ["t-1"]


def test_run_failure_names_the_step_and_the_last_words() -> None:
    with pytest.raises(SetupError, match=r"(?s)fetching X failed: .*status 3\nno route"):
        common.run(["sh", "-c", "echo no route >&2; exit 3"], "fetching X")


def pin(folder: Path, monkeypatch: pytest.MonkeyPatch, **content: bytes) -> None:
    """Pin jars by name and content."""
    sums = folder / "jars.sha256"
    sums.write_text("".join(f"{hashlib.sha256(data).hexdigest()}  {name}.jar\n" for name, data in content.items()))
    monkeypatch.setattr(gatk_step, "SUMS", sums)


def test_check_jars_same_bytes_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin(tmp_path, monkeypatch, a=b"1")
    (tmp_path / "a.jar").write_bytes(b"1")
    gatk_step.check_jars(tmp_path)


@pytest.mark.parametrize(
    ("jars", "words"), [({"a": b"2"}, "a.jar.* other bytes"), ({}, "differ.*a.jar"), ({"a": b"1", "b": b"1"}, "differ.*b.jar")]
)
def test_check_jars_other_bytes_missing_or_stray_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jars: dict[str, bytes], words: str
) -> None:
    pin(tmp_path, monkeypatch, a=b"1")
    for name, content in jars.items():
        (tmp_path / f"{name}.jar").write_bytes(content)
    with pytest.raises(SetupError, match=words):
        gatk_step.check_jars(tmp_path)


@pytest.fixture
def gatk(tmp_path: Path) -> Path:
    """Return the command `gatk` over a `java` that prints its arguments, one a line."""
    (tmp_path / "home" / "jars").mkdir(parents=True)
    for name in ("gatk-9.1.jar", "gatk-native-bindings-1.0.0.jar"):
        (tmp_path / "home" / "jars" / name).touch()
    (tmp_path / "bin" / "java").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "bin" / "java").chmod(0o755)
    home = shlex.quote(str(tmp_path / "home"))
    write_command("gatk", gatk_step.WRAPPER.format(version="9.1", home=home, settings="-Dx=1", main="Main"))
    return tmp_path / "bin" / "gatk"


def call(gatk: Path, *arguments: str) -> list[str]:
    """Return the lines that the command prints."""
    env = {"PATH": f"{gatk.parent}:/usr/bin:/bin"}
    return subprocess.run([gatk, *arguments], env=env, text=True, capture_output=True, check=True).stdout.splitlines()


def test_gatk_command_gives_java_its_options_and_the_tool_the_rest(gatk: Path) -> None:
    lines = call(gatk, "--java-options", "-Xmx1g -XX:+UseSerialGC", "Tool", "-O", "a b")
    home = gatk.parents[1] / "home"
    assert lines == ["-Dx=1", "-Xmx1g", "-XX:+UseSerialGC", f"@{home}/classpath", "Main", "Tool", "-O", "a b"]


def test_gatk_command_takes_java_options_anywhere(gatk: Path) -> None:
    assert call(gatk, "Tool", "--java-options", "-Xmx1g", "--help") == call(gatk, "--java-options", "-Xmx1g", "Tool", "--help")


def test_gatk_command_tells_its_version_without_java(gatk: Path) -> None:
    (gatk.parent / "java").unlink()
    assert call(gatk, "--version") == ["The Genome Analysis Toolkit (GATK) v9.1"]


def test_setup_minibwa_without_cargo_notes_the_fallback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    note = minibwa.setup_minibwa(minibwa.read_pins()["minibwa"])
    assert note is not None
    assert note.startswith("there is no cargo")
    assert "falls back to bwa" in note
    assert not (tmp_path / "bin" / "minibwa").exists()


def test_setup_minibwa_with_an_old_cargo_notes_the_fallback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cargo = tmp_path / "bin" / "cargo"
    cargo.write_text("#!/bin/sh\necho cargo 0.66.0\n")
    cargo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert str(minibwa.why_not()).startswith("cargo 0.66.0 is too old")


def test_install_without_rights_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "privilege", lambda: None)
    assert debian.install(["samtools", "bwa"]) == (
        "these Debian packages are missing and need an administrator: apt-get install samtools bwa"
    )
