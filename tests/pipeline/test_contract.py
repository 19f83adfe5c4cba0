"""What is lost on the way is told and never sealed: a contig's reads, a sample dropped by a tool, records of a gVCF, an emptied source."""

import csv
import datetime
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pysam
import pytest
import yaml

from scripts import make_key, sign_decision
from tests.pipeline.conftest import ROOT
from tests.pipeline.tiny_family import CHR21, CONFIG, LENGTH, START, variant_positions, without_contig, write_family

pytestmark = pytest.mark.long

GFF3 = f"""##gff-version 3
chr21\tx\tgene\t{START + 1}\t{START + LENGTH}\t.\t+\t.\tID=gene:G1;Name=ALPHA;biotype=protein_coding
chr21\tx\tmRNA\t{START + 1}\t{START + LENGTH}\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding
chr21\tx\texon\t{START + 1}\t{START + LENGTH}\t.\t+\t.\tParent=transcript:T1
chr21\tx\tCDS\t{START + 1}\t{START + 90}\t.\t+\t0\tParent=transcript:T1
"""
# A tool that says it went well and dropped something; $REAL is the true one.
DROPS_MOTHER = 'if [ "$1" = norm ]; then "$REAL" "$@" | "$REAL" view --no-version -s ^mother -Ou; exit 0; fi'
LOSES_MITOCHONDRION = 'if [ "$1" = -f ]; then "$REAL" "$@" | grep -v "^chrM"; exit; fi'
LOSES_IT_IN_CONCAT = (
    'if [ "$1" = concat ]; then "$REAL" "$@" || exit; out="$5"; '
    '"$REAL" view --no-version -t ^chrM -Oz -o "$out.x" "$out" && mv "$out.x" "$out"; exit; fi'
)
NAMES_NOTHING = (
    'if [ "$1" = csq ] && [ "$2 $3" = "--no-version --local-csq" ]; then "$REAL" "$@" || exit; '
    'for out; do [ "$last" = -o ] && break; last="$out"; done; '
    '"$REAL" annotate --no-version -x INFO/BCSQ -Oz -o "$out.x" "$out" && mv "$out.x" "$out"; exit; fi'
)


