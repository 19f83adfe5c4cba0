"""Files and disks looked at before the first job."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workflow import disk
from workflow.errors import InputError
from workflow.inputs import check_inputs, check_results
from workflow.samples import Cohort, load_cohort
from workflow.settings import Settings, load_settings

GZIP = b"\x1f\x8b\x08\x00"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("samples.tsv").write_text("sample\tcase\trole\tsex\taffected\nA\tc\tproband\tmale\tyes\nB\tc\tsibling\tmale\tyes\n")
    Path("units.tsv").write_text("sample\tunit\tfastq_1\tfastq_2\nA\tL1\ta1\ta2\nB\tL1\tb1\tb2\n")
    for name in ("a1", "a2", "b1", "b2"):
        Path(name).write_bytes(GZIP + name.encode())
    Path("ref.fa").write_text(">1\nA\n")
    return tmp_path


def settings(**changes: Any) -> Settings:
    least = {"samples": "samples.tsv", "units": "units.tsv", "reference": {"name": "GRCh38", "fasta": "ref.fa"}}
    return load_settings(least | changes, "config.yaml")


def look_at(chosen: Settings, cohort: Cohort) -> None:
    check_results(chosen)
    check_inputs(chosen, cohort)


def refusal(chosen: Settings) -> str:
    cohort = load_cohort(chosen)
    with pytest.raises(InputError) as caught:
        look_at(chosen, cohort)
    return str(caught.value)


def accept(chosen: Settings) -> None:
    look_at(chosen, load_cohort(chosen))


def test_check_inputs_accepts_what_is_there(work: Path) -> None:
    accept(settings())
    assert not (work / "results").exists()


def test_check_inputs_sees_hard_links(work: Path) -> None:
    Path("b1").unlink()
    os.link("a1", "b1")
    assert refusal(settings()) == "units.tsv, row 3: b1 is the same file as a1 in row 2; name each FASTQ file once."


@pytest.mark.parametrize(("make", "says"), [(lambda path: path.mkdir(), "is no plain file"), (os.mkfifo, "is no plain file")])
def test_check_inputs_refuses_what_is_no_file(work: Path, make: Any, says: str) -> None:
    Path("b1").unlink()
    make(Path("b1"))
    assert says in refusal(settings())


@pytest.mark.parametrize("results", [".", "/", "x/.."])
def test_check_inputs_refuses_results_without_a_folder_of_their_own(work: Path, results: str) -> None:
    assert "which is not a folder of its own" in refusal(settings(results=results))


def test_check_inputs_refuses_tumours(work: Path) -> None:
    Path("samples.tsv").write_text("sample\tcase\trole\tsex\taffected\nA\tc\ttumour\tmale\tyes\nB\tc\tnormal\tmale\tyes\n")
    assert "samples.tsv, row 2: case `c` is a tumour, but this version calls inherited variants only" in refusal(settings())


def test_check_inputs_asks_no_reads_of_an_aligned_sample(work: Path) -> None:
    Path("a1").unlink()
    assert "a1 is not there" in refusal(settings())
    cram = Path("results/samples/A/A.cram")
    cram.parent.mkdir(parents=True)
    cram.write_bytes(b"CRAM")
    accept(settings())


@pytest.mark.parametrize(
    "header", ["##contig=<ID=chr1,length=249250621>", "##reference=file:///x/hg19.fa", "##sequence-region 1 1 249250621"]
)
def test_check_inputs_refuses_knowledge_of_another_assembly(work: Path, header: str) -> None:
    Path("k.vcf").write_text(f"##fileformat=VCFv4.2\n{header}\n#CHROM\n1\t1\n")
    Path("k.vcf.csi").touch()
    knowledge = {"clinvar": {"path": "k.vcf", "release": "1"}}
    assert "`knowledge.clinvar` (k.vcf) is on GRCh37" in refusal(settings(knowledge=knowledge))
    accept(settings(knowledge=knowledge, reference={"name": "GRCh37", "fasta": "ref.fa"}))


def test_check_inputs_leaves_assemblies_open_that_a_header_does_not_tell(work: Path) -> None:
    Path("k.vcf").write_text("##reference=ours\n##contig=<ID=1>\n##contig=<ID=2,length=77>\n#CHROM\n")
    Path("k.vcf.tbi").touch()
    accept(settings(knowledge={"clinvar": {"path": "k.vcf", "release": "1"}}))


def test_check_inputs_checks_the_terms_of_relatives_too(work: Path) -> None:
    Path("hpo").mkdir()
    Path("hpo/hp.obo").write_text("data-version: hp/releases/2025-01-16\n\n[Term]\nid: HP:0001250\nname: Seizure\n")
    for name in ("phenotype.hpoa", "genes_to_phenotype.txt"):
        Path("hpo", name).touch()
    packet = {"id": "q", "subject": {"id": "B"}, "phenotypicFeatures": [{"type": {"id": "HP:0000001"}}]}
    Path("q.json").write_text(json.dumps(packet | {"metaData": {"phenopacketSchemaVersion": "2.0"}}))
    knowledge = {"hpo": {"path": "hpo", "release": "v2025-01-16"}}
    assert "HP:0000001" in refusal(settings(knowledge=knowledge, phenopackets="q.json"))


def test_check_inputs_refuses_a_label_of_another_term(work: Path) -> None:
    Path("hpo").mkdir()
    terms = "".join(f"\n[Term]\nid: HP:000125{number}\nname: {name}\n" for number, name in enumerate(("Seizure", "Ataxia")))
    Path("hpo/hp.obo").write_text(f"data-version: hp/releases/2025-01-16\n{terms}")
    for name in ("phenotype.hpoa", "genes_to_phenotype.txt"):
        Path("hpo", name).touch()
    chosen = settings(knowledge={"hpo": {"path": "hpo", "release": "2025-01-16"}}, phenopackets="q.json")
    for label in ("ataxia", "Fits", "seizure", ""):
        packet = {"id": "q", "subject": {"id": "A"}, "phenotypicFeatures": [{"type": {"id": "HP:0001250", "label": label}}]}
        Path("q.json").write_text(json.dumps(packet | {"metaData": {"phenopacketSchemaVersion": "2.0"}}))
        if label == "ataxia":
            assert "q.json: HP:0001250 is Seizure, but its label is that of HP:0001251, Ataxia" in refusal(chosen)
        else:
            accept(chosen)


def usage(free: dict[str, int]) -> Any:
    return lambda folder: SimpleNamespace(free=free[str(folder)])


def test_check_disk_adds_sorting_where_it_shares_the_disk(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk.tempfile, "gettempdir", lambda: str(work))
    sizes = {"A": 100 * 10**9, "B": 50 * 10**9}
    monkeypatch.setattr(disk.shutil, "disk_usage", usage({str(work): 254 * 10**9}))
    with pytest.raises(InputError, match=r"254.0 GB free, but the run will write about 255.0 GB"):
        disk.check_disk(settings(), sizes)
    monkeypatch.setattr(disk.shutil, "disk_usage", usage({str(work): 256 * 10**9}))
    disk.check_disk(settings(), sizes)
    disk.check_disk(settings(), {})
