"""Runs of simulated samples with and without a mistake, judged by the code that judges real ones."""

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scripts.bench.cohort_people import Cohort, Trio, sequenced
from workflow.fingerprint_store import append
from workflow.fingerprints import Bytes, Fingerprint, planes
from workflow.inbreeding import estimate
from workflow.kin_judge import exchanges, judge
from workflow.kin_order import Person, edges_of, expected
from workflow.relations import IDENTITY, RELATIONS, UNEXPECTED, Facts, check_file, power_of, sites_with_reads
from workflow.run_fingerprints import Run
from workflow.store_search import search

TRIOS, SINGLES = 4, 8
"""Families and single probands of one simulated run."""
STORED = 300
KINDS = ("duplicate in the run", "duplicate of a released sample", "children exchanged", "fathers exchanged", "false father",
         "false mother", "second specimen of another person", "released name, another person")  # fmt: skip
Batch = list[tuple[Person, int]]
"""Samples of a run: place in the order, and the row of the cohort that the reads are of."""


@dataclass(frozen=True)
class World:
    """The cohort at the panel, families that do not overlap, people without relatives, and the rows that the store has."""

    cohort: Cohort
    trios: Sequence[Trio]
    singles: Sequence[int]
    stored: Sequence[int]
    store: Path


def make_store(folder: Path, cohort: Cohort, rows: Sequence[int], depth: float, dice: np.random.Generator) -> None:
    """Put people into a store, under names that tell their row."""
    quality = sequenced(cohort.copies[list(rows)], depth, dice)
    facts = {"when": "2026-01-01", "decision": "release"}
    append(folder, [(Fingerprint(f"R{row}", cohort.sites, one), facts) for row, one in zip(rows, quality, strict=True)])


def clean_batch(world: World, dice: np.random.Generator) -> Batch:
    """Return a run in which everybody is who the order says; one person has two specimens, and says so."""
    batch: Batch = []
    for number, at in enumerate(dice.choice(len(world.trios), TRIOS, replace=False).tolist()):
        trio = world.trios[at]
        for role, row in zip(("proband", "mother", "father"), (trio.child, *trio.parents), strict=True):
            batch.append((Person(f"T{number}{role[0]}", f"T{number}", role, "unknown"), row))
    chosen = dice.choice(len(world.singles), SINGLES, replace=False).tolist()
    batch += [(Person(f"S{number}", f"S{number}", "proband", "unknown"), world.singles[at]) for number, at in enumerate(chosen)]
    twice = batch[-1][1]
    return [*batch[:-1], *((Person(f"S9{part}", f"S9{part}", "proband", "unknown", "twice"), twice) for part in "ab")]


def mistaken(kind: str, batch: Batch, world: World, dice: np.random.Generator) -> tuple[Batch, set[str]]:
    """Return the run with one mistake in it, and the samples of which at least one must be held."""
    at = {person.sample: number for number, (person, _) in enumerate(batch)}
    used = {row for _, row in batch}
    stranger = next(row for row in dice.permutation(world.singles).tolist() if row not in used)
    new = list(batch)

    def put(place: str, row: int, name: str = "") -> set[str]:
        new[at[place]] = (replace(batch[at[place]][0], sample=name or place), row)
        return {name or place}

    if kind == "duplicate in the run":
        return new, put("S0", batch[at["S1"]][1])
    if kind == "duplicate of a released sample":
        return new, put("S0", int(dice.choice(list(world.stored))))
    if kind.endswith("exchanged"):
        role = "p" if kind.startswith("children") else "f"
        first, second = batch[at[f"T0{role}"]][1], batch[at[f"T1{role}"]][1]
        return new, put(f"T0{role}", second) | put(f"T1{role}", first)
    if kind.startswith("false"):
        return new, put(f"T0{kind.split()[1][0]}", stranger)
    if kind == "released name, another person":
        return new, put("S0", stranger, f"R{world.stored[0]}")
    return new, put("S9b", stranger)


def run_of(batch: Batch, cohort: Cohort, depth: float, dice: np.random.Generator) -> Run:
    """Return the fingerprints of a run, its samples sequenced to a depth."""
    quality: Bytes = sequenced(cohort.copies[[row for _, row in batch]], depth, dice)
    return Run({person.sample: person for person, _ in batch}, cohort.sites, quality, planes(quality), {})


def checks_of(run: Run, store: Path, only: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """Return the check file of every sample of a run, or of some."""
    edges = expected(run.people)
    found = {}
    for sample in only or run.people:
        me = run.people[sample]
        quality, judged = run.of(sample), [judge(edge, run, edges) for edge in edges_of(sample, edges)]
        stored = search(store, Fingerprint(sample, run.sites, quality), without=set(run.people) - {sample}, person=me.person)
        near = run.pairs(sample, run.nearest(sample))
        swapped, inbred = exchanges(sample, judged, run, edges), estimate(quality, run.sites)
        compared = len(run.people) - 1 + stored.compared
        power, sites = power_of(quality, run.sites), sites_with_reads(quality)
        found[sample] = check_file(Facts(me, run.people, near, judged, swapped, stored, inbred, compared, power, sites))
    return found


def held(check: dict[str, Any]) -> bool:
    """Return whether a check contradicts the order."""
    return any(check["metrics"].get(name, {}).get("value") is False for name in (IDENTITY, RELATIONS))


def tell(check: dict[str, Any]) -> dict[str, int]:
    """Return what one clean check said: alarms, strangers that are none, and what it could not tell."""
    strangers = int(check["metrics"].get(UNEXPECTED, {}).get("value", 0))
    return {
        "alarms": int(held(check)),
        "strangers": strangers,
        "untold": sum(name in check["not_evaluated"] for name in (IDENTITY, RELATIONS)),
    }


def evaluate(
    cohort: Cohort, trios: Sequence[Trio], singles: Sequence[int], depth: float, mistakes: int, clean: int, seed: int
) -> dict[str, Any]:
    """Return counts at one depth: by kind of mistake (made, caught, exchange named), and clean checks (made, alarms)."""
    dice = np.random.default_rng(seed)
    stored, free = list(singles[:STORED]), list(singles[STORED:])
    with tempfile.TemporaryDirectory() as folder:
        world = World(cohort, trios, free, stored, Path(folder))
        make_store(world.store, cohort, stored, 30, dice)
        kinds = {kind: {"made": 0, "caught": 0, "exchange named": 0} for kind in KINDS}
        for number in range(mistakes):
            kind = KINDS[number % len(KINDS)]
            batch, guilty = mistaken(kind, clean_batch(world, dice), world, dice)
            checks = checks_of(run_of(batch, cohort, depth, dice), world.store, guilty)
            kinds[kind]["made"] += 1
            kinds[kind]["caught"] += any(held(checks[sample]) for sample in guilty)
            named = {frozenset(one["samples"]) for check in checks.values() for one in check["findings"] if one["kind"] == "exchange"}
            kinds[kind]["exchange named"] += frozenset(guilty) in named
        totals = {"checks": 0, "alarms": 0, "strangers": 0, "untold": 0}
        while totals["checks"] < clean:
            for check in checks_of(run_of(clean_batch(world, dice), cohort, depth, dice), world.store).values():
                totals = {name: totals[name] + value for name, value in ({"checks": 1} | tell(check)).items()}
    return {"depth": depth, "sites": len(cohort.sites), "mistakes": kinds, "clean": totals}
