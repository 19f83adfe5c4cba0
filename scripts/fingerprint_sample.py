"""The fingerprint of a sample out of the bases counted at the panel's sites."""

from typing import Any

from workflow.fingerprints import Fingerprint, quantised, sites_of, write_fingerprint
from workflow.site_counts import SiteCounts, genotype_likelihoods, read_counts
from workflow.site_panel import Panel, read_panel


def fingerprint_of(counts: SiteCounts, panel: Panel) -> Fingerprint:
    """Return the fingerprint of a sample, its lanes together.

    Raises:
        ValueError: the counts are of another panel.
    """
    if counts.panel != panel.digest:
        raise ValueError(f"the counts of {counts.sample} are of panel {counts.panel}, not of {panel.digest}")
    sites, index = sites_of(panel)
    ref, alt = (array.sum(0, dtype="int64")[index] for array in (counts.ref, counts.alt))
    return Fingerprint(counts.sample, sites, quantised(genotype_likelihoods(ref, alt)))


def main(*, input: Any, output: Any, **_: Any) -> None:
    """Write the fingerprint of one sample."""
    write_fingerprint(output[0], fingerprint_of(read_counts(input.counts), read_panel(input.sites)))


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
