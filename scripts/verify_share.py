"""What continuous integration does on a schedule: a random share of samples and cases, to the last byte, held against what was signed.

    python -m scripts.verify_share RESULTS [--share 0.01] [--seed N] [--public-key K] [--jobs N]

Signatures, log and manifests of the whole release are checked at each run; of the files, those of the samples and cases that are drawn, in
the live results and in every sealed version, and the receipts of these. The seed is printed: with it the same ones are drawn again. Exit
status: 0 everything is as it was, 1 something is not (each named), 2 there is nothing that can be checked.
"""

import argparse
import math
import os
import random
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.verify_release import WRONG, complain, given_key, summary
from workflow.errors import InputError
from workflow.files import sha256_of
from workflow.plain_files import UnusableError
from workflow.receipts import load
from workflow.receipts.model import FOLDER, Kind, Unit
from workflow.verification import verify_folder

SEEDS = 2**32


def units_of(results: Path) -> list[Unit]:
    """Return the samples and cases that have a receipt, by name."""
    return sorted(Unit(kind, file.stem) for kind in (Kind.SAMPLE, Kind.CASE) for file in (results / FOLDER / f"{kind}s").glob("*.json"))


def drawn(units: Sequence[Unit], share: float, seed: int) -> list[Unit]:
    """Return a random share of the units, at least one, always the same for a seed."""
    number = min(len(units), max(1, math.ceil(len(units) * share)))
    return sorted(random.Random(seed).sample(list(units), number))


def faults_of(results: Path, unit: Unit) -> Iterator[str]:
    """Give what is wrong with a unit's receipt and with the files that it names."""
    try:
        receipt = load(results / unit.file)
    except InputError as error:
        yield str(error)
        return
    for one in receipt.outputs:
        file = results / one.file
        if not file.is_file():
            yield f"{one.file} is gone: the receipt of {unit.kind} {unit.name} names it"
        elif file.stat().st_size != one.size or sha256_of(file) != one.sha256:
            yield f"{one.file} is not as the receipt of {unit.kind} {unit.name} has it"


def is_of(units: Sequence[Unit]) -> frozenset[str]:
    """Return the folders of some units, relative to a results folder or a sealed version."""
    return frozenset(f"{unit.kind}s/{unit.name}/" for unit in units)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, draw, check, say what was found; return the exit status."""
    parser = argparse.ArgumentParser(prog="verify_share", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, metavar="RESULTS", help="results folder")
    parser.add_argument("--share", type=float, default=0.01, help="fraction of samples and cases (default: 0.01)")
    parser.add_argument("--seed", type=int, help="draw the same ones as a run that printed it")
    parser.add_argument("--public-key", metavar="K", help="public key of the centre, not taken from RESULTS")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="files read at once (default: all cores)")
    options = parser.parse_args(arguments)
    if not 0 < options.share <= 1:
        parser.error("--share must be more than 0 and at most 1")
    seed = secrets.randbelow(SEEDS) if options.seed is None else options.seed
    units = units_of(options.results)
    if not units:
        return complain(options.results, "holds no receipt of a sample or case")
    chosen = drawn(units, options.share, seed)
    print(f"seed {seed}: {len(chosen)} of {len(units)} samples and cases: {', '.join(f'{unit.kind} {unit.name}' for unit in chosen)}")
    try:
        key = given_key(options.public_key) if options.public_key is not None else None
        report = verify_folder(options.results, key, options.jobs, only=is_of(chosen))
    except UnusableError as error:
        return complain(options.results, str(error))
    wrong = [fault for unit in chosen for fault in faults_of(options.results, unit)]
    print("\n".join([*map(str, report.faults), *wrong, *summary(report, given=key is not None)]))
    if wrong:
        print(f"{len(wrong)} fault{'' if len(wrong) == 1 else 's'} in the receipts of what was drawn.")
    return WRONG if report.faults or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
