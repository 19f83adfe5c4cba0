"""The demo's data, prepared by its own command in an empty folder: what the pipeline must then find is really in there."""

import csv
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pysam
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TRUTH = yaml.safe_load((ROOT / "config/demo/truth.yaml").read_text())
ONE_LETTER = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H", "Ile": "I", "Leu": "L",
    "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Ter": "*",
}  # fmt: skip
SUBSTITUTION = r"p\.\(([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})\)"

pytestmark = pytest.mark.slow


def prepare(folder: Path) -> str:
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "rules/demo.smk"), "--directory", str(folder), "--cores", "2"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    prepare(folder)
    return folder / "resources/reference/demo"


def published() -> list[dict[str, str]]:
    lines = (ROOT / "tests/cases/demo/lmna_published.tsv").read_text().splitlines()[1:]
    return list(csv.DictReader(lines, delimiter="\t"))


def protein_change(hgvs_p: str) -> str:
    """Return p.(Arg249Trp) as csq writes it, 249R>249W."""
    before, number, after = re.fullmatch(SUBSTITUTION, hgvs_p).groups()
    return f"{number}{ONE_LETTER[before]}>{number}{ONE_LETTER[after]}"


def test_reference_is_chr1_at_true_length_with_proved_bases_only(demo) -> None:
    with pysam.FastaFile(str(demo / "GRCh38.chr1.fa")) as fasta:
        assert dict(zip(fasta.references, fasta.lengths, strict=True)) == {"chr1": 248_956_422}
        variant = TRUTH["variant"]
        assert fasta.fetch("chr1", variant["position"] - 1, variant["position"]) == variant["ref"]
        regions = [line.split() for line in (demo / "regions.bed").read_text().splitlines()]
        for contig, start, end in regions:
            assert "N" not in fasta.fetch(contig, int(start), int(end))
        assert set(fasta.fetch("chr1", int(regions[0][2]), int(regions[0][2]) + 10)) >= {"N"}


def test_published_variants_lie_on_the_reference_alleles(demo) -> None:
    with pysam.FastaFile(str(demo / "GRCh38.chr1.fa")) as fasta:
        for row in published():
            start = int(row["position"]) - 1
            assert fasta.fetch("chr1", start, start + len(row["ref"])) == row["ref"], row


def test_gene_models_give_the_published_protein_changes(demo, tmp_path) -> None:
    coding = [row for row in published() if re.fullmatch(SUBSTITUTION, row["hgvs_p"])]
    assert len(coding) == 40
    vcf = tmp_path / "published.vcf"
    records = "".join(f"chr1\t{row['position']}\t{row['hgvs_p']}\t{row['ref']}\t{row['alt']}\t.\t.\t.\n" for row in coding)
    vcf.write_text(f"##fileformat=VCFv4.2\n##contig=<ID=chr1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n{records}")
    command = ["bcftools", "csq", "--local-csq", "-f", str(demo / "GRCh38.chr1.fa"), "-g", str(demo / "gene_models.gff3.gz"), str(vcf)]
    annotated = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in annotated.splitlines():
        if not line.startswith("#"):
            cells = line.split("\t")
            assert f"|LMNA|NM_170707|protein_coding|+|{protein_change(cells[2])}|" in cells[7]


def test_gene_models_mark_lmna_mane_select(demo) -> None:
    with pysam.TabixFile(str(demo / "gene_models.gff3.gz")) as models:
        tagged = [row for row in models.fetch("chr1", 156_120_000, 156_120_001) if "tag=" in row and "gene:LMNA;" in row]
    assert len(tagged) == 1
    assert f"ID=transcript:{TRUTH['transcript']};" in tagged[0]
    assert tagged[0].endswith("tag=MANE_Select,canonical")


def test_the_two_samples_differ_by_one_base_in_half_of_the_covering_fragments(demo) -> None:
    changed: set[bytes] = set()
    for mate in (1, 2):
        files = [demo / f"reads/{TRUTH[who]}_{mate}.fastq.gz" for who in ("sample", "control")]
        spiked, control = (gzip.decompress(file.read_bytes()).splitlines() for file in files)
        assert len(spiked) == len(control)
        for number, (new, old) in enumerate(zip(spiked, control, strict=True)):
            if new != old:
                assert number % 4 == 1
                assert sum(a != b for a, b in zip(new, old, strict=True)) == 1
                changed.add(control[number - 1])
    assert len(changed) == 8  # of 15 fragments


def test_phenopackets_hold_the_same_current_terms_and_no_answer(demo) -> None:
    obo = (demo / "hpo/hp.obo").read_text()
    assert "data-version: hp/releases/2025-01-16\n" in obo
    labels = dict(re.findall(r"^id: (HP:\d{7})\nname: (.*)$", obo, flags=re.MULTILINE))
    packets = [json.loads((ROOT / f"config/demo/phenopackets/{TRUTH[who]}.json").read_text()) for who in ("sample", "control")]
    assert packets[0]["phenotypicFeatures"] == packets[1]["phenotypicFeatures"]
    for packet, who in zip(packets, ("sample", "control"), strict=True):
        assert packet["subject"]["id"] == TRUTH[who]
        assert not {"interpretations", "diseases"} & packet.keys()
        for feature in packet["phenotypicFeatures"]:
            assert labels[feature["type"]["id"]] == feature["type"]["label"]


def test_a_second_call_has_nothing_to_do(demo) -> None:
    assert "Nothing to be done" in prepare(demo.parents[2])
