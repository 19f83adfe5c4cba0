"""Cases on nodes that share no file system, only an S3-compatible object store.

    SNAKEMAKE_STORAGE_S3_ACCESS_KEY=… SNAKEMAKE_STORAGE_S3_SECRET_KEY=… python -m scripts.run_on_storage --config WORK/config.yaml
        --directory WORK --storage s3://BUCKET/PREFIX [--endpoint URL] [--cases A,B] [--cores 16] [--run FOLDER] [-- MORE]

Files that are missing in the store are uploaded from WORK under the same path, the reference's indexes with it where they are whole. Each
case that has no results there becomes one job of `rules/object_storage.smk` (cases of one person become one), through
`config/profiles/object_storage`; MORE goes to that Snakemake, such as another executor.
"""

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.depth_curve import read_config
from workflow.cluster.storage_client import Bucket, open_bucket
from workflow.cluster.storage_jobs import indexes_of, send, staged
from workflow.cluster.storage_plan import StagedJob, key_of
from workflow.cohort import Cohort
from workflow.consent.answers import allowed_cohort, told
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.jobs import run_command
from workflow.samples import load_cohort
from workflow.schema import nearest
from workflow.settings import load_settings

PROFILE = ROOT / "config/profiles/object_storage"
SOURCES = ("rules/object_storage.smk", "envs/python.yaml")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command line's options; `more` is what stands after `--`."""
    own, more = list(arguments), []
    if "--" in own:
        own, more = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = argparse.ArgumentParser(prog="run_on_storage", description="Run cases on nodes that share an object store alone.")
    parser.add_argument("--config", required=True, type=Path, help="config of the run")
    parser.add_argument("--directory", type=Path, default=Path(), help="folder that paths in it are relative to")
    parser.add_argument("--storage", required=True, help="s3://BUCKET/PREFIX")
    parser.add_argument("--endpoint", help="address of the store (default: Amazon's)")
    parser.add_argument("--cases", default="", help="cases to run, separated by commas (default: all)")
    parser.add_argument("--run", type=Path, default=Path("storage_run"), help="folder of the main process")
    parser.add_argument("--cores", type=int, default=16, help="processors of a case")
    parser.add_argument("--mem-mb", type=int, default=64_000, help="memory of a case")
    parser.add_argument("--index-mb", type=int, default=48_000, help="memory for indexing the reference")
    parser.add_argument("--hours", type=int, default=48, help="time limit of a case")
    options = parser.parse_args(own)
    options.more = more
    return options


def chosen(options: argparse.Namespace, cohort: Cohort) -> list[str]:
    """Return the cases that are asked for.

    Raises:
        InputError: one is not in the sheet.
    """
    names = [name.strip() for name in options.cases.split(",") if name.strip()] or list(cohort.cases)
    for name in names:
        if name not in cohort.cases:
            raise InputError(f"there is no case `{name}` ({nearest(name, cohort.cases)})", file="--cases", remedy="mend the name")
    return names


def write_run(folder: Path, config: dict[str, Any]) -> None:
    """Write what the jobs' Snakemakes get as their sources: the rules and their config, nothing else."""
    for name in SOURCES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    if not (folder / ".git").exists():  # Snakemake asks git which files to hand to the jobs
        subprocess.run(["git", "init", "-q", str(folder)], check=True)


def outer_config(options: argparse.Namespace, waiting: Sequence[StagedJob], indexes: Sequence[str], *, indexed: bool) -> dict[str, Any]:
    """Return the config of `rules/object_storage.smk`."""
    return {
        "cases": {job.name: sorted(job.files) for job in waiting},
        "first": waiting[0].name,
        "indexes": list(indexes),
        "indexed": indexed,
        "storage": options.storage,
        "endpoint": options.endpoint or "",
        "genvej": str(ROOT),
        "cores": options.cores,
        "mem_mb": options.mem_mb,
        "index_mb": options.index_mb,
        "hours": options.hours,
    }


def main(arguments: Sequence[str]) -> int:
    """Stage the cases and run them; return Snakemake's exit status."""
    options = parse(arguments)
    options.config, options.run = options.config.absolute(), options.run.absolute()
    bucket = open_bucket(options.storage, options.endpoint)
    os.chdir(options.directory)
    config = read_config(options.config)
    settings = load_settings(config, str(options.config))
    cohort, left_out, consents = allowed_cohort(settings, load_cohort(settings), datetime.date.today())
    for sentence in told(consents, cohort, left_out):
        print(f"genvej: {sentence}", file=sys.stderr)
    cases, there = chosen(options, cohort), bucket.sizes()
    waiting = staged(cases, bucket, there, options.run / "cases", config, settings, cohort)
    if not waiting:
        print(f"[storage] all {len(cases)} cases are done below {bucket.url}")
        return 0
    indexes = indexes_of(settings)
    sent, indexed = send(bucket, waiting, indexes, settings.reference.fasta, there)
    number = sum(len(job.cases) for job in waiting)
    print(f"[storage] {number} of {len(cases)} cases to run; {sent} files were missing in {bucket.url} and are uploaded", flush=True)
    for job in waiting:
        if job.cases[1:]:
            print(f"[storage] {', '.join(job.cases[1:])} with {job.name}, of one person: {bucket.url}/results/{job.name}/", flush=True)
    write_run(options.run, outer_config(options, waiting, [key_of(file) for file in indexes], indexed=indexed))
    return run_outer(options, bucket)


def run_outer(options: argparse.Namespace, bucket: Bucket) -> int:
    """Run the rules of object storage; return Snakemake's exit status."""
    command = [sys.executable, "-m", "snakemake", "--profile", str(PROFILE), "--snakefile", SOURCES[0], "--configfile", "config.json"]
    command += ["--default-storage-prefix", bucket.url]
    command += ["--cluster-generic-status-cmd", f"env PYTHONPATH={ROOT} {sys.executable} -m scripts.cluster_status"]
    command += ["--storage-s3-endpoint-url", options.endpoint] if options.endpoint else []
    environment = os.environ | {"GENVEJ_OBJECT_STORAGE": "1"}
    return subprocess.run([*command, *options.more], cwd=options.run, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
