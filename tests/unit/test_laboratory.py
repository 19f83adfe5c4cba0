import pytest

from workflow.cohort import Measurement
from workflow.errors import InputError
from workflow.features import read_features, read_measurements, read_records
from workflow.laboratory import join_terms, outcome_of, read_laboratory_table, terms_of_results
from workflow.ontology import read_ontology

ROWS = ("loincId loincScale outcome hpoTermId", "2157-6 Qn H HP:0000002", "2157-6 Qn N HP:0000002", "1-8 Ord POS HP:0000009")
TABLE = "\n".join(row.replace(" ", "\t") for row in ROWS) + "\n"
ONTOLOGY = """data-version: hp/releases/2025-01-16

[Term]
id: HP:0000001
name: Muscle

[Term]
id: HP:0000002
name: High creatine kinase
is_a: HP:0000001
"""


@pytest.fixture
def ontology(tmp_path):
    (tmp_path / "hp.obo").write_text(ONTOLOGY)
    return read_ontology(tmp_path / "hp.obo")


@pytest.fixture
def table(tmp_path):
    (tmp_path / "table.tsv").write_text(TABLE)
    return read_laboratory_table(tmp_path / "table.tsv")


def kinase(value):
    return Measurement("2157-6", "Creatine kinase", value, "U/L", 30, 200)


def packet(**quantity):
    return {"measurements": [{"assay": {"id": "LOINC:2157-6", "label": "CK"}, "value": {"quantity": quantity}}]}


def observed(name, *, excluded=False):
    return {"id": name, "label": "", "excluded": excluded}


@pytest.mark.parametrize(("value", "outcome"), [(29.9, "L"), (30, "N"), (200, "N"), (200.1, "H")])
def test_outcome_of_a_quantity_follows_its_reference_range(value, outcome):
    assert outcome_of(kinase(value))[0] == outcome


@pytest.mark.parametrize(
    ("finding", "outcome"), [("Positive", "POS"), ("not detected", "NEG"), ("high", "H"), ("normal", "N"), ("brown", "")]
)
def test_outcome_of_a_finding_follows_its_word(finding, outcome):
    assert outcome_of(Measurement("1-8", "", finding=finding))[0] == outcome


def test_outcome_without_reference_range_is_none():
    assert outcome_of(Measurement("1-8", "", 3.0, "g/L")) == ("", "no reference range is given")


def test_a_high_result_is_an_observed_term_and_a_normal_one_an_excluded_term(ontology, table):
    (high,) = terms_of_results([kinase(900)], table, "2024", ontology).terms
    (normal,) = terms_of_results([kinase(100)], table, "2024", ontology).terms
    assert (high["id"], high["excluded"], high["kind"], normal["excluded"]) == ("HP:0000002", False, "laboratory", True)
    wanted = "LOINC 2157-6 Creatine kinase: 900 U/L (reference 30 to 200), above the reference range; laboratory table 2024"
    assert high["source"] == wanted


def test_what_the_table_does_not_know_is_a_note(ontology, table):
    results = [Measurement("9-9", "New", 3.0, "g/L", 1, 2), kinase(1), Measurement("1-8", "", finding="positive")]
    found = terms_of_results(results, table, "2024", ontology)
    assert not found.terms
    assert [note.split(": ")[-1] for note in found.notes] == [
        "the laboratory table has not the code",
        "the laboratory table has no term for this outcome of the code",
        "HP:0000009 is not in the HPO release",
    ]


def test_opposite_results_cancel(ontology, table):
    found = terms_of_results([kinase(900), kinase(100)], table, "2024", ontology)
    assert not found.terms
    assert "opposite" in found.notes[0]


def test_join_counts_a_term_once_and_keeps_its_source(ontology, table):
    found = terms_of_results([kinase(900)], table, "2024", ontology)
    joined = join_terms([observed("HP:0000002")], found, ontology)
    assert [term["id"] for term in joined.terms] == ["HP:0000002"]
    assert "900 U/L" in joined.terms[0]["source"]


