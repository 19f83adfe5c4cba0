"""A blood test, a scan and solved cases through the command line: what they move, and what of it the interpretation and page data say."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.tiny_person import write_person

REPO = Path(__file__).resolve().parents[2]
HPO = REPO / "tests" / "cases" / "interpretation" / "hpo"
U = {"id": "UCUM:U/L", "label": "U/L"}
RANGE = {"unit": U, "low": 30, "high": 200}
RESULTS = [
    {
        "assay": {"id": "LOINC:2157-6", "label": "Creatine kinase"},
        "value": {"quantity": {"value": 900, "unit": U, "referenceRange": RANGE}},
    },
    {"assay": {"id": "LOINC:9-1"}, "value": {"quantity": {"value": 3, "unit": U, "referenceRange": RANGE}}},
]
SCAN = {"type": {"id": "HP:0000365"}, "evidence": [{"reference": {"id": "DICOM:1.2.3", "description": "CT of the inner ear"}}]}


def packet() -> dict[str, Any]:
    about = {"created": "2025-01-01T00:00:00Z", "createdBy": "test", "resources": [], "phenopacketSchemaVersion": "2.0"}
    return {"id": "q", "subject": {"id": "anna"}, "phenotypicFeatures": [SCAN], "measurements": RESULTS, "metaData": about}


def interpretation(folder: Path, **knowledge: Any) -> dict[str, Any]:
    """Run the pipeline up to the interpretation, with these sources beside the HPO release, and return it."""
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config |= {"phenopackets": ["anna.json"], "knowledge": {"hpo": {"path": "hpo", "release": "2025-01-16"}, **knowledge}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPO / "Snakefile"), "--directory", str(folder), "--cores", "2"]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    options = ["--configfile", str(folder / "config.yaml"), "--", "results/interpretation/case1.json"]
    done = subprocess.run([*command, *options], cwd=folder, text=True, capture_output=True, timeout=600, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((folder / "results" / "interpretation" / "case1.json").read_text())
    return found


def gene(found: dict[str, Any], symbol: str) -> dict[str, Any]:
    one: dict[str, Any] = next(one for one in found["genes"] if one["symbol"] == symbol)
    return one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_person(tmp_path_factory.mktemp("evidence"))
    shutil.copytree(HPO, folder / "hpo")
    (folder / "anna.json").write_text(json.dumps(packet()))
    (folder / "labs.tsv").write_text("loincId\toutcome\thpoTermId\n2157-6\tH\tHP:0003701\n")
    cases = [{"id": name, "genes": ["WEAK1"], "obs": ["HP:0003701"], "dis": ["OMIM:900007"], "pmid": "PMID:9"} for name in ("anna", "bo")]
    (folder / "solved.json").write_text(json.dumps(cases))
    return folder


def test_a_blood_test_moves_the_right_gene_up_with_its_share_and_source(folder: Path) -> None:
    before = interpretation(folder)
    assert before["not_evaluated"]["laboratory"].startswith("2 results are in the phenopacket")
    (scan,) = before["terms"]
    assert (scan["kind"], scan["source"]) == ("imaging", "CT of the inner ear, DICOM:1.2.3")
    labs = {"laboratory": {"path": "labs.tsv", "release": "2025-02"}, "solved_cases": {"path": "solved.json", "release": "2025-03"}}
    after = interpretation(folder, **labs)
    assert gene(after, "HEART1")["rank"] < gene(before, "HEART1")["rank"]
    (share,) = [term for term in gene(after, "HEART1")["terms"] if term["kind"] == "laboratory"]
    assert share["share"] > 0
    assert share["source"].endswith("900 U/L (reference 30 to 200), above the reference range; laboratory table 2025-02")
    assert any("LOINC 9-1" in note and "has not the code" in note for note in after["notes"])
    assert gene(after, "WEAK1")["solved_cases"] == 1, "the patient's own entry must not count"
    one = gene(after, "HEART1")
    total = sum(term["share"] for term in one["terms"]) + one["not_told_log_lr"] + one["usual_log_lr"]
    assert total == pytest.approx(one["phenotype_score"], abs=0.01)
