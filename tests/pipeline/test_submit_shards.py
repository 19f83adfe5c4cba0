"""Mistakes in a list of shards, through the command line: one sentence, nothing started."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.conftest import ROOT

SAMPLES = "sample\tcase\trole\tsex\taffected\nkid\tfam\tproband\tfemale\tyes\nmum\tfam\tmother\tfemale\tno\nbob\tsolo\tproband\tmale\tyes\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    units = "".join(f"{name}\tL1\t{name}_1.fq.gz\t{name}_2.fq.gz\n" for name in ("kid", "mum", "bob"))
    (tmp_path / "samples.tsv").write_text(SAMPLES)
    (tmp_path / "units.tsv").write_text(f"sample\tunit\tfastq_1\tfastq_2\n{units}")
    (tmp_path / "config.yaml").write_text("samples: samples.tsv\nunits: units.tsv\nreference: {name: GRCh38, fasta: r.fa}\n")
    return tmp_path


def submit(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.submit_shards", "--config", str(work / "config.yaml"), "--directory", str(work), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("kid\ta\nmum\ta\nbob\tb\nkid\ta\n", "list.tsv, row 5: sample `kid` is in row 2 already; name each sample once."),
        ("kid\ta\nmum\tb\nbob\tb\n", "list.tsv, row 3: case `fam` is over two shards, `a` and `b`; give all its samples one shard."),
        ("kid\ta\n", "list.tsv, row 2: case `fam` lacks `mum`, who belongs to it; list all samples of a case, or none."),
    ],
)
def test_a_wrong_list_is_refused(work: Path, rows: str, said: str) -> None:
    (work / "list.tsv").write_text(f"sample\tshard\n{rows}")
    done = submit(work, "--list", str(work / "list.tsv"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith(f"{said}\n")
    assert not (work / "shards/a").exists()


def test_a_sample_twice_in_the_sheet_is_refused(work: Path) -> None:
    (work / "samples.tsv").write_text(f"{SAMPLES}kid\tother\tproband\tfemale\tyes\n")
    done = submit(work)
    assert done.returncode == 2
    assert done.stderr.startswith("error: samples.tsv, row 5: sample `kid` is in row 2 already; give each sample one row")
    assert done.stderr.count("\n") == 1


def test_an_urgent_case_that_is_none_is_refused(work: Path) -> None:
    done = submit(work, "--urgent", "sola")
    assert done.returncode == 2
    assert "there is no case `sola` (did you mean `solo`?)" in done.stderr
