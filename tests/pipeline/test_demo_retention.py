"""The FASTQ files of the demo's real reads go only after a proof, through the command lines that people use."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.pipeline.conftest import RESULTS, ROOT, demo_work, snakemake
from tests.pipeline.test_retention import POLICY, one_missing, one_quality, rewrite, said, script

pytestmark = [pytest.mark.slow, pytest.mark.long]
CONFIG, CRAM = "config/demo.yaml", f"{RESULTS}/samples/lmna/lmna.cram"
LIMITS = {"mean_autosome_coverage": 9, "pct_autosomes_15x": 10}
CLAIMED = {"one_missing": "1 read of", "one_quality": "qualities differ in"}


def reads_of(work: Path) -> list[Path]:
    return sorted((work / "reads").glob("*.fastq.gz"))


def listed(work: Path, *more: str) -> str:
    done = script(work, "apply_retention", *more, config=CONFIG)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_reads_of_the_demo_go_after_their_proof_only_and_come_back(tmp_path: Path) -> None:
    work = demo_work(tmp_path)
    shutil.copytree(ROOT / "resources/reference/demo/reads", work / "reads")
    units = work / "config/demo/units.tsv"
    units.write_text(units.read_text().replace("resources/reference/demo/reads/", "reads/"))
    config = yaml.safe_load((work / CONFIG).read_text())
    config.pop("release")  # the shipped limits hold the demo's samples
    (work / "policy.yaml").write_text(yaml.safe_dump(POLICY | {"files": []}))
    (work / CONFIG).write_text(yaml.safe_dump(config | {"retention": {"policy": "policy.yaml"}}))
    assert (held := snakemake(work)).returncode == 0, held.stderr[-3000:]
    assert "raw reads: 0 files" in (told := listed(work, "--apply"))
    assert "the decision on the sample is resequence" in told

    (work / CONFIG).write_text((work / CONFIG).read_text() + yaml.safe_dump({"release": {"overrides": LIMITS}}))
    assert (released := snakemake(work)).returncode == 0, released.stderr[-3000:]
    proof = work / RESULTS / "retention/lmna.proof.json"
    assert json.loads(proof.read_text())["units"][0]["fastq_1"]["reads"] > 10_000

    shutil.copytree(work / RESULTS, whole := work / "whole")
    for change in (one_missing, one_quality):
        rewrite(work / CRAM, work / "resources/reference/demo/GRCh38.chr1.fa", change)
        assert "the CRAM is not the one that was proved" in listed(work)
        proof.unlink()
        shutil.rmtree(work / RESULTS / "release")  # else the CRAM is refused as not the released one
        refused = snakemake(work, str(proof.relative_to(work)), "--allowed-rules", "prove_reads", "proofs")
        assert refused.returncode == 1
        assert CLAIMED[change.__name__] in said(refused)
        assert not proof.exists()
        assert "there is no proof that the CRAM holds every read" in listed(work)
        shutil.rmtree(work / RESULTS)
        shutil.copytree(whole, work / RESULTS)  # copies keep dates

    assert "raw reads: 4 files" in listed(work, "--apply")
    assert reads_of(work) == []
    idle = snakemake(work)
    assert (idle.returncode, "Nothing to be done" in said(idle)) == (0, True), said(idle)
    restored = script(work, "restore_reads", "--sample", "lmna", config=CONFIG)
    assert restored.returncode == 0, restored.stderr
    assert [path.name for path in reads_of(work)] == ["lmna_1.fastq.gz", "lmna_2.fastq.gz"]
