"""The scripts of CI end to end, without any service: a knowledge release lands, is signed and adopted; a night passes."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pysam
import pytest
import yaml

from tests.pipeline.conftest import ROOT
from tests.pipeline.tiny_person import write_person
from tests.unit.small_hpo import write_hpo

pytestmark = [pytest.mark.slow, pytest.mark.long]
OLD, NEW = "2023-06-17", "2025-01-16"
NAME = f"hpo-{NEW}"
GENE = (
    ("gene", ".", "ID=gene:G1;Name=TINY;biotype=protein_coding"),
    ("mRNA", ".", "ID=transcript:T1;Parent=gene:G1;biotype=protein_coding"),
)
PARTS = (("exon", ".", "Parent=transcript:T1"), ("CDS", "0", "Parent=transcript:T1"))


def write_work(work: Path) -> Path:
    """Write the tiny person with a gene where the variant is, a feature, and two HPO releases of which the later knows the gene."""
    write_person(work)
    lines = [
        "##gff-version 3",
        *("\t".join(["chrM", "test", kind, "7501", "8499", ".", "+", phase, told]) for kind, phase, told in GENE + PARTS),
    ]
    (work / "genes.gff3").write_text("\n".join(lines) + "\n")
    pysam.tabix_index(str(work / "genes.gff3"), preset="gff", force=True)
    known = [("OTHER", "HP:0000365", "1/2", "2020-01-01")]
    write_hpo(work / "old", OLD, known)
    write_hpo(work / "new", NEW, [*known, ("TINY", "HP:0001250", "9/10", "2024-05-06")])
    meta = {"created": "2024-01-01T00:00:00Z", "createdBy": "x", "phenopacketSchemaVersion": "2.0", "resources": []}
    packet = {"id": "p", "subject": {"id": "anna", "sex": "FEMALE"}, "metaData": meta}
    packet["phenotypicFeatures"] = [{"type": {"id": "HP:0001250", "label": "Seizure"}}]
    (work / "packets").mkdir()
    (work / "packets/anna.json").write_text(json.dumps(packet))
    (work / "samples.tsv").write_text("sample\tcase\trole\tsex\taffected\trecontact\nanna\tcase1\tproband\tfemale\tyes\tyes\n")
    (work / "release.yaml").write_text(yaml.safe_dump({"knowledge": {"hpo": {"path": "new", "release": NEW}}}))
    config = yaml.safe_load((work / "config.yaml").read_text()) | {"phenopackets": "packets"}
    adopt(work, config | {"knowledge": {"gene_models": {"path": "genes.gff3.gz", "release": "1"}}}, "old", OLD)
    return work


def adopt(work: Path, config: dict, path: str, release: str) -> None:
    config["knowledge"]["hpo"] = {"path": path, "release": release}
    (work / "config.yaml").write_text(yaml.safe_dump(config))


def run(work: Path, *command: object, status: int = 0) -> str:
    done = subprocess.run([*map(str, command)], cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == status, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def workflow(work: Path) -> None:
    line = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", work, "--configfile", work / "config.yaml"]
    run(work, *line, "--cores", str(len(os.sched_getaffinity(0))))


def digests(results: Path) -> dict[str, str]:
    """Return a digest of every file of the results but logs, costs, reanalyses and the index of receipts, which is made of them at will."""
    aside = {"logs", "benchmarks", "reanalysis"}
    files = [file for file in results.rglob("*") if file.is_file() and file.relative_to(results).parts[0] not in aside]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.name != "index.tsv"}


def test_knowledge_release_is_planned_run_signed_adopted_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = write_work(tmp_path / "work")
    results = work / "results"
    workflow(work)
    before = digests(results)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    line = [ROOT / "ci/knowledge-release", "--configfile", "config.yaml", "--new", "release.yaml", "--directory", ".", "--cores", "2"]
    assert "the plan is beyond its limits" in run(work, *line, "--limit", "cpu_hours=0", status=3)
    folder = results / "reanalysis" / NAME
    assert not (folder / "difference.json").exists(), "beyond a limit nothing is run"
    told = run(work, *line, "--limit", "cpu_hours=10")
    for number, word in enumerate(("plan", "reanalysis", "impact", "open for sign-off"), start=1):
        assert f"== {number} {word}" in told
    assert digests(results) == before, "nothing that lay there was touched"
    state = json.loads((folder / "signoff.json").read_text())
    assert (state["state"], state["impact"], state["report"]) == ("open", "within", f"impact/{state['from']}_{state['to']}")
    assert "waits for sign-off" in (tmp_path / "summary.md").read_text()
    run(ROOT, sys.executable, "-m", "scripts.sign_impact", work / state["report"], "--by", "N. N.", "--verdict", "accepted")
    adopt(work, yaml.safe_load((work / "config.yaml").read_text()), "new", NEW)
    workflow(work)
    change = json.loads((results / "release/change.json").read_text())
    assert (change["status"], change["workflow"]) == ("accepted change", state["to"]), "what was signed beforehand is what then runs"
    adopted = (results / "cases/case1/candidates.tsv").read_text()
    assert adopted == (folder / "cases/0001/case1/candidates.tsv").read_text(), "and says what the reanalysis said"
    assert "TINY" in adopted
    assert "seed 1: 1 of 2 samples and cases" in run(work, ROOT / "ci/scheduled", "results", "--seed", "1")
    page = results / "cases/case1/report.html"
    page.chmod(0o644)
    page.write_text(page.read_text().replace("TINY", "TINA"))
    assert "cases/case1/report.html: was changed" in run(work, ROOT / "ci/scheduled", "results", "--share", "1", status=1)
