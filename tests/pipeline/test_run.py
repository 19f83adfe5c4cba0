"""The main job on real reads: what it finds, what it owes, what makes it run again, and what a kill does to it."""

import csv
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import cyvcf2
import pysam
import pytest
import yaml
from google.protobuf.json_format import ParseDict
from phenopackets.schema.v2 import Phenopacket

from tests.pipeline.conftest import RESULTS, ROOT, command, demo_work, fresh_clone, snakemake
from workflow.cohort_store.model import Variant
from workflow.cohort_store.view import open_view

TRUTH = yaml.safe_load((ROOT / "config/demo/truth.yaml").read_text())
pytestmark = pytest.mark.slow
AFTER = {
    "check_case", "gather_receipts", "check_cohort", "list_completeness", "seal_release", "record_run", "ask_tools", "record_tools",
    "judge_change", "collect_release", "render_release", "keep_metrics", "store_fingerprints",
}  # fmt: skip
"""Rules that follow whatever was made anew."""


def table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def planned_rules(text: str) -> set[str]:
    """Return the rules in the job table that a dry run prints."""
    return set(re.findall(r"^(\w+) +\d+$", text, re.MULTILINE)) - {"total", "all"}


def records(vcf: Path) -> list[str]:
    """Return a VCF's records as text, without the header (it holds dates and commands)."""
    with pysam.BGZFile(str(vcf), "r") as handle:
        return [line.decode() for line in handle if not line.startswith(b"#")]


def reads(cram: Path) -> str:
    """Return a digest of all records of a CRAM, read group and duplicate flags included."""
    reference = ROOT / "resources/reference/demo/GRCh38.chr1.fa"
    digest = hashlib.sha256()
    with pysam.AlignmentFile(str(cram), reference_filename=str(reference)) as alignments:
        for record in alignments.fetch(until_eof=True):
            digest.update(record.to_string().encode())
    return digest.hexdigest()


def outcome(work: Path) -> dict[str, object]:
    """Return everything of a finished run that must not depend on how it came to be."""
    results = work / RESULTS
    found: dict[str, object] = {}
    for sample in (TRUTH["sample"], TRUTH["control"]):
        found[f"{sample}.cram"] = reads(results / f"samples/{sample}/{sample}.cram")
        found[f"{sample}.g.vcf"] = records(results / f"samples/{sample}/{sample}.g.vcf.gz")
        found[f"{sample}.callable"] = records(results / f"samples/{sample}/callable.bed.gz")
        found[f"{sample}.vcf"] = records(results / f"cases/{sample}/{sample}.vcf.gz")
        found[f"{sample}.candidates"] = table(results / f"cases/{sample}/candidates.tsv")
        found[f"{sample}.qc"] = json.loads((results / f"samples/{sample}/qc.json").read_text())
        found[f"{sample}.decision"] = json.loads((results / f"samples/{sample}/release.json").read_text())["decision"]
    found["completeness"] = table(results / "release/completeness.tsv")
    return found


def test_patient_is_solved_with_the_published_variant(finished: Path) -> None:
    first = table(finished / RESULTS / f"cases/{TRUTH['sample']}/candidates.tsv")[0]
    assert (first["rank"], first["gene"]) == ("1", TRUTH["gene"])
    assert first["hgvs_p"].split(":")[1] == TRUTH["hgvs_p"].replace("(", "").replace(")", "")
    assert first["hgvs_c"] == f"{TRUTH['transcript']}:{TRUTH['hgvs_c']}"
    assert first["genotype"] in {"0/1", "0|1"}


def test_control_has_no_candidate_in_the_gene(finished: Path) -> None:
    rows = table(finished / RESULTS / f"cases/{TRUTH['control']}/candidates.tsv")
    assert TRUTH["gene"] not in {row["gene"] for row in rows[:20]}


def test_sources_that_were_not_configured_are_not_evaluated_everywhere(finished: Path) -> None:
    case = finished / RESULTS / f"cases/{TRUTH['sample']}"
    assert {"clinvar", "gnomad"} <= set(re.split(r"[,; ]+", table(case / "candidates.tsv")[0]["not_evaluated"]))
    with pysam.VariantFile(str(case / f"{TRUTH['sample']}.vcf.gz")) as vcf:
        assert "ID=clinvar,Status=not_evaluated" in str(vcf.header)
    assert re.search(r"ClinVar.{0,200}not evaluated", (case / "report.html").read_text(), re.IGNORECASE | re.DOTALL)


