"""What differs between the provenance of two results trees, and where in the chain each difference enters."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.identity import PYTHON_PACKAGES
from workflow.results_tree import Tree
from workflow.tools import read_pins

EVERYWHERE = "everything"
NONE = "not configured"
OPTIONS = ("aligner", "caller")
"""Parameters that bring their own tools and rules: those come and go with them and are no causes of their own."""
PARAMETER_ENTERS: Mapping[str, tuple[str, ...]] = {
    "aligner": ("alignment",),
    "caller": ("calls",),
    "calling": ("calls",),
    "regions": ("calls", "coverage", "karyotype"),
    "callable.min_depth": ("coverage", "ranking"),
    "callable.min_mapping_quality": ("coverage", "karyotype"),
    "interpretation.gap_genes": ("page",),
    "interpretation": ("ranking",),
    "release.limits": ("decision",),
    "reference": (EVERYWHERE,),
}
"""By key or the start of one, the longest that fits; `release.limits.<metric>` enters at `limit <metric>`."""
TOOL_ENTERS: Mapping[str, tuple[str, ...]] = {
    "alignment": ("alignment",),
    "reads": ("coverage",),
    "coverage": ("coverage", "karyotype"),
    "gatk": ("calls",),
    "freebayes": ("calls",),
    "annotation": ("calls", "annotation"),
}
"""By environment: the annotation environment also joins, filters and normalises calls."""
CODE_ENTERS: Mapping[str, tuple[str, ...]] = {
    "scripts/list_territory.py": ("calls", "coverage", "karyotype"),
    "rules/intake.smk": ("coverage",),
    "scripts/verify_fastq.py": ("coverage",),
    "scripts/merge_fastq_records.py": ("coverage",),
    "scripts/accept_intake.py": (),
    "rules/reads.smk": ("coverage",),
    "rules/alignment.smk": ("alignment",),
    "workflow/alignment.py": ("alignment",),
    "rules/coverage.smk": ("coverage", "karyotype"),
    "scripts/list_callable.py": ("coverage",),
    "scripts/decide_karyotype.py": ("karyotype",),
    "scripts/collect_qc.py": ("coverage",),
    "rules/gatk.smk": ("calls",),
    "rules/freebayes.smk": ("calls",),
    "rules/small_variants.smk": ("calls",),
    "workflow/genome.py": ("calls",),
    "rules/annotation.smk": ("calls", "annotation"),
    "scripts/annotate_variants.py": ("annotation",),
    "resources/refseq_accessions.tsv": ("annotation",),
    "rules/interpretation.smk": ("ranking",),
    "scripts/rank_candidates.py": ("ranking",),
    "rules/release.smk": ("decision",),
    "scripts/decide_release.py": ("decision",),
    "scripts/decide_case.py": ("decision",),
    "rules/report.smk": ("page",),
    "scripts/collect_report.py": ("page",),
    "workflow/report/methods.yaml": ("page",),
    "workflow/schemas/report.schema.yaml": ("page",),
}
"""By file; one that is not named here enters everywhere."""


@dataclass(frozen=True)
class Difference:
    """Something that differs: `name` says what, `enters` where in the chain, `samples` and `case` for whom (empty = all)."""

    name: str
    old: str
    new: str
    enters: frozenset[str]
    samples: frozenset[str] = frozenset()
    case: str = ""

    def concerns(self, case: str, samples: Iterable[str]) -> bool:
        """Say whether it concerns a case or any of some samples."""
        return (not self.case or self.case == case) and (not self.samples or bool(self.samples & set(samples)))

    def in_words(self) -> str:
        """Return it with both values."""
        return f"{self.name} ({self.old} → {self.new})"


def differences(before: Tree, after: Tree) -> list[Difference]:
    """Return everything that differs between two trees and may change a result: inputs, parameters, tools, code, knowledge."""
    return [
        *_of_inputs(before, after),
        *_of_reference(before.run["reference"], after.run["reference"]),
        *_of_versions(before, after),
        *_of_knowledge(before.run, after.run),
    ]


def _of_inputs(before: Tree, after: Tree) -> Iterator[Difference]:
    """Give what was asked otherwise or on other reads."""
    for sample in before.samples:
        if sample in after.samples and before.reads(sample) != after.reads(sample):
            old, new = (_short(tree.reads(sample)) for tree in (before, after))
            yield Difference(f"input: reads of {sample}", old, new, frozenset({"input"}), frozenset({sample}))
    for case in before.cases:
        if case in after.cases:
            yield from _of_question(case, before.question(case), after.question(case))


def _of_question(case: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    terms = [sorted(f"{'not ' * one['excluded']}{one['id']}" for one in question["terms"]) for question in (old, new)]
    if terms[0] != terms[1]:
        gone, come = (sorted(set(one) - set(other)) for one, other in (terms, terms[::-1]))
        yield Difference(f"input: terms of case {case}", _listed(gone), _listed(come), frozenset({"ranking"}), case=case)
    members = [{one["sample"]: one for one in question["members"]} for question in (old, new)]
    if set(members[0]) != set(members[1]):
        texts = [", ".join(sorted(one)) for one in members]
        yield Difference(f"input: members of case {case}", texts[0], texts[1], frozenset({"input", "ranking"}), case=case)
    for name in members[0].keys() & members[1].keys():
        for key in ("role", "sex", "affected"):
            values = [one[name][key] for one in members]
            if values[0] != values[1]:
                enters = {"ranking"} | ({"karyotype"} if key == "sex" else set())
                yield Difference(f"input: {key} of {name}", values[0], values[1], frozenset(enters), frozenset({name}), case)


def _of_reference(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    digests = [one.get("sequence_sha256", "")[:12] for one in (old, new)]
    if all(digests) and digests[0] != digests[1]:
        yield Difference("input: bases of the reference", digests[0], digests[1], frozenset({EVERYWHERE}))


def _of_versions(before: Tree, after: Tree) -> Iterator[Difference]:
    """Give parameters, tools and code that differ; all of the code as one where a tree is older than its parts."""
    old, new = before.identity, after.identity
    if old is None or new is None:
        if before.run["genvej"]["code"] != after.run["genvej"]["code"] or before.run["config"] != after.run["config"]:
            yield Difference("version whose parts were not recorded", before.id, after.id, frozenset({EVERYWHERE}))
        return
    parameters = list(_changed("parameter", old["parameters"], new["parameters"], _parameter_enters))
    yield from parameters
    by_option = any(one.name == f"parameter {option}" for one in parameters for option in OPTIONS)
    tools = [_answered(tree, identity["tools"]) for tree, identity in ((before, old), (after, new))]
    for kind, parts, enters in (("tool", tools, _tool_enters), ("code", [old["code"], new["code"]], _code_enters)):
        found = _changed(kind, parts[0], parts[1], enters)
        yield from (one for one in found if not (by_option and NONE in {one.old, one.new}))


def _answered(tree: Tree, pinned: Mapping[str, str]) -> dict[str, str]:
    """Return the version of each tool in use: the one that answered where it was asked, else the pinned one."""
    return {name: tree.tools.get(name, version) for name, version in pinned.items()}


def _changed(kind: str, old: Mapping[str, Any], new: Mapping[str, Any], enters: Any) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        if name not in old or name not in new or old[name] != new[name]:
            values = [str(part[name]) if part.get(name) is not None else NONE for part in (old, new)]
            yield Difference(f"{kind} {name}", values[0], values[1], frozenset(enters(name)))


def _parameter_enters(name: str) -> Sequence[str]:
    if name.startswith("release.limits."):
        return (f"limit {name.removeprefix('release.limits.').rsplit('.', 1)[0]}",)
    start = max((key for key in PARAMETER_ENTERS if name == key or name.startswith(f"{key}.")), key=len, default="")
    return PARAMETER_ENTERS.get(start, (EVERYWHERE,))


def _tool_enters(name: str) -> set[str]:
    if name == PYTHON_PACKAGES or name not in read_pins():
        return {EVERYWHERE}
    return {place for env in read_pins()[name].envs for place in TOOL_ENTERS.get(env, ())} or {EVERYWHERE}


def _code_enters(name: str) -> Sequence[str]:
    return CODE_ENTERS.get(name, (EVERYWHERE,))


def _of_knowledge(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Give knowledge sources that came, went, or are of another release or content; fields that are taken stand with the parameters."""
    before, after = ({one["name"]: one for one in run["knowledge"]} for run in (old, new))
    for name in dict.fromkeys([*before, *after]):
        texts = [_source(one.get(name)) for one in (before, after)]
        fields = [((run.get("workflow") or {}).get("knowledge", {}).get(name) or {}).get("fields", []) for run in (old, new)]
        came = name in before and name in after
        enters = {f"knowledge {name}"} | (set() if came else {f"status {name}"})
        if texts[0] != texts[1]:
            told = _told_apart(texts)
            yield Difference(f"knowledge {name}", told[0], told[1], frozenset(enters))
        elif fields[0] != fields[1]:
            told = [", ".join(one) or "usual" for one in fields]
            yield Difference(f"knowledge {name}, fields", told[0], told[1], frozenset(enters))


def _source(one: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return release and a short digest of the content of a source."""
    return (one["release"], _short(sorted(file["sha256"] for file in one["files"]))) if one else (NONE, "")


def _told_apart(sources: Sequence[tuple[str, str]]) -> list[str]:
    """Return the releases, with the digests of their contents where the releases are the same."""
    same = sources[0][0] == sources[1][0]
    return [f"{release}, content {digest}" if same else release for release, digest in sources]


def _short(digests: Sequence[str]) -> str:
    """Return 12 digits for many digests."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:12]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
