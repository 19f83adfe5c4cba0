"""Contamination and lanes through the command line: a clean sample, a contaminated one, one with a lane of somebody else."""

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline import simulated_people as simulated
from tests.pipeline.conftest import ROOT

SEXES = {"woman": "female", "man": "male"}
SAMPLES = {"clean": "female", "mixed": "male", "lanes": "female"}
STRANGERS = 0.15
STRETCH = simulated.Place("stretch", 0, 40_000, 2, 2)


def pairs(folder: Path, name: str) -> list[tuple[str, str]]:
    """Return the read pairs of a person."""
    mates = []
    for mate in (1, 2):
        lines = gzip.decompress((folder / f"{name}_{mate}.fq.gz").read_bytes()).decode().splitlines(keepends=True)
        mates.append(["".join(lines[at : at + 4]) for at in range(0, len(lines), 4)])
    return list(zip(*mates, strict=True))


def write_pairs(folder: Path, name: str, chosen: list[tuple[str, str]]) -> None:
    """Write read pairs under names that nobody else has."""
    for mate in (0, 1):
        with gzip.open(folder / f"{name}_{mate + 1}.fq.gz", "wt", compresslevel=1) as handle:
            handle.writelines(f"@{name}.{pair[mate][1:]}" for pair in chosen)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of samples made of the reads of two people."""
    work = tmp_path_factory.mktemp("identity")
    dice = random.Random(5)
    sequence = {STRETCH: "".join(dice.choices("ACGT", k=STRETCH.length))}
    mitochondrion = "".join(dice.choices("ACGT", k=16_569))  # the one primary contig that is small
    (work / "ref.fa").write_text(f">chrM\n{mitochondrion}\n>{STRETCH.contig}\n{sequence[STRETCH]}\n")
    (work / "regions.bed").write_text(f"{STRETCH.contig}\t0\t{STRETCH.length}\n")
    for seed, (name, sex) in enumerate(SEXES.items()):
        simulated.write_person(work, name, sequence, sex=sex, seed=seed)
    woman, man = pairs(work, "woman"), pairs(work, "man")
    write_pairs(work, "clean", woman)
    write_pairs(work, "mixed", man + [pair for pair in woman if dice.random() < STRANGERS / (1 - STRANGERS)])
    for number, lane in enumerate((woman[0::3], woman[1::3], man[0::3])):
        write_pairs(work, f"lane{number}", lane)
    rows = [f"{name}\tcase_{name}\tproband\t{sex}\tunknown\n" for name, sex in SAMPLES.items()]
    (work / "samples.tsv").write_text("sample\tcase\trole\tsex\taffected\n" + "".join(rows))
    units = [(name, "L1", name) for name in ("clean", "mixed")] + [("lanes", f"L{number}", f"lane{number}") for number in range(3)]
    lines = [f"{sample}\t{unit}\t{file}_1.fq.gz\t{file}_2.fq.gz\n" for sample, unit, file in units]
    (work / "units.tsv").write_text("sample\tunit\tfastq_1\tfastq_2\n" + "".join(lines))
    config = "samples: samples.tsv\nunits: units.tsv\nreference: {name: GRCh38, fasta: ref.fa}\nregions: regions.bed\n"
    (work / "config.yaml").write_text(config)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    command += ["--configfile", str(work / "config.yaml"), "--cores", str(len(os.sched_getaffinity(0)))]
    command += ["results/identity/sources.json", *(f"results/samples/{name}/qc.json" for name in SAMPLES)]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-4000:]
    return work / "results"


def identity(results: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((results / f"samples/{name}/identity.json").read_text()))


def test_a_clean_sample_is_not_called_contaminated_but_few_sites_are_no_proof(results: Path) -> None:
    record = identity(results, "clean")
    assert record["contamination"]["detected"] is False
    assert "from" in record["not_evaluated"]["cross_contamination_rate"]
    assert "would be seen" in record["not_evaluated"]["cross_contamination_rate"]
    assert "X has 0 bases" in record["not_evaluated"]["sex_matches_order"]
    assert record["not_evaluated"]["lanes_agree"] == "the sample has one lane"
    qc = json.loads((results / "samples/clean/qc.json").read_text())
    assert qc["not_evaluated"]["cross_contamination_rate"] == record["not_evaluated"]["cross_contamination_rate"]


def test_a_contaminated_sample_is_seen_and_its_source_named(results: Path) -> None:
    record = identity(results, "mixed")
    assert record["contamination"]["detected"] is True
    assert record["metrics"]["cross_contamination_rate"]["value"] > 0.03
    low, high = record["contamination"]["interval"]
    assert low <= STRANGERS <= high + 0.1
    sources = json.loads((results / "identity/sources.json").read_text())
    suspects = {row["sample"]: row["log10_margin"] for row in sources["contaminated"]["mixed"]["suspects"]}
    assert suspects["clean"] > 3


def test_a_foreign_lane_is_named(results: Path) -> None:
    record = identity(results, "lanes")
    assert record["metrics"]["lanes_agree"]["value"] is False
    assert record["lanes"]["foreign"] == ["lanes.L2"]


def test_the_panel_of_the_run_says_where_it_comes_from(results: Path) -> None:
    assert identity(results, "clean")["panel"]["name"] == "peddy"
