"""Why a unit is not done, in words that name what changed from what to what; equal reasons of many units are told once."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from workflow.receipts.model import Kind, Parts, Reason, State, Unit, Verdict
from workflow.receipts.stages import in_words, stages_of
from workflow.receipts.unit_inputs import INPUT_ENTERS

NAMED = 3  # things of one kind told by name
SHOWN = 12  # lines on the terminal
OF_FILE: Mapping[Kind, Mapping[str, str]] = {
    Kind.SAMPLE: {
        "fastq.json": "intake",
        ".cram": "alignment",
        ".cram.crai": "alignment",
        "callable.bed.gz": "coverage",
        "callable.bed.gz.tbi": "coverage",
        "qc.json": "coverage",
        "identity.json": "identity",
        ".g.vcf.gz": "calls",
        ".g.vcf.gz.tbi": "calls",
        "completeness.json": "completeness",
        "relations.json": "relations",
        "gene_coverage.tsv": "completeness",
        "release.json": "decision",
    },
    Kind.CASE: {
        ".vcf.gz": "annotation",
        ".vcf.gz.tbi": "annotation",
        "candidates.tsv": "evidence",
        ".json": "evidence",
        "release.json": "case_decision",
        "report.html": "page",
        "report.json": "report",
        ".phenopacket.json": "report",
        ".candidates.vcf.gz": "report",
        ".candidates.vcf.gz.tbi": "report",
    },
    Kind.COHORT: {},
}
"""The stage that makes a deliverable, by its name without that of the unit; of one that is not named here, every stage."""
PARTS = ("code", "tools", "parameters", "knowledge")


def gone(kind: Kind, pattern: str) -> Reason:
    """Return the reason of a file that is not there; `pattern` holds `{name}` for the unit's."""
    end = pattern.rsplit("/", 1)[-1].replace("{name}", "")
    return Reason("files", OF_FILE[kind].get(end, ""), f"{pattern.replace('{name}', 'NAME')} is gone", (pattern,))


def upstream(stages: Collection[str]) -> Reason:
    """Return the reason of a unit of which nothing changed but what it is made of."""
    return Reason("upstream", "", f"another member of the case, or the case, is made anew: {in_words(stages)}")


def changed_inputs(kind: Kind, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Reason]:
    """Give a reason for each stage at which an input that differs enters."""
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            own = stages_of(kind)
            for stage in [one for one in INPUT_ENTERS.get(name, own) if one in own]:
                yield Reason("inputs", stage, f"other {name}" if name in before and name in now else f"{name} now given otherwise", (name,))


def changed_parts(before: Parts, now: Parts) -> Iterator[Reason]:
    """Give a reason for each stage and part that differs."""
    for stage, those in now.items():
        for part in PARTS:
            old, new = before.get(stage, {}).get(part, {}), those[part]
            items = tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))
            if items:
                yield Reason(part, stage, _told(part, items, old, new), items)


def _told(part: str, items: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return what differs in words: values that people can read from what to what, digests by name alone."""
    told = [_one(part, name, old.get(name), new.get(name)) for name in items[:NAMED]]
    more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    return ", ".join(told) + more


def _one(part: str, name: str, old: Any, new: Any) -> str:
    if part == "code":
        return f"code of {name}" if old and new else f"{name} is {'new' if new else 'no longer used'}"
    if part == "knowledge":
        return _knowledge(name, old, new)
    if old is None or new is None:
        return f"{name} {'now given' if old is None else 'no longer given'}"
    return f"{name} {old} → {new}"


def _knowledge(name: str, old: str | None, new: str | None) -> str:
    """Return how a source changed; a value is its release and a digest of its content."""
    label = name.upper() if name == "hpo" else name
    releases = [value.rpartition(" ")[0] if value else "none" for value in (old, new)]
    return f"{label} {releases[0]} → {releases[1]}" if releases[0] != releases[1] else f"{label} {releases[0]} has another content"


def lines(verdicts: Mapping[Unit, Verdict]) -> list[str]:
    """Return what is to be done and why, a line a group: `3 cases: HPO 2023-04-05 → 2025-01-16 (interpretation)`."""
    groups: dict[tuple[Kind, str], dict[str, None]] = {}
    names: Counter[tuple[Kind, str]] = Counter()
    for unit, verdict in verdicts.items():
        if unit.kind is Kind.COHORT or verdict.state is State.DONE:
            continue
        for words, stages in _words(verdict.reasons).items():
            groups.setdefault((unit.kind, words), {}).update(stages)
            names[unit.kind, words] += 1
    told = [f"{_count(kind, names[kind, words])}: {words}{_stages(stages)}" for (kind, words), stages in groups.items()]
    return told[:SHOWN] + ([f"and {len(told) - SHOWN} more reasons"] if len(told) > SHOWN else [])


def _words(reasons: Iterable[Reason]) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for reason in reasons:
        found.setdefault(reason.words, {}).update({reason.stage: None} if reason.stage else {})
    return found


def _stages(stages: Mapping[str, None]) -> str:
    return f" ({in_words(stages)})" if stages else ""


def _count(kind: Kind, number: int) -> str:
    return f"{number} {kind}{'' if number == 1 else 's'}"
