import multiprocessing
import os
import signal

import pytest

from workflow.files import atomic, read_json, sha256_of, write_json


def test_atomic_moves_a_whole_file_into_place(tmp_path):
    with atomic(tmp_path / "new/x.vcf.gz") as part:
        assert part.name.endswith("x.vcf.gz")
        part.write_text("whole")
        assert not (tmp_path / "new/x.vcf.gz").exists()
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["x.vcf.gz"]


def test_atomic_keeps_the_old_file_when_the_block_fails(tmp_path):
    target = tmp_path / "x.json"
    target.write_text("old")

    def fail():
        with atomic(target) as part:
            part.write_text("half")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_moves_or_removes_an_index_with_its_file(tmp_path):
    def write(fail):
        with atomic(tmp_path / "x.vcf.gz") as part:
            part.write_text(f"fail: {fail}")
            part.with_name(f"{part.name}.tbi").write_text(f"fail: {fail}")
            if fail:
                raise KeyError("stop")

    write(fail=False)
    with pytest.raises(KeyError):
        write(fail=True)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"x.vcf.gz": "fail: False", "x.vcf.gz.tbi": "fail: False"}


def write_and_hang(target, begun, go_on):
    with atomic(target) as part:
        part.write_text("of the other process")
        part.with_name(f"{part.name}.tbi").touch()
        begun.set()
        go_on.wait(60)


@pytest.mark.parametrize("killed", [True, False])
def test_atomic_clears_what_a_killed_process_left_and_spares_a_living_one(tmp_path, killed):
    context = multiprocessing.get_context("spawn")
    begun, go_on = context.Event(), context.Event()
    other = context.Process(target=write_and_hang, args=(tmp_path / "x.tsv", begun, go_on))
    other.start()
    assert begun.wait(60)
    if killed:
        os.kill(other.pid, signal.SIGKILL)
        other.join()
    with atomic(tmp_path / "x.tsv") as part:
        part.write_text("ours")
    assert len(list(tmp_path.glob(".part-*"))) == (0 if killed else 2)
    if not killed:  # an event that a killed process waits for would never be taken notice of
        go_on.set()
    other.join()
    assert (tmp_path / "x.tsv").read_text() == ("ours" if killed else "of the other process")


def test_write_json_refuses_what_json_cannot_hold(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "x.json", {"depth": float("nan")})
    assert not (tmp_path / "x.json").exists()
    write_json(tmp_path / "x.json", {"name": "Åse"})
    assert read_json(tmp_path / "x.json") == {"name": "Åse"}


def test_sha256_of_bytes(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256_of(tmp_path / "x").startswith("ba7816bf8f01cfea")
