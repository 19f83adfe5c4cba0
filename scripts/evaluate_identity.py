"""Are mistakes caught, and families found? `make evaluate-identity COHORT=folder [PEDIGREE=file]`, on the VCFs of a cohort.

Families are found blind among all pairs of people, and held against a pedigree if there is one. Then runs of samples are simulated at
several depths, with mistakes and without, on one half of the families and people. Seeded.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripts.bench.cohort_people import Cohort, Trio, exact, find_trios, read_cohort, without_opposites
from scripts.bench.identity_mistakes import evaluate
from workflow.errors import InputError
from workflow.files import write_json
from workflow.matching import compare

MOST_OPPOSITE = 12
"""Opposite sites of a parent and child, at most, among common variants: mistakes of the genotypes."""
SETTINGS_OF = {"tune": 0, "report": 1}


def families(cohort: Cohort, pedigree: set[tuple[str, str, str]] | None) -> tuple[list[Trio], list[tuple[int, int]], dict[str, Any]]:
    """Return the trios, all pairs that come into question, and what there is to say of them."""
    common = cohort.panel(0.02, 1)
    pairs = without_opposites(common, MOST_OPPOSITE)
    trios = find_trios(common, pairs)
    in_trios = {frozenset((trio.child, parent)) for trio in trios for parent in trio.parents}
    rest = [pair for pair in pairs if frozenset(pair) not in in_trios]
    same = sum(bool((cohort.copies[one] == cohort.copies[other]).mean() > 0.999) for one, other in rest)
    people = len(cohort.names)
    told: dict[str, Any] = {
        "people": people,
        "pairs": people * (people - 1) // 2,
        "sites": len(common.sites),
        f"pairs with at most {MOST_OPPOSITE} opposite sites": len(pairs),
        "of them parent and child in a trio": len(in_trios),
        "of them not in a trio": len(rest),
        "of them alike at 99.9 % of sites": same,
        "trios": len(trios),
        "children": len({trio.child for trio in trios}),
        "least log10 odds of a trio": round(min((trio.odds for trio in trios), default=0.0), 1),
        "trios below the odds that a search of all triples asks for": sum(trio.odds < 2 + math.log10(people**3 / 2) for trio in trios),
    }
    if pedigree is not None:
        found = {(cohort.names[trio.child], *sorted(cohort.names[one] for one in trio.parents)) for trio in trios}
        told |= {
            "pedigree": len(pedigree),
            "found": len(pedigree & found),
            "missed": len(pedigree - found),
            "more": sorted(found - pedigree),
        }
    return trios, pairs, told


def read_pedigree(file: Path, names: Sequence[str]) -> set[tuple[str, str, str]]:
    """Return (child, parents in order) of a table with the columns sample, father and mother after an optional family."""
    known, found = set(names), set()
    for line in file.read_text().splitlines():
        cells = line.replace(",", " ").split()
        for at in (0, 1):
            trio = cells[at : at + 3]
            if len(trio) == 3 and set(trio) <= known and len(set(trio)) == 3:
                found.add((trio[0], *sorted(trio[1:])))
    if not found:
        raise InputError(
            "the pedigree names no trio of the cohort", file=file, remedy="give a PED file, or a table of sample, father, mother"
        )
    return {(child, first, second) for child, first, second in found}


def unrelated(cohort: Cohort, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return the people who stand in no pair that comes into question."""
    related = {one for pair in pairs for one in pair}
    return [row for row in range(len(cohort.names)) if row not in related]


def odds_of_pairs(cohort: Cohort, trios: Sequence[Trio]) -> dict[str, float]:
    """Return quantiles of the log10 odds of parent and child at the panel, for the pairs of the trios."""
    values = []
    for trio in trios:
        quality = exact(cohort.copies[[trio.child, *trio.parents]])
        values += [pair.odds_of("parent and child") for pair in compare(quality[0], quality[1:], ["first", "second"], cohort.sites)]
    return {f"{part:g}": round(float(np.quantile(values, part)), 1) for part in (0, 0.01, 0.5, 1)} if values else {}


def in_words(row: dict[str, Any]) -> list[str]:
    """Return the lines of the table about one depth."""
    lines = [f"{row['depth']:g}x\t{kind}\t{one['made']}\t{one['caught']}\t{one['exchange named']}" for kind, one in row["mistakes"].items()]
    clean = row["clean"]
    said = f"{clean['alarms']} alarms, {clean['strangers']} strangers, {clean['untold']} not told"
    return [*lines, f"{row['depth']:g}x\tno mistake\t{clean['checks']}\t{said}\t"]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(prog="evaluate_identity", description="Identity on the genomes of a cohort.")
    parser.add_argument("cohort", type=Path, help="folder of VCFs of the same people, GRCh38")
    parser.add_argument("--pedigree", type=Path)
    parser.add_argument("--depths", default="30,10,5")
    parser.add_argument("--mistakes", type=int, default=240, help="a depth")
    parser.add_argument("--clean", type=int, default=1000, help="checks of samples without mistake, a depth")
    parser.add_argument("--part", choices=SETTINGS_OF, default="report", help="half of the families and people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=Path("results/evaluation/identity.json"), help="where the numbers go")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 2 for an error of the user's making."""
    options = parse(arguments)
    try:
        cohort = read_cohort(options.cohort)
        pedigree = read_pedigree(options.pedigree, cohort.names) if options.pedigree else None
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    trios, pairs, told = families(cohort, pedigree)
    for name, value in told.items():
        print(f"{name}\t{value}")
    panel, part = cohort.panel(), SETTINGS_OF[options.part]
    told["odds of parent and child at the panel"] = odds_of_pairs(panel, trios)
    half, singles = trios[part::2], unrelated(cohort, pairs)[part::2]
    print(f"\n{len(panel.sites)} sites, {panel.sites.clusters.independent.sum():.0f} independent")
    print("depth\tmistake\tmade\tcaught\texchange named")
    rows = []
    for depth in map(float, options.depths.split(",")):
        rows.append(evaluate(panel, half, singles, depth, options.mistakes, options.clean, options.seed))
        print("\n".join(in_words(rows[-1])), flush=True)
    listed = [[cohort.names[trio.child], *(cohort.names[one] for one in trio.parents), round(trio.odds, 1), trio.against] for trio in trios]
    write_json(options.output, {"part": options.part, "seed": options.seed, "families": told, "trios": listed, "depths": rows})
    return 0


if __name__ == "__main__":
    sys.exit(main())
