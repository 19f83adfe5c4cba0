"""What was checked and sealed, and then changed by nobody's job."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.files import read_json, sha256_of, write_json
from workflow.receipts.model import Kind, Unit
from workflow.releasing import release
from workflow.sealed_files import check_sealed_files, forget_receipts

FILES = {
    "samples/s1/qc.json": b'{"depth": 34}\n',
    "samples/s1/release.json": b'{"decision": "hold"}\n',
    "cases/c1/report.html": b"<html></html>",
}
RECORDS = ("release/index.html", "multiqc.html")


def entry(results: Path, file: str) -> dict[str, object]:
    path = results / file.removeprefix("run/all/")
    kind, subject, _ = file.split("/", 2)
    found = {"file": file, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
    return found | {
        "kind": "run" if kind == "run" else kind[:-1],
        "subject": subject,
        "deliverable": file,
        "stage": "x",
        "status": "produced",
    }


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a released results folder."""
    results = tmp_path / "results"
    for file, content in FILES.items():
        (results / file).parent.mkdir(parents=True, exist_ok=True)
        (results / file).write_bytes(content)
        os.utime(results / file, (1, 1))
    entries = [entry(results, file) for file in FILES]
    write_json(results / "release/receipts/samples/s1.json", {"files": entries[:2]})
    write_json(results / "release/receipts/cases/c1.json", {"files": [*entries[2:], {"file": "x", "status": "not applicable"}]})
    (results / "release/completeness.tsv").write_text("file\tstatus\na\tproduced\nb\tproduced\nc\tnot applicable\n")
    write_json(results / "release/completeness.json", {"produced": 2, "not applicable": 1, "waived": 0, "missing": 0})
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for file in RECORDS:
        (results / file).write_text("<p>hold</p>\n")
        os.utime(results / file, (1, 1))
    records = [entry(results, f"run/all/{file}") | {"file": file} for file in RECORDS]
    release(results, {"files": [*entries, *records]})
    return results


class Owing:
    """A grid in which the files of the fixture are owed."""

    def __init__(self, results: Path) -> None:
        self.results = results

    def subject_of(self, path: str) -> Unit | None:
        file = path.removeprefix(f"{self.results}/")
        return Unit(Kind(file.split("/")[0][:-1]), file.split("/")[1]) if file in FILES else None


def edit(file: str, old: str = "hold", new: str = "pass") -> Callable[[Path], object]:
    return lambda results: (results / file).write_text((results / file).read_text().replace(old, new))


def lines(change: Callable[[list[str]], list[str]]) -> Callable[[Path], object]:
    def edited(results: Path) -> None:
        log = results / "release/log.jsonl"
        log.write_text("".join(change(log.read_text().splitlines(keepends=True))))

    return edited


def remove(file: str) -> Callable[[Path], object]:
    def change(results: Path) -> None:
        (results / file).parent.chmod(0o755)
        (results / file).unlink()

    return change


def test_check_sealed_files_accepts_what_was_left(results: Path, tmp_path: Path) -> None:
    check_sealed_files(results)
    check_sealed_files(tmp_path / "nothing yet")


@pytest.mark.parametrize("file", [*FILES, *RECORDS])
def test_check_sealed_files_lets_a_file_be_deleted_or_touched(results: Path, file: str) -> None:
    (results / file).touch()
    check_sealed_files(results)
    (results / file).unlink()
    check_sealed_files(results)


@pytest.mark.parametrize(
    ("change", "file", "says"),
    [
        (edit("release/index.html"), "release/index.html", "this is not the file that was signed with the release"),
        (edit("multiqc.html", "</p>", ""), "multiqc.html", "this is not the file that was signed with the release"),
        (edit("release/completeness.tsv", "a\tproduced", "a\tmissing"), "release/completeness.tsv", "not the table that was written"),
        (edit("release/manifest.json", '"sha256": "', '"sha256": "0'), "release/manifest.json", "this is not the manifest of"),
        (edit("release/manifest.json", "}", ""), "release/manifest.json", "this is no whole JSON"),
        (remove("release/versions/0001/samples/s1/qc.json"), "versions/0001/samples/s1/qc.json", "sealed version is gone or damaged"),
        (lambda results: shutil.rmtree(results / "release/versions"), "versions/0001", "manifest.json speaks of is gone; put it back"),
        (lines(lambda log: log[1:]), "release/log.jsonl, row 1", "the log has a broken chain: this line does not follow"),
        (lines(lambda log: [log[0], log[1].replace("sealed", "listed")]), "log.jsonl, row 2", "it does not fit its own hash"),
        (lines(lambda log: log[:1]), "log.jsonl, row 1", "the last lines of the log are gone"),
        (lines(lambda log: [log[0], log[1][:-9]]), "log.jsonl, row 1", "the last lines of the log are gone"),
        (lines(lambda log: [*log, log[1][:50]]), "log.jsonl, row 3", "the last lines of the log are gone"),
        (lines(lambda log: []), "log.jsonl, row 1", "the last lines of the log are gone"),
        (edit("release/manifest.json", '"stage": "x"', '"stage": "y"'), "release/manifest.json", "the log speaks of another manifest"),
        (edit("release/manifest.json", "\n", "\n "), "release/manifest.json", "the log speaks of another manifest"),
        (edit("release/manifest.json.sig", "==", "="), "release/manifest.json.sig", "this is not the signature of manifest.json"),
        (remove("release/versions/0001/manifest.json"), "versions/0001", "manifest.json speaks of is gone"),
    ],
)
def test_check_sealed_files_refuses(results: Path, change: Callable[[Path], object], file: str, says: str) -> None:
    change(results)
    with pytest.raises(InputError) as caught:
        check_sealed_files(results)
    assert says in str(caught.value)
    assert f"{file}: " in str(caught.value)


def test_forget_receipts_takes_those_of_what_is_made_anew_only(results: Path) -> None:
    forget_receipts(results, Owing(results), ["other.txt", str(results / "samples/s1/x.txt")])
    check_sealed_files(results)
    assert (results / "release/completeness.json").exists()
    forget_receipts(results, Owing(results), ["other.txt", str(results / "samples/s1/qc.json")])
    assert not (results / "release/receipts/samples/s1.json").exists()
    assert not (results / "release/completeness.json").exists()
    assert read_json(results / "release/receipts/cases/c1.json")
    (results / "samples/s1/qc.json").write_text("another")
    check_sealed_files(results)


def test_forget_receipts_takes_the_manifest_before_a_record_of_the_run_is_made_anew(results: Path) -> None:
    forget_receipts(results, Owing(results), [str(results / "samples/s1/x.txt"), str(results / "release/stored.json")])
    assert (results / "release/manifest.json").exists()
    forget_receipts(results, Owing(results), [str(results / "multiqc.html")])
    assert not (results / "release/manifest.json").exists()
    assert (results / "release/versions/0001/manifest.json").exists()
    (results / "multiqc.html").write_text("another")
    check_sealed_files(results)
