"""Knowledge that could not be used with the reference, told before the first job."""

import gzip
import re
import subprocess
from pathlib import Path

import pysam
import pytest

from workflow.errors import InputError
from workflow.knowledge_check import check_gene_models, check_knowledge
from workflow.settings import load_settings

BASES = "ACGTTGCAAC" * 40
HEADER = '##fileformat=VCFv4.2\n##INFO=<ID=CLNSIG,Number=.,Type=String,Description="x">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
ENSEMBL = "##gff-version 3\n1\te\tmRNA\t1\t90\t.\t+\t.\tID=transcript:T1;Parent=gene:G1\n"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("ref.fa").write_text(f">chr1\n{BASES}\n")
    pysam.faidx("ref.fa")
    return tmp_path


def refusal(knowledge: dict[str, dict[str, object]]) -> str:
    config = {"samples": "s", "units": "u", "reference": {"name": "GRCh38", "fasta": "ref.fa"}, "knowledge": knowledge}
    with pytest.raises(InputError) as caught:
        check_knowledge(load_settings(config), "ref.fa")
    return str(caught.value)


def clinvar(rows: str, **more: object) -> dict[str, dict[str, object]]:
    Path("c.vcf").write_text(HEADER + rows)
    subprocess.run("bgzip -f c.vcf && tabix -f -p vcf c.vcf.gz", shell=True, check=True)
    return {"clinvar": {"path": "c.vcf.gz", "release": "1", **more}}


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        ("", {}, "holds no records"),
        ("GL1\t5\t.\tT\tC\t.\t.\tCLNSIG=B\n", {}, "has no contig of the reference (it has GL1)"),
        ("1\t5\t.\tA\tC\t.\t.\tCLNSIG=B\n", {}, "1 of the first 1 records of knowledge source clinvar do not match the reference"),
        ("1\t5\t.\tT\tC\t.\t.\tCLNSIG=B\n", {"fields": ["CLNSG"]}, "has no INFO field CLNSG (did you mean `CLNSIG`?)"),
    ],
)
def test_check_knowledge_refuses_a_vcf(work: Path, rows: str, more: dict[str, object], says: str) -> None:
    assert says in refusal(clinvar(rows, **more))


def test_check_knowledge_refuses_a_vcf_that_was_emptied_and_kept_its_index(work: Path) -> None:
    knowledge = clinvar("1\t5\t.\tT\tC\t.\t.\tCLNSIG=B\n")
    index = Path("c.vcf.gz.tbi").read_bytes()
    clinvar("")
    Path("c.vcf.gz.tbi").write_bytes(index)
    assert re.search("holds no records on 1, though its index says so|cannot be read as VCF", refusal(knowledge))


def test_check_knowledge_takes_a_vcf_with_other_names_of_contigs(work: Path) -> None:
    knowledge = clinvar("1\t5\t.\tT\tC\t.\t.\tCLNSIG=B\n")
    config = {"samples": "s", "units": "u", "reference": {"name": "GRCh38", "fasta": "ref.fa"}, "knowledge": knowledge}
    check_knowledge(load_settings(config), "ref.fa")


def test_check_knowledge_refuses_a_file_that_is_no_vcf(work: Path) -> None:
    knowledge = clinvar("1\t5\t.\tT\tC\t.\t.\tCLNSIG=B\n")
    Path("c.vcf.gz").write_bytes(gzip.compress(b"<html>not found</html>"))
    assert "c.vcf.gz: knowledge source clinvar cannot be read, or has no index; compress it with `bgzip`" in refusal(knowledge)
    Path("c.vcf").write_text("<html>not found</html>\n" * 9)
    subprocess.run(["bgzip", "-f", "c.vcf"], check=True)
    assert "c.vcf.gz: has none of the INFO fields expected of clinvar" in refusal(knowledge)


def test_check_knowledge_refuses_tables_of_hpo_that_are_none(work: Path) -> None:
    Path("hpo").mkdir()
    Path("hpo/genes_to_phenotype.txt").write_text("a\tb\n")
    Path("hpo/phenotype.hpoa").write_text("")
    knowledge: dict[str, dict[str, object]] = {"hpo": {"path": "hpo", "release": "2025-01-16"}}
    assert refusal(knowledge) == (
        "hpo/phenotype.hpoa, row 1: this is no table of 12 columns; get phenotype.hpoa of HPO release 2025-01-16 again."
    )
    Path("hpo/phenotype.hpoa").write_text("#version: 1\n" + "\t" * 11 + "\n")
    assert "hpo/phenotype.hpoa: the table has no row" in refusal(knowledge)
    Path("hpo/phenotype.hpoa").write_text("#version: 1\n" + 2 * ("\t" * 11 + "\n"))
    assert "genes_to_phenotype.txt, row 1: this is no table of 6 columns" in refusal(knowledge)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "there is no transcript; give Ensembl's"),
        ("NC_1\tRefSeq\tgene\t1\t9\t.\t+\t.\tID=gene-A\n", "row 1: the gene models are in NCBI's dialect"),
        ("##gff-version 3\nchr1\tHAVANA\tgene\t1\t9\t.\t+\t.\tID=ENSG01.1\n", "row 2: the gene models are in GENCODE's dialect"),
        ('chr1\tx\texon\t1\t9\t.\t+\t.\tgene_id "G";\n', "row 1: the gene models are in GTF's dialect"),
        (ENSEMBL, "row 2: the contig 1 is named chr1 in the reference"),
        (ENSEMBL.replace("\n1\t", "\n7\t"), "there is no transcript on the reference's contigs (the last is on 7)"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_check_gene_models_refuses(tmp_path: Path, content: str, says: str, packed: bool) -> None:
    file = tmp_path / "g.gff3"
    file.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
    with pytest.raises(InputError, match=re.escape(says)):
        check_gene_models(file, ["chr1", "chr2"])


def test_check_gene_models_refuses_a_folder_and_half_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the file cannot be read \(Is a directory\)"):
        check_gene_models(tmp_path, ["1"])
    (tmp_path / "g.gz").write_bytes(gzip.compress(b"#\n" * 9000)[:40])
    with pytest.raises(InputError, match="the file cannot be read"):
        check_gene_models(tmp_path / "g.gz", ["1"])


def test_check_gene_models_reads_on_to_a_contig_of_the_reference(tmp_path: Path) -> None:
    (tmp_path / "g.gff3").write_text(ENSEMBL + "20\te\tmRNA\t1\t90\t.\t+\t.\tID=transcript:T2;Parent=gene:G2\n")
    check_gene_models(tmp_path / "g.gff3", ["20"])
