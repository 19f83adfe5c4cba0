"""Stages: every rule file has one or says that it has none, so that none is done for ever because nobody asked."""

import re
from pathlib import Path

import pytest

from workflow.digests import ROOT
from workflow.receipts.model import Kind
from workflow.receipts.stages import CHECKING, STAGE_OF_FILE, UPSTREAM, WITHOUT_STAGE, stage_of_rule, stages_of

RULES = sorted((ROOT / "rules").glob("*.smk"))
RULE = re.compile(r"^(?:use rule \w+ as|rule) (\w+)(?: with)?:\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)
WILDCARD = re.compile(r" {4}output:\n(?: {8}.*\n)*?.*\{(sample|case)\}")


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_each_rule_file_has_a_stage_or_is_named_as_one_without(file: Path) -> None:
    assert (file.stem in STAGE_OF_FILE) != (file.stem in WITHOUT_STAGE), f"{file.name}: add it to workflow/receipts/stages.py"


@pytest.mark.parametrize("file", [file for file in RULES if file.stem in STAGE_OF_FILE], ids=lambda file: file.stem)
def test_each_rule_of_a_sample_or_case_has_a_stage_of_its_kind(file: Path) -> None:
    found = {rule: wildcard[1] for rule, text in RULE.findall(file.read_text()) if (wildcard := WILDCARD.search(text))}
    assert found
    for rule, wildcard in found.items():
        assert stage_of_rule(rule, str(file), wildcard) in stages_of(Kind(wildcard)), f"{rule} has no stage of a {wildcard}"


def test_stages_read_stages_that_exist_and_receipts_are_of_none() -> None:
    known = {*stages_of(Kind.SAMPLE), *stages_of(Kind.CASE)}
    assert UPSTREAM.keys() == known
    assert known.issuperset(stage for those in UPSTREAM.values() for stage in those)
    assert {stage_of_rule(rule, "receipts.smk", "sample") for rule in CHECKING} == {""}


def test_names_without_a_file_are_no_stage_any_more() -> None:
    assert {*STAGE_OF_FILE, *WITHOUT_STAGE} <= {file.stem for file in RULES}
