"""Accuracy by depth: the reads of samples with a truth thinned, taken through the workflow, and scored.

    python -m scripts.depth_curve --config WORK/config.yaml [--samples A,B] [--depths 5,10,15,20,30] [--derive A] [--cores N] [-- MORE]

Writes <results>/depth_curve/curve.tsv, by_depth.tsv, limit.json and depth_curve.html (config/README.md explains them). MORE goes to each
Snakemake that is started. A second call does what is not done yet.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from workflow.cohort import Cohort
from workflow.depth_design import DEPTHS, add_points, check_reads, check_results, chosen_samples, design_of, parse_depths
from workflow.depth_run import write_if_new, write_run
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.genome import load_genome
from workflow.samples import load_cohort
from workflow.settings import load_settings
from workflow.validation_check import check_truths

MISSING = "snakemake --snakefile {root}/Snakefile --directory {directory} --configfile {config} --cores {cores} all validation"


def read_config(path: Path) -> dict[str, Any]:
    """Return a config file's content.

    Raises:
        InputError: it is not there, or no YAML.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path, remedy="check --config") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InputError("this is no YAML", file=path, remedy="give the config of a run") from None
    return content if isinstance(content, dict) else {}


def snakemake(snakefile: str, folder: Path, config: str, options: argparse.Namespace, *targets: str) -> None:
    """Run Snakemake in the folder of the curve.

    Raises:
        InputError: it failed; it has told why.
    """
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / snakefile), "--directory", str(folder)]
    command += ["--configfile", str(folder / config), "--cores", str(options.cores), *targets, *options.more]
    quiet = ["--quiet", "rules"] if snakefile != "Snakefile" else []
    if done := subprocess.run([*command, *quiet], stdin=subprocess.DEVNULL, check=False).returncode:
        raise InputError(
            f"Snakemake ended with status {done} in {folder}", remedy="see what it said above; the same command goes on from here"
        )


def run(options: argparse.Namespace) -> Path:
    """Check everything, then make the curve; return its folder.

    Raises:
        InputError: in one sentence, what is wrong where.
    """
    depths, config = parse_depths(options.depths), read_config(options.config)
    os.chdir(options.directory)
    settings = load_settings(config, str(options.config))
    samples = chosen_samples(options.samples, settings, "--samples")
    derive = chosen_samples(options.derive, settings, "--derive") if options.derive else samples
    if strangers := [name for name in derive if name not in samples]:
        raise InputError(f"--derive names `{strangers[0]}`, which --samples leaves out", remedy="name it in both")
    cohort = load_cohort(settings)
    hint = MISSING.format(root=ROOT, directory=options.directory, config=options.config, cores=options.cores)
    check_results(settings.results, samples, hint)
    check_reads(cohort, samples, settings.units)
    fasta = load_genome(settings).fasta
    check_truths(settings, fasta)
    folder = Path(os.path.abspath(settings.results)) / "depth_curve"
    return make_curve(folder, design_of(settings, cohort, fasta, samples, derive), depths, config, cohort, options)


def make_curve(
    folder: Path, design: dict[str, Any], depths: Sequence[int], config: Mapping[str, Any], cohort: Cohort, options: argparse.Namespace
) -> Path:
    """Measure, thin, run the workflow on what is thinned, tabulate; each step does only what is not done yet."""
    folder.mkdir(parents=True, exist_ok=True)
    write_design(folder / "measure.json", design)
    snakemake("rules/depth_curve.smk", folder, "measure.json", options, "depth_of_all_reads")
    add_points(design, depths, folder)
    write_design(folder / "design.json", design)
    write_run(folder, config, cohort, design["points"])
    snakemake("rules/depth_curve.smk", folder, "design.json", options, "thinned_reads")
    names = [name for name, point in design["points"].items() if point["wished"]]
    snakemake("Snakefile", folder, "config.yaml", options, "validation", *(f"results/samples/{name}/callable.bed.gz" for name in names))
    snakemake("rules/depth_curve.smk", folder, "design.json", options, "depth_curve")
    return folder


def write_design(path: Path, design: Mapping[str, Any]) -> None:
    """Write a design, which the rules of rules/depth_curve.smk go by."""
    write_if_new(path, json.dumps(design, indent=2) + "\n")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options of the command line; `more` is what stands behind `--`."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m scripts.depth_curve", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, required=True, help="config of a run that has scored its samples")
    parser.add_argument("--directory", type=Path, help="the run's working directory (default: the config's folder)")
    parser.add_argument("--samples", help="samples with a truth, with commas between (default: all)")
    parser.add_argument("--depths", default=",".join(map(str, DEPTHS)), help="mean depths (default: %(default)s)")
    parser.add_argument("--derive", help="samples that the limit is derived from; the others check it (default: all)")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args(arguments[:at])
    options.more, options.config = arguments[at + 1 :], options.config.resolve()
    options.directory = options.directory.resolve() if options.directory else options.config.parent
    return options


def main(arguments: list[str]) -> int:
    """Make the curve and tell what follows from it; return the exit status."""
    options = parse(arguments)
    try:
        folder = run(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.loads((folder / "limit.json").read_text(encoding="utf-8"))["conclusion"])
    print(f"curve and tables are in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
