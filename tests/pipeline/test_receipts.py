"""What a run plans when something changed, and when nothing did: the demo's finished results, by the command line that users type."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import RESULTS, consent_of, fresh_clone, snakemake

from workflow.files import read_json, write_json
from workflow.receipts.model import seal_of

NOTHING = "Nothing to be done"


@pytest.fixture
def work(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of the finished working directory, without what Snakemake itself remembers, every file with the date of today."""
    copy = tmp_path / "work"
    shutil.copytree(finished, copy, symlinks=True, ignore=shutil.ignore_patterns(".snakemake"), copy_function=shutil.copyfile)
    return copy


def plan(work: Path, *more: str, repo: Path | None = None) -> tuple[dict[str, int], str]:
    """Return the jobs by rule of a dry run, and all that was said."""
    done = snakemake(work, "--dry-run", "--quiet", "rules", *more, **({"repo": repo} if repo else {}))
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [line.split() for line in (done.stdout + done.stderr).splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}, done.stdout + done.stderr


def refused(work: Path) -> str:
    done = snakemake(work, "--dry-run")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    return said


def configure(work: Path, change: Any) -> dict[str, Any]:
    """Change the config and return it."""
    file = work / "config/demo.yaml"
    config: dict[str, Any] = yaml.safe_load(file.read_text())
    change(config)
    file.write_text(yaml.safe_dump(config))
    return config


def sheet(work: Path, key: str) -> Path:
    return work / yaml.safe_load((work / "config/demo.yaml").read_text())[key]


def samples(work: Path) -> list[str]:
    return sorted(path.stem for path in (work / RESULTS / "release/receipts/samples").glob("*.json"))


def first_receipt(work: Path, kind: str = "samples") -> Path:
    return min((work / RESULTS / f"release/receipts/{kind}").glob("*.json"))


def test_other_dates_another_clone_another_order_and_a_comment_make_nothing_stale(work: Path, tmp_path: Path) -> None:
    clone = fresh_clone(tmp_path / "clone")
    script = clone / "scripts/decide_release.py"
    script.write_text(script.read_text() + "\n# nothing but a comment\n")
    for name in ("samples", "units"):
        header, *rows = sheet(work, name).read_text().splitlines(keepends=True)
        sheet(work, name).write_text(header + "".join(reversed(rows)))
    _, said = plan(work, repo=clone)
    assert NOTHING in said
    first = (work / RESULTS / "release/receipts/index.tsv").read_text()
    os.utime(work / RESULTS / "release/receipts/index.tsv")
    assert first.startswith("genvej receipts 1 of GRCh38\n")


def test_a_changed_limit_redoes_decisions_and_no_reads(work: Path) -> None:
    configure(work, lambda config: config.setdefault("release", {}).setdefault("overrides", {}).update(mean_autosome_coverage=29.5))
    jobs, said = plan(work)
    assert jobs["decide_release"] == jobs["check_sample"] == len(samples(work))
    assert not {"align_reads", "mosdepth", "gatk_haplotypecaller", "annotate_variants", "rank_candidates", "verify_fastq"} & jobs.keys()
    assert f"{len(samples(work))} sample" in said
    assert "release.limits.mean_autosome_coverage.limit" in said
    assert "→ 29.5" in said


def test_another_hpo_release_redoes_cases_only(work: Path) -> None:
    hpo = yaml.safe_load((work / "config/demo.yaml").read_text())["knowledge"]["hpo"]
    folder = work / "hpo"
    shutil.copytree(work / hpo["path"], folder)
    ontology = (folder / "hp.obo").read_text()
    release = str(hpo["release"]).rpartition("/")[2].removeprefix("v")
    (folder / "hp.obo").write_text(ontology.replace(release, "2031-01-31", 1))
    configure(work, lambda config: config["knowledge"].update(hpo={"path": "hpo", "release": "2031-01-31"}))
    jobs, said = plan(work)
    assert jobs["rank_candidates"] == jobs["check_case"] == len(list((work / RESULTS / "release/receipts/cases").glob("*.json")))
    assert not {"check_sample", "decide_release", "align_reads", "filter_calls", "gather_fingerprints", "accept_intake"} & jobs.keys()
    assert f"HPO {hpo['release']} → 2031-01-31" in said


