"""A fingerprint against the centre's store, for people: `python -m scripts.compare_fingerprints FILE --store STORE [--json OUT]`.

Prints the nearest samples with relation, odds and counts of sites. With `--check` alone every record of the store is read and its checksum
checked.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.files import write_json
from workflow.fingerprints import read_fingerprint
from workflow.jobs import run_command
from workflow.store_search import Known, Search, check_store, no_store, search

COLUMNS = ("sample", "person", "relation", "log10 odds", "lead", "sites", "independent", "alike", "opposite", "kinship", "released")


def row_of(known: Known) -> list[str]:
    """Return the cells of one stored sample."""
    pair = known.pair
    kinship = "-" if pair.kinship != pair.kinship else f"{pair.kinship:.3f}"
    facts = (pair.relation, f"{max(pair.odds):.1f}", f"{pair.lead:.1f}", f"{pair.sure}", f"{pair.independent:.0f}")
    counts = (f"{pair.alike}", f"{pair.opposite}", kinship)
    return [pair.name, known.told.get("person") or "-", *facts, *counts, f"{known.told.get('when', '-')} {known.told.get('decision', '')}"]


def table(found: Search, most: int) -> str:
    """Return the nearest samples as an aligned table."""
    ordered = sorted(found.known, key=lambda known: (-max(known.pair.odds), -known.pair.kinship, known.pair.name))
    rows = [list(COLUMNS), *(row_of(known) for known in ordered[:most])]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    left = f"; {found.left_out} with too few common sites" if found.left_out else ""
    return "\n".join([*lines, f"{found.compared} samples compared{left}"])


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(prog="compare_fingerprints", description="A fingerprint against the store.")
    parser.add_argument("fingerprint", type=Path, nargs="?", help="<results>/identity/<sample>.fingerprint.npz")
    parser.add_argument("--store", type=Path, required=True, help="folder that `identity.store` names")
    parser.add_argument("--assembly", default="GRCh38", help="of the store, for --check without a fingerprint")
    parser.add_argument("--most", type=int, default=10, help="rows that are shown")
    parser.add_argument("--json", type=Path, help="also write the whole list there")
    parser.add_argument("--check", action="store_true", help="read every record of the store and check it")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> None:
    """Do what the command line asks.

    Raises:
        InputError: fingerprint or store cannot be used.
    """
    if not (options.store / "fingerprints").is_dir():
        raise no_store(options.store)
    one = read_fingerprint(options.fingerprint) if options.fingerprint else None
    if options.check:
        print(f"{check_store(options.store, one.sites.assembly if one else options.assembly)} records, each as it was written")
    if one is None:
        return
    found = search(options.store, one)
    print(table(found, options.most))
    if options.json:
        known = [known.pair.as_json() | {"told": dict(known.told)} for known in found.known]
        write_json(options.json, {"sample": one.sample, "compared": found.compared, "left_out": found.left_out, "matches": known})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 2 for an error of the user's making."""
    return run_command(lambda: run(parse(arguments)))


if __name__ == "__main__":
    sys.exit(main())
