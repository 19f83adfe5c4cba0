"""The config: defaults, unknown keys, wrong values, contradictions."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from workflow.config_check import refuse_doubled_keys
from workflow.errors import InputError
from workflow.schema import schema, with_defaults
from workflow.settings import load_settings

LEAST: dict[str, Any] = {"samples": "samples.tsv", "units": "units.tsv", "reference": {"name": "GRCh38", "fasta": "ref.fa"}}


def refusal(config: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        load_settings(config, "config.yaml")
    return str(caught.value)


def test_load_settings_fills_in_every_default() -> None:
    settings = load_settings(LEAST)
    assert (settings.results, settings.aligner, settings.caller) == (Path("results"), "minibwa", "gatk")
    assert (settings.callable.min_depth, settings.callable.min_mapping_quality) == (10, 20)
    assert settings.regions is None
    assert settings.knowledge == {}
    assert settings.disk.check is True


def test_load_settings_leaves_the_config_and_the_schema_as_they_were() -> None:
    config = LEAST | {"callable": {"min_depth": 5}}
    load_settings(config)
    load_settings(LEAST).release.overrides["x"] = 1.0
    assert config["callable"] == {"min_depth": 5}
    assert load_settings(LEAST).release.overrides == {}


def test_load_settings_of_nothing_names_the_option() -> None:
    assert "--configfile" in refusal({})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"smaples": "x"}, ["unknown key `smaples`", "did you mean `samples`?"]),
        ({"callable": {"min_dept": 3}}, ["unknown key `callable.min_dept`", "did you mean `min_depth`?"]),
        ({"zzz": 1}, ["unknown key `zzz`", "known are samples, units"]),
        ({"caller": "deepvariant"}, ["`caller` is 'deepvariant'", "gatk or freebayes"]),
        ({"callable": {"min_depth": "ten"}}, ["`callable.min_depth` is 'ten'", "a whole number"]),
        ({"callable": {"min_depth": 0}}, ["at least 1"]),
        ({"interpretation": {"max_frequency": 0}}, ["more than 0"]),
        ({"reference": {"name": "hg19", "fasta": "x"}}, ["`reference.name` is 'hg19'", "GRCh38 or GRCh37"]),
        ({"reference": {"name": "GRCh38", "fasta": None}}, ["`reference.fasta` is null"]),
        ({"reference": {"name": "GRCh38"}}, ["`reference.fasta` is missing"]),
        ({"knowledge": {"clinvar": {"path": "x"}}}, ["`knowledge.clinvar.release` is missing"]),
        ({"knowledge": {"clinvar": {"path": "x", "release": " "}}}, ["`knowledge.clinvar.release` is ' '", "the release or date"]),
        ({"knowledge": {"clinvar": {"path": "x", "release": None}}}, ["`knowledge.clinvar.release` is null", "text or a number"]),
        ({"knowledge": {"clinvr": {"path": "x", "release": "1"}}}, ["`knowledge.clinvr.kind` is missing"]),
        ({"knowledge": {"Mine!": {"path": "x", "release": "1", "kind": "bed"}}}, ["`knowledge` is 'Mine!'", "small letters"]),
        ({"units": "samples.tsv"}, ["name the same file"]),
        ({"truth": {"a": {"vcf": "x"}}}, ["`truth.a.bed` is missing"]),
        ({"samples": ["a"]}, ["`samples` is ['a']", "text"]),
    ],
)
def test_load_settings_refuses(change: dict[str, Any], says: list[str]) -> None:
    message = refusal(LEAST | change)
    assert message.startswith("config.yaml: ")
    assert all(part in message for part in says), message


@pytest.mark.parametrize(
    "change",
    [
        {"results": "out/010170-1234"},
        {"phenopackets": ["a.json", "0101701234.json"]},
        {"reference": LEAST["reference"] | {"index": "0101701234"}},
    ],
)
def test_load_settings_refuses_a_cpr_number_without_repeating_it(change: dict[str, Any]) -> None:
    message = refusal(LEAST | change)
    assert f"`{next(iter(change))}" in message
    assert "CPR number" in message
    assert "1234" not in message


def test_load_settings_takes_unquoted_dates_and_numbers_as_releases() -> None:
    sources = {"hpo": {"path": "h", "release": datetime.date(2025, 1, 16)}, "ours": {"path": "o.bed", "release": 2.1, "kind": "bed"}}
    knowledge = load_settings(LEAST | {"knowledge": sources}).knowledge
    assert (knowledge["hpo"].release, knowledge["hpo"].kind) == ("2025-01-16", "hpo")
    assert (knowledge["ours"].release, knowledge["ours"].kind) == ("2.1", "bed")


def test_load_settings_leaves_null_sources_out() -> None:
    assert load_settings(LEAST | {"knowledge": {"clinvar": None}}).knowledge == {}


@pytest.mark.parametrize("packets", ["folder", ["folder"]])
def test_load_settings_takes_one_phenopacket_path_or_a_list(packets: object) -> None:
    assert load_settings(LEAST | {"phenopackets": packets}).phenopackets == (Path("folder"),)


def test_with_defaults_gives_nested_objects_theirs() -> None:
    assert with_defaults(LEAST, schema("config"))["callable"] == {"min_depth": 10, "min_mapping_quality": 20}


def test_config_schema_describes_every_key() -> None:
    def undescribed(part: dict[str, Any], path: str) -> list[str]:
        found = []
        for key, rule in part.get("properties", {}).items():
            target = schema("config")["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
            found += [] if "description" in rule or "description" in target else [f"{path}{key}"]
            found += undescribed(rule, f"{path}{key}.")
        return found

    assert undescribed(schema("config"), "") == []


def test_refuse_doubled_keys_names_key_and_row(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("samples: s\nknowledge:\n  hpo: null\nresults: r\nknowledge:\n  clinvar: null\n")
    with pytest.raises(InputError, match=r"config\.yaml, row 5: the key `knowledge` is there twice"):
        refuse_doubled_keys([str(file)])
    file.write_text("truth:\n  a: {vcf: x, bed: y}\n  b: {vcf: x, vcf: y}\n")
    with pytest.raises(InputError, match=r"row 3: the key `vcf` is there twice"):
        refuse_doubled_keys([str(file)])


@pytest.mark.parametrize("text", ["a: {path: x}\nb: {path: y}\n", "", "- a\n- a\n", '{\n\t"a": 1\n}'])
def test_refuse_doubled_keys_lets_other_files_pass(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    refuse_doubled_keys([str(tmp_path / "config.yaml")])
