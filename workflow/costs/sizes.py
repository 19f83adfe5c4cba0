"""How much a job has to do: GB (10^9 bytes) of FASTQ behind it, which is known before anything runs and grows with depth and regions.

A job of a sample or unit has that sample's or unit's files, a job of a case its members', a job of one of n chunks a share of n. A job of
the whole run is told by the number of samples.
"""

import os
from collections.abc import Mapping
from functools import cached_property

from workflow.cohort import Cohort, Unit


class Sizes:
    """Sizes of the jobs of one cohort; files are looked at when first asked for, each once.

    `known` are sizes of samples by name from earlier, for reads that are no longer there.
    """

    def __init__(self, cohort: Cohort, chunks: int = 1, known: Mapping[str, float] | None = None) -> None:
        self.cohort, self.chunks, self.known = cohort, max(1, chunks), known or {}
        self._units: dict[tuple[str, str], float | None] = {}

    @cached_property
    def _share(self) -> float:
        return 1 / self.chunks

    def of(self, wildcards: Mapping[str, str]) -> float | None:
        """Return the size of a job by its wildcards: GB of FASTQ, or the number of samples for a job of the whole run.

        None where files are gone and nothing was known of them.
        """
        share = self._share if "chunk" in wildcards else 1.0
        if "unit" in wildcards and "sample" in wildcards:
            unit = next((one for one in self.cohort.units.get(wildcards["sample"], ()) if one.name == wildcards["unit"]), None)
            return self._of_unit(unit) if unit else None
        if "sample" in wildcards:
            return self._shared(self.of_sample(wildcards["sample"]), share)
        if "case" in wildcards:
            return self._shared(self.of_case(wildcards["case"]), share)
        return float(len(self.cohort.samples)) * share

    def of_sample(self, name: str) -> float | None:
        """Return the GB of a sample's FASTQ files, None where they are gone and were never known."""
        parts = [self._of_unit(unit) for unit in self.cohort.units.get(name, ())]
        if parts and all(part is not None for part in parts):
            return sum(part for part in parts if part is not None)
        return self.known.get(name)

    def of_case(self, name: str) -> float | None:
        """Return the GB of the FASTQ files of all members of a case."""
        case = self.cohort.cases.get(name)
        parts = [self.of_sample(member.name) for member in case.members] if case else [None]
        return None if None in parts else sum(part for part in parts if part is not None)

    @staticmethod
    def _shared(size: float | None, share: float) -> float | None:
        return None if size is None else size * share

    def _of_unit(self, unit: Unit) -> float | None:
        key = unit.sample, unit.name
        if key not in self._units:
            try:
                self._units[key] = sum(os.stat(file).st_size for file in (unit.fastq_1, unit.fastq_2)) / 1e9
            except OSError:
                self._units[key] = None
        return self._units[key]
