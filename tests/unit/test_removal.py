"""What a policy lets go of a small results tree, what keeps it, and the log of what went."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workflow.cohort import Case, Cohort, Sample, Unit
from workflow.errors import InputError
from workflow.files import sha256_of, write_json
from workflow.retention.gone_reads import alignment_of, changes, check_alignments, check_gone, gone, md5_of
from workflow.retention.peak_disk import PeakDisk, beyond_bound
from workflow.retention.policy import Kind, Policy
from workflow.retention.proof import reference_of
from workflow.retention.removal import RAW, list_items, remove
from workflow.retention.removal_log import append_events, latest, log_path, read_removals
from workflow.settings import load_settings

POLICY = Policy("own", "policy.yaml", True, 0, (Kind("logs", ("logs/**",), True, 0), Kind("joint calls", ("small_variants/*",), True, 5)))
IDENTITY = {
    "parameters": {"aligner": "minibwa"},
    "tools": {"minibwa": "0.6", "samtools": "1.16.1", "fastp": "0.23"},
    "code": {"rules/alignment.smk": "aa", "workflow/alignment.py": "bb", "rules/reads.smk": "cc"},
}  # fmt: skip
CRAM = "samples/anna/anna.cram"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a sample that was proved, released and sealed, in a working directory."""
    monkeypatch.chdir(tmp_path)
    config = {"samples": "samples.tsv", "units": "units.tsv", "reference": {"name": "GRCh38", "fasta": "x.fa"}}
    settings = load_settings(config, "config.yaml")
    unit = Unit("anna", "L1", "r_1.fq.gz", "r_2.fq.gz", "11", "22", "", "", 2)
    sample = Sample("anna", "case1", "proband", "female", "yes", None, "", "")
    cohort = Cohort({"anna": sample}, {"case1": Case("case1", (sample,), sample, None)}, {"anna": (unit,)}, {})
    for file in ("r_1.fq.gz", "r_2.fq.gz", f"results/{CRAM}", "results/logs/align_reads/anna.log", "results/small_variants/anna.bed"):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(f"content of {file}")
    write_json(f"results/{Path(CRAM).parent}/release.json", {"decision": "release"})
    files = [{"path": name, "bytes": Path(name).stat().st_size, "sha256": sha256_of(name)} for name in ("r_1.fq.gz", "r_2.fq.gz")]
    cram = {"bytes": Path("results", CRAM).stat().st_size, "sha256": sha256_of(Path("results", CRAM))}
    units = [{"unit": "L1", "read_group": "anna.L1", "fastq_1": files[0], "fastq_2": files[1]}]
    proof = {"format": 1, "sample": "anna", "cram": cram, "alignment": alignment_of(IDENTITY, "anna", cohort), "units": units}
    write_json("results/retention/anna.proof.json", proof)
    sealed = [{"file": CRAM, "sha256": cram["sha256"], "kind": "sample"}]
    write_json("results/release/versions/0001/manifest.json", {"files": sealed})
    return SimpleNamespace(settings=settings, cohort=cohort, proof=proof)


def reasons(run: Any, policy: Policy = POLICY, kind: str = RAW) -> set[str]:
    """Return why files of a type are kept, empty if all go."""
    return {item.why for item in list_items(run.settings, run.cohort, policy) if item.kind == kind and not item.goes}


def test_list_items_lets_reads_go_that_were_proved_released_and_sealed(run: Any) -> None:
    items = list_items(run.settings, run.cohort, POLICY)
    assert [(str(item.path), item.goes) for item in items] == [
        ("r_1.fq.gz", True),
        ("r_2.fq.gz", True),
        ("results/logs/align_reads/anna.log", True),
        ("results/small_variants/anna.bed", False),
    ]


def unseal(run: Any) -> None:
    write_json("results/release/versions/0001/manifest.json", {"files": [{"file": CRAM, "sha256": "0", "kind": "sample"}]})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda run: Path("results/retention/anna.proof.json").unlink(), "there is no proof"),
        (lambda run: write_json("results/samples/anna/release.json", {"decision": "hold"}), "the decision on the sample is hold"),
        (lambda run: Path("results/samples/anna/release.json").unlink(), "the decision on the sample is none yet"),
        (unseal, "not the one in the newest sealed version"),
        (lambda run: Path("results", CRAM).write_text("shorter"), "the CRAM is not the one that was proved"),
    ],
)
def test_list_items_keeps_reads(run: Any, change: Callable[[Any], object], why: str) -> None:
    change(run)
    assert all(why in reason for reason in reasons(run))
    assert reasons(run)


