"""New knowledge for the demo's cases, through the command line: what is done again, what is named, what is left alone and what refused."""

import csv
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.pipeline.conftest import RESULTS, ROOT, snakemake
from tests.pipeline.test_impact import LATER, PATIENT, RELEASE
from tests.pipeline.test_run import TRUTH, planned_rules, table

pytestmark = pytest.mark.slow
CONTROL = TRUTH["control"]
NAME = f"hpo-{LATER}"


def configure(work: Path, **sections: object) -> None:
    """Put sections into the config of a working directory; None takes one out."""
    file = work / "config/demo.yaml"
    content = yaml.safe_load(file.read_text()) | sections
    file.write_text(yaml.safe_dump({name: part for name, part in content.items() if part is not None}))


def wish(work: Path, **wishes: str) -> None:
    """Set the column recontact of samples.tsv."""
    sheet = work / "config/demo/samples.tsv"
    rows = table(sheet)
    for row in rows:
        row["recontact"] = wishes.get(row["sample"], "")
    with open(sheet, "w", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)


def lies_there(results: Path) -> dict[str, str]:
    """Return a digest of every file of the results but logs, costs, progress, reanalyses and the index of receipts (made of them)."""
    aside = ("logs", "benchmarks", "progress", "reanalysis")
    files = [file for file in sorted(results.rglob("*")) if file.is_file() and file.relative_to(results).parts[0] not in aside]
    return {str(file.relative_to(results)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.name != "index.tsv"}


def without_a_gene(source: Path, target: Path, gene: str) -> None:
    """Copy an HPO release as a later one that links no disease to a gene."""
    target.mkdir()
    pairs = (source / "genes_to_phenotype.txt").read_text().splitlines(keepends=True)
    (target / "genes_to_phenotype.txt").write_text("".join(line for line in pairs if line.split("\t")[1] != gene))
    for name in ("hp.obo", "phenotype.hpoa"):
        (target / name).write_text((source / name).read_text().replace(RELEASE, LATER))


def names(folder: Path, case: str) -> list[str]:
    """Return the files for people that name a case: as a cell, a value or a heading of a row (its name may be a word of a feature)."""
    marks = {"work_list.tsv": f"\t{case}\t", "changes.tsv": f"\t{case}\t", "work_list.json": f'"{case}"', "index.html": f">{case}<"}
    return [name for name, mark in (marks | {"difference.json": f'"{case}"'}).items() if mark in (folder / name).read_text()]


@pytest.fixture(scope="module")
def work(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the finished demo, for which a later HPO release does not know the patient's gene any more."""
    folder = tmp_path_factory.mktemp("reanalysis")
    (folder / "results").mkdir()
    subprocess.run(["cp", "-al", finished / RESULTS, folder / RESULTS], check=True)
    shutil.copytree(finished / ".snakemake", folder / ".snakemake", symlinks=True)
    shutil.copytree(finished / "config", folder / "config")
    (folder / "resources").symlink_to(finished / "resources")
    without_a_gene(ROOT / "resources/reference/demo/hpo", folder / "hpo", TRUTH["gene"])
    configure(folder, reanalysis={"knowledge": {"hpo": {"path": "hpo", "release": LATER}}, "top": 1}, consent=None, frequency_store=None)
    wish(folder, **{PATIENT: "yes"})
    return folder


@pytest.fixture(scope="module")
def done(work: Path) -> tuple[Path, dict[str, str]]:
    """Return the folder of the reanalysis, and what lay in the results before it."""
    before = lies_there(work / RESULTS)
    run = snakemake(work, "reanalysis")
    assert run.returncode == 0, run.stderr[-4000:]
    assert f"Genvej: reanalysis {NAME}: 2 cases done again" in run.stdout
    return work / RESULTS / "reanalysis" / NAME, before


def test_interpretation_alone_is_done_again_beside_the_results(work: Path, done: tuple[Path, dict[str, str]]) -> None:
    folder, before = done
    assert lies_there(work / RESULTS) == before
    old, new = table(work / RESULTS / f"cases/{PATIENT}/candidates.tsv"), table(folder / f"cases/0001/{PATIENT}/candidates.tsv")
    assert {row["hgvs_g"] for row in old} == {row["hgvs_g"] for row in new}
    record = json.loads((folder / f"cases/0001/{PATIENT}/difference.json").read_text())
    first = [rows[0]["gene"] for rows in (old, new)]
    assert first[0] == TRUTH["gene"] != first[1]
    assert ([row["gene"] for row in record["gained"]], [row["gene"] for row in record["lost"]]) == (first[1:], first[:1])
    (lost,) = record["lost"]
    assert lost["causes"] == ["knowledge"]
    assert lost["cause"] == f"knowledge hpo ({RELEASE} → {LATER})"
    assert any(f"no longer linked to {TRUTH['gene']}" in one["what"] for one in lost["evidence"])
    numbers = json.loads((folder / "difference.json").read_text())["totals"]
    assert numbers["cases"] == 2
    assert numbers["by_cause"]["gained"].keys() <= {"knowledge"}, "nothing else differs"


def test_case_without_a_wish_is_in_no_list_and_a_wish_that_is_withdrawn_empties_it(work: Path, done: tuple[Path, dict[str, str]]) -> None:
    folder, _ = done
    shown = ("work_list.tsv", "changes.tsv", "work_list.json", "index.html")
    assert names(folder, PATIENT) == [*shown]
    assert names(folder, CONTROL) == []
    work_list = json.loads((folder / "work_list.json").read_text())
    assert {one["case"] for one in work_list["entries"]} == {PATIENT}
    assert work_list["by_wish"]["unknown"]["cases"] == 1
    again = snakemake(work, "--dry-run", "reanalysis")
    assert "Nothing to be done" in again.stdout + again.stderr
    difference = (folder / "difference.json").read_bytes()
    wish(work, **{PATIENT: "no"})
    run = snakemake(work, "reanalysis")
    assert run.returncode == 0, run.stderr[-3000:]
    assert "localrule reanalyse" not in run.stderr
    assert (folder / "difference.json").read_bytes() == difference
    assert json.loads((folder / "work_list.json").read_text())["entries"] == []
    assert names(folder, PATIENT) == []
    wish(work, **{PATIENT: "yes"})


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        (
            {"reanalysis": {"knowledge": {"hpo": {"path": "hpo", "release": "2020-10-12"}}}},
            "`reanalysis.knowledge.hpo.release` is 2020-10-12, but",
        ),
        (
            {"reanalysis": {"knowledge": {"panels": {"path": "p.tsv", "release": "2020-01-01"}}}},
            "`reanalysis.knowledge.panels.path` names p.tsv, which is not there",
        ),
        ({"reanalysis": None}, "`reanalysis.knowledge` names no new knowledge"),
    ],
)
def test_reanalysis_that_cannot_be_is_refused_in_one_sentence(
    work: Path, done: tuple[Path, dict[str, str]], sections: dict, says: str
) -> None:
    before = (work / "config/demo.yaml").read_text()
    try:
        configure(work, **sections)
        run = snakemake(work, "--dry-run", "reanalysis")
    finally:
        (work / "config/demo.yaml").write_text(before)
    assert run.returncode != 0
    assert says in run.stdout + run.stderr
    assert "Traceback" not in run.stderr


def test_release_older_than_the_one_in_use_is_refused_unless_it_is_said(work: Path, done: tuple[Path, dict[str, str]]) -> None:
    before = (work / "config/demo.yaml").read_text()
    older = work / "older"
    if not older.exists():
        shutil.copytree(work / "hpo", older)
        for name in ("hp.obo", "phenotype.hpoa"):
            (older / name).write_text((older / name).read_text().replace(LATER, "2023-06-17").replace(RELEASE, "2023-06-17"))
    section = {"knowledge": {"hpo": {"path": "older", "release": "2023-06-17"}}}
    try:
        configure(work, reanalysis=section)
        refused = snakemake(work, "--dry-run", "reanalysis")
        configure(work, reanalysis=section | {"allow_older": True})
        allowed = snakemake(work, "--dry-run", "reanalysis")
    finally:
        (work / "config/demo.yaml").write_text(before)
    assert refused.returncode != 0
    assert f"is 2023-06-17, older than {RELEASE}, which is in use" in refused.stdout + refused.stderr
    assert allowed.returncode == 0
    assert planned_rules(allowed.stdout) == {"reanalyse_cases", "collect_reanalysis", "list_work", "reanalysis"}
