"""Fingerprints of genomes that were called elsewhere: `python -m scripts.fingerprint_calls VCF SAMPLE… --panel PANEL --output FOLDER`.

Writes `<sample>.fingerprint.npz` of each sample, for scripts/compare_fingerprints.py; with `--store STORE` they also enter the store.
A gVCF tells the reference where nothing differs from it; of a plain VCF only the sites that have a record are known.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow.call_fingerprints import fingerprint_calls
from workflow.errors import InputError
from workflow.fingerprint_store import append
from workflow.fingerprints import Fingerprint, sites_of, write_fingerprint
from workflow.jobs import run_command
from workflow.names import looks_like_cpr
from workflow.site_panel import read_panel

LEAST_SITES = 100
"""Known sites below which a fingerprint tells so little that it is not taken."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(prog="fingerprint_calls", description="Fingerprints out of a VCF or gVCF.")
    parser.add_argument("vcf", type=Path, help="VCF or gVCF, compressed with bgzip, with its index")
    parser.add_argument("samples", nargs="+", help="samples of the VCF")
    parser.add_argument("--panel", type=Path, required=True, help="panel of sites, as <results>/identity/sites.tsv.gz")
    parser.add_argument("--output", type=Path, default=Path("."), help="folder of the fingerprints")
    parser.add_argument("--store", type=Path, help="also enter them here: the folder that `identity.store` names")
    return parser.parse_args(arguments)


def check(one: Fingerprint, file: Path) -> int:
    """Return how many sites of a fingerprint are known.

    Raises:
        InputError: they are too few, or the name must not be kept.
    """
    if looks_like_cpr(one.sample):
        raise InputError("a sample's name looks like a CPR number", file=file, remedy="rename it to a pseudonym with `bcftools reheader`")
    known = int(one.quality.any(-1).sum())
    if known < LEAST_SITES:
        what = f"only {known} of the panel's {len(one.sites)} sites are known of sample {one.sample}"
        raise InputError(what, file=file, remedy="give a gVCF, or the panel of the VCF's assembly")
    return known


def run(options: argparse.Namespace) -> None:
    """Do what the command line asks.

    Raises:
        InputError: VCF, panel, a sample or the store cannot be used.
    """
    sites, _ = sites_of(read_panel(options.panel))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    found = list(fingerprint_calls(options.vcf, options.samples, sites))
    for one in found:
        known = check(one, options.vcf)
        path = options.output / f"{one.sample}.fingerprint.npz"
        write_fingerprint(path, one)
        print(f"{path}: {known} of {len(sites)} sites known")
    if options.store:
        added = append(options.store, [(one, {"when": now, "decision": "release", "from": "calls"}) for one in found])
        print(f"{len(added)} of {len(found)} entered the store")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 2 for an error of the user's making."""
    return run_command(lambda: run(parse(arguments)))


if __name__ == "__main__":
    sys.exit(main())
