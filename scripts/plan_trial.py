"""A cohort on which plans are tried: what each scenario changes, and what is looked at before and after."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.make_cohort import write_person, write_sheets
from workflow.digests import ROOT
from workflow.errors import InputError
from workflow.files import read_json
from workflow.ontology import read_ontology

PARTS = ("Snakefile", "rules", "scripts", "envs", "workflow", "resources", "config", "pyproject.toml")
NO_COPY = shutil.ignore_patterns("__pycache__", "reference", "*.pyc")


@dataclass(frozen=True)
class Trial:
    """A cohort in a working directory, and a copy of the project beside it, in which code can be changed."""

    work: Path
    newer_hpo: Path

    @property
    def results(self) -> Path:
        """Return the results folder."""
        return self.work / "results"

    @property
    def project(self) -> Path:
        """Return the copy of the project; it is made when first asked for."""
        copy = self.work.parent / f"{self.work.name}_project"
        if not copy.is_dir():
            for part in PARTS:
                source = ROOT / part
                if source.is_dir():
                    shutil.copytree(source, copy / part, ignore=NO_COPY)
                else:
                    copy.mkdir(exist_ok=True)
                    shutil.copyfile(source, copy / part)
            (copy / "resources" / "reference").symlink_to(ROOT / "resources" / "reference")
        return copy

    def command(self, program: str) -> list[str]:
        """Return the start of a command line of Snakemake's on the cohort."""
        start = [sys.executable, "-m", program, "--snakefile", str(self.project / "Snakefile"), "--directory", str(self.work)]
        return [*start, "--configfile", str(self.work / "config.yaml")]

    def plan(self, cores: int) -> dict[str, Any]:
        """Plan through the command line and return plan.json.

        Raises:
            InputError: it failed.
        """
        command = [sys.executable, "-m", "scripts.plan_run", "--configfile", str(self.work / "config.yaml")]
        done = subprocess.run(
            [*command, "--directory", str(self.work), "--cores", str(cores)], cwd=self.project, capture_output=True, text=True
        )
        if done.returncode:
            raise InputError(f"the plan failed: {done.stderr[-2000:]}")
        return dict(read_json(self.results / "plan" / "plan.json"))

    def change(self, key: str, value: Any) -> None:
        """Set a key of the config, dotted."""
        file = self.work / "config.yaml"
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        *way, last = key.split(".")
        part = content
        for name in way:
            part = part.setdefault(name, {})
        part[last] = value
        file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def answers_of(results: Path) -> dict[str, Any]:
    """Return the answer of each case: its candidates in their order with their classes, and the decision on it."""
    found = {}
    for file in sorted(results.glob("cases/*/candidates.tsv")):
        rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
        at = [rows[0].index(name) for name in ("gene", "chrom", "pos", "ref", "alt", "class")]
        decision = file.with_name("release.json")
        told = read_json(decision)["decision"] if decision.is_file() else ""
        found[file.parent.name] = [told, *([row[number] for number in at] for row in rows[1:])]
    return found


def _nothing(trial: Trial) -> None:
    """Change nothing."""


def _comment(trial: Trial) -> None:
    """Write a comment into a script and a docstring's word into a module that all candidates rest on."""
    for file, old, new in (
        ("scripts/rank_candidates.py", "\n\nimport csv", "\n\n# a comment more\nimport csv"),
        ("workflow/ranking.py", '"""Phenotype, variant', '"""PHENOTYPE, variant'),
    ):
        path = trial.project / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def _new_sample(trial: Trial) -> None:
    """Add a thirteenth person to the sheets."""
    names = [line.split("\t")[0] for line in (trial.work / "samples.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    hpo = Path(yaml.safe_load((trial.work / "config.yaml").read_text(encoding="utf-8"))["knowledge"]["hpo"]["path"])
    added = write_person(trial.work, len(names), 2 * len(names), read_ontology(hpo / "hp.obo"))
    write_sheets(trial.work, [*names, added])


def _limit(trial: Trial) -> None:
    """Lower the limit on depth from 22x to 16x: some are released that were not."""
    trial.change("release.overrides.mean_autosome_coverage", 16)


def _newer_hpo(trial: Trial) -> None:
    """Name a newer HPO release."""
    trial.change("knowledge.hpo", {"path": str(trial.newer_hpo), "release": "2025-01-16"})


def _caller(trial: Trial) -> None:
    """Call with GATK in place of freebayes."""
    trial.change("caller", "gatk")


SCENARIOS: dict[str, Callable[[Trial], None]] = {
    "first run": _nothing,
    "nothing": _nothing,
    "comment": _comment,
    "limit": _limit,
    "hpo": _newer_hpo,
    "sample": _new_sample,
    "caller": _caller,
}
"""In this order on one tree: each begins where the one before ended."""
