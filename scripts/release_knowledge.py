"""What continuous integration does when a knowledge release lands: plan, limits, reanalysis, impact, and then it waits for a person.

    python -m scripts.release_knowledge --configfile WORK/config.yaml --new release.yaml --directory WORK [--limit cpu_hours=100]

release.yaml names the new sources as the config does, `knowledge: {hpo: {path: …, release: …}}`, perhaps `older_knowledge: [hpo]` where an
older release is meant, and `name` for the reanalysis. Nothing that lies in the results folder is written over: the reanalysis and the
impact on all cases lie beside it, and `<results>/reanalysis/<name>/signoff.json` says that they wait. Exit status: 0 all is within its
limits, 3 the plan (then nothing was run) or the impact (then it waits all the same) is beyond one, 2 input that cannot be used.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from scripts.compare_releases import compare, told
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.impact_limits import WITHIN
from workflow.reanalysis.asked import WORK
from workflow.reanalysis.plan import FOLDER, name_of
from workflow.run_record import now
from workflow.settings import Settings, load_settings
from workflow.signoff import standing

WITHIN_LIMITS, INPUT_ERROR, BEYOND_LIMITS = 0, 2, 3
SIGNOFF = "signoff.json"
KEYS = {"knowledge", "older_knowledge", "name"}


class StopError(Exception):
    """A step ended with a status other than 0, and has said why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read_new(file: Path) -> dict[str, Any]:
    """Return what a knowledge release brings.

    Raises:
        InputError: the file is none that names new sources.
    """
    remedy = "name the new sources as the config does: `knowledge: {hpo: {path: …, release: …}}`"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise InputError("this cannot be read as YAML", file=file, remedy=remedy) from None
    if not isinstance(content, dict) or not content.get("knowledge") or set(content) - KEYS:
        raise InputError("this names no new knowledge, or something else besides", file=file, remedy=remedy)
    return content


def overlays(new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a config gets over it to plan a run with the new knowledge, and to reanalyse open cases with it."""
    older = list(new.get("older_knowledge") or ())
    section = {"knowledge": new["knowledge"], "name": new.get("name"), "allow_older": bool(older)}
    return {"knowledge": new["knowledge"], "older_knowledge": older}, {"reanalysis": section}


def merged(config: Path, over: Mapping[str, Any]) -> Settings:
    """Return the settings of a config with something over it, as Snakemake puts them together."""
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    return load_settings({**content, **over}, str(config))


def run(command: Sequence[str | Path], directory: Path) -> None:
    """Run a command in the project's own Python.

    Raises:
        StopError: it failed.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", *map(str, command)], cwd=directory, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise StopError(done.returncode)


def step(number: int, name: str) -> None:
    """Say which step begins."""
    print(f"\n== {number} {name}", flush=True)


def release_knowledge(options: argparse.Namespace, scratch: Path) -> int:
    """Go through the steps; return the exit status.

    Raises:
        StopError: a step failed and has said why.
        InputError: input that cannot be used.
    """
    for_plan, for_cases = overlays(read_new(options.new))
    files = [scratch / "plan.yaml", scratch / "reanalysis.yaml"]
    for file, content in zip(files, (for_plan, for_cases), strict=True):
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
    settings, work = merged(options.configfile, for_cases), options.directory
    step(1, "plan, held against its limits")
    folder = settings.results / FOLDER / name_of(settings)
    arguments = [
        "--configfile",
        options.configfile,
        files[0],
        "--directory",
        work,
        "--cores",
        str(options.cores),
        "--output",
        work / folder / "planned",
    ]
    run(["scripts.plan_run", *arguments, *(["--limit", *options.limit] if options.limit else [])], work)
    step(2, "reanalysis of open cases")
    start = ["snakemake", "--snakefile", ROOT / "Snakefile", "--directory", work, "--cores", str(options.cores)]
    run(
        [*start, "--configfile", options.configfile, files[1], "--quiet", "rules", *options.more, "--", "reanalysis", "reanalysis_preview"],
        work,
    )
    step(3, "impact on all cases")
    report, summary = compare(work / settings.results, work / folder / "preview", work / settings.impact, None)
    print(told(report, summary))
    step(4, "open for sign-off")
    print(open_for_signoff(work, settings, report, summary))
    return WITHIN_LIMITS if summary["verdict"] == WITHIN else BEYOND_LIMITS


def open_for_signoff(work: Path, settings: Settings, report: Path, summary: Mapping[str, Any]) -> str:
    """Write that the change waits for a person; return it in words, which are also added to a CI's own summary."""
    name = name_of(settings)
    folder = work / settings.results / FOLDER / name
    before, after = summary["from"]["id"], summary["to"]["id"]
    signed = standing(work / settings.impact, before, after).signature
    state = {
        "reanalysis": name,
        "opened": now(),
        "state": signed["verdict"] if signed else "open",
        "from": before,
        "to": after,
        "impact": summary["verdict"],
        "report": str(report.relative_to(work) if report.is_relative_to(work) else report),
        "work_list": f"{settings.results}/{FOLDER}/{name}/index.html",
    }
    write_json(folder / SIGNOFF, state)
    work_list = read_json(folder / WORK)
    told = work_list["totals"]
    lines = [
        f"Reanalysis {name}: {len(work_list['entries'])} candidates to work off, {told['lost']} lost in {told['cases']} cases",
        f"Impact {before} → {after}: {summary['verdict']} limits, {summary['changes']} changes ({state['report']}/report.html)",
        f"State: {state['state']}. Sign: python -m scripts.sign_impact {state['report']} --by NAME --verdict accepted|rejected",
        "Once accepted, put the release under `knowledge` and run the workflow: its pages say who accepted it.",
    ]
    if summary_file := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary_file, "a", encoding="utf-8") as handle:
            handle.write("\n\n".join(["## New knowledge waits for sign-off", *lines]) + "\n")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and go through the steps; return the exit status."""
    parser = argparse.ArgumentParser(prog="release_knowledge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, required=True, help="config of the results in use")
    parser.add_argument("--new", type=Path, required=True, help="YAML that names the new sources")
    parser.add_argument("--directory", type=Path, default=Path(), help="working directory (default: here)")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--limit", nargs="*", default=[], metavar="NAME=NUMBER", help="limits of the plan, over those of the config")
    parser.add_argument("--more", nargs="*", default=[], help="further options of Snakemake, such as a profile")
    options = parser.parse_args(arguments)
    options.configfile, options.new, options.directory = (path.absolute() for path in (options.configfile, options.new, options.directory))
    try:
        if not options.configfile.is_file():
            raise InputError("there is no such config file", file=options.configfile, remedy="name the config of a run")
        with tempfile.TemporaryDirectory(prefix="genvej-knowledge-") as scratch:
            return release_knowledge(options, Path(scratch))
    except StopError as stop:
        return stop.status
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return INPUT_ERROR


if __name__ == "__main__":
    sys.exit(main())
