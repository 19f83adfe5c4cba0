"""Raw reads go only after a proof, through the command lines that people use; later runs go on without them, and they come back."""

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pysam
import pytest
import yaml

from tests.pipeline.conftest import ROOT
from tests.pipeline.tiny_person import CONFIG, write_person
from workflow.retention.command import RUN

pytestmark = pytest.mark.slow

POLICY = {
    "name": "after-proof",
    "date": "2026-11-26",
    "raw_reads": {"action": "remove_after_proof", "days_after_proof": 0},
    "files": [{"type": "joint calls", "files": ["small_variants/**"], "action": "remove", "days": 0}],
}
MORE = "release: {overrides: {mean_autosome_coverage: 10, pct_autosomes_15x: 50}}\nretention: {policy: policy.yaml}\n"
PROOF, CRAM = "results/retention/anna.proof.json", "results/samples/anna/anna.cram"


def run(work: Path, *more: str, config: str = "config.yaml") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    command += ["--configfile", str(work / config), "--cores", "2", *more]
    return subprocess.run(command, cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return all that a command said; in a dry run Snakemake's errors are on standard output."""
    return done.stdout + done.stderr


def script(work: Path, name: str, *more: str, config: str = "config.yaml") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"scripts.{name}", "--config", str(work / config), "--directory", str(work), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a person was released under a policy that lets raw reads go. Tests work on copies."""
    work = write_person(tmp_path_factory.mktemp("retention") / "proved")
    (work / "config.yaml").write_text(CONFIG + MORE)
    (work / "policy.yaml").write_text(yaml.safe_dump(POLICY))
    done = run(work)
    assert done.returncode == 0, done.stderr[-3000:]
    return work


@pytest.fixture
def work(proved: Path, tmp_path: Path) -> Path:
    return shutil.copytree(proved, tmp_path / "work", symlinks=True)


def rewrite(cram: Path, fasta: Path, change: Callable[[int, pysam.AlignedSegment], bool]) -> None:
    """Write a CRAM anew; `change` may alter a record, by its number, and says whether it stays."""
    part = cram.with_name("part.cram")
    with pysam.AlignmentFile(str(cram), reference_filename=str(fasta)) as before:
        options = [b"version=3.0"]
        with pysam.AlignmentFile(str(part), "wc", template=before, reference_filename=str(fasta), format_options=options) as after:
            for number, record in enumerate(before.fetch(until_eof=True)):
                if change(number, record):
                    after.write(record)
    part.replace(cram)
    pysam.index(str(cram))


def one_missing(number: int, record: pysam.AlignedSegment) -> bool:
    return number != 1000


def one_quality(number: int, record: pysam.AlignedSegment) -> bool:
    if number == 1000:
        qualities = record.query_qualities
        assert qualities is not None
        qualities[50] -= 1
        record.query_qualities = qualities
    return True


@pytest.mark.parametrize(
    ("change", "says"),
    [(one_missing, "1 read of 1,500 is missing in"), pytest.param(one_quality, "qualities differ in", marks=pytest.mark.long)],
    ids=["read", "quality"],
)
def test_a_cram_that_lacks_anything_is_no_proof(work: Path, change: Callable[..., bool], says: str) -> None:
    (work / PROOF).unlink()
    shutil.rmtree(work / "results/release")  # nothing was sealed yet: the CRAM is not looked at as a released one
    rewrite(work / CRAM, work / "reference.fa", change)
    done = run(work, PROOF, "--allowed-rules", "prove_reads", "proofs")
    assert done.returncode == 1
    assert "sample `anna`: the CRAM does not hold the reads that came: " in done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (work / PROOF).exists()
    listed = script(work, "apply_retention", "--apply")
    assert "there is no proof that the CRAM holds every read" in listed.stdout
    assert (work / "r_1.fq.gz").exists()
    assert (work / "r_2.fq.gz").exists()


def test_a_cram_that_changed_after_its_proof_keeps_the_reads(work: Path) -> None:
    rewrite(work / CRAM, work / "reference.fa", one_quality)
    listed = script(work, "apply_retention", "--apply")
    assert listed.returncode == 0, listed.stderr
    assert "not the one" in listed.stdout + listed.stderr
    assert (work / "r_1.fq.gz").exists()


def test_reads_go_and_later_runs_go_on_and_they_come_back(work: Path) -> None:
    listed = script(work, "apply_retention")
    assert "raw reads: 2 files (0.1 MB) of 2 files (0.1 MB) may go" in listed.stdout, listed.stderr
    assert (work / "r_1.fq.gz").exists()
    assert script(work, "apply_retention", "--apply").returncode == 0
    assert not list(work.glob("*.fq.gz"))
    assert not list((work / "results/small_variants").glob("*"))
    assert [json.loads(line)["file"] for line in (work / "results/retention/log.jsonl").read_text().splitlines()][:2] == [
        "r_1.fq.gz",
        "r_2.fq.gz",
    ]

    idle = run(work)
    assert idle.returncode == 0, said(idle)
    assert "Nothing to be done" in said(idle)

    (work / "case.yaml").write_text((work / "config.yaml").read_text() + "interpretation: {max_candidates: 7}\n")
    planned = run(work, "--dry-run", config="case.yaml")
    assert "rank_candidates" in said(planned)
    assert not any(rule in said(planned) for rule in ("align_reads", "verify_fastq", "freebayes_call", "decide_release"))

    (work / "bwa.yaml").write_text((work / "config.yaml").read_text() + "aligner: bwa\n")
    refused = run(work, "--dry-run", config="bwa.yaml")
    assert refused.returncode == 1
    assert "sample `anna` would have to be aligned anew (aligner: minibwa → bwa" in said(refused)
    assert "make -C" in said(refused)
    assert "Traceback" not in said(refused)

    restored = script(work, "restore_reads", "--sample", "anna", config="bwa.yaml")
    assert restored.returncode == 0, restored.stderr
    anew = run(work, "--dry-run", config="bwa.yaml")
    assert anew.returncode == 0, said(anew)
    assert "align_reads" in said(anew)
    again = script(work, "restore_reads", "--sample", "anna", config="bwa.yaml")
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


@pytest.mark.long
def test_a_lost_cram_is_put_back_and_not_taken_for_a_new_sample(work: Path) -> None:
    assert script(work, "apply_retention", "--apply").returncode == 0
    (work / CRAM).unlink()
    refused = run(work, "--dry-run")
    assert refused.returncode == 1
    assert "the FASTQ files of sample `anna` were removed on" in said(refused)
    assert "copy results/release/versions/0001/samples/anna/anna.cram" in said(refused)
    shutil.copy2(work / "results/release/versions/0001/samples/anna/anna.cram", work / CRAM)
    assert run(work, "--dry-run").returncode == 0


@pytest.mark.parametrize("pattern", ["samples/**", "cases/*/report.html"])
def test_a_policy_that_would_remove_a_deliverable_is_refused(work: Path, pattern: str) -> None:
    bad = POLICY | {"files": [{"type": "too much", "files": [pattern], "action": "remove", "days": 0}]}
    (work / "policy.yaml").write_text(yaml.safe_dump(bad))
    before = sorted(path for path in work.rglob("*"))
    refused = script(work, "apply_retention", "--apply")
    assert refused.returncode == 2
    assert f"policy.yaml: `too much` ({pattern}) would remove" in said(refused)
    assert "Traceback" not in said(refused)
    assert [path for path in before if not path.exists()] == []


def test_a_run_with_such_a_policy_does_not_start(work: Path) -> None:
    bad = POLICY | {"files": [{"type": "too much", "files": ["samples/**"], "action": "remove"}]}
    (work / "policy.yaml").write_text(yaml.safe_dump(bad))
    refused = run(work, "--dry-run")
    assert refused.returncode == 1
    assert "policy.yaml: `too much` (samples/**) would remove samples/NAME/fastq.json: `verified reads` is a deliverable" in said(refused)
    assert "Traceback" not in said(refused)


def test_nothing_is_removed_while_a_run_is_at_work(work: Path) -> None:
    assert f'"{RUN}"' in (ROOT / "workflow/session.py").read_text()
    with open(work / ".snakemake" / RUN, "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        refused = script(work, "apply_retention", "--apply")
    assert refused.returncode == 2
    assert "a run is at work in this folder" in said(refused)
    assert (work / "r_1.fq.gz").exists()


SNAKEFILE = """import sys
sys.path.insert(0, "ROOT")
from workflow.session import prepare_session
prepare_session(workflow)
rule all:
    input: "consumer.json"
rule intermediate:
    output: temp("intermediate.txt")
    shell: "echo reads > {output}"
rule consumer:
    input: "intermediate.txt"
    output: "consumer.json"
    shell: "cat {input} > /dev/null; cat answer > {output}"
"""


@pytest.mark.long
def test_an_intermediate_file_stays_until_what_was_made_of_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(SNAKEFILE.replace("ROOT", str(ROOT)))
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    for answer, status, stays in (('{"a":', 1, True), ('{"a": 1}', 0, False)):
        (tmp_path / "answer").write_text(answer)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        assert (tmp_path / "intermediate.txt").exists() is stays
