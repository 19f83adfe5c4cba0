"""The node's side of a run on object storage: a case in a scratch folder of its own, from a plan and the files that it names.

    python -m scripts.run_staged_case --plan BASE/plans/CASE.json --files BASE/KEY … --cores N
        (--results FOLDER --storage s3://BUCKET/PREFIX [--endpoint URL] | --index BASE/KEY …)

The files are linked into the scratch folder under their keys; with `--index` only the reference's indexes are built. A case runs in two
halves: up to its fingerprints, which are then exchanged with those of all other cases below the prefix, and on from there.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from workflow.cluster.storage_client import open_bucket
from workflow.cluster.storage_people import People
from workflow.cluster.storage_plan import IN
from workflow.digests import ROOT
from workflow.jobs import run_command

LARGE, INDEX = (
    946_684_800,
    978_307_200,
)  # seconds since 1970: what was downloaded has no date of its own, and an index must be younger than its file
INDEX_ENDS = (".fai", ".gzi", ".tbi", ".csi", ".dict", ".l2b", ".mbw", ".amb", ".ann", ".bwt", ".pac", ".sa", ".str.zip")
COMPARES = "relate_sample"  # the first rule that looks at samples of other cases
HIDDEN = ("GENVEJ_OBJECT_STORAGE", "SNAKEMAKE_STORAGE_S3_ACCESS_KEY", "SNAKEMAKE_STORAGE_S3_SECRET_KEY", "SNAKEMAKE_PROFILE")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="run_staged_case", description="Run one case of an object store on this node.")
    parser.add_argument("--plan", required=True, type=Path)
    parser.add_argument("--files", nargs="+", default=[], type=Path)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--storage")
    parser.add_argument("--endpoint")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--results", type=Path)
    kind.add_argument("--index", nargs="+", type=Path)
    return parser.parse_args(arguments)


def lay_out(work: Path, plan: dict[str, dict[str, str]], files: Sequence[Path], base: Path) -> None:
    """Write the plan's texts and link the files under their keys; `base` is the folder of the storage's prefix on this node."""
    for name, text in plan["texts"].items():
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for file in files:
        link = work / IN / file.absolute().relative_to(base)
        link.parent.mkdir(parents=True, exist_ok=True)
        stamp = INDEX if file.name.endswith(INDEX_ENDS) else LARGE
        os.utime(file, (stamp, stamp))
        link.symlink_to(file.absolute())


def snakemake(work: Path, cores: int, *targets: str) -> int:
    """Run Genvej in the scratch folder, without the storage's keys in its environment; return its exit status."""
    clean = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    command += ["--configfile", str(work / "config.yaml"), "--cores", str(cores), *targets]
    return subprocess.run(command, stdin=subprocess.DEVNULL, env=clean, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Run the case; return Snakemake's exit status. Results are moved only if it ended well."""
    options = parse(arguments)
    base = options.plan.absolute().parents[1]
    plan = json.loads(options.plan.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="genvej-case.") as scratch:
        work = Path(scratch)
        lay_out(work, plan, options.files, base)
        if options.index:
            keys = [file.absolute().relative_to(base) for file in options.index]
            status = snakemake(work, options.cores, *(f"{IN}/{key}" for key in keys))
            for key, file in zip(keys, options.index, strict=True):
                if status == 0:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    shutil.move(work / IN / key, file)
            return status
        status = run_case(work, options)
        if status == 0:
            shutil.copytree(work / "results", options.results, dirs_exist_ok=True)
        return status


def run_case(work: Path, options: argparse.Namespace) -> int:
    """Run Genvej up to what is compared between cases, exchange that, and run the rest; return the first status that is not 0."""
    bucket = open_bucket(options.storage, options.endpoint or None)
    status = snakemake(work, options.cores, "--omit-from", COMPARES)
    if status:
        return status
    config = yaml.safe_load((work / "config.yaml").read_text(encoding="utf-8"))
    people = People(bucket, work / "results", config["reference"]["name"])
    people.tell()
    print(f"[storage] {people.hear()} samples of other cases are compared", flush=True)
    status = snakemake(work, options.cores)
    if status == 0:
        people.settle()
    return status


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
