"""The manual says what the schemas say, and its examples are good input."""

import re
from pathlib import Path

import pytest
import yaml

from workflow.digests import ROOT
from workflow.manual import PAGE, page, table
from workflow.samples import load_cohort
from workflow.settings import load_settings

TEXT = PAGE.read_text(encoding="utf-8")
LEAST = {"samples": "s", "units": "u", "reference": {"name": "GRCh38", "fasta": "r"}}


def test_page_is_up_to_date() -> None:
    assert page(TEXT) == TEXT, "run `python -m workflow.manual`"


@pytest.mark.parametrize(
    ("name", "key"), [("config", "callable.min_depth"), ("config", "knowledge.hpo"), ("samples", "sex"), ("units", "md5_1")]
)
def test_table_lists_keys_and_columns(name: str, key: str) -> None:
    assert f"| `{key}` |" in table(name)
    assert f"| `{key}` |" in TEXT


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))
def test_yaml_examples_are_accepted(example: str) -> None:
    load_settings(LEAST | yaml.safe_load(example))


def test_shipped_config_and_sheets_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    cohort = load_cohort(load_settings(yaml.safe_load(Path("config/config.yaml").read_text())))
    assert sorted(cohort.cases) == ["family", "single"]


def test_sheets_in_the_manual_are_accepted(tmp_path: Path) -> None:
    blocks = re.findall(r"(?:^    \S.*\n)+", TEXT, re.MULTILINE)
    sheets = [block for block in blocks if block.strip().startswith("sample ")]
    samples = [re.sub(r" {2,}", "\t", re.sub(r"^    ", "", block, flags=re.MULTILINE)) for block in sheets if " role " in block]
    cases = []
    for sheet in samples:
        (tmp_path / "samples.tsv").write_text(sheet)
        names = [line.split("\t")[0] for line in sheet.splitlines()[1:]]
        rows = [f"{name}\tL1\t{name}_1.gz\t{name}_2.gz" for name in names]
        (tmp_path / "units.tsv").write_text("\n".join(["sample\tunit\tfastq_1\tfastq_2", *rows]))
        cohort = load_cohort(load_settings(LEAST | {"samples": str(tmp_path / "samples.tsv"), "units": str(tmp_path / "units.tsv")}))
        cases.append(sorted(cohort.cases))
    assert cases == [["family", "single"], ["larger"]]
