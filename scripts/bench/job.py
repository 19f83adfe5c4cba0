"""The whole main job on the demo, measured by stage: what a case costs from reads to page and release."""

from pathlib import Path

from scripts.bench.costs import Run, folder_bytes, measured
from scripts.bench.records import Row, rows_of
from scripts.bench.sets import make_demo_data
from scripts.setup.common import ROOT

JOB = "job"


def measure_job(work: Path, cores: int) -> list[Row]:
    """Run the demo into a results folder inside `work` and return its stages; disk is what the folder held at most."""
    make_demo_data()
    command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(ROOT)]
    command += ["--configfile", str(ROOT / "config/demo.yaml"), "--config", f"results={work}/results", "--cores", str(cores)]
    run: Run = measured([*command, "--quiet", "rules"], work)
    crams = sum(file.stat().st_size for file in work.glob("results/samples/*/*.cram")) / 1e6
    print(f"the demo leaves {folder_bytes(work / 'results') / 1e6:.0f} MB")
    return rows_of(JOB, "ours", run, crams, [])