def test_list_items_keeps_reads_by_policy_and_day(run: Any) -> None:
    assert reasons(run, replace(POLICY, removes_reads=False)) == {"the policy `own` keeps raw reads"}
    assert reasons(run, replace(POLICY, days=3)) == {"the proof is 0 days old, of 3"}


def test_list_items_keeps_a_link_and_a_changed_file(run: Any) -> None:
    Path("r_1.fq.gz").rename("far.fq.gz")
    Path("r_1.fq.gz").symlink_to("far.fq.gz")
    Path("r_2.fq.gz").write_text("other")
    assert reasons(run) == {"it is a link: the file behind it is not ours to remove", "it changed after the proof"}


def test_list_items_keeps_another_name_of_a_deliverable(run: Any) -> None:
    os.link(Path("results", CRAM), "results/logs/cram.log")
    assert reasons(run, kind="logs") == {"it is a deliverable, a record or raw reads"}


def test_list_items_keeps_working_files_until_a_release(run: Any) -> None:
    Path("results/release/versions/0001/manifest.json").unlink()
    Path("results/release/versions/0001").rmdir()
    assert reasons(run, kind="logs") == {"nothing was released yet"}


def test_remove_writes_each_file_down_and_removes_it(run: Any) -> None:
    items = list_items(run.settings, run.cohort, POLICY)
    digests = {name: sha256_of(name) for name in ("r_1.fq.gz", "r_2.fq.gz", "results/logs/align_reads/anna.log")}
    removed = remove(items, run.settings, POLICY, pytest.fail)
    assert {str(item.path) for item in removed} == set(digests)
    assert not any(Path(name).exists() for name in digests)
    assert Path("results/small_variants/anna.bed").exists()
    events = read_removals(run.settings.results)
    assert {event["file"]: event["sha256"] for event in events} == digests
    assert events[0]["reason"] == "every read is in the CRAM, which is in the sealed version"
    assert events[0]["proof"] == sha256_of("results/retention/anna.proof.json")


@pytest.mark.parametrize("file", [f"results/{CRAM}", "r_2.fq.gz"])
def test_remove_looks_at_every_byte_just_before(run: Any, file: str) -> None:
    items = list_items(run.settings, run.cohort, POLICY)
    content = Path(file).read_bytes()
    Path(file).write_bytes(content[:-1] + b"X")
    told: list[str] = []
    assert [item.kind for item in remove(items, run.settings, POLICY, told.append)] == ["logs"]
    assert "sample `anna`: its raw reads are kept" in told[0]
    assert Path("r_1.fq.gz").exists()


def test_log_that_was_changed_is_refused(run: Any) -> None:
    append_events(run.settings.results, [{"event": "removed", "file": "a"}])
    append_events(run.settings.results, [{"event": "removed", "file": "b"}, {"event": "restored", "file": "a"}])
    assert latest(read_removals(run.settings.results))["a"]["event"] == "restored"
    file = log_path(run.settings.results)
    lines = file.read_text().splitlines(keepends=True)
    for broken in ([lines[0], lines[2]], [lines[0].replace('"a"', '"c"'), *lines[1:]]):
        file.write_text("".join(broken))
        with pytest.raises(InputError, match="not as it was written"):
            read_removals(run.settings.results)


def take_reads(run: Any) -> None:
    remove(list_items(run.settings, run.cohort, POLICY), run.settings, POLICY, pytest.fail)


def test_check_gone_is_silent_while_cram_and_proof_are_there(run: Any) -> None:
    assert gone(run.settings, run.cohort) == {}
    take_reads(run)
    assert list(gone(run.settings, run.cohort)) == ["anna"]
    check_gone(run.settings, run.cohort)
    check_alignments(run.settings, run.cohort, IDENTITY, Path("none.dict"))


