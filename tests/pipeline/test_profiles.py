"""The profile for one big machine is one that Snakemake takes: a dry-run through the command line."""

import subprocess
import sys
from pathlib import Path

from tests.pipeline.conftest import ROOT
from tests.pipeline.tiny_person import write_person


def test_one_machine(tmp_path: Path) -> None:
    work = write_person(tmp_path / "work")
    start = [
        sys.executable,
        "-m",
        "snakemake",
        "--profile",
        str(ROOT / "config/profiles/one_machine"),
        "--snakefile",
        str(ROOT / "Snakefile"),
    ]
    files = ["--directory", str(work), "--configfile", str(work / "config.yaml")]
    done = subprocess.run([*start, *files, "--dry-run", "--quiet"], cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-2000:]
