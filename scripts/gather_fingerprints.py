"""The fingerprints of all samples side by side; where the panel has few sites in the regions, with the run's own variants."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workflow.call_fingerprints import fingerprint_calls, sites_of_run
from workflow.fingerprints import Bytes, Fingerprint, Sites, at_sites, joined, read_fingerprint
from workflow.kin_order import Person
from workflow.receipts.members import read_members
from workflow.run_fingerprints import write_run

ENOUGH = 300.0
"""Independent sites of the panel from which the run's own variants are not looked at."""


def independent(sites: Sites) -> float:
    """Return how many independent sites there are."""
    return float(sites.clusters.independent.sum()) if len(sites) else 0.0


def with_own(fingerprints: Sequence[Fingerprint], gvcfs: Mapping[str, str], panel: Sites) -> tuple[Sites, Bytes]:
    """Return panel and own variants of the run together, and the likelihoods of every sample at them, (samples, sites, 3)."""
    own = sites_of_run(gvcfs, panel.assembly)
    own = own.chosen(~np.isin(own.keys, panel.keys))
    sites = joined([panel, own], panel.assembly)
    rows = []
    for one in fingerprints:
        called = next(iter(fingerprint_calls(gvcfs[one.sample], [one.sample], own)))
        rows.append(np.maximum(at_sites(one.quality, panel.keys, sites.keys), at_sites(called.quality, own.keys, sites.keys)))
    return sites, np.stack(rows)


def main(*, output: Any, params: Any, **_: Any) -> None:
    """Write the files of the run (workflow/run_fingerprints.py)."""
    people = [Person(**one.person_row()) for one in read_members(params.results)]
    fingerprints = [read_fingerprint(f"{params.results}/identity/{one.sample}.fingerprint.npz") for one in people]
    panel = fingerprints[0].sites
    enough = independent(panel) >= ENOUGH
    gvcfs = {one.sample: f"{params.results}/samples/{one.sample}/{one.sample}.g.vcf.gz" for one in people}
    sites, quality = (panel, np.stack([one.quality for one in fingerprints])) if enough else with_own(fingerprints, gvcfs, panel)
    facts = {
        "assembly": panel.assembly,
        "panel": {"digest": panel.digest, "sites": len(panel), "independent_sites": round(independent(panel), 1)},
        "own_variants": len(sites) - len(panel),
        "sites": len(sites),
        "independent_sites": round(independent(sites), 1),
    }
    write_run(output, people, sites, quality, facts)


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
