"""A release from its manifest to its log: once each, finished after a kill at any step, keys replaced only where that is stated."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.verify_release import main as verify_release
from tests.signed_trees import events, manifest_of, release_tree, use_key, write_tree
from workflow import releasing, sealing
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import sha256_of, write_json
from workflow.releasing import release
from workflow.sealed_files import check_sealed_files


@pytest.fixture(autouse=True)
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    use_key(monkeypatch, None)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


def holds(results: Path, *more: str) -> None:
    """Let verification and the check before a run look at a tree: nothing is wrong with it."""
    check_sealed_files(results)
    assert verify_release([str(results), *more]) == 0


def told(results: Path) -> list[str]:
    return [" ".join(one[key] for key in ("event", "version", "subject", "decision") if key in one) for one in events(results)]


def test_release_is_sealed_logged_and_listed(results: Path) -> None:
    assert release_tree(results) == "0001"
    assert told(results) == ["key", "decision 0001 s1 release", "decision 0001 c1 hold", "sealed 0001"]
    for name in ("manifest.json", "manifest.json.sig", "manifest.json.pub"):
        assert (results / "release" / name).read_bytes() == (results / "release/versions/0001" / name).read_bytes()
    holds(results)


def test_release_of_the_same_files_again_adds_nothing(results: Path) -> None:
    release_tree(results)
    log = (results / "release/log.jsonl").read_bytes()
    assert release_tree(results) == "0001"
    assert (results / "release/log.jsonl").read_bytes() == log


def test_release_with_other_records_of_the_run_is_listed_and_makes_no_version(results: Path) -> None:
    release_tree(results)
    run = b'{"genvej": {"version": "0.2", "commit": null, "code": "new"}}'
    assert release_tree(results, run=run) == "0001"
    assert told(results)[-1] == "listed 0001"
    assert events(results)[-1]["manifest_sha256"] == sha256_of(results / "release/manifest.json")
    holds(results)


def test_release_of_a_changed_sample_is_a_new_version_and_tells_its_decision_alone(results: Path) -> None:
    release_tree(results)
    before = sha256_of(results / "release/versions/0001/manifest.json")
    assert release_tree(results, qc=b'{"depth": 35}\n') == "0002"
    assert told(results)[4:] == ["decision 0002 s1 release", "sealed 0002"]
    assert sha256_of(results / "release/versions/0001/manifest.json") == before
    assert (results / "release/versions/0001/samples/s1/qc.json").read_bytes() == b'{"depth": 34}\n'
    holds(results)


def test_release_tells_waivers_overrides_and_subjects_that_are_left_out(results: Path) -> None:
    release_tree(results)
    manifest = manifest_of(
        write_tree(results, release=b'{"decision": "release", "signed_by": "Kim (head)", "override": {"before": "hold"}}\n')
    )
    waiver = {"kind": "sample", "subject": "s1", "deliverable": "gVCF", "file": "samples/s1/s1.g.vcf.gz", "reason": "Kim, 2026-01-01: lost"}
    manifest["files"] = [one for one in manifest["files"] if one["kind"] != "case"]
    manifest["waived"] = [waiver]
    for _ in range(2):
        release(results, manifest)
    decided, waived, left_out = events(results)[4:7]
    assert (decided["event"], decided["signed_by"], decided["override"]) == ("decision", "Kim (head)", {"before": "hold"})
    assert {key: waived[key] for key in ("event", "version", *waiver)} == {"event": "waiver", "version": "0002", **waiver}
    assert (left_out["event"], left_out["subject"]) == ("left out", "c1")
    assert told(results)[7:] == ["sealed 0002"]


# --- keys ---------------------------------------------------------------------------------------------------------------


def test_demo_key_is_made_once_for_its_user_alone_and_named_as_one(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release_tree(results)
    key = tmp_path / "data/genvej/demo-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    manifest = json.loads((results / "release/manifest.json").read_text())
    assert manifest["key"]["demo"] is events(results)[0]["demo"] is True
    assert manifest["key"]["note"] == events(results)[0]["note"] == "signed with a demo key: proves no one's identity"
    release_tree(results, qc=b"{}")
    assert [one["event"] for one in events(results)].count("key") == 1
    holds(results)
    assert "a demo key: proves no one's identity" in capsys.readouterr().out


def test_demo_key_where_none_can_be_kept_is_of_one_run_alone(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/proc/nowhere")
    release_tree(results)
    release_tree(results, qc=b"{}")
    assert [one["event"] for one in events(results)].count("key") == 2
    holds(results)
    monkeypatch.setenv("XDG_DATA_HOME", str(results / "data"))
    release_tree(results, qc=b"[]")
    assert not (results / "data").exists()
    holds(results)


def test_key_of_the_centre_replaces_a_demo_key_and_seals_anew(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release_tree(results)
    demo = events(results)[0]["key"]
    real = use_key(monkeypatch, tmp_path / "centre.pem")
    assert release_tree(results) == "0002"
    assert events(results)[4] | {"n": 0, "time": "", "previous": "", "hash": ""} == {
        "n": 0, "time": "", "previous": "", "hash": "", "event": "key", "key": real, "public_key": events(results)[4]["public_key"],
        "demo": False, "replaces": demo,
    }  # fmt: skip
    holds(results, "--public-key", events(results)[4]["public_key"])


def test_another_key_is_refused_unless_the_replacement_is_stated(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = use_key(monkeypatch, tmp_path / "one.pem")
    release_tree(results)
    log = (results / "release/log.jsonl").read_bytes()
    second = use_key(monkeypatch, tmp_path / "two.pem")
    with pytest.raises(
        InputError, match=rf"this is key {second}, but earlier versions .* were signed with key {first}; .*key_replaces: {first}"
    ):
        release_tree(results)
    use_key(monkeypatch, None)
    with pytest.raises(InputError, match=rf"`release.key` is not given, but earlier versions .* were signed with key {first}"):
        release_tree(results)
    assert (results / "release/log.jsonl").read_bytes() == log
    use_key(monkeypatch, tmp_path / "two.pem", replaces=first)
    assert release_tree(results) == "0002"
    holds(results, "--public-key", events(results)[-1].get("public_key") or events(results)[4]["public_key"])
    assert verify_release([str(results), "--public-key", events(results)[0]["public_key"]]) == 1
    assert verify_release([str(results / "release/versions/0001"), "--public-key", events(results)[0]["public_key"]]) == 0


# --- older trees --------------------------------------------------------------------------------------------------------


def make_older(results: Path, count: int) -> dict[Path, str]:
    """Leave a tree as versions of Genvej without signatures did; return the digests of what is sealed."""
    for number in range(count):
        release_tree(results, qc=str(number).encode())
    for folder in [results / "release", *sorted((results / "release/versions").iterdir())]:
        folder.chmod(0o755)
        content = json.loads((folder / "manifest.json").read_text())
        for name in ("manifest.json", "manifest.json.sig", "manifest.json.pub"):
            (folder / name).unlink()
        write_json(folder / "manifest.json", {key: value for key, value in content.items() if key not in {"key", "log"}})
    (results / "release/log.jsonl").unlink()
    return {file: sha256_of(file) for file in (results / "release/versions").rglob("*") if file.is_file()}


@pytest.mark.parametrize("changed", [True, False])
def test_unsigned_versions_of_before_are_vouched_for_and_left_as_they_are(
    results: Path, capsys: pytest.CaptureFixture[str], changed: bool
) -> None:
    before = make_older(results, 2)
    check_sealed_files(results)
    assert release_tree(results, qc=b"new" if changed else b"1") == "0003"
    assert {file: sha256_of(file) for file in before} == before
    assert told(results)[:3] == ["key", "adopted 0001", "adopted 0002"]
    assert told(results)[-1] == "sealed 0003"
    holds(results)
    assert "Sealed before releases were signed, vouched for by the log alone: 0001, 0002." in capsys.readouterr().out
    file = results / "release/versions/0001/samples/s1/qc.json"
    file.chmod(0o644)
    file.write_bytes(b"9")
    assert verify_release([str(results)]) == 1
    assert "release/versions/0001/samples/s1/qc.json: was changed" in capsys.readouterr().out


def test_unsigned_tree_is_no_release_that_holds(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_older(results, 1)
    assert verify_release([str(results)]) == 1
    assert "release/manifest.json.sig: is gone" in capsys.readouterr().out


# --- kills --------------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.signed_trees import manifest_of
from workflow import releasing, release_log, sealing

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

step, results = sys.argv[1], Path(sys.argv[2])
if step == "within the version":
    sealing._protect = die
elif step == "before the log":
    releasing._add = die
elif step == "within the log":
    whole = os.write
    release_log.os.write = lambda handle, lines: (whole(handle, lines[: len(lines) * 2 // 3]), die())
elif step == "before the manifest":
    releasing.write_signed = die
elif step == "within the manifest":
    names = []
    plain = sealing.sync
    def sync(file):
        names.append(file)
        plain(file) if file.parent.name != "release" else die()
    sealing.sync = sync
releasing.release(results, manifest_of(results))
"""
STEPS = ["within the version", "before the log", "within the log", "before the manifest", "within the manifest"]


