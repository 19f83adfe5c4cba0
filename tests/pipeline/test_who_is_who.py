"""Who is who through the command line: one person under two names is held, a person declared twice is not, a sample more reruns nobody."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.conftest import RESULTS, consent_of, snakemake

PEOPLE = ("lmna", "control")


def read(work: Path, name: str) -> Any:
    """Return a JSON file of the results."""
    return json.loads((work / RESULTS / name).read_text())


@pytest.fixture(scope="module")
def copy(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the finished demo, in which the sheet may change."""
    folder = tmp_path_factory.mktemp("who") / "work"
    shutil.copytree(finished, folder, symlinks=True, copy_function=shutil.copy2)
    return folder


def test_declared_person_is_found(finished: Path) -> None:
    """Patient and control of the demo are the same reads, and the sheet says so: found, and nobody is held for it."""
    for one, other in (PEOPLE, PEOPLE[::-1]):
        check = read(finished, f"samples/{one}/relations.json")
        assert check["metrics"]["identity_matches_order"]["value"] is True, check
        assert [(each["sample"], each["found"]) for each in check["expected"]] == [(other, "yes")]
    assert read(finished, "release/relations.json")["findings"] == []
    stored = read(finished, "release/stored.json")
    assert sorted(stored["added"] + stored["known"] + stored["too_few_sites"]) == sorted(PEOPLE)


def test_sample_more_compares_nobody_again(finished: Path, tmp_path: Path) -> None:
    """With one more sample in the sheet, the plan relates that one only; what the others had found stands."""
    work = tmp_path / "work"
    shutil.copytree(finished, work, symlinks=True)
    units = (work / "config/demo/units.tsv").read_text().splitlines()
    header, first = units[0].split("\t"), units[1].split("\t")
    row = dict(zip(header, first, strict=True)) | {"sample": "more"}
    for mate in ("fastq_1", "fastq_2"):
        target = work / f"more_{mate}.fq.gz"
        shutil.copy((work / row[mate]).resolve(), target)
        row[mate] = str(target)
    (work / "config/demo/units.tsv").write_text("\n".join([*units, "\t".join(row.get(column, "") for column in header)]) + "\n")
    with (work / "config/demo/samples.tsv").open("a") as sheet:
        sheet.write("more\tmore\tproband\tfemale\tunknown\t\n")
    consent_of(work, "HG007", "more")
    plan = snakemake(work, "--dry-run").stdout
    counts = {rule: int(count) for rule, count in re.findall(r"^(\w+)\s+(\d+)$", plan, flags=re.MULTILINE)}
    assert counts["relate_sample"] == 1, plan[-3000:]
    assert counts["fingerprint_sample"] == 1
    assert counts["decide_release"] == 1


def test_one_person_under_two_names_is_held(copy: Path) -> None:
    """Without the column both samples are held, each names the other, and the page's file has the finding once."""
    sheet = copy / "config/demo/samples.tsv"
    sheet.write_text("".join(line.rsplit("\t", 1)[0] + "\n" for line in sheet.read_text().splitlines()))
    consent_of(copy, *PEOPLE)
    done = snakemake(copy)
    assert done.returncode == 0, done.stderr[-4000:]
    for one, other in (PEOPLE, PEOPLE[::-1]):
        release = read(copy, f"samples/{one}/release.json")
        assert release["decision"] == "hold"
        assert any(f"the same person as sample {other}" in reason for reason in release["reasons"]), release["reasons"]
        assert read(copy, f"cases/{one}/release.json")["decision"] == "hold"
    findings = read(copy, "release/relations.json")["findings"]
    assert [(one["kind"], sorted(one["samples"])) for one in findings] == [("same person under two names", sorted(PEOPLE))]
