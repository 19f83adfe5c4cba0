"""A big list of samples in shards: independent working directories, each with a Snakemake of its own, a bounded number at a time.

    python -m scripts.submit_shards --config WORK/config.yaml --directory WORK [--list LIST.tsv] [--urgent CASE,CASE] [--size 20]
        [--in-flight 4] [--fair 4] [--shards WORK/shards] [--again] [--urgent-options "…"] -- --profile PATH/config/profiles/slurm

What stands after `--` goes to each Snakemake. The same command again goes on where it ended; `shards/summary.tsv` says how all stand.
"""

import argparse
import datetime
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.depth_curve import read_config
from workflow.cluster.shard_folder import write_shard
from workflow.cluster.shard_run import Standing, lock_division, run_shards
from workflow.cluster.shard_summary import line_of, summary_of, write_summary
from workflow.cluster.shards import divide, in_turn, read_division, read_list, whole_list, write_division
from workflow.cohort import Cohort
from workflow.consent.answers import allowed_cohort, told
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.genome import load_genome
from workflow.jobs import run_command
from workflow.samples import load_cohort
from workflow.settings import Settings, load_settings
from workflow.tools import aligner_in_use


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command line's options; `more` is what stands after `--`."""
    own, more = (list(arguments), [])
    if "--" in own:
        more = own[own.index("--") + 1 :]
        own = own[: own.index("--")]
    parser = argparse.ArgumentParser(prog="submit_shards", description="Run a big list of samples in shards.")
    parser.add_argument("--config", required=True, type=Path, help="config of the whole list")
    parser.add_argument("--directory", type=Path, default=Path(), help="folder that paths in it are relative to")
    parser.add_argument("--list", type=Path, help="samples to run: TSV with sample, optional shard and priority (default: all)")
    parser.add_argument("--urgent", default="", help="cases that go first, separated by commas")
    parser.add_argument("--shards", type=Path, default=Path("shards"), help="folder of the working directories")
    parser.add_argument("--size", type=int, default=20, help="routine cases in a shard")
    parser.add_argument("--in-flight", type=int, default=4, help="shards at work at the same time")
    parser.add_argument("--fair", type=int, default=4, help="urgent shards after which a routine one is started")
    parser.add_argument("--urgent-options", default="", help="more options for Snakemake in urgent shards, such as --slurm-qos=urgent")
    parser.add_argument("--again", action="store_true", help="ask Snakemake in shards that are done as well")
    options = parser.parse_args(own)
    options.more = more
    for name in ("size", "in_flight", "fair"):
        if getattr(options, name) < 1:
            raise InputError(f"`--{name.replace('_', '-')}` must be at least 1")
    return options


def prepare(options: argparse.Namespace, settings: Settings, cohort: Cohort) -> list[Standing]:
    """Divide the list, write the working directories and return the shards in the order of starting."""
    urgent = [name.strip() for name in options.urgent.split(",") if name.strip()]
    if options.list and urgent:
        raise InputError("`--urgent` and `--list` both say which cases are urgent", remedy="use the list's column `priority`")
    wanted = read_list(options.list, cohort) if options.list else whole_list(cohort, urgent)
    with lock_division(options.shards):
        shards = divide(wanted, options.size, read_division(options.shards / "shards.json"))
        write_division(options.shards / "shards.json", shards)
        config = read_config(options.config)
        standings = []
        for shard in in_turn(shards, options.fair):
            folder = (options.shards / shard.name).absolute()
            one = Standing(shard, folder, write_shard(shard, folder, config, settings, cohort))
            if not options.again:
                one.recall()
            standings.append(one)
    return standings


def command(one: Standing, options: argparse.Namespace) -> list[str]:
    """Return the command line of a shard's Snakemake."""
    start = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(one.folder)]
    return [
        *start,
        "--configfile",
        str(one.folder / "config.yaml"),
        *options.more,
        *(shlex.split(options.urgent_options) if one.shard.urgent else []),
    ]


def index_reference(first: Standing, options: argparse.Namespace, settings: Settings) -> None:
    """Build the reference's indexes, which all shards share, before any of them starts.

    Raises:
        InputError: that failed.
    """
    genome = load_genome(settings)
    aligner, _ = aligner_in_use(settings.aligner, conda=any("conda" in word for word in options.more))
    files = [genome.dictionary, *genome.aligner_index(aligner), *([genome.str_table] if settings.caller == "gatk" else [])]
    missing = [os.path.abspath(str(file)) for file in files if not Path(str(file)).is_file()]
    if missing:
        print(f"[shards] building {len(missing)} indexes of the reference first", file=sys.stderr, flush=True)
        with open(first.folder / "reference.log", "wb") as log:
            done = subprocess.run([*command(first, options), *missing], stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        if done.returncode:
            raise InputError(f"the indexes of the reference could not be built; see {first.folder / 'reference.log'}")


def main(arguments: Sequence[str]) -> int:
    """Run the shards; return 0 if all are done, 1 if one failed, 128 and the signal if it was stopped."""
    options = parse(arguments)
    options.config, options.list = (path.absolute() if path else None for path in (options.config, options.list))
    os.chdir(options.directory)
    settings = load_settings(read_config(options.config), str(options.config))
    cohort, left_out, consents = allowed_cohort(settings, load_cohort(settings), datetime.date.today())
    for sentence in told(consents, cohort, left_out):
        print(f"genvej: {sentence}", file=sys.stderr)
    begun = time.time()
    standings = prepare(options, settings, cohort)

    def tell(now: Sequence[Standing]) -> None:
        content = summary_of(now, cohort, begun)
        write_summary(options.shards, content)
        print(line_of(content), file=sys.stderr, flush=True)

    waiting = [one for one in standings if one.state == "waiting"]
    if waiting:
        index_reference(waiting[0], options, settings)
    stopped = run_shards(standings, lambda one: command(one, options), options.in_flight, tell)
    tell(standings)
    for one in standings:
        if one.state == "failed":
            print(f"error: shard {one.shard.name} ({', '.join(one.shard.cases)}): {one.reason}", file=sys.stderr)
    return 128 + stopped if stopped else int(any(one.state != "done" for one in standings))


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
