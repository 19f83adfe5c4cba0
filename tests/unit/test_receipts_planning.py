"""What Snakemake is told of receipts: which command lines are about every file."""

import pytest
from snakemake.cli import get_argument_parser

from workflow.receipts.planning import LOOKS_AT_ALL, looks_at_all


@pytest.mark.parametrize(
    "line",
    [
        "--summary",
        "-S",
        "-nD",
        "-t",
        "--report=page.html",
        "--report page.html",
        "--list-untracked",
        "--lu",
        "--tou",
        "--cores 2 --rulegraph",
    ],
)
def test_looks_at_all_sees_options_in_whole_in_short_and_cut_off(line: str) -> None:
    assert looks_at_all(line.split())


@pytest.mark.parametrize(
    "line", ["--cores 2 -n", "-c2 -npF", "--forceall --config summary=1", "-C t=1", "-- --summary", "--configfile S -j"]
)
def test_looks_at_all_leaves_other_command_lines_alone(line: str) -> None:
    assert not looks_at_all(line.split())


def test_options_are_those_that_this_snakemake_has() -> None:
    known = {option for action in get_argument_parser()._actions for option in action.option_strings}
    assert known.issuperset(LOOKS_AT_ALL)
    assert {"-S", "-D", "-t"} <= known