def test_check_gone_names_the_sealed_copy_of_a_lost_cram(run: Any) -> None:
    take_reads(run)
    kept = Path("results/release/versions/0001", CRAM)
    kept.parent.mkdir(parents=True)
    Path("results", CRAM).rename(kept)
    with pytest.raises(InputError, match=f"put it back: copy {kept}"):
        check_gone(run.settings, run.cohort)


def test_check_alignments_tells_what_changed_and_how_reads_come_back(run: Any) -> None:
    take_reads(run)
    other = IDENTITY | {"parameters": {"aligner": "bwa"}}
    with pytest.raises(InputError, match="aligner: minibwa → bwa") as refused:
        check_alignments(run.settings, run.cohort, other, Path("none.dict"))
    assert "SAMPLE=anna" in str(refused.value)


def test_check_alignments_sees_a_new_lane(run: Any) -> None:
    take_reads(run)
    more = Unit("anna", "L2", "s_1.fq.gz", "s_2.fq.gz", "", "", "", "", 3)
    cohort = replace(run.cohort, units={"anna": (*run.cohort.units["anna"], more)})
    with pytest.raises(InputError, match="unit L2: none → @RG"):
        check_alignments(run.settings, cohort, IDENTITY, Path("none.dict"))


def test_reference_of_follows_bases_and_not_layout(tmp_path: Path) -> None:
    file = tmp_path / "x.dict"
    assert reference_of(file) == {}
    file.write_text("@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:9\tM5:ab\tUR:file:/a\n")
    before = reference_of(file)
    file.write_text("@SQ\tSN:chr1\tLN:9\tM5:ab\tUR:file:/b\n")
    assert reference_of(file) == before
    file.write_text("@SQ\tSN:chr1\tLN:9\tM5:cd\n")
    assert changes(before, reference_of(file)) == [f"reference: {before['reference']} → {reference_of(file)['reference']}"]
    assert changes(before, {}) == []


def test_md5_of_a_restored_file_is_its_own(run: Any) -> None:
    unit, results = run.cohort.units["anna"][0], run.settings.results
    assert md5_of(unit, 1, results) == "11"
    append_events(results, [{"event": "removed", "file": "r_2.fq.gz"}])
    assert md5_of(unit, 2, results) == "22"
    append_events(results, [{"event": "restored", "file": "r_2.fq.gz", "md5": "33"}])
    assert md5_of(unit, 2, results) == "33"
    assert md5_of(replace(unit, md5_2=""), 2, results) == ""


def test_peak_disk_counts_temporary_files_while_they_are_there(tmp_path: Path) -> None:
    for name, size in (("a.tmp", 50), ("a.bam", 30), ("a.vcf", 20)):
        (tmp_path / name).write_bytes(b"x" * size)
    disk = PeakDisk()
    disk.add("anna", [], [str(tmp_path / "a.tmp")])
    disk.add("anna", [str(tmp_path / "a.bam")], [])
    (tmp_path / "a.tmp").unlink()
    disk.add("anna", [str(tmp_path / "a.vcf")], [str(tmp_path / "none")])
    assert (disk.peak, disk.now) == ({"anna": 80}, {"anna": 50})
    assert disk.all_peaks({"bob": 7, "anna": 1}) == {"bob": 7, "anna": 80}


def test_beyond_bound_names_samples_that_took_more_than_a_run_asks_for(tmp_path: Path) -> None:
    for name, size in (("anna", 100_000_000), ("bob", 400_000_000)):
        write_json(tmp_path / "samples" / name / "fastq.json", {"units": [{"fastq_1": {"bytes": size}, "fastq_2": {"bytes": size}}]})
    peaks = {"anna": 200_000_000, "bob": 700_000_000, "case x": 900_000_000}
    assert beyond_bound(tmp_path, peaks) == [("anna", 200_000_000, 180_000_000)]
    assert beyond_bound(tmp_path, {"anna": 90_000_000}) == []


def test_time_of_a_proof_is_that_of_its_file(run: Any) -> None:
    os.utime("results/retention/anna.proof.json", (time.time() - 40 * 86400,) * 2)
    assert reasons(run, replace(POLICY, days=30)) == set()
    assert json.loads(Path("results/retention/anna.proof.json").read_text())["sample"] == "anna"
