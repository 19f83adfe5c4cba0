"""Sealed versions: whole, read-only, added only when something differs, never touched again."""

import errno
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scripts.seal_release import build_manifest
from workflow import sealing
from workflow.errors import InputError
from workflow.files import sha256_of, write_json
from workflow.release_key import Signer
from workflow.sealing import seal, versions
from workflow.signing import load_public_key, read_signature, verify

SIGNERS = [Signer(Ed25519PrivateKey.generate(), demo=True) for _ in range(2)]


@pytest.fixture
def live(tmp_path):
    """A results folder with one small and one large deliverable (large = above COPIED, made small here)."""
    results = tmp_path / "results"
    put(results / "samples/s1/qc.json", b'{"depth": 34}\n')
    put(results / "samples/s1/s1.cram", b"reads " * 50)
    put(results / "provenance/run.json", b'{"genvej": {"version": "0.1", "commit": null, "code": "c0de"}}')
    put(results / "release/change.json", b'{"workflow": "aaaaaaaaaaaa", "status": "first version"}')
    return results


@pytest.fixture(autouse=True)
def small_limit(monkeypatch):
    monkeypatch.setattr(sealing, "COPIED", 100)


def put(path, content):
    """Write as Snakemake and the rules do: the old file is removed, a new one made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def manifest(results, run_records=("provenance/run.json",)):
    receipt = results / "release/receipts/samples/s1.json"
    files = [
        {
            "kind": "sample",
            "subject": "s1",
            "deliverable": name,
            "file": name,
            "stage": "x",
            "status": "produced",
            "reason": "",
            "bytes": (results / name).stat().st_size,
            "sha256": sha256_of(results / name),
        }
        for name in ("samples/s1/qc.json", "samples/s1/s1.cram")
    ]
    waived = {
        "kind": "sample",
        "subject": "s1",
        "deliverable": "other",
        "file": "o",
        "stage": "x",
        "status": "not applicable",
        "reason": "r",
    }
    write_json(receipt, {"files": [*files, waived]})
    return build_manifest(results, [str(receipt)], run_records)


def sealed(results, signer=SIGNERS[0]):
    return seal(results, results / "release/versions", {"key": signer.described()} | manifest(results), signer)


def test_build_manifest_lists_produced_deliverables_and_records_of_the_run(live):
    content = manifest(live)
    assert [(entry["file"], entry["kind"]) for entry in content["files"]] == [
        ("samples/s1/qc.json", "sample"),
        ("samples/s1/s1.cram", "sample"),
        ("provenance/run.json", "run"),
    ]
    assert all(entry["sha256"] == sha256_of(live / entry["file"]) for entry in content["files"])


def test_seal_first_version_holds_every_file_and_its_manifest(live):
    assert sealed(live) == "0001"
    version = live / "release/versions/0001"
    kept = json.loads((version / "manifest.json").read_text())
    assert kept["version"] == "0001"
    key, signature = load_public_key(version / "manifest.json.pub"), read_signature(version / "manifest.json.sig")
    assert verify((version / "manifest.json").read_bytes(), signature, key)
    assert all(sha256_of(version / entry["file"]) == entry["sha256"] for entry in kept["files"])


def test_seal_links_large_files_and_copies_small_ones(live):
    sealed(live)
    version = live / "release/versions/0001"
    assert (version / "samples/s1/s1.cram").samefile(live / "samples/s1/s1.cram")
    assert not (version / "samples/s1/qc.json").samefile(live / "samples/s1/qc.json")


def test_seal_is_read_only_but_leaves_the_live_file_writable(live):
    sealed(live)
    version = live / "release/versions/0001"
    for path in (version, version / "samples/s1", version / "samples/s1/qc.json", *version.glob("manifest.json*")):
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH), path
    for name in ("samples/s1/qc.json", "samples/s1/s1.cram"):
        assert (live / name).stat().st_mode & stat.S_IWUSR, "Snakemake refuses to remake a write-protected output"


def test_seal_unchanged_release_adds_no_version_even_if_the_run_was_another(live):
    sealed(live)
    put(live / "provenance/run.json", b'{"genvej": {"version": "0.2", "commit": null, "code": "other"}}')
    assert sealed(live) == "0001"
    assert [path.name for path in versions(live / "release/versions")] == ["0001"]


def test_seal_another_key_adds_a_version_though_no_file_differs(live):
    assert [sealed(live, SIGNERS[0]), sealed(live, SIGNERS[1]), sealed(live, SIGNERS[1])] == ["0001", "0002", "0002"]


def test_seal_after_unsigned_versions_adds_a_signed_one_and_leaves_them_alone(live):
    sealed(live)
    old = live / "release/versions/0001"
    old.chmod(0o755)
    for name in ("manifest.json.sig", "manifest.json.pub"):
        (old / name).unlink()
    (old / "manifest.json").chmod(0o644)
    content = json.loads((old / "manifest.json").read_text())
    (old / "manifest.json").write_text(json.dumps({key: value for key, value in content.items() if key != "key"}))
    before = (old / "manifest.json").read_bytes()
    assert sealed(live) == "0002"
    assert (old / "manifest.json").read_bytes() == before
    assert not (old / "manifest.json.sig").exists()


def test_seal_rewritten_live_files_keep_their_old_bytes_in_the_old_version(live):
    sealed(live)
    put(live / "samples/s1/s1.cram", b"other reads " * 50)
    put(live / "samples/s1/qc.json", b'{"depth": 12}\n')
    assert sealed(live) == "0002"
    old, new = (live / "release/versions" / number for number in ("0001", "0002"))
    assert (old / "samples/s1/s1.cram").read_bytes() == b"reads " * 50
    assert (new / "samples/s1/s1.cram").read_bytes() == b"other reads " * 50
    assert (old / "samples/s1/qc.json").read_bytes() == b'{"depth": 34}\n'


def test_seal_small_file_edited_in_place_does_not_reach_the_sealed_copy(live):
    sealed(live)
    with (live / "samples/s1/qc.json").open("ab") as handle:
        handle.write(b"tampered")
    assert (live / "release/versions/0001/samples/s1/qc.json").read_bytes() == b'{"depth": 34}\n'


def test_seal_unchanged_file_costs_no_second_copy(live):
    sealed(live)
    put(live / "samples/s1/s1.cram", b"other reads " * 50)
    sealed(live)
    old, new = (live / "release/versions" / number / "samples/s1/qc.json" for number in ("0001", "0002"))
    assert old.samefile(new)


def test_seal_copies_where_the_file_system_refuses_links(live, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EXDEV, "links are refused")

    monkeypatch.setattr(os, "link", refuse)
    sealed(live)
    kept = live / "release/versions/0001/samples/s1/s1.cram"
    assert kept.read_bytes() == b"reads " * 50
    assert not kept.samefile(live / "samples/s1/s1.cram")
    assert not kept.stat().st_mode & stat.S_IWUSR


def test_seal_file_of_another_length_than_checked_is_refused_and_leaves_no_version(live):
    content = manifest(live)
    put(live / "samples/s1/s1.cram", b"short")
    with pytest.raises(InputError, match="changed since it was checked"):
        seal(live, live / "release/versions", content, SIGNERS[0])
    assert versions(live / "release/versions") == []


def test_seal_interrupted_one_is_cleared_and_not_counted(live):
    left = live / "release/versions/.part-dead/samples"
    left.mkdir(parents=True)
    (left / "half").write_text("x")
    left.chmod(0o555)
    assert sealed(live) == "0001"
    assert [path.name for path in (live / "release/versions").iterdir()] == ["0001"]


def test_versions_are_ordered_by_number(tmp_path):
    for name in ("0002", "0010", "9999", "10000", ".part-x", "notes"):
        (tmp_path / name).mkdir()
    assert [path.name for path in versions(tmp_path)] == ["0002", "0010", "9999", "10000"]


def test_seal_twentieth_version_follows_the_nineteenth(live):
    for number in range(1, 21):
        put(live / "samples/s1/qc.json", str(number).encode())
        assert sealed(live) == f"{number:04d}"
    assert Path(live / "release/versions/0020/samples/s1/qc.json").read_text() == "20"
