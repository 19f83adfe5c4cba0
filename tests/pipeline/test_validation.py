"""The target `validation` and the command `score_calls`, through the command lines that users type: a known answer, and every mistake."""

import csv
import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pysam
import pytest

from tests.pipeline.tiny_person import MITOCHONDRION, write_person

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "truth:\n  anna: {vcf: truth.vcf.gz, bed: truth.bed}\nvalidation: {stratifications: strata.tsv}\n"
HEAD = '##fileformat=VCFv4.2\n##contig=<ID=chrM,length=16569>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def bases(folder: Path) -> str:
    return "".join((folder / "reference.fa").read_text().splitlines()[1:])


def write_vcf(path: Path, *records: str, samples: str = "NA00001", contig: str = "chrM") -> None:
    """Write records `POS REF ALT GT…` as a bgzipped VCF with its index."""
    columns = f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}\n"
    lines = [record.split() for record in records]
    text = "".join("\t".join([contig, line[0], ".", line[1], line[2], "50", "PASS", ".", "GT", *line[3:]]) + "\n" for line in lines)
    with pysam.BGZFile(str(path), "wb") as out:
        out.write((HEAD.replace("chrM", contig) + columns + text).encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)


def write_work(folder: Path) -> Path:
    """Write the tiny person with a truth: the one variant that the reads show, and one that they do not."""
    write_person(folder)
    sequence = bases(folder)
    real, absent = (f"{at + 1} {sequence[at]} {sequence[at].translate(COMPLEMENT)} 1" for at in (8000, 9000))
    write_vcf(folder / "truth.vcf.gz", real, absent)
    write_vcf(folder / "calls.vcf.gz", real, samples="anna")
    (folder / "truth.bed").write_text("chrM\t9500\t12000\nchrM\t5000\t9800\n")  # neither sorted nor apart
    (folder / "hard.bed").write_text("chrM\t8990\t9010\n")
    (folder / "strata.tsv").write_text("hard\thard.bed\n")
    with open(folder / "config.yaml", "a") as out:
        out.write(CONFIG)
    return folder


