"""The retention policy: what it may let go, and that deliverables and records never do."""

from dataclasses import replace
from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.retention.policy import SHIPPED, deliverables, load_policy, overlap
from workflow.settings import Settings, load_settings

SETTINGS = load_settings({"samples": "samples.tsv", "units": "units.tsv", "reference": {"name": "GRCh38", "fasta": "x.fa"}})
KEEP = 'name: own\ndate: 2026-11-26\nraw_reads: {action: keep}\nfiles:\n  - {type: some, files: ["PATTERN"], action: ACTION}\n'


def policy(folder: Path, text: str) -> Settings:
    file = folder / "policy.yaml"
    file.write_text(text)
    return replace(SETTINGS, retention=file)


def of_pattern(folder: Path, pattern: str, action: str = "remove") -> Settings:
    return policy(folder, KEEP.replace("PATTERN", pattern).replace("ACTION", action))


def test_load_policy_without_one_keeps_everything() -> None:
    found = load_policy(SETTINGS)
    assert found.file == str(SHIPPED)
    assert not found.removes_reads
    assert not any(kind.removed for kind in found.kinds)


def test_load_policy_takes_days_from_the_schema(tmp_path: Path) -> None:
    found = load_policy(policy(tmp_path, "name: own\ndate: 2026-11-26\nraw_reads: {action: remove_after_proof}\n"))
    assert (found.removes_reads, found.days, found.kinds) == (True, 30, ())
    assert load_policy(of_pattern(tmp_path, "logs/**")).kinds[0].days == 90


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("samples/**", "would remove samples/NAME/fastq.json: `verified reads` is a deliverable"),
        ("samples/anna/anna.cram", "`alignments` is a deliverable"),
        ("s?mples/*/*.crai", "`alignments, index` is a deliverable"),
        ("**/*.html", "`report` is a deliverable"),
        ("interpretation/*", "`ranking by phenotype` is a deliverable"),
        ("multiqc.html", "it is a record of the release"),
        ("release/versions/**", "released versions"),
        ("**", "is a deliverable"),
        ("coverage/*.bed.gz", "every later run reads"),
        ("intake/**", "what is known of the raw reads"),
        ("cohort/**", "the centre's store"),
        ("retention/*.proof.json", "the proofs"),
        ("../elsewhere/*", "leads out of the results folder"),
        ("/etc/*", "leads out of the results folder"),
    ],
)
def test_load_policy_refuses_to_remove(tmp_path: Path, pattern: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        load_policy(of_pattern(tmp_path, pattern))
    assert says in str(refused.value)
    assert "policy.yaml" in str(refused.value)


@pytest.mark.parametrize("pattern", ["logs/**", "benchmarks/**", "small_variants/**", "interpretation/*.tsv", "validation/*/curve.tsv"])
def test_load_policy_lets_working_files_go(tmp_path: Path, pattern: str) -> None:
    assert load_policy(of_pattern(tmp_path, pattern)).kinds[0].removed


def test_load_policy_lets_deliverables_be_named_as_kept(tmp_path: Path) -> None:
    assert not load_policy(of_pattern(tmp_path, "samples/**", "keep")).kinds[0].removed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: own\ndate: 2026-11-26\nraw_reads: {action: delete}\n", "must be keep or remove_after_proof"),
        ("name: own\ndate: 2026-11-26\nraw_reads: {action: keep}\nfile: []\n", "did you mean `files`"),
        ("name: own\ndate: 2026-11-26\n", "`raw_reads` is missing"),
        ("name: own\ndate: 2026-11-26\nraw_reads: {action: remove_after_proof, days_after_proof: -1}\n", "at least 0"),
        ("- a\n", "this is no policy"),
        ("name: [\n", "this is no YAML"),
    ],
)
def test_load_policy_refuses_what_its_schema_does_not_allow(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=r"policy\.yaml") as refused:
        load_policy(policy(tmp_path, text))
    assert says in str(refused.value)


def test_load_policy_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"check `retention.policy`"):
        load_policy(replace(SETTINGS, retention=tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a/*/b", "a/x/*", True),
        ("*a", "b*", True),
        ("a*c", "ab", False),
        ("logs/*", "release/*", False),
        ("[sr]amples/a", "samples/*", True),
        ("a", "a", True),
        ("", "*", True),
    ],
)
def test_overlap_of_patterns(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


def test_every_deliverable_is_kept() -> None:
    files = [file for file, _ in deliverables()]
    assert "samples/*/*.cram" in files
    assert "release/manifest.json" in files
