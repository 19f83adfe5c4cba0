"""For every sample that may be contaminated: which other sample of the run is the likely source, or that none fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pysam
from numpy.typing import NDArray

from workflow.contaminant import Suspect, copies_of, likely_source, margin
from workflow.contamination import LEAST_DEPTH, Places
from workflow.files import read_json, write_json
from workflow.own_sites import HOMOZYGOUS
from workflow.receipts.members import read_members
from workflow.reference import AUTOSOMES, plain_name
from workflow.site_counts import ERROR, SiteCounts, count_at, read_counts
from workflow.site_panel import Panel, Row, read_panel

SMALL_RUN = 24
"""Samples of a run up to which also those are compared with all others whose contamination could not be judged by themselves."""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Run:
    """The samples of a run: CRAM and counts by name, the panel, the reference."""

    crams: Mapping[str, str]
    counts: Mapping[str, SiteCounts]
    panel: Panel
    fasta: str

    def bases(self, sample: str, rows: list[Row]) -> Ints:
        """Return the bases of a sample, shape (2, sites), reference and alternative: autosomal sites of the panel, then `rows`, sorted."""
        counts, kept = self.counts[sample], on_autosomes(self.panel)
        at_panel = np.stack([counts.ref[:, kept].sum(0, dtype=np.int64), counts.alt[:, kept].sum(0, dtype=np.int64)])
        own = count_at(self.crams[sample], self.fasta, rows)[1].sum(0, dtype=np.int64)
        return np.concatenate([at_panel, own[:2]], axis=1)

    def own_rows(self, *samples: str) -> list[Row]:
        """Return the sites of some samples' own that are not the panel's, in the order of the genome."""
        with pysam.FastaFile(self.fasta) as handle:
            order = {contig: number for number, contig in enumerate(handle.references)}
        taken = {(row[0], row[1]) for row in self.panel.rows()}
        places = {(row[0], row[1]): row for sample in samples for row in own_rows(self.counts[sample])}
        return sorted((row for key, row in places.items() if key not in taken), key=lambda row: (order[row[0]], row[1]))


def on_autosomes(panel: Panel) -> NDArray[np.bool_]:
    """Return which sites of a panel lie on autosomes."""
    return np.array([plain_name(contig) in AUTOSOMES for contig in panel.contigs.tolist()], bool)


def own_rows(counts: SiteCounts) -> list[Row]:
    """Return the sites of a sample's own; their frequency is not known."""
    names = ("own_contigs", "own_positions", "own_refs", "own_alts")
    columns = zip(*(counts.more[name].tolist() for name in names), strict=True)
    return [(contig, position, ref.decode(), alt.decode(), float("nan")) for contig, position, ref, alt in columns]


def compared(host: Ints, other: Ints, frequencies: NDArray[np.float64], error: float) -> tuple[float, float, int]:
    """Return log10 of the margin of another sample as the source, its share, and the sites: homozygous in the host, read in both."""
    total, minor = host.sum(0), host.min(0)
    minor_is_ref = host[0] < host[1]
    fit = (total >= LEAST_DEPTH) & (minor < (1 - HOMOZYGOUS) * total) & (other.sum(0) >= LEAST_DEPTH)
    if not fit.any():
        return 0.0, 0.0, 0
    frequency = np.clip(np.where(minor_is_ref, 1 - frequencies, frequencies), 0.001, 0.999)
    places = Places(minor[fit], total[fit], frequency[fit])
    return *margin(places, copies_of(other[0][fit], other[1][fit], minor_is_ref[fit]), error), int(fit.sum())


def suspects_of(sample: str, run: Run, error: float) -> list[Suspect]:
    """Return every other sample as a suspect: at the panel, and at the sites of both samples' own, counted in both."""
    found = []
    for other in run.counts:
        if other != sample:
            rows = run.own_rows(sample, other)
            frequencies = np.concatenate([run.panel.frequencies[on_autosomes(run.panel)].astype(float), np.full(len(rows), np.nan)])
            found.append(Suspect(other, *compared(run.bases(sample, rows), run.bases(other, rows), frequencies, error)))
    return sorted(found, key=lambda one: -one.log10_margin)


def named(sample: str, facts: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Return what is known of the source of one sample's contamination."""
    suspects = suspects_of(sample, run, facts.get("error_rate", ERROR))
    source, words = likely_source(suspects)
    rows = [
        {"sample": one.sample, "log10_margin": round(one.log10_margin, 2), "share": round(one.share, 4), "sites": one.sites}
        for one in suspects
    ]
    return {"share": facts.get("share"), "detected": facts.get("detected", False), "source": source, "finding": words, "suspects": rows}


def is_asked(identity: Mapping[str, Any], samples: int) -> bool:
    """Return whether a sample's source is looked for: contamination is there or not excluded, or could not be judged in a small run."""
    suspicious = bool((identity["contamination"] or {}).get("suspicious"))
    return suspicious or (samples <= SMALL_RUN and "cross_contamination_rate" in identity["not_evaluated"])


def main(*, input: Any, output: Any, params: Any, **_: Any) -> None:
    """Write the likely source within the run and every suspect, for each sample that is contaminated or could not be judged."""
    names = [one.sample for one in read_members(params.results)]
    identities = {name: read_json(f"{params.results}/samples/{name}/identity.json") for name in names}
    asked = {name: one["contamination"] or {} for name, one in identities.items() if is_asked(one, len(identities))}
    record: dict[str, Any] = {}
    if asked:
        counts = {name: read_counts(f"{params.results}/identity/{name}.counts.npz") for name in names}
        crams = {name: f"{params.results}/samples/{name}/{name}.cram" for name in names}
        run = Run(crams, counts, read_panel(input.sites), input.fasta)
        found = {name: named(name, facts, run) for name, facts in asked.items()}
        record = {name: one for name, one in found.items() if one["source"] or asked[name].get("suspicious")}
    write_json(output[0], {"contaminated": record, "asked": list(asked), "samples": len(identities)})
    for name, one in record.items():
        print(f"{name}: {one['finding']}")


if __name__ == "__main__":
    from workflow.jobs import run_job

    run_job(main, snakemake)  # type: ignore[name-defined]  # noqa: F821
