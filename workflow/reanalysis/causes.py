"""Why a candidate was gained or lost: by code, by knowledge, or by input.

It is measured: where provenance, question or evidence differ, the case is done again with the knowledge in use as well (the control), and
so is one case of each batch where they do not. What moved between the results in use and the control is owed to the workflow or the
question, and the rest to the knowledge. Which of several parts it is, is told by what differs and where it enters the chain
(`workflow/chain_places.py`); where the control moved and nothing is known to differ, it is unexplained.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflow.causes import UNEXPLAINED, in_words
from workflow.chain_places import EVERYWHERE, places_of_code, places_of_parameter, places_of_tool
from workflow.ledger import SHEET
from workflow.reanalysis.difference import CLASS, CLINVAR, FIRST, PANEL, Key, Moved, Row, moved
from workflow.version_differences import Difference, of_question

INTERPRETATION = {"annotation", "ranking", EVERYWHERE}
SAYS = {
    FIRST: {"hpo", "solved_cases", "laboratory", "gnomad", "clinvar"},
    CLASS: {"hpo", "clinvar", "dosage", "gnomad", "solved_cases", "laboratory"},
    CLINVAR: {"clinvar", "gnomad"},
    PANEL: {"panels", "symbols", "gnomad"},
}
"""Sources that a reason can rest on: gnomAD and ClinVar also decide whether a variant is a candidate at all, HPO weighs in PP4."""


class Cause(StrEnum):
    """What a change is owed to."""

    CODE = "code"
    KNOWLEDGE = "knowledge"
    INPUT = "input"
    UNEXPLAINED = UNEXPLAINED


@dataclass(frozen=True)
class Parts:
    """Everything that differs between the results in use and a reanalysis, by what it is."""

    knowledge: tuple[Difference, ...] = ()
    code: tuple[Difference, ...] = ()
    input: tuple[Difference, ...] = ()


def of_knowledge(changed: Mapping[str, tuple[str, str]]) -> tuple[Difference, ...]:
    """Return the sources whose release changed, `{name: (old, new)}`."""
    return tuple(Difference(f"knowledge {name}", old, new, frozenset({f"knowledge {name}"})) for name, (old, new) in changed.items())


def of_code(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what of code, tools and parameters differs and enters interpretation; `before` and `now` as `identify` gives them."""
    if before is None:
        return (Difference("version whose parts were not recorded", "unknown", now["id"], frozenset({EVERYWHERE})),)
    return tuple(_parts(before, now))


def _parts(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for kind, enters in (("parameters", places_of_parameter), ("tools", places_of_tool), ("code", places_of_code)):
        old, new = before[kind], now[kind]
        for name in dict.fromkeys([*old, *new]):
            places = frozenset(enters(name))
            if old.get(name) != new.get(name) and places & INTERPRETATION:
                yield Difference(f"{kind.removesuffix('s')} {name}", str(old.get(name)), str(new.get(name)), places)


def of_input(case: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what of a case's question differs; `{members, terms}` each. Terms that laboratory results stand for are no part of it."""
    asked = {**before, "terms": [one for one in before["terms"] if one.get("kind") != "laboratory"]}
    return tuple(of_question(case, asked, now))


def of_judgements(case: str, interpretation: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]]) -> tuple[Difference, ...]:
    """Return how people's evidence on a case differs from what its interpretation took in; `evidence` are rows of the evidence sheet."""
    old, new = sorted(set(_judgements(interpretation))), sorted({(one["criterion"], one["author"], one["date"]) for one in evidence})
    if old == new:
        return ()
    texts = ["; ".join(" ".join(one) for one in side if one not in other) or "none" for side, other in ((old, new), (new, old))]
    return (Difference(f"input: evidence sheet, case {case}", texts[0], texts[1], frozenset({"ranking"}), case=case),)


def _judgements(interpretation: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    findings = interpretation.get("secondary_findings", {}).get("findings", ())
    for row in (*interpretation["candidates"], *findings):
        for line in row.get("evidence_lines", ()):
            if line["source"] == SHEET:
                yield line["criterion"], line["author"], line["date"]
        yield from ((one["criterion"], one["author"], one["date"]) for one in row.get("vetoes", ()))
    yield from ((one["criterion"], one["author"], one["date"]) for one in interpretation.get("evidence_elsewhere", ()))


@dataclass
class CaseCauses:
    """The causes of the changes of one case.

    Attributes:
        parts: what differs.
        by_control: what moved between the results in use and the control, with the reasons.
    """

    parts: Parts
    by_control: Mapping[tuple[Key, str], frozenset[str]]

    @classmethod
    def of(cls, parts: Parts, old: Sequence[Row], control: Sequence[Row] | None, top: int) -> "CaseCauses":
        """Compare the results in use with the control; None where nothing but knowledge differs and a case beside it showed that."""
        found = moved(old, control, top) if control is not None else ()
        return cls(parts, {(one.key, one.change): frozenset(one.reasons) for one in found})

    def of_change(self, one: Moved) -> tuple[list[str], str]:
        """Return the causes of a change as words of `Cause`, and what they are."""
        already = self.by_control.get((one.key, one.change), frozenset())
        kinds: dict[Cause, list[Difference]] = {}
        for reason in one.reasons:
            for kind, found in self._by_control() if reason in already else self._by_knowledge(reason):
                kinds.setdefault(kind, []).extend(found)
        return [kind.value for kind in kinds], in_words(list(dict.fromkeys(part for parts in kinds.values() for part in parts)))

    def _by_control(self) -> Iterator[tuple[Cause, Sequence[Difference]]]:
        if self.parts.code:
            yield Cause.CODE, self.parts.code
        if self.parts.input:
            yield Cause.INPUT, self.parts.input
        if not (self.parts.code or self.parts.input):
            yield Cause.UNEXPLAINED, ()

    def _by_knowledge(self, reason: str) -> Iterator[tuple[Cause, Sequence[Difference]]]:
        found = self.parts.knowledge
        named = [part for part in found if part.name.removeprefix("knowledge ") in SAYS[reason] or _is_own(part)]
        yield (Cause.KNOWLEDGE, named or found) if found else (Cause.UNEXPLAINED, ())


def _is_own(part: Difference) -> bool:
    """Say whether a source is one that a laboratory declared: what it weighs in is not known here."""
    return part.name.removeprefix("knowledge ") not in set().union(*SAYS.values())


def count(causes: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return how many changes there are by cause, those of several causes under `code and input` and the like."""
    counts: dict[str, int] = {}
    for one in causes:
        name = " and ".join(one)
        counts[name] = counts.get(name, 0) + 1
    return counts
