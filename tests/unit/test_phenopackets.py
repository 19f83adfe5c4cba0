"""Phenopackets: what is read, whose they are, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from workflow.cohort import Sample, Term
from workflow.errors import InputError
from workflow.phenopackets import load_questions, read_phenopacket
from workflow.settings import Settings, load_settings

SEIZURE: dict[str, Any] = {"type": {"id": "HP:0001250"}}


def packet(**changes: Any) -> dict[str, Any]:
    whole = {
        "id": "case-1",
        "subject": {"id": "child", "sex": "FEMALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P3Y"}}},
        "phenotypicFeatures": [
            {"type": {"id": "HP:0001250", "label": "Seizure"}, "onset": {"age": {"iso8601duration": "P1Y"}}},
            {"type": {"id": "HP:0001252", "label": "Hypotonia"}, "excluded": True},
        ],
        "metaData": {"created": "2025-01-01T00:00:00Z", "createdBy": "x", "resources": [], "phenopacketSchemaVersion": "2.0"},
    }
    return whole | changes


def write(folder: Path, content: object, name: str = "child.json") -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_read_phenopacket_keeps_observed_and_excluded_terms(tmp_path: Path) -> None:
    question = read_phenopacket(write(tmp_path, packet()))
    assert (question.id, question.subject, question.sex) == ("case-1", "child", "female")
    assert question.terms == (Term("HP:0001250", "Seizure", False), Term("HP:0001252", "Hypotonia", True))


def test_read_phenopacket_takes_protobuf_names_of_keys(tmp_path: Path) -> None:
    content = packet()
    snake = {"id": "p", "subject": content["subject"], "phenotypic_features": content["phenotypicFeatures"]}
    snake["meta_data"] = {"phenopacket_schema_version": "2.0"}
    assert len(read_phenopacket(write(tmp_path, snake)).terms) == 2


def test_read_phenopacket_takes_a_repeated_term_once(tmp_path: Path) -> None:
    assert len(read_phenopacket(write(tmp_path, packet(phenotypicFeatures=[SEIZURE, SEIZURE]))).terms) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "no valid JSON"),
        ("[]", "the file must be a set of keys"),
        (packet(subject={"sex": "MALE"}), "`subject.id` is missing"),
        (packet(metaData=None), "`metaData` must be a set of keys"),
        (packet(metaData={"phenopacketSchemaVersion": "1.0"}), "`metaData.phenopacketSchemaVersion` must be 2.0"),
        (packet(phenotypicFeatures=[{"type": {"id": "HP:123"}}]), "`phenotypicFeatures.0.type.id` must be an HPO term"),
        (packet(phenotypicFeatures=[{"type": {"id": "MONDO:0005027"}}]), "must be an HPO term"),
        (packet(phenotypicFeatures=[{"type": {"id": "HP:0001250"}, "negated": True}]), "`excluded`"),
        (packet(phenotypicFeatures=[{"type": {"id": "HP:0001250"}, "excluded": "no"}]), "must be true or false"),
        (packet(subject={"id": "child", "sex": "F"}), "`subject.sex` must be UNKNOWN_SEX or FEMALE"),
        (packet(proband={}), "Family or Cohort"),
        (
            packet(phenotypicFeatures=[{"type": {"id": "HP:0001250"}}, {"type": {"id": "HP:0001250"}, "excluded": True}]),
            "both observed and excluded",
        ),
    ],
)
def test_read_phenopacket_refuses(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read_phenopacket(write(tmp_path, content))
    assert says in str(caught.value)
    assert "child.json" in str(caught.value)


@pytest.mark.parametrize("change", [{"id": "010170-1234"}, {"subject": {"id": "0101701234"}}])
def test_read_phenopacket_refuses_a_cpr_number_without_repeating_it(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="CPR number") as caught:
        read_phenopacket(write(tmp_path, packet(**change)))
    assert "1234" not in str(caught.value)


def test_read_phenopacket_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such phenopacket"):
        read_phenopacket(tmp_path / "none.json")


def sample(name: str, sex: str, file: Path | None = None) -> Sample:
    return Sample(name, "fam", "proband", sex, "yes", file, "", "", 2)


def settings(*paths: Path) -> Settings:
    config = {"samples": "samples.tsv", "units": "u", "reference": {"name": "GRCh38", "fasta": "r"}}
    return load_settings(config | {"phenopackets": [str(path) for path in paths] or None})


def test_load_questions_finds_files_of_folder_and_sheet(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder", packet())
    other = write(tmp_path, packet(subject={"id": "lone"}), "lone.json")
    samples = {"child": sample("child", "female"), "lone": sample("lone", "male", other)}
    assert sorted(load_questions(settings(tmp_path / "folder"), samples)) == ["child", "lone"]


def test_load_questions_takes_a_file_named_twice_once(tmp_path: Path) -> None:
    file = write(tmp_path, packet())
    assert list(load_questions(settings(tmp_path), {"child": sample("child", "female", file)})) == ["child"]


@pytest.mark.parametrize(
    ("subject", "sex", "says"),
    [
        ({"id": "chlid", "sex": "FEMALE"}, "female", "of `chlid`, who is not in samples.tsv (did you mean `child`?)"),
        ({"id": "child", "sex": "MALE"}, "female", "says male, row 2 of samples.tsv says female"),
    ],
)
def test_load_questions_refuses_another_person(tmp_path: Path, subject: dict[str, str], sex: str, says: str) -> None:
    write(tmp_path, packet(subject=subject))
    with pytest.raises(InputError) as caught:
        load_questions(settings(tmp_path), {"child": sample("child", sex)})
    assert says in str(caught.value)


def test_load_questions_repeats_no_identifier_that_may_be_a_persons_name(tmp_path: Path) -> None:
    write(tmp_path, packet(subject={"id": "Karen Blixen"}))
    with pytest.raises(InputError, match="somebody") as caught:
        load_questions(settings(tmp_path), {"child": sample("child", "female")})
    assert "Blixen" not in str(caught.value)


def test_load_questions_refuses_a_cpr_number_in_a_files_name(tmp_path: Path) -> None:
    write(tmp_path, packet(), "010170-1234.json")
    with pytest.raises(InputError, match="CPR number") as caught:
        load_questions(settings(tmp_path), {"child": sample("child", "female")})
    assert "1234" not in str(caught.value)


def test_load_questions_accepts_a_sex_that_the_karyotype_leaves_open(tmp_path: Path) -> None:
    write(tmp_path, packet())
    assert load_questions(settings(tmp_path), {"child": sample("child", "XXY")})["child"].sex == "female"


def test_load_questions_refuses_the_phenopacket_of_another_row(tmp_path: Path) -> None:
    file = write(tmp_path, packet())
    with pytest.raises(InputError, match="of `child`, but row 2 of"):
        load_questions(settings(), {"mum": sample("mum", "female", file), "child": sample("child", "female")})


def test_load_questions_refuses_two_for_one_sample(tmp_path: Path) -> None:
    write(tmp_path, packet())
    write(tmp_path, packet(id="case-2"), "other.json")
    with pytest.raises(InputError, match="second phenopacket"):
        load_questions(settings(tmp_path), {"child": sample("child", "female")})


def test_load_questions_refuses_a_folder_without_phenopackets(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text("id: x\n")
    config = {"samples": "s", "units": "u", "reference": {"name": "GRCh38", "fasta": "r"}, "phenopackets": str(tmp_path)}
    with pytest.raises(InputError, match=r"no phenopacket is in the folder; give their names the ending \.json"):
        load_questions(load_settings(config), {})
