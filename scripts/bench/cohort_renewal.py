"""New people for the growth of the frequency store: the first ones again, with rare variants of their own."""

import secrets
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from workflow.cohort_store.alleles import WINDOW_BITS, code_of_allele, keys_of, positions_of_keys
from workflow.cohort_store.compaction import Source
from workflow.cohort_store.segment import Segment, SegmentWindow, Window
from workflow.cohort_store.writing import open_writer

RARE, SPREAD = 3, 400
"""People of a segment up to whom a variant is rare; bases by which it is moved at most."""
SNVS = np.array([code_of_allele(ref, alt) for ref in "ACGT" for alt in "ACGT" if ref != alt], np.uint64)


class Renewed(Segment):
    """A segment of other people: its rare variants stand elsewhere."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder)
        self._dice = np.random.default_rng(seed)

    def open(self, window: Window) -> SegmentWindow:
        """Open a window, its rare variants moved by at most 400 bases and turned into SNVs."""
        part = super().open(window)
        rare = np.flatnonzero(part.counts["people"] <= RARE)
        places = positions_of_keys(part.keys[rare], window[1]) + self._dice.integers(-SPREAD, SPREAD, len(rare)).astype(np.int32)
        kept = (places - 1) >> WINDOW_BITS == window[1]
        keys = keys_of(places[kept], self._dice.choice(SNVS, int(kept.sum())))
        keys, first = np.unique(keys, return_index=True)
        new = ~np.isin(keys, part.keys)
        part.keys = part.keys.copy()
        part.keys[rare[kept][first[new]]] = keys[new]
        return part


def grow(store: Path, base: Path, seed: int) -> float:
    """Add as many new people as the first segments hold; return the seconds of CPU that it took.

    They have no files of their own, which only leaving needs, and no row in the inside map. Segments are joined as after any `add`.
    """
    with open_writer(store, "growth") as writer:
        start = time.process_time()
        sources = []
        for at, folder in enumerate(sorted(base.iterdir())):
            segment = Renewed(folder, 100 * seed + at)
            entries = [replace(one, member=replace(one.member, token=secrets.token_hex(16))) for one in segment.entries]
            sources.append(Source(segment, entries))
        name, (count, digest) = writer.segment_of(sources)
        segments = {**writer.version.segments, name: (count, digest)}
        writer.commit({"kind": "add", "added": count, "removed": 0}, segments=segments, count=writer.version.count + count)
        writer.compact()
        return time.process_time() - start
