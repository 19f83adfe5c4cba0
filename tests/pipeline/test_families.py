"""Families with known truth through the whole pipeline: the right model of inheritance each time, and nothing new that is not."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.conftest import ROOT

GIAB = os.environ.get("GENVEJ_GIAB", "")  # folder with `trio/`: NA12878, NA12891 and NA12892, GIAB reads


def evaluate(work: Path, name: str, *more: str) -> dict[str, dict[str, str]]:
    """Run one set through the command line that `make evaluate-families` calls; return the rows by what is true."""
    command = [sys.executable, "-m", "scripts.evaluate_families", "--directory", str(work), "--only", name, *more]
    done = subprocess.run([*command, "--cores", str(len(os.sched_getaffinity(0)))], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    with open(work / "families.tsv", newline="") as handle:
        return {row["set"] + ": " + row["truth"]: row for row in csv.DictReader(handle, delimiter="\t")}


def wrong(rows: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {name: row for name, row in rows.items() if row["right"] != "yes"}


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, str]]]:
    """Run the simulated trio once."""
    work = tmp_path_factory.mktemp("trio")
    return work / "simulated", evaluate(work, "simulated")


def test_each_variant_of_a_simulated_trio_ends_with_the_true_model(trio: tuple[Path, dict[str, dict[str, str]]]) -> None:
    assert len(trio[1]) == 7
    assert not wrong(trio[1])


def interpretation(work: Path) -> dict:
    return json.loads((work / "results/interpretation/family.json").read_text())


def candidate(work: Path, gene: str) -> dict:
    return next(one for one in interpretation(work)["candidates"] if one["gene"] == gene)


def test_parents_reads_confirm_what_is_new_and_name_a_mosaic_mother(trio: tuple[Path, dict[str, dict[str, str]]]) -> None:
    new, mosaic = (candidate(trio[0], gene)["de_novo"] for gene in ("NEW", "MOSAIC"))
    assert new["confirmed"] is True
    assert all(parent["depth"] >= 20 and parent["alt"] <= 1 for parent in new["parents"])
    assert mosaic["confirmed"] is False
    mother, father = mosaic["parents"]
    assert (mother["role"], mother["mosaic"], father["mosaic"]) == ("mother", True, False)
    assert 0.03 < mother["fraction"] < 0.25
    assert mother["p_error"] < 1e-4
    assert mother["p_heterozygous"] < 1e-4


def test_a_parent_without_reads_is_not_known_and_never_absent(trio: tuple[Path, dict[str, dict[str, str]]]) -> None:
    model = candidate(trio[0], "HOMOZYG")["models"][0]
    assert (model["fit"], model["missing"]) == ("fits", ["father not known here"])
    assert not any("lacks it" in reason for reason in model["reasons"])


def test_the_family_is_told_with_its_denominators_and_what_a_small_territory_cannot_tell(
    trio: tuple[Path, dict[str, dict[str, str]]],
) -> None:
    family = interpretation(trio[0])["family"]
    assert family["mendelian"]["sites"] >= 8
    assert sum(row["in_neither_parent"] for row in family["mendelian"]["by_chromosome"]) >= 2, "what is new in the child"
    assert {one["verdict"] for one in family["parentage"].values()} == {"not evaluated"}
    assert family["consanguinity"]["statement"] == "not evaluated"
    assert all(row["verdict"] == "not evaluated" for row in family["uniparental"])


@pytest.mark.long
def test_each_variant_of_a_boys_x_ends_with_the_true_model(tmp_path: Path) -> None:
    rows = evaluate(tmp_path, "boy")
    assert len(rows) == 3
    assert not wrong(rows)


@pytest.mark.long
@pytest.mark.skipif(not GIAB, reason="GENVEJ_GIAB names no folder with the reads of the GIAB trio")
@pytest.mark.parametrize(("family", "number"), [("real", 9), ("realboy", 3)])
def test_each_variant_written_into_real_reads_ends_with_the_true_model_and_nothing_new_is_claimed(
    tmp_path: Path, family: str, number: int
) -> None:
    rows = evaluate(tmp_path, family, "--giab", GIAB)
    assert len(rows) == number
    assert not wrong(rows)
