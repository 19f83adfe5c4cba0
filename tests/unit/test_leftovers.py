"""Intermediate files of a killed run go at the end of the next one; nothing else does."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake.io import IOFile, temp

from workflow.leftovers import remove_leftovers


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files in a working folder, an intermediate one and one that only looks so among them."""
    names = [
        "results/small/anna.001.part.vcf.gz",
        "results/small/anna.vcf.gz",
        "results/small/x.part.vcf.gz.kept",
        "results/samples/anna.cram",
    ]
    monkeypatch.chdir(tmp_path)
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    return names


def run_of(**asked: Any) -> SimpleNamespace:
    """A finished run of a workflow with one temporary output and two others."""
    outputs = [
        temp("results/small/{case,[a-z]+}.{chunk}.part.vcf.gz"),
        "results/small/{case,[a-z]+}.vcf.gz",
        "results/samples/{sample}.cram",
    ]
    settings = SimpleNamespace(**{"targets": set(), "until": set(), "omit_from": set(), **asked})
    rule = SimpleNamespace(output=[IOFile(output, rule=None) for output in outputs])
    return SimpleNamespace(rules=[rule], dag_settings=settings, storage_settings=SimpleNamespace(notemp=asked.get("notemp", False)))


def test_intermediate_files_that_were_left_go(there: list[str]) -> None:
    remove_leftovers(run_of())
    assert [name for name in there if Path(name).exists()] == [name for name in there if name != "results/small/anna.001.part.vcf.gz"]


@pytest.mark.parametrize("asked", [{"targets": {"x"}}, {"until": {"rule"}}, {"omit_from": {"rule"}}, {"notemp": True}])
def test_nothing_goes_when_a_part_was_asked_for(there: list[str], asked: dict[str, Any]) -> None:
    assert remove_leftovers(run_of(**asked)) == []
    assert all(Path(name).exists() for name in there)
