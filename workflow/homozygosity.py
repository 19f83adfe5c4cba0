"""Runs of homozygosity of the proband as `bcftools roh` found them, and what they say of related parents."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.intervals import Interval
from workflow.reference import contig_kind

LEAST_RUN = 1_500_000
"""Bases of a run that counts: shorter ones are common in everybody (McQuillan et al., Am J Hum Genet 2008;83:359)."""
LEAST_STRETCH = 5_000_000  # a stretch of the territory in which such a run can be seen
LEAST_TERRITORY = 1_000_000_000  # bases of such stretches that it takes to speak of the whole genome
LEAST_QUALITY = 20.0  # mean phred score of a run
RELATED_FROM = 1 / 64  # children of second cousins; 1/16: of first cousins (expected share of the genome, autozygous)


def runs_in(lines: Iterable[str]) -> list[tuple[str, int, int]]:
    """Return the runs (contig, start, end; 0-based half-open) in the RG lines of `bcftools roh`, autosomes and long enough only."""
    runs = []
    for line in lines:
        if line.startswith("RG\t"):
            _, _, contig, first, last, length, _, quality = line.rstrip("\n").split("\t")
            if contig_kind(contig) == "autosome" and int(length) >= LEAST_RUN and float(quality) >= LEAST_QUALITY:
                runs.append((contig, int(first) - 1, int(last)))
    return runs


def visible(territory: Mapping[str, list[Interval]]) -> int:
    """Return the bases of autosomal stretches in which a run can be seen."""
    stretches = (end - start for contig, blocks in territory.items() if contig_kind(contig) == "autosome" for start, end in blocks)
    return sum(length for length in stretches if length >= LEAST_STRETCH)


def consanguinity(runs: list[tuple[str, int, int]], territory: Mapping[str, list[Interval]]) -> dict[str, Any]:
    """Return total length of runs and F_ROH (their share of the autosomes looked at), or why it is not evaluated."""
    bases = visible(territory)
    total = sum(end - start for _, start, end in runs)
    record: dict[str, Any] = {"runs": [list(run) for run in runs], "total_bases": total, "territory_bases": bases}
    if bases < LEAST_TERRITORY:
        reason = f"runs can be seen in {bases / 1e6:,.0f} Mb of the autosomes, {LEAST_TERRITORY / 1e6:,.0f} Mb are needed"
        return record | {"evaluated": False, "f_roh": None, "statement": "not evaluated", "reason": reason}
    share = round(total / bases, 5)
    words = "parents may be related" if share >= RELATED_FROM else "no sign of related parents"
    return record | {
        "evaluated": True,
        "f_roh": share,
        "statement": f"{words} (F_ROH {share:.4f}; children of second cousins 0.0156)",
        "reason": "",
    }
