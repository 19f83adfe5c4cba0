"""The annotation stage as its own rules run it, on a reference of three contigs of 87 bases: tests/cases/annotation/<case>.

A case holds `input.vcf`, optionally `knowledge.yaml` with its files, and `expected.tsv`; all share one reference and its gene models.
"""

import shutil
import subprocess
from pathlib import Path

import pysam
import pytest
import yaml

from workflow.digests import ROOT
from workflow.variants import AnnotatedVariant, Genotype, read_annotated, read_knowledge

CASES = ROOT / "tests/cases/annotation"
SNAKEFILE = f"""
import sys
sys.path.insert(0, "{ROOT}")
from pathlib import Path
from types import SimpleNamespace
from workflow.digests import code_of, digest_of
from workflow.config_sections import Knowledge

SOURCES = [Knowledge(name, Path(path), str(release), kind, tuple(fields)) for name, path, release, kind, fields in config["sources"]]
KNOWLEDGE = {{source.name: source for source in SOURCES}}
SETTINGS = SimpleNamespace(
    knowledge=KNOWLEDGE, reference=SimpleNamespace(name="GRCh38"), interpretation=SimpleNamespace(secondary_findings=None)
)
REFERENCE = SimpleNamespace(fasta="reference.fa")


def members(wildcards):
    return list(config["members"])


pathvars:
    results="results",
    logs="results/logs",
    benchmarks="results/benchmarks",

include: "{ROOT}/rules/annotation.smk"
"""

REPACK = """
repack() {
    file=$1; plain=${file%.gz}; shift
    gzip -dc "$file" | "$@" | bgzip > packed
    mv packed "$file"; tabix -f -p "${plain##*.}" "$file"
}
"""
REFUSED = {
    "no index": ("rm clinvar.vcf.gz.tbi", "has no index"),
    "no records": ("repack clinvar.vcf.gz grep '^#'", "holds no records"),
    "other contigs": ("repack clinvar.vcf.gz sed 's/^1\\t/scaffold\\t/;/^2\\t/d'", "no contig of"),
    "other assembly": ("repack gnomad.vcf.gz sed 's/\\tG\\tC,A/\\tT\\tC,A/'", "do not match"),
    "unknown field": ("sed -i 's/clinvar.vcf.gz, 2026-11-01, vcf, ../clinvar.vcf.gz, 2026-11-01, vcf, [CLNSG]/' config.yaml", "CLNSIG"),
    "few columns": ("repack repeats.bed.gz cut -f 1-4", "too few"),
    "reference base": ("sed -i s/CAGCGTAAAAAA/CAGTGTAAAAAA/ reference.fa", "REF"),
    "other gene models": ("sed -i 's/^chr/contig/' gene_models.gff3", "no transcript on the contigs in use"),
}
"""What is done to the files of case `sources`, and a word of the message."""


def prepare(case: str, work: Path) -> list[str]:
    """Lay out a case in the empty folder `work`; return the command that runs the stage there."""
    shutil.copy(CASES / "reference.fa", work)
    shutil.copy(CASES / "gene_models.gff3", work)
    for table in (CASES / case).glob("*.knowledge.*"):
        indexed(table, work / table.name.replace(".knowledge", ""))
    (work / "results/small_variants").mkdir(parents=True)
    indexed(CASES / case / "input.vcf", work / "results/small_variants/family.vcf")
    pysam.faidx(str(work / "reference.fa"))
    (work / "Snakefile").write_text(SNAKEFILE)
    shutil.copy(CASES / case / "config.yaml", work)
    return ["snakemake", "results/cases/family/family.vcf.gz", "--cores", "1", "--configfile", "config.yaml"]


def run(case: str, work: Path) -> subprocess.CompletedProcess[str]:
    """Run the stage on a case in the empty folder `work`."""
    return subprocess.run(prepare(case, work), cwd=work, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=300)


def indexed(source: Path, plain: Path) -> None:
    shutil.copy(source, plain)
    pysam.tabix_index(str(plain), preset=plain.suffix[1:], force=True)


@pytest.fixture
def annotated(request, tmp_path) -> Path:
    done = run(request.param, tmp_path)
    assert done.returncode == 0, done.stderr + "".join(log.read_text() for log in tmp_path.glob("results/logs/*/*.log"))
    return tmp_path / "results/cases/family/family.vcf.gz"


