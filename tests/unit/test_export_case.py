"""The case for other programs: a valid Phenopacket, and a VCF that other readers take."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cyvcf2
import pytest
from google.protobuf.json_format import ParseDict
from phenopackets.schema.v2 import Phenopacket

from scripts.collect_report import main as collect
from scripts.export_case import check_vcf, main
from tests.report_case import candidates, interpretation, make_case, write_json
from workflow.case_phenopacket import measurement_of, phenopacket_of, progress_of
from workflow.case_vcf import escaped, info_of
from workflow.files import read_json
from workflow.phenopackets import read_phenopacket

VARIANT = {name: candidates()[0][name] for name in ("chrom", "pos", "ref", "alt")}
VERDICT: dict[str, Any] = {
    "schema": "genvej-verdict/1", "case": "case1", "author": "Dr Curie", "date": "2026-11-20", "conclusion": "explained", "comment": "",
    "workflow": "", "seen": {}, "variants": [{**VARIANT, "verdict": "causative", "comment": ""}],
}  # fmt: skip
RESULT = {"loinc": "2157-6", "label": "Creatine kinase", "value": 900.0, "unit": "U/L", "low": 30.0, "high": 200.0, "finding": ""}


def export(folder: Path, verdicts: list[dict[str, Any]], **change: object) -> SimpleNamespace:
    case = make_case(folder)
    case.params.verdicts = verdicts
    write_json(Path(case.input.interpretation), interpretation() | change)
    collect(input=case.input, output=case.output, params=case.params)
    output = SimpleNamespace(phenopacket=str(folder / "p.json"), vcf=str(folder / "c.vcf.gz"), tbi=str(folder / "c.vcf.gz.tbi"))
    params = SimpleNamespace(case={"measurements": [RESULT]}, version="0.1.0")
    main(input=SimpleNamespace(report=case.output[0], vcf=case.input.vcf), output=output, params=params)
    return output


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return export(tmp_path_factory.mktemp("export"), [VERDICT])


def test_phenopacket_is_valid_and_holds_the_interpretation(exported: SimpleNamespace) -> None:
    content = read_json(exported.phenopacket)
    packet = ParseDict(content, Phenopacket())
    assert (packet.id, packet.subject.id, packet.meta_data.phenopacket_schema_version) == ("case1", "child", "2.0.2")
    first = packet.interpretations[0]
    assert (first.progress_status, first.diagnosis.disease.id) == (first.SOLVED, "OMIM:181350")
    genomic = first.diagnosis.genomic_interpretations[0]
    assert genomic.interpretation_status == genomic.CAUSATIVE
    variant = genomic.variant_interpretation
    assert variant.acmg_pathogenicity_classification == 4  # LIKELY_PATHOGENIC
    record = variant.variation_descriptor.vcf_record
    assert (record.genome_assembly, record.pos, record.ref) == ("GRCh38", VARIANT["pos"], VARIANT["ref"])
    assert [one.syntax for one in variant.variation_descriptor.expressions] == ["hgvs.g", "hgvs.c", "hgvs.p"]
    assert packet.measurements[0].value.quantity.reference_range.high == 200
    assert content["metaData"]["created"] == "2026-11-20T00:00:00Z"


def test_phenopacket_can_be_read_as_a_question_again(exported: SimpleNamespace) -> None:
    question = read_phenopacket(Path(exported.phenopacket))
    assert [(term.id, term.excluded) for term in question.terms] == [("HP:0003323", False), ("HP:0001249", True)]
    assert question.measurements[0].in_words() == "LOINC 2157-6 Creatine kinase: 900 U/L (reference 30 to 200)"
    assert (question.records[0].assembly, question.records[0].position) == ("GRCh38", VARIANT["pos"])


def test_phenopacket_without_verdict_or_candidates(tmp_path: Path) -> None:
    content = read_json(export(tmp_path, [], candidates=[], genes=[], terms=[]).phenopacket)
    ParseDict(content, Phenopacket())
    assert "interpretations" not in content
    assert "in progress" not in json.dumps(content).lower()


def test_a_result_in_words_has_no_quantity() -> None:
    words = measurement_of(RESULT | {"value": None, "finding": "positive"})
    assert words["value"] == {"ontologyClass": {"id": "positive", "label": "positive"}}


@pytest.mark.parametrize(
    ("conclusion", "judged", "expected"),
    [("explained", ["causative"], "SOLVED"), ("explained", [""], "COMPLETED"), ("not explained", [""], "UNSOLVED"),
     ("more is needed", ["causative"], "IN_PROGRESS"), ("possibly explained", [""], "IN_PROGRESS")],
)  # fmt: skip
def test_progress_follows_the_latest_verdict(conclusion: str, judged: list[str], expected: str) -> None:
    assert progress_of([{"conclusion": conclusion}, {"conclusion": "not explained"}], judged) == expected
    assert progress_of([], judged) == "IN_PROGRESS"


def test_created_is_the_newest_day_that_is_known(exported: SimpleNamespace) -> None:
    report: dict[str, Any] = {"knowledge": [{"name": "hpo", "evaluated": True, "release": "2025-01-16"}], "verdicts": [], "candidates": []}
    report |= {
        "case": "c",
        "genes": [],
        "question": {"proband": "p", "reference": "GRCh38", "terms": [], "members": [{"sample": "p", "sex": "XXY"}]},
    }
    packet = phenopacket_of(report, {"measurements": []}, "x")
    assert (packet["metaData"]["created"], packet["subject"]["sex"]) == ("2025-01-16T00:00:00Z", "UNKNOWN_SEX")


def test_vcf_is_taken_by_bcftools_and_cyvcf2(exported: SimpleNamespace) -> None:
    done = subprocess.run(["bcftools", "view", exported.vcf], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    reader = cyvcf2.VCF(exported.vcf)
    assert reader.samples == ["child", "mother"]
    records = list(reader)
    assert [(one.POS, one.INFO["RANK"], one.INFO["ACMG_POINTS"], one.INFO["ACMG_CLASS"]) for one in records] == [
        (1501, 1, 7, "likely_pathogenic"),
        (1801, 2, 7, "likely_pathogenic"),
    ]
    assert (records[0].INFO["HGVS_C"], records[0].INFO["HGVS_P"]) == ("NM_1.1:c.745C>T", "NP_1.1:p.(Arg249Trp)")
    assert (records[0].INFO["VERDICT"], records[0].INFO["PHASE"]) == ("causative", "in_trans")
    assert records[1].INFO.get("VERDICT") is None
    assert records[0].INFO.get("FREQUENCY") is None  # not evaluated is no value, least of all 0
    assert records[0].genotypes == [[0, 1, True], [0, 0, False]]
    assert records[0].format("DP").tolist() == [[20], [20]]
    found = subprocess.run(["bcftools", "view", "-H", exported.vcf, "1:1501"], capture_output=True, text=True, check=True).stdout
    assert found.count("\n") == 1  # the index works


def test_vcf_without_candidates_has_no_record(tmp_path: Path) -> None:
    output = export(tmp_path, [], candidates=[])
    assert list(cyvcf2.VCF(output.vcf)) == []


def test_one_variant_in_two_genes_is_one_record_with_two_values() -> None:
    one = candidates()[0] | {"zygosity": "heterozygous", "model": "de novo, dominant", "verdict": ""}
    info = dict(part.split("=") for part in info_of([one, one | {"rank": 5, "gene": "TWO", "acmg_points": "not evaluated"}]).split(";"))
    assert (info["RANK"], info["GENE"], info["ACMG_POINTS"]) == ("1,5", "LMNA,TWO", "7,.")
    assert info["INHERITANCE"] == "de_novo%2C_dominant,de_novo%2C_dominant"


def test_escaped_leaves_nothing_that_has_a_meaning() -> None:
    assert escaped("p.Arg97=;a, 5%") == "p.Arg97%3D%3Ba%2C_5%25"


def test_check_vcf_stops_where_records_are_lost(exported: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="2 of 3"):
        check_vcf(Path(exported.vcf), 3)


def test_nothing_of_the_person_goes_into_the_phenopacket(exported: SimpleNamespace) -> None:
    text = Path(exported.phenopacket).read_text()
    assert not any(word in text for word in ("dateOfBirth", "timeAtLastEncounter", "Dr Curie", "secret"))
