"""What a run would do now, and what that costs, without running anything.

    python -m scripts.plan_run --configfile WORK/config.yaml [--directory WORK] [--cores N | --partition NAME] [--limit cpu_hours=100]

Writes `<results>/plan/plan.json` and `index.html` and says the most important on the terminal. Exit status: 0, or 3 if the plan is beyond a
limit (of the config's section `plan.limits`, or of `--limit`), 2 for input that a run would refuse.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from workflow.costs.sacct import partition as find_partition
from workflow.errors import InputError
from workflow.files import atomic, write_json
from workflow.planning.gates import WITHIN, given
from workflow.planning.jobs import ask_snakemake
from workflow.planning.page import disk, energy, lasting, render_plan, short
from workflow.planning.plan import FILE, PAGE, make_plan

WITHIN_LIMITS, INPUT_ERROR, BEYOND_LIMITS = 0, 2, 3
MOST = 6


def summary(plan: Mapping[str, Any], folder: Path) -> str:
    """Return a plan in a few lines for the terminal."""
    counts, costs = plan["counts"], plan["forecast"]
    if not costs["jobs"]:
        return f"genvej plan: nothing to do ({counts['samples']['all']:,} samples are done)\n  {folder / PAGE}"
    lines = [
        f"genvej plan: {counts['samples']['affected']:,} of {counts['samples']['all']:,} samples, {counts['cases']['affected']:,} of "
        f"{counts['cases']['all']:,} cases, {costs['jobs']:,} jobs"
    ]
    lines += [f"  differs: {one['name']} ({one['old']} → {one['new']})" for one in plan["changes"][:MOST]]
    lines += [f"  {len(row['names']):>6,} {row['kind']}: {'; '.join(row['whys'][:2])}" for row in plan["why"][:MOST]]
    cpu, wall = costs["cpu_hours"], costs["wall_hours"]["value"]
    interval = f"{lasting(cpu['low'])} to {lasting(cpu['high'])}"
    lines.append(f"  CPU {lasting(cpu['value'])} ({interval}), {lasting(wall)} by the clock on {costs['cores']} cores")
    peak = disk(costs["peak_disk_gb"]["value"])
    lines.append(f"  disk {peak} at the peak, energy {energy(costs['kwh']['value'])}, {_money(costs['cost'])}")
    told = counts["answers"]
    lines.append(
        f"  answers: {told['may_change']} may change, {told['untold']} cannot be told, {told['stay']} stay, {told['first']} first; "
        f"{told['flips']} decisions would be others"
    )
    return "\n".join([*lines, f"  {folder / PAGE}"])


def _money(cost: Mapping[str, Any] | None) -> str:
    return f"cost {short(cost['value'])} {cost['currency']}" if cost else "cost not evaluated (no prices in `costs`)"


def write_plan(plan: Mapping[str, Any], folder: Path) -> None:
    """Write page and data of a plan; a copy by its date is kept, so that later ones do not take its place."""
    name = plan["made"].replace(":", "").replace("+0000", "Z")
    for file in (folder / FILE, folder / "plan" / f"{name}.json"):
        write_json(file, plan)
    with atomic(folder / PAGE) as part:
        part.write_text(render_plan(plan), encoding="utf-8")


def overrides(words: Sequence[str]) -> dict[str, Any]:
    """Return what `--config` adds, values as YAML has them.

    Raises:
        InputError: a word is not of the form KEY=VALUE.
    """
    found = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign:
            raise InputError(f"`--config {word}` is not of the form KEY=VALUE", remedy="write for example `--config caller=freebayes`")
        found[key] = yaml.safe_load(value)
    return found


def plan_run(options: argparse.Namespace) -> dict[str, Any]:
    """Return the plan that the command line asks for, written into the results folder.

    Raises:
        InputError: what a run would refuse, an unknown partition, or a limit that is none.
    """
    if missing := next((file for file in options.configfile if not file.is_file()), None):
        raise InputError("there is no such config file", file=missing, remedy="name the config of a run")
    graph = ask_snakemake(options.configfile, options.directory, overrides(options.config), options.cores)
    settings = graph.settings
    limits = given(options.limit, settings.plan.limits)
    name = options.partition or (settings.plan.partition if options.cores is None else None)
    partition = find_partition(name) if name else None
    plan = make_plan(graph, limits, options.cores or settings.plan.cores, partition)
    folder = options.output or settings.results.absolute()
    write_plan(plan, folder)
    print(summary(plan, folder))
    return plan


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, plan, hold the plan against its limits; return the exit status."""
    parser = argparse.ArgumentParser(prog="plan_run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, nargs="+", required=True, help="config of the run, later files over earlier ones")
    parser.add_argument("--directory", type=Path, default=Path(), help="working directory (default: here)")
    parser.add_argument("--config", nargs="*", default=[], metavar="KEY=VALUE", help="as Snakemake's own")
    parser.add_argument("--cores", type=int, help="cores of the run (default: `plan.cores`, else this machine's)")
    parser.add_argument("--partition", help="SLURM partition of the run (default: `plan.partition`)")
    parser.add_argument("--limit", nargs="*", default=[], metavar="NAME=NUMBER", help="limits, over those of the config")
    parser.add_argument("--output", type=Path, help="folder in place of the results folder, under which plan/ is written")
    options = parser.parse_args(arguments)
    options.configfile = [file.absolute() for file in options.configfile]
    options.output = options.output.absolute() if options.output else None
    try:
        plan = plan_run(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return INPUT_ERROR
    if plan["verdict"] != WITHIN:
        print(f"error: {plan['sentence']}.", file=sys.stderr)
        return BEYOND_LIMITS
    return WITHIN_LIMITS


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
