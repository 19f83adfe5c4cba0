"""Flags for weak calls: the QUAL below which a call has one, by caller (docs/decisions/003)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CallFilter:
    """A flag in FILTER, and the QUAL that a call without it has at least."""

    name: str
    min_qual: float

    @property
    def description(self) -> str:
        """Return what the header says of it."""
        return f"QUAL is below {self.min_qual:g}"


CALL_FILTERS: Mapping[str, tuple[CallFilter, ...]] = {
    "gatk": (CallFilter("DRAGENHardQUAL", 10.41),),  # insertions and deletions: GATK's hard threshold for DRAGEN mode
    "freebayes": (CallFilter("FreebayesQual20", 20),),
}

JOINT_FILTERS = (CallFilter("LowQual", 30),)
"""GATK's default confidence in joint genotyping: for its single-nucleotide variants, and where alleles stand otherwise in every gVCF."""
