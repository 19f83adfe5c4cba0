"""What differs between the provenance of two results trees, and where in the chain each difference enters."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.chain_places import EVERYWHERE, places_of_code, places_of_parameter, places_of_tool
from workflow.results_tree import Tree

NONE = "not configured"
OPTIONS = ("aligner", "caller")
"""Parameters that bring their own tools and rules: those come and go with them and are no causes of their own."""


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
            yield from of_question(case, before.question(case), after.question(case))


def of_question(case: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Give what differs in the question of a case, `{members, terms}` before and now."""
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
    parameters = list(_changed("parameter", old["parameters"], new["parameters"], places_of_parameter))
    yield from parameters
    by_option = any(one.name == f"parameter {option}" for one in parameters for option in OPTIONS)
    tools = [_answered(tree, identity["tools"]) for tree, identity in ((before, old), (after, new))]
    for kind, parts, enters in (("tool", tools, places_of_tool), ("code", [old["code"], new["code"]], places_of_code)):
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
