"""A few faults in each `make test-long`; all of them with `make faults`."""

from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.chains import AGAIN, NOT_TRIED, chain
from tests.faults.sealing import kill_each_step
from tests.faults.tools import TOOLS, spoil_each
from tests.faults.work import Work, prepare

pytestmark = pytest.mark.long
CORE = {
    "kill -9 of Snakemake, its job left behind": "alignment",
    "disk of the results full": "filter",
    "results read-only": "intake",
    "a job that hangs": "coverage",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Work:
    return prepare(tmp_path_factory.mktemp("faults") / "base")


def quiet(text: str) -> None:
    """Tell nobody."""


def test_faults_of_several_kinds_in_one_folder_end_in_the_undisturbed_results(base: Work, tmp_path: Path) -> None:
    steps = [(fault, stage) for stage in table.STAGES for fault in table.FAULTS if CORE.get(fault.name) == stage.name]
    assert len(steps) == len(CORE)
    for outcome in chain(base, tmp_path / "chain", steps, quiet):
        assert outcome.outcome == AGAIN or outcome.outcome.startswith(NOT_TRIED)
        assert not outcome.bad


def test_release_killed_at_its_steps_is_finished_and_loses_nothing(base: Work, tmp_path: Path) -> None:
    (outcome,) = kill_each_step(base, tmp_path / "sealing", quiet, every=40)
    assert not outcome.bad


def test_incomplete_gvcf_of_a_tool_that_says_all_is_well_is_not_accepted(base: Work, tmp_path: Path) -> None:
    entries = [one for one in TOOLS if one.rule == "bcftools_gather_gvcf" and one.how == "end_early"]
    assert entries
    assert not [one.bad for one in spoil_each(base, tmp_path / "tools", entries, quiet) if one.bad]
