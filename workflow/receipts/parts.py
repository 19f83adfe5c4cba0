"""What each stage of a sample, a case or the cohort is made by: code, tools, parameters and knowledge, no more than the stage reads.

The values are those of the workflow's identity (`workflow/identity.py`), narrowed: a new release of HPO is no matter of an alignment.
What is not named in the tables here enters every stage: too much is done again, never too little.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.config_sections import Knowledge
from workflow.digests import ROOT, digest_of
from workflow.files import short_digest
from workflow.knowledge_base.pinned import known_base
from workflow.metric_names import FILE as METRIC_NAMES
from workflow.panel_places import base_panel_digest
from workflow.receipts.model import Kind, Parts
from workflow.receipts.plain_digest import digest_of_each
from workflow.receipts.rule_code import RuleCode, rules_by_stage
from workflow.receipts.stages import COHORT, OF_CASE, OF_SAMPLE, stages_of
from workflow.release_page import PAGE_FILES
from workflow.run_record import digest_of_config, files_of_source, version
from workflow.settings import Settings
from workflow.tools import read_pins, tools_for

EVERY = (*OF_SAMPLE, *OF_CASE)
PARAMETER_ENTERS: Mapping[str, tuple[str, ...]] = {
    "aligner": ("alignment",),
    "caller": ("calls", "joint_calls", "report"),
    "calling": ("calls", "joint_calls"),
    "regions": ("identity", "coverage", "calls", "joint_calls", "completeness", "report"),
    "callable.min_depth": ("coverage", "family", "interpretation", "evidence", "report"),
    "callable.min_mapping_quality": ("coverage", "completeness", "family", "report"),
    "interpretation.max_frequency": ("family", "interpretation", "evidence"),
    "interpretation.max_candidates": ("interpretation",),
    "interpretation.gap_genes": ("report",),
    "interpretation.secondary_findings": ("annotation", "scope", "evidence"),
    "identity.sites": ("identity",),
    "release.limits": ("decision",),
    "reference": EVERY,
}
"""By key of the config or the start of one, the longest that fits."""
KNOWLEDGE_ENTERS: Mapping[str, tuple[str, ...]] = {
    "hpo": ("annotation", "interpretation", "scope"),
    "laboratory": ("annotation", "interpretation", "scope"),
    "solved_cases": ("annotation", "interpretation", "scope"),
    "gene_models": ("annotation", "completeness", "evidence", "report"),
    "clinvar": ("annotation", "evidence", "report"),
    "gnomad": ("annotation", "identity"),
    "inhouse": ("annotation", "interpretation", "evidence"),
    "dosage": ("annotation", "evidence"),
    "panels": ("annotation", "completeness", "evidence"),
    "symbols": ("annotation", "scope", "evidence"),
}
"""By source; `annotation` throughout, since the header of the annotated calls names each with its release. Declared ones: annotation."""
WHOLE, BLOCK, BLOCKS = 64 * 2**20, 64 * 2**10, 64
"""Bytes up to which a source is read whole, else BLOCKS pieces of BLOCK bytes, evenly over the file, and its size."""


@dataclass(frozen=True)
class Facts:
    """What parts are made of, as the Snakefile knows it.

    Attributes:
        settings: the config.
        identity: of the workflow (`workflow/identity.py`).
        aligner: in use.
        change: what change.json will say; pages show it.
        cohort: values that steps of the whole cohort take, by name.
    """

    settings: Settings
    identity: Mapping[str, Any]
    aligner: str
    change: Mapping[str, Any]
    cohort: Mapping[str, Any]


def released_facts(
    page: Mapping[str, Any], key: str, config: Mapping[str, Any], members: str, identity: Mapping[str, Any], change: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values that steps over the whole cohort take, by name; the order of rows in a sheet makes none of them another."""
    cases = digest_of_each([name, sorted(page["cases"][name])] for name in sorted(page["cases"]))
    samples = digest_of_each([name, page["samples"][name]] for name in sorted(page["samples"]))
    return {
        "page": {**page, "cases": cases, "samples": samples},
        "key": key,
        "config": digest_of_config(config),
        "members": members,
        "workflow": identity["id"],
        "change": dict(change),
        "templates": digest_of(*PAGE_FILES),
    }


