"""The panel of a run: the laboratory's or the base panel's sites in the territory, and common variants of the configured frequencies."""

from pathlib import Path
from typing import Any

import numpy as np
import pysam

from workflow.errors import InputError
from workflow.frequency_sites import LEAST_SPACING, outside_of, spacing_of, thinned_sites
from workflow.intervals import Intervals, read_bed
from workflow.panel_places import base_panel
from workflow.site_panel import Panel, in_territory, panel_of, read_panel, write_panel

TOLERATED_MISMATCHES = 0.01
"""Share of sites whose reference base may differ from the FASTA's before the panel counts as one of another assembly."""


def base_of_run(own: str | None, digest: str | None, assembly: str) -> Panel:
    """Return the panel to begin with: the laboratory's own, else the base panel, else one without sites.

    Raises:
        InputError: the base panel is not the one that the run was planned with.
    """
    if own:
        return read_panel(own)
    place = base_panel(assembly)
    panel = read_panel(place) if place else None
    if (panel.digest if panel else None) != digest:
        remedy = "run `make env` again, or name a panel under `identity.sites`"
        raise InputError("the base panel of common variants differs between the machines of this run", remedy=remedy)
    return panel or panel_of([], name="none", assembly=assembly, release="none", source="no panel is on this machine")


def fitting(panel: Panel, fasta: pysam.FastaFile, file: str | Path | None) -> Panel:
    """Return the sites whose reference base is that of the FASTA.

    Raises:
        InputError: too many are not.
    """
    fits = [fasta.fetch(contig, position, position + 1).upper() == ref for contig, position, ref, _, _ in panel.rows()]
    kept = panel.chosen(np.array(fits, bool))
    if len(panel) - len(kept) > max(2, TOLERATED_MISMATCHES * len(panel)):
        what = f"{len(panel) - len(kept)} of the panel's {len(panel)} sites have another base than the reference"
        raise InputError(what, file=file, remedy="give the panel of this assembly")
    return kept


def extended(panel: Panel, vcf: str, release: str, fields: tuple[str, ...], territory: Intervals) -> Panel:
    """Return a panel with common variants of a frequency source, away from the sites that it has, in the order of the territory."""
    taken = list(zip(panel.contigs.tolist(), panel.positions.tolist(), strict=True))
    more = outside_of(thinned_sites(Path(vcf), territory, spacing_of(territory), fields), taken, LEAST_SPACING)
    order = {contig: number for number, contig in enumerate(territory)}
    rows = sorted([*panel.rows(), *more], key=lambda row: (order[row[0]], row[1]))
    name = f"{panel.name}+gnomad" if len(panel) else "gnomad"
    source = f"{panel.source}; {len(more)} sites of gnomad {release}"
    return panel_of(rows, name=name, assembly=panel.assembly, release=f"{panel.release}+{release}", source=source)


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the panel of the run (docs/architecture.md), under the reference's contig names."""
    territory = read_bed(input.territory)
    panel = base_of_run(input.own or None, params.base, params.assembly)
    with pysam.FastaFile(input.fasta) as fasta:
        contigs = dict(zip(fasta.references, fasta.lengths, strict=True))
        chosen = fitting(in_territory(panel, contigs, territory), fasta, input.own or None)
        if input.frequencies:
            chosen = fitting(extended(chosen, input.frequencies, params.release, tuple(params.fields), territory), fasta, input.frequencies)
    write_panel(output[0], chosen)
    print(f"{len(chosen)} of {len(panel)} sites of {panel.name} and what extends it lie in the territory")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
