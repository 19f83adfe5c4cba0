"""Published variants written into HG007's reads, through the command line of `make evaluate-spikes`. Needs the demo's data."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.conftest import ROOT, prepare_data

DATA = ROOT / "resources/reference/demo"
PACKET = json.loads((ROOT / "config/demo/phenopackets/lmna.json").read_text())
TERMS = {
    key: [one["type"]["id"] for one in PACKET["phenotypicFeatures"] if one.get("excluded", False) is excluded]
    for key, excluded in (("obs", False), ("exc", True))
}

pytestmark = pytest.mark.slow


def patient(name: str, position: int, ref: str, alt: str, coding: str, protein: str) -> dict:
    variant = ["hg38", "chr1", position, ref, alt, "heterozygous"]
    names = [["hgvs.c", f"NM_170707.4:{coding}"], ["hgvs.p", f"NP_733821.1:{protein}"]]
    return {"id": name, "genes": ["LMNA"], "dis": ["OMIM:613205"], "pmid": "PMID:18551513", "vcf": [variant], "hgvs": names, **TERMS}


PATIENTS = [  # names as published (phenopacket-store, notebooks/LMNA, BSD-3-Clause)
    patient("deletion", 156134942, "TAAG", "T", "c.781_783del", "p.(Lys261del)"),
    patient("splice", 156137033, "G", "C", "c.1488+5G>C", "p.?"),
    patient("elsewhere", 1_000_000, "A", "C", "c.1A>C", "p.?"),
]


def evaluate(folder: Path, patients: list[dict]) -> subprocess.CompletedProcess[str]:
    cases = folder / "cases.json"
    cases.write_text(json.dumps(patients))
    command = [
        sys.executable,
        "-m",
        "scripts.evaluate_spikes",
        "--cases",
        str(cases),
        "--data",
        str(DATA),
        "--directory",
        str(folder / "work"),
    ]
    more = ["--output", str(folder / "out"), "--cores", str(len(os.sched_getaffinity(0)))]
    return subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    prepare_data()
    folder = tmp_path_factory.mktemp("spikes")
    done = evaluate(folder, PATIENTS)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_a_deletion_and_an_intronic_variant_are_called_named_as_published_and_ranked_first(finished: tuple[Path, str]) -> None:
    with open(finished[0] / "out/spikes.tsv", newline="") as handle:
        rows = {row["patient"]: row for row in csv.DictReader(handle, delimiter="\t")}
    assert {name: (row["status"], row["genotype"], row["rank"]) for name, row in rows.items()} == {
        "deletion": ("called", "0/1", "1"), "splice": ("called", "0/1", "1"),
    }  # fmt: skip
    assert [rows[name]["hgvs_p"] for name in ("deletion", "splice")] == ["NM_170707:p.Lys261del", "NM_170707:p.?"]
    assert {row["hgvs_c_equal"] + row["hgvs_p_equal"] for row in rows.values()} == {"TrueTrue"}
    assert all(int(row["fragments"]) >= 2 * int(row["fragments_changed"]) - 1 > 8 for row in rows.values())


def test_the_summary_says_what_was_no_case_and_how_hard_the_ranking_was(finished: tuple[Path, str]) -> None:
    summary = json.loads((finished[0] / "out/spikes.json").read_text())
    assert summary["not_cases"] == {"outside of the regions that have reads": 1}
    assert summary["first_in_run"] == {"n": 2, "right": 2}
    assert all(row["all_genes"] >= 1 and row["offered_lopo"] >= 1 for row in summary["cases"])
    assert "1 patients are no case: outside of the regions that have reads" in finished[1]


def test_patients_without_a_variant_where_there_are_reads_are_refused_in_one_sentence(tmp_path: Path) -> None:
    done = evaluate(tmp_path, PATIENTS[2:])
    assert done.returncode == 1
    assert "no variant in it lies where there are reads" in done.stderr
    assert "Traceback" not in done.stderr
