"""What a change of version does, on the demo's real results: sums against an independent count, and what the pages say of it."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.pipeline.conftest import RESULTS, ROOT, snakemake
from tests.pipeline.test_run import TRUTH, planned_rules, table
from tests.pipeline.tiny_person import write_person

pytestmark = pytest.mark.slow
PATIENT = TRUTH["sample"]
RELEASE, LATER = "2025-01-16", "2025-02-01"
Row = dict[str, str]


def compare(old: Path, new: Path, output: Path) -> tuple[int, dict, list[Row]]:
    """Compare two trees with the command; return its status, the summary, the rows."""
    line = [sys.executable, "-m", "scripts.compare_releases", str(old), str(new), "--output", str(output)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in {0, 3}, done.stderr
    folder = next(path for path in output.iterdir() if path.is_dir())
    with open(folder / "changes.tsv", newline="") as handle:
        return done.returncode, json.loads((folder / "summary.json").read_text()), list(csv.DictReader(handle, delimiter="\t"))


def tools(*command: str) -> list[str]:
    """Return the lines that a tool on PATH prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def rewrite(vcf: Path, edit: Callable[[int, list[str]], list[str] | None]) -> None:
    """Edit the records of a bgzipped VCF: `edit` gets number and columns, and returns the columns or None to drop the record."""
    lines, number = [], 0
    for line in tools("bgzip", "-dc", str(vcf)):
        if not line.startswith("#"):
            columns = edit(number, line.split("\t"))
            number += 1
            if columns is None:
                continue
            line = "\t".join(columns)
        lines.append(line + "\n")
    plain = vcf.with_suffix("")
    plain.write_text("".join(lines))
    vcf.unlink()
    subprocess.run(["bgzip", "-f", str(plain)], check=True)
    subprocess.run(["tabix", "-f", "-p", "vcf", str(vcf)], check=True)


def doctor(number: int, columns: list[str]) -> list[str] | None:
    """Drop every 40th record; make every 40th + 1 homozygous, flag + 2, move + 3 to another HGVS name, + 4 to another depth."""
    remainder = number % 40
    if remainder == 0:
        return None
    genotype, _, rest = columns[9].partition(":")
    if remainder == 1 and genotype in {"0/1", "0|1"}:
        columns[9] = f"1/1:{rest}"
    elif remainder == 2 and columns[6] == "PASS":
        columns[6] = "LowQual"
    elif remainder == 3:
        columns[7] = re.sub(r"HGVSg=[^;]+", "HGVSg=doctored", columns[7])
    elif remainder == 4:
        columns[7] = columns[7].replace("DP=", "DP=9")
    return columns


def test_sealed_version_and_the_live_tree_differ_in_nothing(finished: Path, tmp_path: Path) -> None:
    results = finished / RESULTS
    newest = max((results / "release/versions").iterdir())
    status, summary, rows = compare(newest, results, tmp_path)
    assert (status, rows, summary["changes"]) == (0, [], 0)
    assert summary["counted"]["calls in both"] > 1000
    assert "No change." in next(tmp_path.glob("*/report.html")).read_text()


