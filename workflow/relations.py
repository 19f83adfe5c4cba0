"""The check file of a sample on who it is: everybody of the run and of the store against it, and against the order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from workflow.fingerprints import Bytes, Sites
from workflow.inbreeding import Inbreeding
from workflow.kin_judge import TOLD, Exchange, Judged, alarm, verdict
from workflow.kin_order import PARENT, SAME, SIBLINGS, Person, may_be_related
from workflow.matching import Pair, compare
from workflow.store_search import Known, Search

IDENTITY, RELATIONS, UNEXPECTED, INBREEDING = (
    "identity_matches_order",
    "relations_match_order",
    "unexpected_relations",
    "inbreeding_coefficient",
)
LEAST_FOR = {PARENT: 40.0, SIBLINGS: 300.0}
"""Independent sites below which no unexpected relation of this kind is told; measured: docs/decisions/016-who-is-who.md."""
SHOWN = 20
"""Matches kept in the file, at most."""
FIRST = "first-degree relatives"


@dataclass(frozen=True)
class Facts:
    """All that is known of one sample: its place in the order, everybody near it, what was expected and found."""

    me: Person
    people: Mapping[str, Person]
    near: Mapping[str, Pair]
    judged: Sequence[Judged]
    exchanges: Sequence[Exchange]
    search: Search
    inbreeding: Inbreeding
    compared: int
    power: float
    sites: int


@dataclass
class Findings:
    """What was found: `wrong_person` and `wrong_kin` contradict the order, `strangers` are related to it and not in it."""

    wrong_person: list[str] = field(default_factory=list)
    wrong_kin: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    kinds: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, samples: Sequence[str], words: str, odds: float, where: str) -> None:
        """Keep a finding as the page has it."""
        self.kinds.append({"kind": kind, "samples": list(samples), "words": words, "log10_odds": round(odds, 1), "where": where})


def power_of(quality: Bytes, sites: Sites) -> float:
    """Return the log10 odds that a sample reaches with itself as the same person: the most that these sites can tell."""
    return compare(quality, quality[None], ["itself"], sites)[0].odds_of(SAME)


def check_file(facts: Facts) -> dict[str, Any]:
    """Return relations.json of a sample (docs/architecture.md)."""
    found = findings(facts)
    metrics, missing, details = _identity(facts, found)
    more = _kin(facts, found)
    metrics, missing, details = metrics | more[0], missing | more[1], details | more[2]
    inbred = facts.inbreeding
    if inbred.coefficient is None:
        missing[INBREEDING] = inbred.words
    else:
        metrics[INBREEDING] = {"value": inbred.coefficient, "unit": "fraction"}
        details[INBREEDING] = inbred.words
    return {
        "sample": facts.me.sample,
        "metrics": metrics,
        "not_evaluated": missing,
        "details": details,
        "notes": [*found.strangers, *inbred.notes],
        "compared": {"run": len(facts.people) - 1, "store": facts.search.compared, "store_left_out": facts.search.left_out},
        "sites": facts.sites,
        "most_log10_odds": round(facts.power, 1),
        "expected": [one.as_json(facts.me.sample) for one in facts.judged],
        "findings": found.kinds,
        "matches": matches(facts),
    }


def findings(facts: Facts) -> Findings:
    """Return everything that was found about a sample."""
    found, need, me = Findings(), alarm(facts.compared), facts.me
    expected = {one.edge.other(me.sample) for one in facts.judged}
    for name, pair in facts.near.items():
        if name not in expected:
            _unordered(found, facts, pair, facts.people[name], need, f"sample {name} of case {facts.people[name].case}", "run")
    for known in facts.search.known:
        _stored(found, facts, known, need)
    for one in facts.judged:
        other = facts.people[one.edge.other(me.sample)]
        if one.edge.relation != SAME:
            pair = replace(one.pair, name=other.sample)
            _one_person(found, facts, pair, other, need, f"sample {other.sample}, the {other.role} of case {other.case}", "run")
        _expected(found, facts, one)
    for exchange in facts.exchanges:
        found.add("exchange", [exchange.sample, exchange.other], exchange.in_words(), 0.0, "run")
    return found


def _unordered(found: Findings, facts: Facts, pair: Pair, other: Person, need: float, name: str, where: str) -> None:
    """Look at somebody whom the order does not relate to the sample."""
    if _one_person(found, facts, pair, other, need, name, where) or may_be_related(facts.me, other):
        return
    if kind := unexpected_kin(pair, need):
        words = f"not in the order: {kind} of {name} (log10 odds {max(pair.odds):.1f} at {pair.independent:.0f} independent sites)"
        found.strangers.append(words)
        found.add("relation that is not in the order", [facts.me.sample, pair.name], words, max(pair.odds), where)


def _one_person(found: Findings, facts: Facts, pair: Pair, other: Person, need: float, name: str, where: str) -> bool:
    """Return whether somebody is the same person as the sample; a finding unless the order says so."""
    if pair.odds_of(SAME) < need or pair.relation != SAME:
        return False
    if not facts.me.person or facts.me.person != other.person:
        alike = "" if pair.lead >= need else "; a sibling who is alike at all of them cannot be told from that"
        words = f"the same person as {name} (log10 odds {pair.odds_of(SAME):.1f}, alike at {pair.alike} of {pair.sure} sites{alike})"
        found.wrong_person.append(words)
        found.add("same person under two names", [facts.me.sample, pair.name], words, pair.odds_of(SAME), where)
    return True


def unexpected_kin(pair: Pair, need: float) -> str:
    """Return in words how close somebody is who was not expected to be related; empty if that cannot be said."""
    parent, siblings = (pair.odds_of(name) >= need and pair.independent >= LEAST_FOR[name] for name in (PARENT, SIBLINGS))
    if parent and siblings and abs(pair.odds_of(PARENT) - pair.odds_of(SIBLINGS)) >= need:
        return "parent or child" if pair.odds_of(PARENT) > pair.odds_of(SIBLINGS) else "full sibling"
    if parent:
        return "parent or child" if pair.independent >= LEAST_FOR[SIBLINGS] else "first-degree relative"
    return "full sibling" if siblings and pair.relation == SIBLINGS else ""


def _stored(found: Findings, facts: Facts, known: Known, need: float) -> None:
    """Look at a sample of the store: somebody else, or this sample's or person's own earlier record."""
    me, pair, told = facts.me, known.pair, known.told
    earlier = f"{pair.name}, released {told.get('when', '')[:10]}" if told.get("decision") == "release" else f"{pair.name}, not released"
    own = pair.name == me.sample or (me.person and told.get("person") == me.person)
    if not own:
        other = Person(pair.name, str(told.get("case", "")), str(told.get("role", "")), "", str(told.get("person", "")))
        _unordered(found, facts, pair, other, need, f"sample {earlier}", "store")
        return
    holds = verdict(pair, SAME)
    if holds is False and told.get("decision") == "release":
        named = "name" if pair.name == me.sample else "person"
        words = f"another person than {earlier}, under the same {named} (log10 odds {pair.odds_of(SAME):.1f})"
        found.wrong_person.append(words)
        found.add("expected same person who is not", [me.sample, pair.name], words, pair.odds_of(SAME), "store")
    elif holds:
        found.told.append(f"{SAME} as {earlier}")


def _expected(found: Findings, facts: Facts, one: Judged) -> None:
    """Sort an expected relation in."""
    words = one.in_words(facts.me.sample)
    if one.holds is False:
        exchange = "; ".join(each.in_words() for each in facts.exchanges)
        (found.wrong_person if one.edge.relation == SAME else found.wrong_kin).append(f"{words}; {exchange}" if exchange else words)
        kind = "expected same person who is not" if one.edge.relation == SAME else "relation of the order that is not there"
        found.add(kind, [one.edge.first, one.edge.second], words, one.pair.odds_of(one.edge.relation), "run")
    else:
        (found.told if one.holds else found.untold).append(words)


Parts = tuple[dict[str, dict[str, Any]], dict[str, str], dict[str, str]]


def _identity(facts: Facts, found: Findings) -> Parts:
    """Return metric, reason for none and detail about the person."""
    need = alarm(facts.compared)
    if found.wrong_person:
        return {IDENTITY: {"value": False, "unit": ""}}, {}, {IDENTITY: _first_few(found.wrong_person)}
    if not facts.compared:
        return {}, {IDENTITY: "there is nobody to compare with: the only sample of the run, and nobody else in the store"}, {}
    if facts.power < need:
        reach = f"the {facts.sites} sites with reads give a person log10 odds of {facts.power:.1f} with itself"
        return {}, {IDENTITY: f"{reach}; {need:.1f} are needed among {facts.compared} others"}, {}
    words = [f"nobody else among {facts.compared} others is the same person", *(each for each in found.told if each.startswith(SAME))]
    return {IDENTITY: {"value": True, "unit": ""}}, {}, {IDENTITY: "; ".join(words)}


def _first_few(words: Sequence[str]) -> str:
    """Return findings for a sentence of the decision: the first two in words, the others as a number; relations.json has all."""
    more = f"; and {len(words) - 2} more, in relations.json" if len(words) > 2 else ""
    return "; ".join(words[:2]) + more


def _kin(facts: Facts, found: Findings) -> Parts:
    """Return metrics, reasons for none and details about relatives."""
    kin = [one for one in facts.judged if one.edge.relation != SAME]
    metrics: dict[str, dict[str, Any]] = {}
    missing, details = {}, {}
    untold = "; ".join(each for each in found.untold)
    if found.wrong_kin:
        metrics[RELATIONS], details[RELATIONS] = {"value": False, "unit": ""}, "; ".join(found.wrong_kin)
    elif any(one.holds is None for one in kin):
        missing[RELATIONS] = untold
    else:
        words = "; ".join(one.in_words(facts.me.sample) for one in kin) or "the order names no relative who was sequenced"
        metrics[RELATIONS], details[RELATIONS] = {"value": True, "unit": ""}, words
    most = max((pair.independent for pair in (*facts.near.values(), *(known.pair for known in facts.search.known))), default=0.0)
    if most >= LEAST_FOR[PARENT] or found.strangers:
        metrics[UNEXPECTED] = {"value": len(found.strangers), "unit": ""}
        details[UNEXPECTED] = "; ".join(found.strangers) or f"no {FIRST} among {facts.compared} others beside those of the case"
    else:
        missing[UNEXPECTED] = (
            f"at most {most:.0f} independent sites with anybody; {LEAST_FOR[PARENT]:.0f} are needed"
            if facts.compared
            else "nobody to compare with"
        )
    return metrics, missing, details


def matches(facts: Facts) -> list[dict[str, Any]]:
    """Return who is near in run and store, best first: all that are expected, and others who may be close; nobody else is named."""
    expected = {one.edge.other(facts.me.sample): one.edge.relation for one in facts.judged}
    rows = [
        pair.as_json() | {"where": "run", "case": facts.people[name].case, "expected": expected.get(name, "")}
        for name, pair in facts.near.items()
        if name in expected or _close(pair)
    ]
    rows += [
        known.pair.as_json() | {"where": "store", "case": "", "expected": "", "told": dict(known.told)}
        for known in facts.search.known
        if _close(known.pair)
    ]
    rows.sort(key=lambda row: (not row["expected"], -max(row["log10_odds"].values()), row["sample"]))
    return rows[: max(SHOWN, len(expected))]


def _close(pair: Pair) -> bool:
    return max(pair.odds_of(name) for name in (SAME, PARENT, SIBLINGS)) >= TOLD


def sites_with_reads(quality: Bytes) -> int:
    """Return at how many sites a sample has reads."""
    return int(np.asarray(quality.any(-1)).sum())
