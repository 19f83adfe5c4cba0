"""Verification on small trees: shared bytes are read once and told under each name, and what belongs to nobody is told."""

import re
from pathlib import Path

import pytest

from scripts.verify_release import main
from tests.signed_trees import manifest_of, release_tree, use_key
from workflow import plain_files, sealing
from workflow.deliverables import CASE, RUN, SAMPLE, SIGNED
from workflow.digests import ROOT
from workflow.plain_files import UnusableError, is_within, listed
from workflow.releasing import release
from workflow.verification import WORKING, verify_folder


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Release two versions whose reads are hard links of the live file."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sealing, "COPIED", 100)
    use_key(monkeypatch, None)
    for depth in (b"1", b"2"):
        release_tree(tmp_path / "results", qc=depth, s1=depth * 200)
    return tmp_path / "results"


def test_verify_folder_reads_bytes_that_names_share_once(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    digest = plain_files._digest
    monkeypatch.setattr(plain_files, "_digest", lambda path: read.append(path) or digest(path))
    report = verify_folder(results, None, 2)
    assert (report.faults, report.files, report.versions) == ([], 24, 2)
    inodes = {(results / name).stat().st_ino for name in ("samples/s1/s1.cram", "release/versions/0002/samples/s1/s1.cram")}
    assert len(inodes) == 1
    assert len([path for path in read if path.name == "s1.cram"]) == 2
    assert len(read) < report.files


def test_bit_that_turned_in_shared_bytes_is_told_under_each_name(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open(results / "samples/s1/s1.cram", "r+b") as handle:
        handle.write(b"R")
    assert main([str(results)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert "samples/s1/s1.cram: was changed" in said
    assert "release/versions/0002/samples/s1/s1.cram: was changed" in said


def test_lengths_that_differ_are_told_without_reading(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "samples/s1/qc.json").write_bytes(b"22")
    (results / "cases/c1/report.html").write_bytes(b"")
    assert main([str(results), "--jobs", "0"]) == 1
    said = capsys.readouterr().out
    assert "samples/s1/qc.json: was made longer: it has 2 bytes, and had 1\n" in said
    assert "cases/c1/report.html: was cut short: it has 0 bytes, and had 14\n" in said


def test_names_are_shown_without_their_control_characters(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "samples/s1/a\n\x1b[2J").write_text("x")
    (results / b"samples/s1/\xff".decode(errors="surrogateescape")).write_text("x")
    assert main([str(results)]) == 1
    said = capsys.readouterr().out
    assert "'samples/s1/a\\n\\x1b[2J': was added: the manifest does not list it\n" in said
    assert "'samples/s1/\\udcff': was added" in said
    assert "\x1b" not in said


def test_what_a_killed_run_left_beside_the_versions_is_told(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "release/versions/.part-x").mkdir()
    assert main([str(results)]) == 1
    assert "release/versions/.part-x: was added: it is no sealed version" in capsys.readouterr().out


def test_working_files_and_logs_of_a_results_folder_are_not_delivered(results: Path) -> None:
    for name in ("logs/x/y.log", "coverage/s1.txt", "release/receipts/samples/other.json", "release/completeness.json"):
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text("x")
    assert main([str(results)]) == 0


def test_files_of_a_sample_that_is_in_no_sheet_any_more_are_compared_with_its_last_version(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = manifest_of(results)
    manifest["files"] = [one for one in manifest["files"] if one["kind"] != "case"]
    assert release(results, manifest) == "0003"
    assert main([str(results)]) == 0
    (results / "cases/c1/report.html").write_text("<html></html>!")
    (results / "cases/c1/more.html").write_text("x")
    assert main([str(results)]) == 1
    said = capsys.readouterr().out
    assert "cases/c1/report.html: was changed\n" in said
    assert "cases/c1/more.html: was added: the manifest does not list it\n" in said


@pytest.mark.parametrize("name", ["a", "samples/s1/æ.json", "...", "a/..b"])
def test_is_within_takes_plain_names(name: str) -> None:
    assert is_within(name)


@pytest.mark.parametrize("name", ["", ".", "..", "/a", "//a", "a/../b", "../a", "./a", "a//b", "a/", "a/./b", "a\0"])
def test_is_within_refuses_every_other_spelling(name: str) -> None:
    assert not is_within(name)


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (None, "is no manifest"),
        ([1], "is no manifest"),
        ([{"file": "a", "bytes": True, "sha256": "0" * 64}], "is no manifest"),
        ([{"file": "a", "bytes": 1, "sha256": "0" * 63}], "is no manifest"),
        ([{"file": 1, "bytes": 1, "sha256": "0" * 64}], "is no manifest"),
        ([{"file": "a", "bytes": 1, "sha256": "0" * 64}] * 2, "names 'a' twice"),
        ([{"file": "../a", "bytes": 1, "sha256": "0" * 64}], "names a file outside of its folder ('../a')"),
    ],
)
def test_listed_refuses_what_is_no_manifest(entries: object, says: str) -> None:
    with pytest.raises(UnusableError) as caught:
        listed({"files": entries})
    assert str(caught.value).startswith(says)


RULES = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "rules").glob("*.smk")))


def test_every_file_that_rules_write_into_release_is_listed_or_known_as_a_working_file() -> None:
    made = set(re.findall(r"<results>/(release/[\w-]+\.[\w.]+)", RULES))
    assert "release/change.json" in made
    assert not {name for name in made - {*RUN, *SIGNED} if name.removeprefix("release/") not in WORKING}


def test_every_file_that_rules_write_into_folders_of_samples_and_cases_is_delivered() -> None:
    made = {re.sub(r"\{\w+\}", "{name}", name) for name in re.findall(r"<results>/((?:samples|cases)/\{\w+\}/[^\"`\s]+)\"", RULES)}
    assert "samples/{name}/qc.json" in made
    assert made - {one.path for one in (*SAMPLE, *CASE)} == set()
