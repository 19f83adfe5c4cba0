"""The frame around every command line: a mistake is one sentence, a reader that has had enough is no error."""

import subprocess
import sys

import pytest

from tests.pipeline.conftest import ROOT

FRAME = """import sys
from workflow.errors import InputError
from workflow.jobs import run_command
def work():
    {}
sys.exit(run_command(work))
"""


@pytest.mark.parametrize(
    ("work", "status", "said"),
    [
        ('raise InputError("it is empty", file="a.tsv", row=3, remedy="fill it")', 2, "error: a.tsv, row 3: it is empty; fill it.\n"),
        ("return 3", 3, ""),
        ("print('line\\n' * 1_000_000)", 0, ""),
    ],
    ids=["mistake", "status", "reader that leaves"],
)
def test_a_command_line_ends_with_a_status_and_no_traceback(work: str, status: int, said: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FRAME.format(work)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.readline()
        started.stdout.close()
        assert (started.stderr.read(), started.wait()) == (said, status)
