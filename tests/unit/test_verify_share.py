"""What CI looks at on a schedule: a random share, always the same for a seed, read to the last byte."""

import json
from pathlib import Path

import pytest

from scripts.verify_share import drawn, main
from tests.signed_trees import FILES, put, release_tree, use_key
from workflow.files import sha256_of
from workflow.receipts.model import FORMAT, Kind, Unit, seal_of


def write_receipt(results: Path, kind: str, name: str) -> Path:
    """Write the receipt of a unit of the small tree, sealed."""
    files = [file for file in FILES if file.startswith(f"{kind}s/")]
    told = [
        {
            "file": file,
            "bytes": (results / file).stat().st_size,
            "mtime_ns": 1,
            "sha256": sha256_of(results / file),
            "stage": "x",
            "status": "produced",
        }
        for file in files
    ]
    content = {"format": FORMAT, "unit": {"kind": kind, "name": name}, "assembly": "GRCh38", "inputs": {}, "parts": {}, "sources": []}
    content |= {"cost": {}, "files": told}
    file = results / f"release/receipts/{kind}s/{name}.json"
    file.write_text(json.dumps(content | {"seal": seal_of(content)}))
    return file


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a released tree with a sample and a case, each with its receipt."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    use_key(monkeypatch, None)
    release_tree(tmp_path / "results")
    for kind, name in (("sample", "s1"), ("case", "c1")):
        write_receipt(tmp_path / "results", kind, name)
    return tmp_path / "results"


def test_drawn_is_a_share_and_the_same_for_a_seed() -> None:
    units = [Unit(Kind.SAMPLE, f"s{number:04d}") for number in range(1000)]
    assert len(drawn(units, 0.01, 7)) == 10
    assert drawn(units, 0.01, 7) == drawn(units, 0.01, 7) != drawn(units, 0.01, 8)
    assert len(drawn(units[:3], 0.01, 7)) == 1, "at least one"


def test_whole_release_is_fine_and_the_seed_is_printed(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(results), "--share", "1", "--seed", "5"]) == 0
    assert "seed 5: 2 of 2 samples and cases: case c1, sample s1" in capsys.readouterr().out
    assert main([str(results)]) == 0
    assert "1 of 2 samples and cases" in capsys.readouterr().out


def test_bit_that_turned_is_found_if_its_unit_is_drawn(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(results / "samples/s1/qc.json", b'{"depth": 35}\n')
    seeds = {drawn([Unit(Kind.CASE, "c1"), Unit(Kind.SAMPLE, "s1")], 0.5, seed)[0].name: seed for seed in range(20)}
    assert main([str(results), "--share", "0.5", "--seed", str(seeds["c1"])]) == 0
    capsys.readouterr()
    assert main([str(results), "--share", "0.5", "--seed", str(seeds["s1"])]) == 1
    said = capsys.readouterr().out
    assert "samples/s1/qc.json: was changed" in said
    assert "samples/s1/qc.json is not as the receipt of sample s1 has it" in said


def test_receipt_edited_by_hand_is_found(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = results / "release/receipts/samples/s1.json"
    file.write_text(file.read_text().replace("GRCh38", "GRCh37"))
    assert main([str(results), "--share", "1", "--seed", "1"]) == 1
    assert "changed by hand" in capsys.readouterr().out


def test_folder_without_receipts_cannot_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "holds no receipt" in capsys.readouterr().err
