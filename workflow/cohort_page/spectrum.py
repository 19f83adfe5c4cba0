"""How many variants are how frequent, and of which kind."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow.cohort_store.alleles import LONG, code_of_allele
from workflow.cohort_store.masking import Row
from workflow.cohort_store.model import Variant
from workflow.cohort_store.tables import Columns

BINS = ("singletons", "doubletons", "below 0.1 %", "0.1 to 0.5 %", "0.5 to 1 %", "1 to 5 %", "5 to 50 %", "50 % and above")
"""By allele count one and two, whatever the frequency; the others by frequency, lower end included."""
EDGES = (0.001, 0.005, 0.01, 0.05, 0.5)
KINDS = ("SNV", "several bases", "insertion", "deletion", "insertion and deletion")
TRANSITIONS = {code_of_allele(*pair) for pair in ("AG", "GA", "CT", "TC")}
Ints = NDArray[np.int64]


class Spectrum:
    """Counts of variants, kind by frequency; filled a window at a time."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum
        self.counts = np.zeros((len(KINDS), len(BINS)), np.int64)
        self.few = self.uncounted = self.transitions = 0

    def take(self, columns: Columns) -> None:
        """Add the variants of a window of the store."""
        counted = columns.counts["people"] > 0
        self.uncounted += int((~counted & (columns.counts["seen"] > 0)).sum())
        self.few += int((counted & (columns.counts["people"] < self.minimum)).sum())
        codes = columns.codes[counted]
        self._add(codes, columns.long, columns.counts["ac"][counted], columns.an[counted])

    def take_rows(self, rows: Mapping[Variant, Row]) -> None:
        """Add the variants of a window of a release."""
        codes = np.array([code_of_allele(one.ref, one.alt) for one in rows], np.uint64)
        long = {int(code): (one.ref, one.alt) for code, one in zip(codes, rows, strict=True)}
        numbers = (np.array([getattr(row, name) for row in rows.values()], np.int64) for name in ("ac", "an"))
        self._add(codes, long, *numbers)

    def _add(self, codes: NDArray[np.uint64], long: Mapping[int, tuple[str, str]], ac: Ints, an: Ints) -> None:
        place = kinds_of(codes, long) * len(BINS) + bins_of(ac, an)
        self.counts += np.bincount(place, minlength=self.counts.size).reshape(self.counts.shape)
        self.transitions += int(np.isin(codes, np.array(sorted(TRANSITIONS), np.uint64)).sum())

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; `few` counts variants of fewer people than the minimum, `uncounted` those of which no call counts."""
        snvs = int(self.counts[0].sum())
        kinds = list(zip(KINDS, self.counts, strict=True))
        ratio = self.transitions / (snvs - self.transitions) if snvs > self.transitions else None
        return {
            "variants": int(self.counts.sum()), "few": self.few, "uncounted": self.uncounted, "transitions_by_transversions": ratio,
            "bins": [{"name": name, "variants": int(self.counts[:, at].sum())} for at, name in enumerate(BINS)],
            "kinds": [{"name": name, "variants": int(row.sum()), "by_bin": row.tolist()} for name, row in kinds],
        }  # fmt: skip


def kinds_of(codes: NDArray[np.uint64], long: Mapping[int, tuple[str, str]]) -> Ints:
    """Return of each allele in its shortest form its place in KINDS; `long` has the letters of those that are hashes."""
    ref, alt = ((codes >> np.uint64(shift) & np.uint64(15)).astype(np.uint64) for shift in (38, 34))
    one, two = np.uint64(1), np.uint64(2)
    firsts = (codes >> two * (np.maximum(ref + alt, one) - one) ^ codes >> two * (np.maximum(alt, one) - one)) & np.uint64(3)
    alike = firsts == 0
    for at in np.flatnonzero(codes & np.uint64(LONG)).tolist():
        letters = long[int(codes[at])]
        ref[at], alt[at] = map(len, letters)
        alike[at] = letters[0][0] == letters[1][0]
    conditions = [(ref == 1) & (alt == 1), ref == alt, (ref == 1) & alike, (alt == 1) & alike]
    return np.asarray(np.select(conditions, [0, 1, 2, 3], 4), np.int64)


def bins_of(ac: Ints, an: Ints) -> Ints:
    """Return of each variant its place in BINS."""
    by_frequency = 2 + np.searchsorted(np.array(EDGES), ac / np.maximum(an, 1), "right")
    return np.asarray(np.select([ac == 1, ac == 2], [0, 1], by_frequency), np.int64)