class PartsInUse:
    """The parts that hold now, of samples by limit set, of cases, of the cohort; each is worked out once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: dict[tuple[Kind, str], Parts] = {}

    def of(self, kind: Kind, limits: str = "default") -> Parts:
        """Return the parts of a unit; `limits` is the key of a sample's limit set."""
        key = kind, limits if kind is Kind.SAMPLE else ""
        if key not in self._known:
            self._known[key] = {stage: self._of_stage(stage, key[1]) for stage in stages_of(kind)}
        return self._known[key]

    def rules(self, stage: str) -> tuple[RuleCode, ...]:
        """Return the rules of a stage."""
        return rules_by_stage(self.facts.settings.caller).get(stage, ())

    def source(self, name: str) -> str:
        """Return release and digest of a knowledge source, empty where it is not configured."""
        return str(self._sources().get(name, ""))

    def tools_of(self, rule: RuleCode) -> dict[str, str]:
        """Return the pinned versions of the tools and packages that a rule uses."""
        return _tools([rule], self.facts.aligner, self.facts.settings.caller)

    def _of_stage(self, stage: str, limits: str) -> dict[str, dict[str, Any]]:
        if stage == COHORT:
            return self._of_cohort()
        rules = self.rules(stage)
        parameters = {name: value for name, value in self.facts.identity["parameters"].items() if stage in _stages_of_parameter(name)}
        parameters = {_plain_name(name): value for name, value in parameters.items() if _is_of(name, limits)}
        if stage == "report":
            parameters |= {"version of Genvej": version(), "labels of metrics": digest_of_content(METRIC_NAMES)}
            parameters |= {"knowledge base": known_base(self.facts.settings)[1:]} if self.facts.settings.knowledge_base else {}
        if stage == "identity" and not self.facts.settings.identity.sites:
            parameters["base panel"] = base_panel_digest(self.facts.settings.reference.name)
        if stage == "page":
            parameters |= {"report.language": self.facts.settings.language, "state of the change of version": _digest(self.facts.change)}
        knowledge = {name: value for name, value in self._sources().items() if stage in KNOWLEDGE_ENTERS.get(name, ("annotation",))}
        return {
            "code": {item: digest for rule in rules for item, digest in rule.items.items()},
            "tools": _tools(rules, self.facts.aligner, self.facts.settings.caller),
            "parameters": parameters,
            "knowledge": knowledge,
        }

    def _of_cohort(self) -> dict[str, dict[str, Any]]:
        values = {name: _digest(value) for name, value in self.facts.cohort.items()}
        code = {item: digest for rule in self.rules(COHORT) for item, digest in rule.items.items()}
        return {"code": code, "tools": {}, "parameters": values, "knowledge": dict(self._sources())}

    @functools.cache  # noqa: B019 - one object a process
    def _sources(self) -> dict[str, Any]:
        """Return {source: release and digest of its content}."""
        return {name: f"{one.release} {_content(one)}" for name, one in self.facts.settings.knowledge.items()}


def _stages_of_parameter(name: str) -> tuple[str, ...]:
    """Return the stages at which a key of the identity's parameters enters."""
    start = max(
        (key for key in PARAMETER_ENTERS if name == key or name.startswith(f"{key}.") or name.startswith(f"{key} ")), key=len, default=""
    )
    return PARAMETER_ENTERS.get(start, EVERY)


def _is_of(name: str, limits: str) -> bool:
    """Say whether a parameter counts for a sample of a limit set: of the limits, only those of its own."""
    if not name.startswith("release.limits"):
        return True
    return (name.partition(" of ")[2] or "default") == limits


def _plain_name(name: str) -> str:
    return name.partition(" of ")[0]


def _tools(rules: Iterable[RuleCode], aligner: str, caller: str) -> dict[str, str]:
    """Return the pinned versions of the tools and packages that some rules use."""
    envs = {env for rule in rules for env in rule.envs}
    packages = {package for rule in rules for package in rule.packages}
    found = {name: read_pins()[name].version for name in tools_for(aligner=aligner, caller=caller) if envs & set(read_pins()[name].envs)}
    return found | {name: locked[name] for locked in [_locked()] for name in sorted(packages) if name in locked}


@functools.cache
def _locked() -> dict[str, str]:
    """Return the version of each package in envs/python.lock."""
    lines = (ROOT / "envs" / "python.lock").read_text(encoding="utf-8").splitlines()
    pinned = (line.split(" ")[0].split("==") for line in lines if "==" in line and not line.startswith((" ", "#")))
    return {name.lower(): number for name, number in pinned}


def _content(source: Knowledge) -> str:
    """Return a digest of a source's fields and files: their names apart, whole or, of large files, in samples."""
    digest = hashlib.sha256(json.dumps([source.kind, list(source.fields)]).encode())
    for file in files_of_source(source.path):
        digest.update(digest_of_content(Path(file)).encode())
    return digest.hexdigest()[:16]


def digest_of_content(file: Path) -> str:
    """Return a digest (16 hexadecimal digits) of a file: all of it up to WHOLE bytes, of larger ones their size and BLOCKS pieces.

    So a new release under an old name is seen whatever its date; a change of a few bytes within a large file may not be.
    """
    size = file.stat().st_size
    with open(file, "rb") as handle:
        if size <= WHOLE:
            return hashlib.file_digest(handle, "sha256").hexdigest()[:16]
        digest = hashlib.sha256(str(size).encode())
        for number in range(BLOCKS):
            handle.seek((size - BLOCK) * number // (BLOCKS - 1))
            digest.update(handle.read(BLOCK))
    return digest.hexdigest()[:16]


def _digest(value: Any) -> str:
    return short_digest(json.dumps(value, sort_keys=True, default=str))