def test_everything_owed_is_produced_and_in_the_manifest(finished: Path) -> None:
    results = finished / RESULTS
    cells = table(results / "release/completeness.tsv")
    assert cells
    assert {cell["status"] for cell in cells} <= {"produced", "not applicable"}
    manifest = json.loads((results / "release/manifest.json").read_text())
    listed = {entry["file"]: entry["sha256"] for entry in manifest["files"]}
    for cell in cells:
        if cell["status"] == "produced":
            assert listed[cell["file"]] == hashlib.sha256((results / cell["file"]).read_bytes()).hexdigest()


def test_no_working_path_or_user_leaks_into_what_is_delivered(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = str(tmp_path_factory.getbasetemp().parent)
    assert str(finished).startswith(folder)
    for file in (finished / RESULTS).rglob("*"):
        if file.suffix in {".json", ".html", ".tsv"} and not {"benchmarks", "logs"} & set(file.parts):
            assert folder not in file.read_text(errors="replace"), file


def test_second_call_does_nothing(finished: Path) -> None:
    done = snakemake(finished)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout + done.stderr


def test_the_demo_ends_with_its_person_in_the_frequency_store(finished: Path, tmp_path: Path) -> None:
    """The targets of `make demo`: one sample of a person is counted; then only a lost store or lost records are due."""
    work = Path(shutil.copytree(finished, tmp_path / "work", symlinks=True))
    targets = ("--", "all", "cohort")
    first = snakemake(work, *targets)
    assert first.returncode == 0, first.stderr[-3000:]
    told = json.loads((work / RESULTS / "cohort_store/index.json").read_text())
    assert told["genomes"] == 1
    assert told["left_out"] == {
        "offered": 2, "cases_not_analysed": 0, "reasons": [{"why": "the same person is counted by another sample", "samples": 1}],
    }  # fmt: skip
    assert 0.3 < told["callability"]["owed"]["share"] < 0.9
    with open_view(work / "results/demo_store") as view:
        place = Variant(TRUTH["variant"]["contig"].removeprefix("chr"), *(TRUTH["variant"][name] for name in ("position", "ref", "alt")))
        assert (view.frequency([place])[0].ac, len(view.carriers(place))) == (1, 1)
    assert "by limits of this run" in (work / RESULTS / f"cases/{TRUTH['sample']}/report.html").read_text()
    page = (work / RESULTS / "release/index.html").read_text()
    assert "mean depth over the autosomes at least 9x (the set&#39;s own limit: 30)" in page
    assert "Nothing to be done" in (again := snakemake(work, *targets)).stdout + again.stderr
    for lost in ("results/demo_store", f"{RESULTS}/cohort_store"):
        shutil.move(work / lost, tmp_path / "aside")
        assert planned_rules(snakemake(work, "--dry-run", *targets).stdout) - {"cohort"} == {"count_genome", "render_cohort"}, lost
        shutil.move(tmp_path / "aside", work / lost)


def test_fresh_clone_over_existing_results_does_nothing(finished: Path, tmp_path: Path) -> None:
    done = snakemake(finished, "--dry-run", repo=fresh_clone(tmp_path))
    assert "Nothing to be done" in done.stdout + done.stderr


def test_changed_template_makes_the_report_again_and_no_result(finished: Path, tmp_path: Path) -> None:
    clone = fresh_clone(tmp_path)
    template = clone / "workflow/report/page.css"
    template.write_text(template.read_text() + "\n/* changed */\n")
    rules = planned_rules(snakemake(finished, "--dry-run", repo=clone).stdout)
    assert "render_report" in rules
    assert rules - {"render_report"} <= AFTER


def test_a_verdict_makes_the_page_and_what_goes_out_again_and_no_result(finished: Path, tmp_path: Path) -> None:
    first = table(finished / RESULTS / f"cases/{TRUTH['sample']}/candidates.tsv")[0]
    variant = {"chrom": first["chrom"], "pos": int(first["pos"]), "ref": first["ref"], "alt": first["alt"], "verdict": "causative"}
    verdict = {"schema": "genvej-verdict/1", "case": TRUTH["sample"], "author": "Rosa Q", "date": "2026-01-02", "conclusion": "explained"}
    (tmp_path / "v.json").write_text(json.dumps(verdict | {"variants": [variant]}))
    config = yaml.safe_load((finished / "config/demo.yaml").read_text()) | {"interpretation": {"verdicts": str(tmp_path / "v.json")}}
    changed = tmp_path / "changed.yaml"
    changed.write_text(yaml.safe_dump(config))
    rules = planned_rules(snakemake(finished, "--dry-run", "--configfile", str(changed)).stdout)
    made = {"collect_report", "render_report", "export_case"}
    assert made <= rules
    assert rules - made <= AFTER


def test_phenopacket_and_vcf_of_the_patient_say_what_the_page_says(finished: Path) -> None:
    case = finished / RESULTS / f"cases/{TRUTH['sample']}"
    packet = ParseDict(json.loads((case / f"{TRUTH['sample']}.phenopacket.json").read_text()), Phenopacket())
    first = packet.interpretations[0].diagnosis.genomic_interpretations[0].variant_interpretation.variation_descriptor
    row = table(case / "candidates.tsv")[0]
    assert (first.gene_context.symbol, first.vcf_record.pos, first.vcf_record.alt) == (TRUTH["gene"], int(row["pos"]), row["alt"])
    reader = cyvcf2.VCF(str(case / f"{TRUTH['sample']}.candidates.vcf.gz"))
    ranks = {record.INFO["RANK"]: record for record in reader}
    assert ranks[1].INFO["HGVS_C"] == row["hgvs_c"]
    assert (ranks[1].POS, ranks[1].INFO["ACMG_POINTS"]) == (int(row["pos"]), int(row["acmg_points"]))


def test_changed_depth_limit_makes_decisions_and_reports_again_but_no_alignment(finished: Path, tmp_path: Path) -> None:
    config = yaml.safe_load((finished / "config/demo.yaml").read_text()) | {"release": {"overrides": {"mean_autosome_coverage": 5}}}
    changed = tmp_path / "changed.yaml"
    changed.write_text(yaml.safe_dump(config))
    done = snakemake(finished, "--dry-run", "--configfile", str(changed))
    rules = planned_rules(done.stdout)
    assert {"decide_release", "decide_case", "collect_report", "render_report"} <= rules
    assert not rules & {"verify_fastq", "align_reads", "gatk_haplotypecaller", "mosdepth", "annotate_variants", "rank_candidates"}


def test_new_report_leaves_the_sealed_version_as_it_was(finished: Path, tmp_path: Path) -> None:
    versions = finished / RESULTS / "release/versions"
    before = {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in versions.rglob("*") if file.is_file()}
    clone = fresh_clone(tmp_path)
    css = clone / "workflow/report/page.css"
    css.write_text(css.read_text() + "\n/* another look */\n")
    done = snakemake(finished, repo=clone)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(list(versions.iterdir())) == 2
    assert {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in before} == before
    again = snakemake(finished)
    assert again.returncode == 0, again.stderr[-3000:]


def wait_until(happens: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = 600) -> None:
    """Wait for a moment of a run; fail if it ends first."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert process.poll() is None, "the run ended before the moment came"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_run_killed_three_times_ends_like_an_undisturbed_one(finished: Path, tmp_path: Path) -> None:
    work = demo_work(tmp_path)
    results = work / RESULTS
    moments = {
        "alignment": lambda: any((results / "samples").glob("*/*.part*")),
        "calling": lambda: any((results / "logs/gatk_haplotypecaller").glob("*.log")),
        "interpretation": lambda: any((results / "cases").glob("*/*.vcf.gz")),
    }
    for happens in moments.values():
        process = subprocess.Popen(command(work), cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_until(happens, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (results / "release/manifest.json").exists()
    done = snakemake(work)
    assert done.returncode == 0, done.stderr[-4000:]
    assert outcome(work) == outcome(finished)
    assert not [file for file in results.rglob("*") if ".part" in file.name]