def killed(results: Path, step: str) -> None:
    for name in ("manifest.json", "manifest.json.sig", "manifest.json.pub"):
        (results / "release" / name).unlink(missing_ok=True)
    done = subprocess.run([sys.executable, "-c", KILLED, step, str(results)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == -signal.SIGKILL


def sealed_files(results: Path) -> dict[str, str]:
    versions = results / "release/versions"
    return {
        str(file.relative_to(versions)): sha256_of(file) for file in sorted(versions.rglob("*")) if file.is_file() and file.suffix != ".sig"
    }


@pytest.mark.parametrize("first", [True, False], ids=["first version", "second version"])
@pytest.mark.parametrize("step", STEPS)
def test_release_killed_at_a_step_is_finished_by_the_next_run(results: Path, step: str, first: bool) -> None:
    if not first:
        release_tree(results)
    write_tree(results, qc=b"second")
    killed(results, step)
    before = sealed_files(results) if (results / "release/versions").exists() else {}
    check_sealed_files(results)
    assert verify_release([str(results)]) != 0 if not first or step != "within the version" else True
    number = "0001" if first else "0002"
    assert release_tree(results, qc=b"second") == number
    holds(results)
    assert [one for one in told(results) if one.startswith("sealed")] == [f"sealed {one:04d}" for one in range(1, int(number) + 1)]
    kept = {name: digest for name, digest in before.items() if not name.startswith(".part-")}
    assert kept.items() <= sealed_files(results).items()
    assert sorted(path.name for path in (results / "release/versions").iterdir()) == [f"{one:04d}" for one in range(1, int(number) + 1)]
    assert ("note" in events(results)[-1]) == (step in {"before the log", "within the log"})


@pytest.mark.parametrize("step", STEPS)
def test_release_killed_and_then_of_other_files_keeps_what_was_sealed(results: Path, step: str) -> None:
    release_tree(results)
    write_tree(results, qc=b"second")
    killed(results, step)
    release_tree(results, qc=b"third")
    holds(results)
    numbers = [path.name for path in sorted((results / "release/versions").iterdir())]
    assert numbers == (["0001", "0002"] if step == "within the version" else ["0001", "0002", "0003"])
    assert [one for one in told(results) if one.startswith("sealed")] == [f"sealed {number}" for number in numbers]


def test_release_killed_before_the_log_and_then_with_another_key(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release_tree(results)
    write_tree(results, qc=b"second")
    killed(results, "before the log")
    use_key(monkeypatch, tmp_path / "centre.pem")
    assert release_tree(results, qc=b"second") == "0003"
    holds(results)


def forge(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a version that somebody else signed behind the last one, as if a run had been killed before it was logged."""
    other = tmp_path / "other"
    shutil.copytree(results, other)
    (other / "release/log.jsonl").unlink()
    shutil.rmtree(other / "release/versions")
    use_key(monkeypatch, tmp_path / "forger.pem")
    release_tree(other, qc=b"forged")
    target = results / "release/versions/0002"
    shutil.copytree(other / "release/versions/0001", target)
    target.chmod(0o755)
    content = json.loads((target / "manifest.json").read_text()) | {"version": "0002"}
    last = events(results)[-1]
    (target / "manifest.json").chmod(0o644)
    write_json(target / "manifest.json", content | {"log": {"n": last["n"], "hash": last["hash"]}})


def test_version_that_somebody_else_signed_is_not_taken_for_an_interrupted_one(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_key(monkeypatch, tmp_path / "centre.pem")
    release_tree(results)
    forge(results, tmp_path, monkeypatch)
    use_key(monkeypatch, tmp_path / "centre.pem")
    with pytest.raises(InputError, match="not in the log and not signed with a key that may sign here"):
        release_tree(results, qc=b"next")


@pytest.mark.parametrize(("step", "name"), [(0, "seal"), (1, "_add"), (2, "write_signed")])
def test_release_that_fails_at_a_step_is_finished_by_the_next_run(
    results: Path, monkeypatch: pytest.MonkeyPatch, step: int, name: str
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    write_tree(results)
    with monkeypatch.context() as patch:
        patch.setattr(sealing if step == 0 else releasing, "write_signed" if step == 0 else name, fail)
        with pytest.raises(OSError, match="No space left"):
            release(results, manifest_of(results))
    assert release_tree(results) == "0001"
    holds(results)


def test_many_versions_in_any_order_of_faults_hold(results: Path) -> None:
    dice = random.Random(7)
    release_tree(results, qc=b"0")
    for number in range(1, 13):
        write_tree(results, qc=str(number).encode())
        if dice.random() < 0.6:
            killed(results, dice.choice(STEPS))
        else:
            release_tree(results, qc=str(number).encode())
    release_tree(results, qc=b"last")
    holds(results)