def genotype(call: Genotype) -> str:
    separator = "|" if call.phased and len(call.alleles) > 1 else "/"
    return separator.join("." if allele is None else str(allele) for allele in call.alleles)


def seen(variant: AnnotatedVariant) -> str:
    """Return a record as a line of expected.tsv."""
    first = variant.consequences[0] if variant.consequences else None
    genotypes = " ".join(map(genotype, variant.genotypes.values()))
    names = (first.transcript, "&".join(first.terms), first.hgvs_c, first.hgvs_p, first.hgvs_note, first.haplotype) if first else ("",) * 6
    values = ";".join(f"{key}={value}" for key, value in sorted(variant.annotations.items()))
    site = (variant.contig, str(variant.pos), variant.ref, variant.alt, ",".join(variant.filters), genotypes)
    return "\t".join((*site, variant.hgvs_g, *names, values)).rstrip("\t")


@pytest.mark.parametrize(
    ("annotated", "case"), [(path.name, path.name) for path in sorted(CASES.iterdir()) if path.is_dir()], indirect=["annotated"]
)
def test_annotation_gives_what_is_expected(annotated, case):
    expected = [line.rstrip() for line in (CASES / case / "expected.tsv").read_text().splitlines() if not line.startswith("#")]
    assert [seen(variant) for variant in read_annotated(annotated)] == expected
    wanted = yaml.safe_load((CASES / case / "config.yaml").read_text())["sources"]
    evaluated = {name for name, state in read_knowledge(annotated).items() if state.evaluated}
    assert evaluated == {name for name, *_ in wanted}
    assert {"gene_models", "hpo", "clinvar", "gnomad", "panels"} <= set(read_knowledge(annotated))


@pytest.mark.parametrize("annotated", ["models"], indirect=True)
def test_annotation_rejoins_to_the_calls_it_was_made_from(annotated):
    joined = subprocess.run(["bcftools", "norm", "-m", "+any", str(annotated)], check=True, capture_output=True, text=True).stdout
    records = [line.split("\t") for line in joined.splitlines() if not line.startswith("#")]
    calls = {tuple(record[index] for index in (0, 1, 3, 4)): [sample.split(":")[0] for sample in record[9:]] for record in records}
    assert calls["chr1", "5", "T", "A,C"] == ["1/2", "0/1"]
    assert calls["chr1", "35", "C", "T"] == ["0|1", "0/0"]
    assert calls["chr2", "53", "G", "A"] == ["1", "0/1"]
    assert not any("*" in alt for _, _, _, alt in calls)


@pytest.mark.parametrize("annotated", ["models"], indirect=True)
def test_annotation_counts_depths_and_likelihoods_by_allele(annotated):
    with pysam.VariantFile(str(annotated)) as records:
        found = {(record.pos, record.alts): record for record in records.fetch("chr1", 36, 38)}
    deletion = found[38, ("T",)]
    assert (deletion.info["AC"], deletion.samples["child"]["AD"], deletion.samples["child"]["PL"]) == ((1,), (0, 6), (90, 60, 40))
    assert found[37, ("TAA",)].samples["child"]["AD"] == (0, 5)


@pytest.mark.parametrize("annotated", ["models"], indirect=True)
def test_annotation_is_read_by_bcftools_as_consequences(annotated):
    command = [
        "bcftools",
        "+split-vep",
        "-f",
        "%POS %Consequence %HGVSp\n",
        "-s",
        "primary",
        "-i",
        'Consequence~"stop_gained"',
        str(annotated),
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "38 stop_gained NM_FWD.1:p.Lys4Ter" in text


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_annotation_refuses_knowledge_that_cannot_be_right(tmp_path, change, message):
    command = prepare("sources", tmp_path)
    subprocess.run(["bash", "-ec", REPACK + change], cwd=tmp_path, check=True)
    done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=300)
    logs = "".join(log.read_text() for log in tmp_path.glob("results/logs/*/*.log"))
    assert done.returncode != 0
    assert message in logs
    assert not list((tmp_path / "results/cases").rglob("*.vcf.gz*"))
