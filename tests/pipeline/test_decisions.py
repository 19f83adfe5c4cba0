"""Decisions of people through the command line: signed ones hold and are shown, all others stop the run before the first job."""

import csv
import datetime
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import make_key, sign_decision
from tests.pipeline.conftest import ROOT
from tests.pipeline.tiny_person import CONFIG, write_person

pytestmark = pytest.mark.slow

TODAY = datetime.date.today()
LATER, EARLIER = (TODAY + datetime.timedelta(days=30)).isoformat(), (TODAY - datetime.timedelta(days=1)).isoformat()
WAIVER = {
    "kind": "waiver", "case": "case1", "deliverable": "report", "name": "Rosa Q",
    "date": EARLIER, "expires": LATER, "reason": "the page is printed elsewhere for this order",
}  # fmt: skip
OVERRIDE = {
    "kind": "override", "sample": "anna", "decision": "release", "instead_of": "resequence", "name": "Rosa Q",
    "date": EARLIER, "reason": "a mitochondrion at 17x answers the question",
}  # fmt: skip
Content = dict[str, Any]


def run(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    return subprocess.run(
        [*command, "--configfile", str(work / "config.yaml"), "--cores", "2", *more],
        cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def decide(work: Path, file: str, content: Content, key: str = "rosa") -> Path:
    """Write a decision and sign it through the project's own command."""
    path = work / "decisions" / file
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    if key:
        assert sign_decision.main([str(path), "--key", str(work.parent / f"{key}.pem")]) == 0
    return path


def table(file: Path) -> list[dict[str, str]]:
    with open(file, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.fixture(scope="module")
def finished_person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a person was released without any decision of people, and the keys beside it."""
    folder = tmp_path_factory.mktemp("decisions")
    work = write_person(folder / "work")
    rows = []
    for name, person in (("rosa", "Rosa Q\tquality manager"), ("otto", "Otto L\tlaboratory physician"), ("stranger", "")):
        assert make_key.main([str(folder / f"{name}.pem")]) == 0
        line = "".join((folder / f"{name}.pem.pub").read_text().splitlines()[1:-1])
        rows += [f"{person}\t{line}\n"] if person else []
    (work / "people.tsv").write_text("name\trole\tpublic_key\n" + "".join(rows))
    (work / "decisions").mkdir()
    (work / "config.yaml").write_text(CONFIG + "release: {people: people.tsv, decisions: decisions}\n")
    done = run(work)
    assert done.returncode == 0, done.stderr[-3000:]
    return work


@pytest.fixture
def person(finished_person: Path, tmp_path: Path) -> Path:
    work = tmp_path / "work"
    shutil.copytree(finished_person, work)
    for key in finished_person.parent.glob("*.pem"):
        shutil.copy2(key, tmp_path / key.name)
    return work


def versions(work: Path) -> list[str]:
    return sorted(path.name for path in (work / "results/release/versions").glob("[0-9]*"))


def test_waiver_and_override_hold_and_are_shown_everywhere(person: Path) -> None:
    decide(person, "waiver.yaml", WAIVER)
    decide(person, "override.yaml", OVERRIDE)
    (person / "results/cases/case1/report.html").unlink()
    done = run(person)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not (person / "results/cases/case1/report.html").exists()
    record = json.loads((person / "results/samples/anna/release.json").read_text())
    assert (record["decision"], record["override"]["before"]) == ("release", "resequence")
    assert record["signed_by"] == "Rosa Q (quality manager)"
    assert OVERRIDE["reason"] in record["reasons"][0]
    assert any("12.65x below the limit" in reason for reason in record["reasons"])
    case = json.loads((person / "results/cases/case1/release.json").read_text())
    assert case["decision"] == "release"
    assert any("report: waived by Rosa Q (quality manager)" in reason and LATER in reason for reason in case["reasons"])
    page = json.loads((person / "results/cases/case1/report.json").read_text())
    assert any("decided by Rosa Q" in line for line in page["answer"]["sure"])
    cell = next(row for row in table(person / "results/release/completeness.tsv") if row["deliverable"] == "report")
    assert cell["status"] == "waived"
    assert all(words in cell["reason"] for words in ("Rosa Q", LATER, WAIVER["reason"]))
    manifest = json.loads((person / "results/release/manifest.json").read_text())
    assert "cases/case1/report.html" not in {entry["file"] for entry in manifest["files"]}
    assert "decided by Rosa Q" in done.stdout
    assert "decided by Rosa Q" in (person / "results/multiqc.html").read_text()
    assert versions(person) == ["0001", "0002"]
    again = run(person)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_override_of_another_decision_than_the_limits_lead_to_releases_nothing(person: Path) -> None:
    decide(person, "override.yaml", OVERRIDE | {"instead_of": "hold"})
    done = run(person)
    assert done.returncode != 0
    assert "this override is of `hold`, but the decision is now `resequence`" in done.stdout + done.stderr
    assert versions(person) == ["0001"]


def edited(work: Path) -> None:
    file = decide(work, "a.yaml", WAIVER)
    file.write_text(file.read_text().replace(LATER, (TODAY + datetime.timedelta(days=900)).isoformat()))


MISTAKES: dict[str, tuple[Callable[[Path], object], str]] = {
    "expired": (lambda work: decide(work, "a.yaml", WAIVER | {"expires": EARLIER}), f"the waiver expired on {EARLIER}"),
    "unsigned": (lambda work: decide(work, "a.yaml", WAIVER, key=""), "a.yaml.sig: there is no signature"),
    "signed by a stranger": (lambda work: decide(work, "a.yaml", WAIVER, key="stranger"), "the signature is of nobody in `release.people`"),
    "signed by another": (lambda work: decide(work, "a.yaml", WAIVER, key="otto"), "this is the decision of Rosa Q, but Otto L signed it"),
    "changed after signing": (edited, "the file was changed after it was signed"),
    "unknown cell": (lambda work: decide(work, "a.yaml", WAIVER | {"deliverable": "reprot"}), "did you mean `report`?"),
    "unknown case": (lambda work: decide(work, "a.yaml", WAIVER | {"case": "case2"}), "there is no case `case2` (did you mean `case1`?)"),
    "by nobody": (lambda work: decide(work, "a.yaml", {**OVERRIDE, "name": "Nobody"}), "Nobody is not in `release.people`"),
    "without a name": (lambda work: decide(work, "a.yaml", {k: v for k, v in OVERRIDE.items() if k != "name"}), "`name` is missing"),
    "without expiry": (lambda work: decide(work, "a.yaml", {k: v for k, v in WAIVER.items() if k != "expires"}), "`expires` is missing"),
    "unsigned override": (lambda work: decide(work, "a.yaml", OVERRIDE, key=""), "a.yaml.sig: there is no signature"),
    "unknown sample": (lambda work: decide(work, "a.yaml", OVERRIDE | {"sample": "ana"}), "there is no sample `ana` (did you mean"),
    "unknown decision": (lambda work: decide(work, "a.yaml", OVERRIDE | {"decision": "accept"}), "`decision` is 'accept', known are"),
    "of tomorrow": (lambda work: decide(work, "a.yaml", OVERRIDE | {"date": LATER}), "which is to come"),
    "no such day": (lambda work: decide(work, "a.yaml", WAIVER | {"expires": "2026-13-45"}), "`expires` is no day"),
    "unknown key": (lambda work: decide(work, "a.yaml", WAIVER | {"expiry": LATER}), "did you mean `expires`?"),
    "twice": (lambda work: (decide(work, "a.yaml", WAIVER), decide(work, "b.yaml", WAIVER)), "decides on the same case already"),
    "stray file": (lambda work: (work / "decisions/a.yaml.txt").write_text("x"), "neither a decision nor the signature"),
    "cpr": (lambda work: decide(work, "a.yaml", WAIVER | {"reason": "asked by 010190-1234"}), "looks like a CPR number"),
    "not yaml": (lambda work: (work / "decisions/a.yaml").write_text("[1"), "this is no YAML"),
    "nobody may sign": (
        lambda work: (work / "config.yaml").write_text(CONFIG + "release: {decisions: decisions}\n"),
        "name the table of people in `release.people`",
    ),
    "no folder": (lambda work: shutil.rmtree(work / "decisions"), "`release.decisions` is no folder"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_bad_decision_is_one_sentence_and_nothing_is_released(person: Path, mistake: str) -> None:
    change, words = MISTAKES[mistake]
    change(person)
    shutil.rmtree(person / "results/samples")
    done = run(person)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert words in said, said[-2000:]
    assert "Traceback" not in said
    assert "010190" not in said
    assert not (person / "results/samples").exists()
    assert versions(person) == ["0001"]
