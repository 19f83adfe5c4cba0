"""What rules/family.smk found of a case, as inheritance and ranking take it."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.family import Family
from workflow.parental_reads import AlleleReads
from workflow.phase_sites import read_phase
from workflow.ranking import Evidence


def family_of(case: Mapping[str, Any], found: Mapping[str, Any], par: Sequence[Sequence[Any]]) -> Family:
    """Return the people of a case with what `examine_family` found of them."""
    return Family.of(
        case["members"],
        case["proband"],
        par=par,
        karyotypes={one["sample"]: one["karyotype"] for one in found["members"]},
        one_parent={row["contig"]: row["parent"] for row in found["uniparental"] if row["parent"]},
        runs=found["consanguinity"]["runs"],
    )


def evidence_of(found: Mapping[str, Any], phased: str) -> Evidence:
    """Return what the reads say of the candidates: of `examine_family` and WhatsHap."""
    reads = {}
    for name, by_sample in found["reads"].items():
        contig, pos, ref, alt = name.rsplit(":", 3)
        reads[contig, int(pos), ref, alt] = {sample: AlleleReads.of(counts) for sample, counts in by_sample.items()}
    return Evidence(reads, read_phase(phased))