def run(work: Path, *more: str, tools: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the workflow in a folder, with doctored tools first on PATH."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    path = f"{tools}:{os.environ['PATH']}" if tools else os.environ["PATH"]
    return subprocess.run(
        [*command, "--configfile", str(work / "config.yaml"), "--cores", "2", *more],
        cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | {"PATH": path},
    )  # fmt: skip


def table(file: Path) -> list[dict[str, str]]:
    with open(file, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def configure(work: Path, **more: object) -> None:
    (work / "config.yaml").write_text(yaml.safe_dump(yaml.safe_load(CONFIG) | more))


def doctored(folder: Path, tool: str, text: str) -> Path:
    """Put a doctored tool into a folder of its own; whatever it is not asked to spoil, the true one does."""
    folder.mkdir()
    script = folder / tool
    script.write_text(f'#!/bin/bash\nset -o pipefail\nREAL={shutil.which(tool)}\n{text}\nexec "$REAL" "$@"\n')
    script.chmod(0o755)
    return folder


def gnomad(work: Path, *positions: int) -> dict[str, object]:
    """Write a source of frequencies with records at some positions of the stretch (0-based); return the config of it."""
    header = f"##fileformat=VCFv4.2\n##contig=<ID=chr21,length={CHR21}>\n"
    header += '##INFO=<ID=AF,Number=A,Type=Float,Description="frequency">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
    with pysam.FastaFile(str(work / "reference.fa")) as fasta:
        bases = [(at, fasta.fetch("chr21", START + at, START + at + 1)) for at in positions]
    rows = [f"chr21\t{START + at + 1}\t.\t{ref}\t{'A' if ref != 'A' else 'C'}\t.\t.\tAF=0.1\n" for at, ref in bases]
    with pysam.BGZFile(str(work / "gnomad.vcf.gz"), "w") as handle:
        handle.write((header + "".join(rows)).encode())
    pysam.tabix_index(str(work / "gnomad.vcf.gz"), preset="vcf", force=True)
    return {"knowledge": {"gnomad": {"path": "gnomad.vcf.gz", "release": "4.1"}}}


def assert_told(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The run failed, and one sentence says what was lost."""
    said = done.stdout + done.stderr
    assert done.returncode != 0, said[-3000:]
    assert "Traceback" not in said
    line = next((line for line in said.splitlines() if all(word in line for word in words)), None)
    assert line, said[-4000:]
    assert line.rstrip().endswith(".")


@pytest.fixture(scope="module")
def finished_family(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = write_family(tmp_path_factory.mktemp("family") / "work")
    configure(work, **gnomad(work, *variant_positions()))
    done = run(work)
    assert done.returncode == 0, done.stderr[-3000:]
    return work


@pytest.fixture
def family(finished_family: Path, tmp_path: Path) -> Path:
    """Return a copy of the finished folder that a test may spoil; the reference and its indexes are links."""
    work = tmp_path / "work"
    shutil.copytree(finished_family, work, ignore=shutil.ignore_patterns("reference.*", ".snakemake"))
    shutil.copytree(finished_family / ".snakemake", work / ".snakemake")
    for file in finished_family.glob("reference.*"):
        os.link(file, work / file.name)
    return work


def sealed(work: Path) -> list[str]:
    return sorted(path.name for path in (work / "results/release/versions").glob("[0-9]*"))


def test_expected_grid_is_what_became_of_it(finished_family: Path) -> None:
    release = finished_family / "results/release"
    expected, became = table(release / "expected.tsv"), table(release / "completeness.tsv")
    assert [(row["sample"] or row["case"], row["file"]) for row in expected] == [(row["subject"], row["file"]) for row in became]
    assert all(row["why"] and row["stage"] and row["format"] for row in expected)
    owed = {row["file"] for row in expected if row["owed"] == "yes"}
    manifest = {entry["file"] for entry in json.loads((release / "manifest.json").read_text())["files"] if entry["kind"] != "run"}
    assert owed == manifest == {row["file"] for row in became if row["status"] == "produced"}


def sign_waivers(work: Path, *samples: str) -> dict[str, object]:
    """Let somebody waive the check of reads and calls for some samples; return the config of it."""
    key = work.parent / "rosa.pem"
    assert make_key.main([str(key)]) == 0
    line = "".join(Path(f"{key}.pub").read_text().splitlines()[1:-1])
    (work / "people.tsv").write_text(f"name\trole\tpublic_key\nRosa Q\tquality manager\t{line}\n")
    (work / "decisions").mkdir()
    today = datetime.date.today()
    for sample in samples:
        waiver = {
            "kind": "waiver", "sample": sample, "deliverable": "completeness of reads and calls", "name": "Rosa Q",
            "date": today.isoformat(), "expires": (today + datetime.timedelta(days=9)).isoformat(), "reason": "a made loss, known",
        }  # fmt: skip
        file = work / f"decisions/{sample}.yaml"
        file.write_text(yaml.safe_dump(waiver))
        assert sign_decision.main([str(file), "--key", str(key)]) == 0
    return {"release": {"people": "people.tsv", "decisions": "decisions"}}


def test_reads_of_one_contig_removed_are_told_and_released_only_with_a_waiver(family: Path) -> None:
    release = family / "results/release"
    shutil.rmtree(family / "results")
    whole = {file: file.read_bytes() for file in family.glob("mother_?.fq.gz")}
    for mate in "12":
        without_contig(family / f"kid_{mate}.fq.gz", "chrM")
        without_contig(family / f"mother_{mate}.fq.gz", "chr21")
    done = run(family, "--keep-going")
    assert_told(done, "kid has next to no reads on chrM")
    assert_told(done, "mother has next to no reads on chr21")
    assert not (release / "manifest.json").exists()
    assert {row["owed"] for row in table(release / "expected.tsv")} == {"yes", "not applicable"}
    missing = {row["file"] for row in table(release / "completeness.tsv") if row["status"] == "missing"}
    assert {"samples/kid/completeness.json", "samples/kid/release.json"} <= missing
    for file, content in whole.items():
        file.write_bytes(content)
    configure(family, **sign_waivers(family, "kid"))
    waived = run(family)
    assert waived.returncode == 0, waived.stderr[-3000:]
    record = json.loads((family / "results/samples/kid/release.json").read_text())
    assert any("next to no reads on chrM" in note and "waived by Rosa Q" in note for note in record["notes"])
    cells = {(row["subject"], row["deliverable"]): row for row in table(release / "completeness.tsv")}
    assert cells["kid", "completeness of reads and calls"]["status"] == "waived"


def test_sample_dropped_from_the_joint_calls_by_a_doctored_tool(family: Path) -> None:
    shutil.rmtree(family / "results/cases/fam")
    assert_told(run(family, tools=doctored(family / "bin", "bcftools", DROPS_MOTHER)), "mother vanished from the joint calls", "fam")
    assert sealed(family) == ["0001"]


def test_records_of_a_contig_dropped_from_the_gvcf_by_a_doctored_tool(family: Path) -> None:
    shutil.rmtree(family / "results/samples/kid")
    done = run(family, tools=doctored(family / "bin", "freebayes", LOSES_MITOCHONDRION))
    assert_told(done, "the gVCF of", "has no record on chrM though reads lie there")
    shutil.rmtree(family / "results/samples/kid")
    done = run(family, tools=doctored(family / "bin2", "bcftools", LOSES_IT_IN_CONCAT))
    assert_told(done, "the chunks have", "records, the gVCF", "nothing is kept")
    assert sealed(family) == ["0001"]


def test_gene_models_that_name_nothing_because_of_a_doctored_tool(family: Path) -> None:
    (family / "g.gff3").write_text(GFF3)
    configure(family, knowledge={"gene_models": {"path": "g.gff3", "release": "112"}})
    done = run(family, tools=doctored(family / "bin", "bcftools", NAMES_NOTHING))
    assert_told(done, "the gene models gave none of", "g.gff3")
    assert sealed(family) == ["0001"]


def test_annotation_source_emptied_after_a_good_run(family: Path) -> None:
    gnomad(family)
    assert_told(run(family), "gnomad holds no records", "gnomad.vcf.gz")
    assert sealed(family) == ["0001"]


def test_annotation_source_emptied_before_the_first_run(family: Path) -> None:
    shutil.rmtree(family / "results")
    (family / "g.gff3").write_text("##gff-version 3\n")
    configure(family, knowledge={"gene_models": {"path": "g.gff3", "release": "112"}})
    assert_told(run(family), "g.gff3: there is no transcript")
    assert not (family / "results/samples").exists()


def test_expected_grid_edited_by_hand_is_written_anew(family: Path) -> None:
    expected = family / "results/release/expected.tsv"
    expected.write_text("".join(expected.read_text().splitlines(keepends=True)[:-1]))
    (family / "results/release/completeness.tsv").unlink()
    assert run(family).returncode == 0
    assert len(table(expected)) == len(table(family / "results/release/completeness.tsv"))


def order(work: Path, genes: str) -> None:
    """Order genes for the child, with gene models of one gene, judged by genomDE's limits."""
    (work / "g.gff3").write_text(GFF3)
    configure(work, knowledge={"gene_models": {"path": "g.gff3", "release": "112"}}, release={"limits": "genomde-germline"})
    head, kid, *others = (work / "samples.tsv").read_text().splitlines()
    (work / "samples.tsv").write_text("\n".join([f"{head}\tgenes", f"{kid}\t{genes}", *(f"{row}\t" for row in others)]) + "\n")


def test_ordered_gene_is_covered_by_exon_and_judged(family: Path) -> None:
    order(family, "ALPHA")
    done = run(family)
    assert done.returncode == 0, done.stderr[-3000:]
    rows = table(family / "results/samples/kid/gene_coverage.tsv")
    assert [(row["gene"], row["transcript"], row["exon"], row["start"], row["bases"]) for row in rows] == [
        ("ALPHA", "T1", "1", str(START), "90")
    ]
    record = json.loads((family / "results/samples/kid/release.json").read_text())
    metrics = {metric["name"]: metric for metric in record["metrics"]}
    assert record["limits"]["name"] == "genomde-germline"
    assert metrics["pct_ordered_20x"]["value"] == float(rows[0]["pct_20x"])
    assert metrics["pct_ordered_20x"]["limit"] == 80
    mother = json.loads((family / "results/samples/mother/release.json").read_text())
    assert any("no genes are ordered" in note for note in mother["notes"])
    cells = {(row["subject"], row["deliverable"]): row for row in table(family / "results/release/completeness.tsv")}
    assert cells["kid", "coverage of ordered genes"]["status"] == "produced"
    assert cells["mother", "coverage of ordered genes"]["reason"] == "no genes are ordered"


@pytest.mark.parametrize(("genes", "words"), [("ALPAH", "did you mean `ALPHA`?"), ("ALPHA,010190-1234", "looks like a CPR number")])
def test_order_for_a_gene_that_does_not_exist_stops_before_any_job(family: Path, genes: str, words: str) -> None:
    order(family, genes)
    shutil.rmtree(family / "results")
    done = run(family)
    assert_told(done, "samples.tsv, row 2", words)
    assert "010190" not in done.stdout + done.stderr
    assert not (family / "results/samples").exists()


@pytest.mark.parametrize(
    ("release", "words"),
    [
        ({"limits": "danish-wsg"}, "names neither a file nor a set that ships"),
        ({"limits": {"tumor": "danish-tumour"}}, "did you mean `tumour`?"),
        ({"limits": "own.yaml"}, "`metrics.mean_autosome_covrage` is no metric (did you mean `mean_autosome_coverage`?)"),
        ({"limits": "inverted.yaml"}, "lies on the bad side of the limit"),
        ({"overrides": {"pct_duplicates": 120}}, "its limit is 120, outside of what pct_duplicates can be"),
    ],
)
def test_unusable_limits_stop_before_any_job(family: Path, release: dict[str, object], words: str) -> None:
    head = "name: own\ndate: '2026-01-01'\nmetrics:\n"
    (family / "own.yaml").write_text(f"{head}  mean_autosome_covrage: {{label: d, unit: x}}\n")
    limit = "{label: d, unit: x, better: higher, limit: 30, borderline: 27, unless: hold, source: us}"
    (family / "inverted.yaml").write_text(f"{head}  mean_autosome_coverage: {limit}\n")
    configure(family, release=release)
    shutil.rmtree(family / "results")
    assert_told(run(family), words)
    assert not (family / "results/samples").exists()
