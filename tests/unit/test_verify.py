"""Released bytes read again."""

import os
from pathlib import Path

import pytest

from workflow import verify
from workflow.files import sha256_of, write_json
from workflow.sealing import seal


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Write results with two sealed versions that share a file."""
    for content in (b"first", b"second"):
        for file, text in {"samples/s/a.cram": b"reads", "samples/s/b.json": content}.items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_bytes(text)
        files = [
            {"file": file, "bytes": (tmp_path / file).stat().st_size, "sha256": sha256_of(tmp_path / file), "kind": "sample"}
            for file in ("samples/s/a.cram", "samples/s/b.json")
        ]
        version = seal(tmp_path, tmp_path / "release/versions", {"files": files})
        write_json(tmp_path / "release/manifest.json", {"version": version, "files": files})
    return tmp_path


def test_verify_counts_what_is_as_it_was(results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(verify, "sha256_of", lambda file: read.append(file) or sha256_of(file))
    assert verify.main(results) == 0
    assert capsys.readouterr().out == "6 of 6 files are as they were sealed.\n"
    assert len(read) == 5  # the second version's link to the first one's reads is not read again


def test_verify_sees_a_bit_that_turned_and_a_file_that_went(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = results / "samples/s/a.cram"
    status = file.stat()
    file.write_bytes(b"reaDs")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    (results / "release/versions/0001/samples/s").chmod(0o755)
    (results / "release/versions/0001/samples/s/b.json").unlink()
    assert verify.main(results) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"{results}/release/versions/0001/samples/s/b.json is gone",
        f"{file} is not what was sealed",
        "4 of 6 files are as they were sealed.",
    ]


def test_verify_of_nothing_is_no_success(tmp_path: Path) -> None:
    assert verify.main(tmp_path) == 1