def test_a_new_sample_makes_nobody_else_stale(work: Path) -> None:
    row = dict(zip(*(line.split("\t") for line in sheet(work, "units").read_text().splitlines()[:2]), strict=True))
    header = sheet(work, "units").read_text().splitlines()[0].split("\t")
    for mate in ("fastq_1", "fastq_2"):
        shutil.copyfile(work / row[mate], work / f"{mate}.fastq.gz")
    new = row | {"sample": "newcomer", "fastq_1": "fastq_1.fastq.gz", "fastq_2": "fastq_2.fastq.gz"}
    new |= {name: "" for name in ("md5_1", "md5_2") if name in new}
    with open(sheet(work, "units"), "a") as handle:
        handle.write("\t".join(new[name] for name in header) + "\n")
    columns = sheet(work, "samples").read_text().splitlines()[0].split("\t")
    person = {"sample": "newcomer", "case": "newcase", "role": "proband", "sex": "unknown", "affected": "yes"}
    with open(sheet(work, "samples"), "a") as handle:
        handle.write("\t".join(person.get(name, "") for name in columns) + "\n")
    if (work / "config/demo/consents.tsv").is_file():
        consent_of(work, "HG007", "newcomer")
    jobs, said = plan(work)
    assert jobs["align_reads"] == jobs["relate_sample"] == jobs["check_sample"] == jobs["check_case"] == jobs["decide_release"] == 1
    assert jobs["gather_fingerprints"] == jobs["seal_release"] == jobs["multiqc"] == jobs["check_cohort"] == 1
    assert "1 sample: not done yet" in said


def test_a_changed_output_is_refused_with_file_and_remedy(work: Path) -> None:
    file = work / RESULTS / "samples" / samples(work)[0] / "release.json"
    text = file.read_text()
    file.write_text(text.replace('"decision"', '"decisioN"', 1))
    said = refused(work)
    assert f"{RESULTS}/samples/{samples(work)[0]}/release.json: this is not the file that was checked for release" in said
    assert "delete it and run the same command again" in said
    file.unlink()
    jobs, said = plan(work)
    assert jobs["decide_release"] == 1
    assert "release.json is gone" in said
    assert "align_reads" not in jobs


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda receipt: receipt["inputs"].update(sex="0" * 16), "changed by hand"),
        (lambda receipt: receipt.update(format=99), "of a newer version of Genvej (format 99"),
        (lambda receipt: receipt.update(assembly="GRCh37", seal=seal_of({**receipt, "assembly": "GRCh37"})), "is of GRCh37"),
    ],
    ids=["edited by hand", "newer", "other assembly"],
)
def test_a_receipt_that_cannot_be_relied_on_is_refused(work: Path, change: Any, words: str) -> None:
    receipt = read_json(first_receipt(work))
    change(receipt)
    write_json(first_receipt(work), receipt)
    said = refused(work)
    assert words in said
    assert first_receipt(work).name in said


@pytest.mark.long
def test_a_stale_stage_is_really_redone_though_snakemake_remembers_nothing(work: Path) -> None:
    configure(work, lambda config: config.setdefault("release", {}).setdefault("overrides", {}).update(mean_autosome_coverage=29.5))
    name = samples(work)[0]
    cram = work / RESULTS / f"samples/{name}/{name}.cram"
    before = cram.stat().st_mtime_ns
    done = snakemake(work)
    assert done.returncode == 0, done.stderr[-3000:]
    metrics = read_json(work / RESULTS / f"samples/{name}/release.json")["metrics"]
    assert next(one["limit"] for one in metrics if one["name"] == "mean_autosome_coverage")
    assert "29.5" in str(next(one["limit"] for one in metrics if one["name"] == "mean_autosome_coverage"))
    assert cram.stat().st_mtime_ns == before
    assert len(list((work / RESULTS / "release/versions").glob("[0-9]*"))) == 2
    again = snakemake(work)
    assert NOTHING in again.stdout + again.stderr


def test_options_about_every_file_see_what_is_done_and_touch_loses_no_receipt(work: Path) -> None:
    untracked = snakemake(work, "--list-untracked").stdout
    assert "release/log.jsonl" in untracked
    assert not [line for line in untracked.splitlines() if line.startswith((f"{RESULTS}/samples/", f"{RESULTS}/cases/"))]
    kept = {file: file.read_bytes() for file in sorted((work / RESULTS / "release").glob("**/*.json")) if file.is_file()}
    before = first_receipt(work).stat().st_mtime_ns
    touched = snakemake(work, "--touch", "--forceall", "--quiet", "rules")
    assert touched.returncode == 0, touched.stderr[-2000:]
    assert {file: file.read_bytes() for file in kept} == kept
    assert first_receipt(work).stat().st_mtime_ns > before
    assert NOTHING in plan(work)[1]