def snakemake(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    return run([*start, "--configfile", str(work / "config.yaml"), "--cores", "2", *more], work)


def score_calls(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    options = ["--reference", "reference.fa", "--truth", "truth.vcf.gz", "--bed", "truth.bed", "--calls", "calls.vcf.gz", "--output", "out"]
    return run([sys.executable, "-m", "scripts.score_calls", *options, *more], work)


def run(command: list[str], work: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def table(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else open(path) as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the target `validation` ran to its end."""
    work = write_work(tmp_path_factory.mktemp("validated"))
    done = snakemake(work, "validation")
    assert done.returncode == 0, done.stderr[-4000:]
    assert "accuracy against truth sets: results/validation/index.html" in done.stderr
    return work


def test_validation_from_reads_finds_the_known_answer(finished: Path) -> None:
    rows = {
        (row["call_set"], row["level"], row["variant_type"], row["stratum"]): row
        for row in table(finished / "results/validation/anna/summary.tsv")
        if row["zygosity"] == "all"
    }
    whole = rows["PASS", "genotype", "SNV", "all"]
    assert [whole[name] for name in ("sample", "scorer", "truth_tp", "truth_fn", "query_fp", "recall", "precision")] == [
        "anna",
        "aardvark",
        "1",
        "1",
        "0",
        "0.5",
        "1",
    ]
    assert whole["confident_bases"] == "7000"
    assert [rows["PASS", "genotype", "SNV", "hard"][name] for name in ("truth_tp", "truth_fn", "confident_bases")] == ["0", "1", "20"]
    assert rows["PASS", "genotype", "INDEL", "all"]["recall"] == ""
    depths = {key[3]: row for key, row in rows.items() if key[3].startswith("depth_") and key[:3] == ("PASS", "genotype", "SNV")}
    assert sum(int(row["truth_total"]) for row in depths.values()) == 2
    assert sum(int(row["confident_bases"]) for row in depths.values()) == 7000
    assert table(finished / "results/validation/validation.tsv") == table(finished / "results/validation/anna/summary.tsv")


def test_validation_lists_what_is_false_with_its_reads(finished: Path) -> None:
    variants = table(finished / "results/validation/anna/variants.tsv.gz")
    assert [(row["pos"], row["label"], row["error"]) for row in variants if row["call_set"] == "PASS" and row["side"] == "truth"] == [
        ("8001", "TP", ""), ("9001", "FN", "missing allele")
    ]  # fmt: skip
    page = (finished / "results/validation/anna/report.html").read_text()
    assert "chrM:9,001" in page
    assert "0 of " in page
    assert 'class="reads"' in page


def test_validation_run_again_has_nothing_to_do_and_makes_nothing_else(finished: Path) -> None:
    done = snakemake(finished, "validation")
    assert "Nothing to be done" in done.stdout + done.stderr
    assert not (finished / "results/cases").exists(), "annotation is no part of it"


def test_validation_makes_a_table_that_was_lost_again(finished: Path) -> None:
    lost = finished / "results/validation/anna/curve.tsv"
    content = lost.read_bytes()
    lost.unlink()
    done = snakemake(finished, "validation")
    assert done.returncode == 0, done.stderr[-2000:]
    assert lost.read_bytes() == content


def test_validation_without_any_truth_says_so(tmp_path: Path) -> None:
    done = snakemake(write_person(tmp_path / "work"), "validation")
    assert done.returncode != 0
    assert "no sample has a truth set; name one under `truth`" in done.stderr


def test_score_calls_of_another_person_warns_in_table_and_on_standard_error(tmp_path: Path) -> None:
    work = write_work(tmp_path / "work")
    sequence = bases(work)
    truth = [f"{at + 1} {sequence[at]} {sequence[at].translate(COMPLEMENT)} 0/1" for at in (6000, 6500, 7000, 8000)]
    write_vcf(work / "truth.vcf.gz", *truth)
    done = score_calls(work)
    assert done.returncode == 0, done.stderr
    assert "WARNING: 1 of 4 SNVs of the truth were found, less than half: probably the truth, the calls" in done.stderr
    marked = [row for row in table(work / "out/summary.tsv") if row["finding"]]
    assert {(row["call_set"], row["variant_type"], row["stratum"], row["zygosity"]) for row in marked} == {("PASS", "SNV", "all", "all")}


def test_score_calls_takes_one_column_of_many_by_name(tmp_path: Path) -> None:
    work = write_work(tmp_path / "work")
    base = bases(work)[8000]
    other = base.translate(COMPLEMENT)
    write_vcf(work / "calls.vcf.gz", f"8001 {base} {other} 0/0 1/1", samples="bent\tanna")
    for name, found in (("anna", "1"), ("bent", "0")):
        done = score_calls(work, "--sample", name, "--output", name)
        assert done.returncode == 0, done.stderr
        whole = next(row for row in table(work / name / "summary.tsv") if row["variant_type"] == "SNV")
        assert (whole["sample"], whole["truth_tp"]) == (name, found)
    assert not list((work / "anna").glob(".scoring-*"))


# --- mistakes --------------------------------------------------------------------------------------------------------------------------

Change = Callable[[Path], object]


@dataclass(frozen=True)
class Mistake:
    """A change to a good folder and what the sentence must say; `by_snakemake`: the config names the truth, too."""

    name: str
    change: Change
    says: tuple[str, ...]
    by_snakemake: bool = True


def remove(name: str) -> Change:
    return lambda work: (work / name).unlink()


def write(name: str, text: str) -> Change:
    return lambda work: (work / name).write_text(text)


def vcf(name: str, *records: str, samples: str = "NA00001", contig: str = "chrM") -> Change:
    return lambda work: write_vcf(work / name, *records, samples=samples, contig=contig)


def unpack(name: str) -> Change:
    return lambda work: (work / name).write_bytes(gzip.decompress((work / name).read_bytes()))


def zip_plainly(name: str) -> Change:
    return lambda work: (work / name).write_bytes(gzip.compress(gzip.decompress((work / name).read_bytes())))


def wrong_bases(work: Path) -> None:
    """Write a truth whose reference bases are not those of the reference."""
    wrong = {"A": "C", "C": "G", "G": "T", "T": "A"}
    sequence = bases(work)
    write_vcf(work / "truth.vcf.gz", *(f"{at + 1} {wrong[sequence[at]]} {sequence[at]} 0/1" for at in range(6000, 6040, 2)))


MISTAKES = [
    Mistake("truth missing", remove("truth.vcf.gz"), ("truth.vcf.gz",)),
    Mistake("truth without index", remove("truth.vcf.gz.tbi"), ("truth.vcf.gz: the VCF has no index beside it", "tabix -p vcf")),
    Mistake("truth not compressed", unpack("truth.vcf.gz"), ("truth.vcf.gz: the VCF is not compressed with bgzip",)),
    Mistake("truth compressed with gzip", zip_plainly("truth.vcf.gz"), ("truth.vcf.gz: the VCF is not compressed with bgzip",)),
    Mistake("index of something else", write("truth.vcf.gz.tbi", "x"), ("truth.vcf.gz: the VCF or its index cannot be read",)),
    Mistake("two people", vcf("truth.vcf.gz", "8001 A C 1 0", samples="HG001\tHG002"), ("2 samples (HG001, HG002)", "choose one with")),
    Mistake("truth on other names", vcf("truth.vcf.gz", "8001 A C 1", contig="MT"), ("contig MT is named chrM", "--rename-chrs")),
    Mistake("truth elsewhere", vcf("truth.vcf.gz", "8001 A C 1", contig="chr9"), ("no variant on any contig of the regions", "chr9")),
    Mistake("no column", lambda work: no_column(work / "truth.vcf.gz"), ("there is no column of genotypes",)),
    Mistake("truth of another assembly", wrong_bases, ("20 of the first 20 variants of the truth have other reference bases",)),
    Mistake("nothing to find", write("truth.bed", "chrM\t100\t200\n"), ("the truth has no variant inside its regions",)),
    Mistake("no variant at all", vcf("truth.vcf.gz"), ("truth.vcf.gz: the VCF holds no variant",)),
    Mistake("regions missing", remove("truth.bed"), ("truth.bed",)),
    Mistake("regions empty", write("truth.bed", "#\n"), ("truth.bed: there is no region",)),
    Mistake("regions malformed", write("truth.bed", "chrM 100 200\n"), ("truth.bed, row 1: this is no BED line",)),
    Mistake("regions outside", write("truth.bed", "chrM\t100\t20000\n"), ("truth.bed, row 1: end 20000 lies outside the reference",)),
    Mistake("regions on other names", write("truth.bed", "M\t100\t200\n"), ("contig M is not in the reference", "chrM")),
    Mistake("regions 1-based", write("truth.bed", f"chrM\t1\t{MITOCHONDRION}\n"), ("the whole contig in 1-based positions",)),
    Mistake("stratum missing", remove("hard.bed"), ("strata.tsv, row 1: hard names hard.bed, which is not there",)),
    Mistake("stratum on other names", write("hard.bed", "MT\t1\t9\n"), ("hard.bed: contig MT is not in the reference",)),
    Mistake("calls missing", remove("calls.vcf.gz"), ("calls.vcf.gz: there is no such file",), by_snakemake=False),
    Mistake("calls without index", remove("calls.vcf.gz.tbi"), ("calls.vcf.gz: the VCF has no index beside it",), by_snakemake=False),
    Mistake("calls not compressed", unpack("calls.vcf.gz"), ("calls.vcf.gz: the VCF is not compressed with bgzip",), by_snakemake=False),
    Mistake(
        "calls of two people",
        vcf("calls.vcf.gz", "8001 A C 1 0", samples="a\tb"),
        ("calls.vcf.gz: there are 2 samples (a, b); choose one with --sample",),
        by_snakemake=False,
    ),
]  # fmt: skip


def no_column(path: Path) -> None:
    """Write a VCF of sites without genotypes."""
    with pysam.BGZFile(str(path), "wb") as out:
        out.write((HEAD + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchrM\t8001\t.\tA\tC\t50\tPASS\t.\n").encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_work(tmp_path_factory.mktemp("good"))


def spoilt(good: Path, folder: Path, mistake: Mistake) -> Path:
    """Copy the good folder and make the mistake in it."""
    folder.mkdir()
    for path in good.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    mistake.change(folder)
    return folder


def check_refusal(done: subprocess.CompletedProcess[str], mistake: Mistake) -> None:
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert "Traceback" not in said
    for words in mistake.says:
        assert words in said


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.name)
def test_score_calls_refuses_in_one_sentence(good: Path, tmp_path: Path, mistake: Mistake) -> None:
    work = spoilt(good, tmp_path / "work", mistake)
    done = score_calls(work, "--stratifications", "strata.tsv")
    check_refusal(done, mistake)
    assert done.stderr.count("\n") == 1, done.stderr
    assert not (work / "out").exists()


@pytest.mark.parametrize("mistake", [one for one in MISTAKES if one.by_snakemake], ids=lambda one: one.name)
def test_snakemake_refuses_before_the_first_job(good: Path, tmp_path: Path, mistake: Mistake) -> None:
    work = spoilt(good, tmp_path / "work", mistake)
    check_refusal(snakemake(work), mistake)
    assert not (work / "results/samples").exists()


def test_snakemake_refuses_regions_that_the_truth_does_not_overlap(good: Path, tmp_path: Path) -> None:
    mistake = Mistake(
        "", write("regions.bed", "chrM\t100\t4000\n"), ("truth.bed: the regions of the truth share no base with regions.bed",)
    )
    work = spoilt(good, tmp_path / "work", mistake)
    (work / "config.yaml").write_text((work / "config.yaml").read_text() + "regions: regions.bed\n")
    check_refusal(snakemake(work), mistake)


def test_snakemake_refuses_a_column_that_the_truth_does_not_have(good: Path, tmp_path: Path) -> None:
    mistake = Mistake("", lambda work: None, ("truth.vcf.gz: there is no sample HG009", "mend `truth.anna.sample` (it has NA00001)"))
    work = spoilt(good, tmp_path / "work", mistake)
    config = (work / "config.yaml").read_text().replace("bed: truth.bed}", "bed: truth.bed, sample: HG009}")
    (work / "config.yaml").write_text(config)
    check_refusal(snakemake(work), mistake)


def test_score_calls_refuses_a_column_that_is_not_there(good: Path, tmp_path: Path) -> None:
    work = spoilt(good, tmp_path / "work", Mistake("", lambda work: None, ()))
    done = score_calls(work, "--truth-sample", "HG009")
    assert done.stderr == "error: truth.vcf.gz: there is no sample HG009; mend --truth-sample (it has NA00001).\n"


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("--regions", "chrM\t5\n", "other.bed, row 1: this is no BED line"),
        ("--regions", "chrM\t100\t4000\n", "truth.bed: the regions of the truth share no base with other.bed"),
        ("--depth-bins", "MT\t0\t9\tdepth_0to4\n", "other.bed: contig MT is not in the reference"),
        ("--depth-bins", "chrM\tx\t9\tdepth_0to4\n", "other.bed: this is no BED file that can be read"),
    ],
)
def test_score_calls_refuses_other_beds_that_do_not_fit(good: Path, tmp_path: Path, option: str, text: str, says: str) -> None:
    work = spoilt(good, tmp_path / "work", Mistake("", write("other.bed", text), ()))
    done = score_calls(work, option, "other.bed")
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
