"""The stages that a receipt tells apart: which rules are of which, and which stage reads what another one made.

A stage is of a sample or of a case. Files that are taken away when they were used (`temp()`) stay within a stage, so that a stage can be
done again from the files that the stages above it left.
"""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from workflow.receipts.model import Kind

UPSTREAM: Mapping[str, tuple[str, ...]] = {
    "intake": (),
    "reads": ("intake",),
    "alignment": ("intake",),
    "identity": ("alignment", "coverage"),
    "coverage": ("intake", "reads", "alignment", "identity"),
    "calls": ("alignment", "coverage"),
    "relations": ("identity",),
    "completeness": ("alignment", "coverage", "calls"),
    "decision": ("alignment", "coverage", "calls", "identity", "relations", "completeness", "joint_calls"),
    "joint_calls": ("calls",),
    "annotation": ("joint_calls", "scope"),
    "family": ("annotation", "alignment", "coverage"),
    "interpretation": ("annotation", "family"),
    "scope": (),
    "evidence": ("interpretation", "annotation", "family", "scope"),
    "case_decision": ("decision", "annotation", "joint_calls"),
    "report": ("evidence", "family", "annotation", "case_decision", "decision", "coverage", "alignment"),
    "page": ("report",),
}
"""The stages whose files a stage reads, in the order of the data; `identity` and `coverage` read each other's."""
OF_SAMPLE = ("intake", "reads", "alignment", "identity", "coverage", "calls", "relations", "completeness", "decision")
OF_CASE = ("joint_calls", "scope", "annotation", "family", "interpretation", "evidence", "case_decision", "report", "page")
COHORT = "cohort"
"""The one stage of the cohort as a whole: what is made once of the receipts of all."""
IN_WORDS = {"joint_calls": "joint calls", "case_decision": "decision", "scope": "scope of the question"}

STAGE_OF_FILE: Mapping[str, Mapping[str, str]] = {
    "intake": {"sample": "intake"},
    "reads": {"sample": "reads"},
    "alignment": {"sample": "alignment"},
    "coverage": {"sample": "coverage"},
    "identity": {"sample": "identity"},
    "screening": {"sample": "calls"},
    "gatk": {"sample": "calls", "case": "joint_calls"},
    "freebayes": {"sample": "calls", "case": "joint_calls"},
    "small_variants": {"sample": "calls", "case": "joint_calls"},
    "relations": {"sample": "relations"},
    "annotation": {"case": "annotation"},
    "family": {"case": "family"},
    "interpretation": {"case": "interpretation"},
    "evidence": {"case": "evidence"},
    "completeness": {"sample": "completeness"},
    "release": {"sample": "decision", "case": "case_decision"},
    "report": {"case": "report"},
}
"""By rule file and wildcard."""
WITHOUT_STAGE = frozenset(
    {
        "common",
        "cohort",
        "reference",
        "receipts",
        "release_page",
        "provenance",
        "planning",
        "retention",
        "reanalysis",
        "scoring",
        "validation",
        "depth_curve",
        "object_storage",
        "demo",
    }
)
"""Rule files of which no receipt of a sample or case tells: what serves all, is made of all receipts, or of finished results."""
_OF_RULE = {"bcftools_stats": "joint_calls", "decide_scope": "scope", "render_report": "page", "count_sites": "identity"}
CHECKING = frozenset({"check_sample", "check_case"})
"""Rules that write receipts: they belong to no stage, and are never left out."""


@functools.cache
def stage_of_rule(rule: str, snakefile: str, wildcard: str) -> str:
    """Return the stage of a rule with the wildcard `sample` or `case`; empty for one that is of none.

    Args:
        rule: its name.
        snakefile: the file that it stands in.
        wildcard: `sample` or `case`.
    """
    if rule in CHECKING:
        return ""
    return _OF_RULE.get(rule) or STAGE_OF_FILE.get(Path(snakefile).stem, {}).get(wildcard, "")


def stages_of(kind: Kind) -> tuple[str, ...]:
    """Return the stages of a sample, a case, or the cohort, in the order of the data."""
    return {Kind.SAMPLE: OF_SAMPLE, Kind.CASE: OF_CASE, Kind.COHORT: (COHORT,)}[kind]


def kind_of(stage: str) -> Kind:
    """Return what a stage is of."""
    return Kind.SAMPLE if stage in OF_SAMPLE else Kind.CASE if stage in OF_CASE else Kind.COHORT


@functools.cache
def downstream(stages: frozenset[str]) -> frozenset[str]:
    """Return `stages` and every stage that reads what they make, directly or not."""
    found = set(stages)
    while more := {stage for stage, above in UPSTREAM.items() if found & set(above)} - found:
        found |= more
    return frozenset(found)


def in_words(stages: Iterable[str]) -> str:
    """Return stages as a person reads them, in the order of the data."""
    order = (*UPSTREAM, COHORT)
    return ", ".join(dict.fromkeys(IN_WORDS.get(stage, stage) for stage in sorted(stages, key=order.index)))