def test_join_leaves_out_what_contradicts_the_clinician(ontology, table):
    normal, high = (terms_of_results([kinase(value)], table, "2024", ontology) for value in (100, 900))
    for clinician, found in ((observed("HP:0000002"), normal), (observed("HP:0000001", excluded=True), high)):
        joined = join_terms([clinician], found, ontology)
        assert len(joined.terms) == 1
        assert "contradicts" in joined.notes[0]


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        ({"value": 3}, "has no unit"),
        (
            {"value": 3, "unit": {"label": "U/L"}, "referenceRange": {"unit": {"label": "ukat/L"}, "low": 1, "high": 2}},
            "reference range in ukat/L",
        ),
        ({"value": 3, "unit": {"label": "U/L"}, "referenceRange": {"low": 1, "high": 2}}, "reference range in no unit"),
        ({"unit": {"label": "U/L"}}, "has no value"),
        ({"value": "3", "unit": {"label": "U/L"}}, "a number of LOINC 2157-6 is none"),
        (
            {"value": 3, "unit": {"id": "UCUM:U/L"}, "referenceRange": {"unit": {"id": "UCUM:U/L"}, "low": 9, "high": 2}},
            "ends below its start",
        ),
    ],
)
def test_read_measurements_refuses(tmp_path, quantity, sentence):
    with pytest.raises(InputError, match=sentence):
        read_measurements(packet(**quantity), tmp_path / "p.json")


def test_read_measurements_refuses_a_code_that_is_none(tmp_path):
    with pytest.raises(InputError, match="`LOINC:21576` is no LOINC code"):
        read_measurements({"measurements": [{"assay": {"id": "LOINC:21576"}}]}, tmp_path / "p.json")


def test_read_measurements_leaves_other_systems_of_codes_alone(tmp_path):
    assert read_measurements({"measurements": [{"assay": {"id": "NPU:1"}}]}, tmp_path / "p.json") == ()


def test_read_features_carries_evidence_through(tmp_path):
    evidence = [
        {"evidenceCode": {"id": "ECO:1", "label": "imaging evidence"}, "reference": {"id": "DICOM:1.2.3", "description": "MRI brain"}}
    ]
    feature = {"type": {"id": "HP:0000002", "label": "x"}, "evidence": evidence, "onset": {"ontologyClass": {"id": "HP:0003577"}}}
    (term,) = read_features({"phenotypicFeatures": [feature]}, tmp_path)
    assert (term.kind, term.source, term.onset) == ("imaging", "imaging evidence, MRI brain, DICOM:1.2.3", "HP:0003577")


def test_read_records_gives_assemblies_of_variants_and_files():
    descriptor = {"vcfRecord": {"genomeAssembly": "hg19", "chrom": "chr1", "pos": "5", "ref": "A", "alt": "G"}}
    interpretation = {"diagnosis": {"genomicInterpretations": [{"variantInterpretation": {"variationDescriptor": descriptor}}]}}
    content = {"files": [{"fileAttributes": {"genomeAssembly": "GRCh38"}}], "interpretations": [interpretation]}
    assert [(one.assembly, one.position) for one in read_records(content)] == [("GRCh38", 0), ("hg19", 5)]


def test_read_laboratory_table_names_a_missing_column(tmp_path):
    (tmp_path / "t.tsv").write_text("loincId\toutcome\n")
    with pytest.raises(InputError, match="`hpoTermId` is missing"):
        read_laboratory_table(tmp_path / "t.tsv")


def test_a_negated_column_goes_before_the_outcome(tmp_path):
    (tmp_path / "t.tsv").write_text("loincId\toutcome\thpoTermId\tnegated\n1-8\tPOS\tHP:0000001\ttrue\n1-8\tNEG\tHP:0000002\tfalse\n")
    assert read_laboratory_table(tmp_path / "t.tsv") == {("1-8", "POS"): ("HP:0000001", True), ("1-8", "NEG"): ("HP:0000002", False)}
