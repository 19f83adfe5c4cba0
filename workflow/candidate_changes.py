"""Candidates, verdicts and decisions in two versions."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workflow.changes import Change, Kind

TOLERANCE = 0.001
"""A score (log10) that moves by no more than this is the same: candidates.tsv holds three decimals, and the last may round otherwise."""
SCORES = ("score", "phenotype_score", "variant_score", "acmg_points", "class")
Row = Mapping[str, str]
Key = tuple[str, str, str, str, str, int]


@dataclass
class CandidateCounts:
    """How many candidates were compared, and in how many cases the first one is another."""

    before: int = 0
    after: int = 0
    cases: int = 0
    other_first: int = 0


def compare_candidates(old: Path, new: Path, case: str, counts: CandidateCounts) -> Iterator[Change]:
    """Give every candidate that entered or left the list of a case, or has another rank, score, points or class there."""
    before, after = read_candidates(old), read_candidates(new)
    first = [next(iter(rows), None) for rows in (before, after)]
    counts.before, counts.after = counts.before + len(before), counts.after + len(after)
    counts.cases, counts.other_first = counts.cases + 1, counts.other_first + (first[0] != first[1])
    for key in dict.fromkeys([*before, *after]):
        yield from _of_candidate(case, key, before.get(key), after.get(key))


def _of_candidate(case: str, key: Key, old: Row | None, new: Row | None) -> Iterator[Change]:
    gene, chrom, pos, ref, alt, _ = key
    blank = Change(Kind.RANK, case, "", chrom, int(pos), ref, alt, gene, "rank", old["rank"] if old else "", new["rank"] if new else "")
    if old is None or new is None:
        yield replace(blank, kind=Kind.LEFT if old else Kind.ENTERED)
        return
    if old["rank"] != new["rank"]:
        yield blank
    for field in SCORES:
        here, there = old.get(field, ""), new.get(field, "")
        if differs(here, there):
            yield replace(blank, kind=Kind.SCORE, field=field, old=here, new=there)


def read_candidates(path: Path) -> dict[Key, Row]:
    """Return the rows of candidates.tsv by gene, variant, and how often both came before; in order of rank."""
    rows: dict[Key, Row] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    with open(path, newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            key = row["gene"], row["chrom"], row["pos"], row["ref"], row["alt"]
            rows[*key, seen[key]] = row
            seen[key] += 1
    return rows


def differs(old: str, new: str) -> bool:
    """Say whether two scores are apart by more than the tolerance; words (`not evaluated`) differ as words."""
    try:
        return abs(float(old) - float(new)) > TOLERANCE * 1.000001
    except ValueError:
        return old != new


def compare_verdicts(old: Mapping[str, Any], new: Mapping[str, Any], case: str, sample: str) -> Iterator[Change]:
    """Give each metric of a sample's release.json whose verdict changed; `old` and `new` tell verdict and value."""
    before, after = ({one["name"]: one for one in content["metrics"]} for content in (old, new))
    for name in dict.fromkeys([*before, *after]):
        here, there = before.get(name), after.get(name)
        if (here and here["verdict"]) != (there and there["verdict"]):
            yield Change(Kind.VERDICT, case, sample, field=name, old=_judged(here), new=_judged(there))


def _judged(metric: Mapping[str, Any] | None) -> str:
    """Return verdict, value and limit of a metric in words."""
    if metric is None:
        return ""
    value = "" if metric["value"] is None else f": {metric['value']} {metric['unit']}".rstrip()
    limit = "" if metric["limit"] is None else f" (limit {metric['limit']})"
    return f"{metric['verdict']}{value}{limit}"


def compare_checks(old: Mapping[str, Any], new: Mapping[str, Any], case: str) -> Iterator[Change]:
    """Give each check of a case's release.json whose verdict changed."""
    before, after = ({one["name"]: one["verdict"] for one in content["checks"]} for content in (old, new))
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change(Kind.VERDICT, case, field=name, old=before.get(name, ""), new=after.get(name, ""))


def compare_decisions(old: Mapping[str, Any], new: Mapping[str, Any], case: str, sample: str = "") -> Iterator[Change]:
    """Give the decision on a sample, or on a case, if it changed."""
    if old["decision"] != new["decision"]:
        yield Change(Kind.DECISION, case, sample, field="decision", old=old["decision"], new=new["decision"])
