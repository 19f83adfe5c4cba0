"""Plans held against what then really runs, on a cohort of twelve people: is the affected set right, and the forecast?

    python -m scripts.evaluate_plan --directory WORK [--cores N] [--only hpo,caller] [--output benchmarks/plan.tsv]

WORK holds the cohort of `make cohort-demo`. Each scenario changes one thing, plans, runs, and compares: jobs planned and run (the very
same, by rule and wildcards), CPU and wall of the whole command, disk at its peak, answers that were said to change and those that did.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.costs import folder_bytes, measured
from scripts.plan_trial import SCENARIOS, Trial, answers_of
from workflow.costs.history import key_of, read_history
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import atomic

COLUMNS = (
    "scenario", "samples", "cases", "planned", "ran", "same_jobs", "cpu_s", "cpu_low", "cpu_high", "cpu_s_ran", "cpu_ratio", "wall_s",
    "wall_s_ran", "peak_mb", "peak_mb_ran", "may_change", "changed", "missed",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a scenario did: jobs by rule and wildcards, whole CPU and wall of the command, MB at the peak beside what was there."""

    jobs: frozenset[Any]
    cpu_s: float
    wall_s: float
    peak_mb: float


def run(trial: Trial, cores: int) -> Outcome:
    """Run the workflow on the cohort as it now stands, measured by the kernel."""
    began = read_history([trial.results]).jobs
    before = folder_bytes(trial.work)
    done = measured([*trial.command("snakemake"), "--cores", str(cores), "--quiet", "all"], trial.work)
    ran = read_history([trial.results]).jobs[len(began) :]
    return Outcome(frozenset(job.key for job in ran if job.ok), done.cpu_s, done.wall_s, done.peak_disk_mb - before / 1e6)


def row(name: str, plan: dict[str, Any], outcome: Outcome, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return one line of the table; `missed` are cases whose answer changed although the plan said that it stays."""
    planned = frozenset(key_of(rule, wildcards) for rule, wildcards in plan["jobs"])
    costs, counts = plan["forecast"], plan["counts"]
    cpu = {end: costs["cpu_hours"][end] * 3600 for end in ("value", "low", "high")}
    told = {one["case"] for one in plan["answers"] if one["state"] in {"may change", "cannot be told"} or one["flips"]}
    changed = {case for case, answer in after.items() if case in before and before[case] != answer}
    return {
        "scenario": name, "samples": counts["samples"]["affected"], "cases": counts["cases"]["affected"], "planned": len(planned),
        "ran": len(outcome.jobs), "same_jobs": "yes" if planned == outcome.jobs else "no", "cpu_s": f"{cpu['value']:.1f}",
        "cpu_low": f"{cpu['low']:.1f}", "cpu_high": f"{cpu['high']:.1f}", "cpu_s_ran": f"{outcome.cpu_s:.1f}",
        "cpu_ratio": f"{cpu['value'] / outcome.cpu_s:.2f}" if planned else "", "wall_s": f"{costs['wall_hours']['value'] * 3600:.1f}",
        "wall_s_ran": f"{outcome.wall_s:.1f}",
        "peak_mb": f"{costs['peak_disk_gb']['value'] * 1000:.1f}", "peak_mb_ran": f"{outcome.peak_mb:.1f}",
        "may_change": len(told), "changed": len(changed), "missed": ",".join(sorted(changed - told)),
    }  # fmt: skip


def evaluate(trial: Trial, names: Sequence[str], cores: int, table: Path) -> list[dict[str, Any]]:
    """Go through scenarios one after the other on one tree; each leaves its row, and what a plan and a run differ in is printed."""
    rows = []
    for name in names:
        SCENARIOS[name](trial)
        before = answers_of(trial.results)
        plan = trial.plan(cores)
        outcome = run(trial, cores)
        rows.append(row(name, plan, outcome, before, answers_of(trial.results)))
        planned = frozenset(key_of(rule, wildcards) for rule, wildcards in plan["jobs"])
        for text, keys in (("planned, not run", planned - outcome.jobs), ("run, not planned", outcome.jobs - planned)):
            print(*(f"  {text}: {rule} {dict(wildcards)}" for rule, wildcards in sorted(keys)), sep="\n", end="\n" if keys else "")
        print("\t".join(str(rows[-1][column]) for column in COLUMNS), flush=True)
        write_rows(table, rows)
    return rows


def write_rows(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the table; rows of scenarios that were not done this time are kept."""
    kept: dict[str, dict[str, Any]] = {}
    if file.is_file():
        with open(file, encoding="utf-8", newline="") as handle:
            kept = {one["scenario"]: one for one in csv.DictReader(handle, delimiter="\t")}
    kept |= {one["scenario"]: one for one in rows}
    with atomic(file) as part, open(part, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, delimiter="\t", lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(kept[name] for name in SCENARIOS if name in kept)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, evaluate, write the table; status 1 if a set of jobs differs or a changed answer was missed."""
    parser = argparse.ArgumentParser(prog="evaluate_plan", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--only", help=f"some of {', '.join(SCENARIOS)}")
    parser.add_argument("--newer-hpo", type=Path, default=ROOT / "resources/reference/demo/hpo", help="folder of the newer HPO release")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "plan.tsv")
    options = parser.parse_args(arguments)
    names = [name for name in SCENARIOS if not options.only or name in options.only.split(",")]
    try:
        rows = evaluate(Trial(options.directory.absolute(), options.newer_hpo.absolute()), names, options.cores, options.output)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return int(any(one["same_jobs"] == "no" or one["missed"] for one in rows))


if __name__ == "__main__":
    sys.exit(main())