def test_doctored_calls_are_listed_one_by_one_and_agree_with_bcftools(finished: Path, tmp_path: Path) -> None:
    results, doctored = finished / RESULTS, tmp_path / "doctored"
    shutil.copytree(results, doctored, ignore=shutil.ignore_patterns("versions", "*.cram*", "logs", "*.g.vcf.gz*"))
    vcf = f"cases/{PATIENT}/{PATIENT}.vcf.gz"
    rewrite(doctored / vcf, doctor)
    candidates = table(doctored / f"cases/{PATIENT}/candidates.tsv")
    swapped = [candidates[1] | {"rank": "1"}, candidates[0] | {"rank": "2", "score": "0.5"}, *candidates[3:]]
    with open(doctored / f"cases/{PATIENT}/candidates.tsv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, list(candidates[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(swapped)
    status, _, rows = compare(results, doctored, tmp_path / "impact")
    assert status == 3
    assert {row["case"] for row in rows} == {PATIENT}, "the other case is as it was"
    assert {row["cause"] for row in rows} == {"unexplained"}, "no version, tool, knowledge or input differs: somebody edited files"
    found = Counter(row["kind"] for row in rows)
    expected = counted_with_bcftools(results / vcf, doctored / vcf, tmp_path / "isec")
    for kind in ("variant lost", "variant gained", "genotype changed", "filter changed", "annotation changed"):
        assert found[kind] == expected[kind], kind
    assert expected["variant gained"] == 0
    assert min(expected[kind] for kind in ("variant lost", "genotype changed", "filter changed", "annotation changed")) > 5
    assert (found["rank changed"], found["candidate left"]) == (2, 1)
    assert [(row["old"], row["new"]) for row in rows if row["kind"] == "score changed"] == [(candidates[0]["score"], "0.5")]
    lost = {(row["chrom"], row["pos"], row["ref"], row["alt"]) for row in rows if row["kind"] == "variant lost"}
    assert lost == sites(tmp_path / "isec/0000.vcf")


def sites(vcf: Path) -> set[tuple[str, ...]]:
    """Return the variants of a VCF that somebody carries."""
    return {tuple(line.split("\t")) for line in tools("bcftools", "query", "-i", 'GT="alt"', "-f", r"%CHROM\t%POS\t%REF\t%ALT\n", str(vcf))}


def counted_with_bcftools(old: Path, new: Path, folder: Path) -> Counter[str]:
    """Count the changes of a case of one sample another way: bcftools isec tells both sets apart, and queries of its parts are compared."""
    subprocess.run(["bcftools", "isec", "-c", "none", "-p", str(folder), str(old), str(new)], check=True, capture_output=True)
    counts = Counter({"variant lost": len(sites(folder / "0000.vcf")), "variant gained": len(sites(folder / "0001.vcf"))})
    fields = {"genotype changed": "[%GT]", "filter changed": "%FILTER", "annotation changed": "%HGVSg"}
    for kind, field in fields.items():
        both = (tools("bcftools", "query", "-f", rf"{field}\n", str(folder / name)) for name in ("0002.vcf", "0003.vcf"))
        counts[kind] = sum(a.replace("|", "/") != b.replace("|", "/") for a, b in zip(*both, strict=True))
    return counts


def pages(work: Path) -> list[str]:
    """Return every page of a release as text."""
    results = work / RESULTS
    return [path.read_text() for path in (results / "multiqc.html", *sorted(results.glob("cases/*/report.html")))]


def without_a_disease(source: Path, target: Path, disease: str) -> None:
    """Copy an HPO release as a later one, without the annotations of one disease."""
    shutil.copytree(source, target)
    lines = (source / "phenotype.hpoa").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{disease}\t")]
    assert len(kept) < len(lines)
    (target / "phenotype.hpoa").write_text("".join(kept))
    ontology = (source / "hp.obo").read_text()
    (target / "hp.obo").write_text(ontology.replace(f"releases/{RELEASE}", f"releases/{LATER}", 1))


def test_other_knowledge_moves_ranks_only_and_stays_unsigned_on_every_page_until_it_is_signed(finished: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(finished, work, symlinks=True)
    results = work / RESULTS
    assert all("is the first in this folder" in page for page in pages(work))
    interpretation = json.loads((results / f"interpretation/{PATIENT}.json").read_text())
    disease = next(gene["disease"]["id"] for gene in interpretation["genes"] if gene["symbol"] == TRUTH["gene"])
    without_a_disease(ROOT / "resources/reference/demo/hpo", work / "hpo", disease)
    config = yaml.safe_load((work / "config/demo.yaml").read_text())
    config["knowledge"]["hpo"] = {"path": "hpo", "release": LATER}
    (work / "config/demo.yaml").write_text(yaml.safe_dump(config))
    done = snakemake(work)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "UNSIGNED CHANGE" in done.stdout + done.stderr
    assert all("Unsigned change" in page for page in pages(work))
    change = json.loads((results / "release/manifest.json").read_text())["workflow"]
    assert change["status"] == "unsigned change"
    check_only_ranks_moved(results, work / "impact")
    sign = [sys.executable, "-m", "scripts.sign_impact", str(work / f"impact/{change['from']}_{change['workflow']}")]
    subprocess.run([*sign, "--by", "N. N.", "--verdict", "accepted"], cwd=ROOT, check=True, capture_output=True)
    planned = planned_rules(snakemake(work, "--dry-run").stdout)
    assert not planned & {"collect_report", "rank_candidates", "decide_release", "annotate_variants"}, "a signature makes pages, no results"
    assert snakemake(work).returncode == 0
    assert all("was accepted by N. N. on 20" in page and "Unsigned change" not in page for page in pages(work))
    again = snakemake(work, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


SCORES = ("score", "phenotype_score", "variant_score", "acmg_points", "class")  # PP4 rests on the phenotype's probability


def check_only_ranks_moved(results: Path, output: Path) -> None:
    """Compare the version that was sealed first with the live tree; count ranks and scores another way."""
    first = min((results / "release/versions").iterdir(), key=lambda path: path.name)
    _, summary, rows = compare(first, results, output)
    assert [one["name"] for one in summary["differences"]] == ["knowledge hpo"]
    assert {row["kind"] for row in rows} <= {"rank changed", "score changed", "candidate entered", "candidate left"}
    assert {row["cause"] for row in rows} == {f"knowledge hpo ({RELEASE} → {LATER})"}
    moved: Counter[str] = Counter()
    for case in (PATIENT, TRUTH["control"]):
        old, new = (
            {(row["hgvs_g"], row["gene"]): row for row in table(tree / f"cases/{case}/candidates.tsv")} for tree in (first, results)
        )
        for key in old.keys() & new.keys():
            moved["rank changed"] += old[key]["rank"] != new[key]["rank"]
            moved["score changed"] += sum(old[key][field] != new[key][field] for field in SCORES)
        moved["candidate entered"] += len(new.keys() - old.keys())
        moved["candidate left"] += len(old.keys() - new.keys())
    found = Counter(row["kind"] for row in rows)
    assert +moved == found
    assert any(row["gene"] == TRUTH["gene"] and row["field"] == "phenotype_score" for row in rows)


def test_change_record_that_was_edited_is_refused(finished: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(finished, work, symlinks=True, ignore=shutil.ignore_patterns("*.cram"))
    record = work / RESULTS / "release/change.json"
    content = json.loads(record.read_text()) | {"status": "accepted change", "from": "aaaaaaaaaaaa", "who": "nobody", "when": "2026-01-01"}
    record.write_text(json.dumps(content))
    done = snakemake(work, "--dry-run")
    assert done.returncode != 0
    assert "changed by hand" in done.stdout + done.stderr


def test_previous_version_that_the_config_names_is_unsigned_in_a_fresh_folder(finished: Path, tmp_path: Path) -> None:
    config = yaml.safe_load((finished / "config/demo.yaml").read_text())
    config["release"]["previous"] = "aaaaaaaaaaaa"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    planned = planned_rules(snakemake(finished, "--dry-run", "--configfile", str(tmp_path / "config.yaml")).stdout)
    assert {"judge_change", "render_report", "multiqc"} <= planned
    assert not planned & {"align_reads", "rank_candidates", "collect_report"}
    config["release"]["previous"] = "release 1"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    done = snakemake(finished, "--dry-run", "--configfile", str(tmp_path / "config.yaml"))
    assert done.returncode != 0
    assert "neither a results folder" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_make_impact_needs_both_trees() -> None:
    done = subprocess.run(["make", "-s", "impact", "FROM=x"], cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.returncode != 0
    assert "name what to compare" in done.stderr


def compare_commits(*arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "scripts.compare_commits", *map(str, arguments)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def in_a_clone() -> bool:
    return subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True).returncode == 0


def test_compare_commits_refuses_what_is_no_commit_and_a_config_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("{}")
    for config, says in ((tmp_path / "config.yaml", "neither a results tree nor a commit"), (tmp_path / "none.yaml", "no such config")):
        done = compare_commits("no-such-branch", "HEAD", "--config", config, "--output", tmp_path / "impact")
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert says in done.stderr


@pytest.mark.skipif(not in_a_clone(), reason="this copy of the project has no git history")
def test_compare_commits_runs_both_and_the_same_commit_twice_changes_nothing(tmp_path: Path) -> None:
    write_person(tmp_path / "work")
    done = compare_commits("HEAD", "HEAD", "--config", tmp_path / "work/config.yaml", "--output", tmp_path / "impact")
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.rstrip().splitlines()[-3] == "no change"
    summary = json.loads(next((tmp_path / "impact").glob("*/summary.json")).read_text())
    assert summary["counted"]["calls in both"] == 1, "the person differs from the reference at one base"
    assert len(list((tmp_path / "impact/trees").iterdir())) == 1
    assert "genvej-commit-" not in subprocess.run(["git", "-C", str(ROOT), "worktree", "list"], capture_output=True, text=True).stdout
