"""Bases counted at sites, lane by lane, and what they say about genotypes.

A base counts at base quality 25 and mapping quality 20 or more, from primary alignments that are no duplicates; of a pair that overlaps
itself the right mate's bases are left out. (Sequencers that bin qualities put the bases that they doubt into a bin at 20 to 23.)
Positions are 0-based.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pysam
from numpy.typing import NDArray

from workflow.files import atomic
from workflow.site_panel import Row
from workflow.tile_counts import reads_over

MIN_BASE_QUALITY = 25
MIN_MAPPING_QUALITY = 20
FIELDS = 0x17FF
"""Fields of a CRAM that are decoded: name to qualities, and the read group."""
SKIPPED_READS = "0xF04"
ERROR = 0.002
"""Chance of one particular wrong base where no error rate was estimated; base quality 25 promises 0.001."""
FOREIGN = 3
NO_LANE = "(none)"
Shorts = NDArray[np.uint16]
_TAKES_BOTH, _TAKES_REFERENCE, _TAKES_READ = {0, 7, 8}, {2, 3}, {1, 4}


@dataclass(frozen=True)
class SiteCounts:
    """Bases of one sample at the sites of a panel.

    Attributes:
        sample: its name.
        panel: digest of the panel that the columns are of.
        lanes: read group of each row.
        ref, alt, other: (lanes, sites): bases equal to the panel's reference base, to its alternative, to neither.
        more: further arrays of the same file by name, such as those of the sample's own sites.
    """

    sample: str
    panel: str
    lanes: tuple[str, ...]
    ref: Shorts
    alt: Shorts
    other: Shorts
    more: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def write_counts(path: str | Path, counts: SiteCounts) -> None:
    """Write counts as compressed numpy archive, whole or not at all."""
    with atomic(path) as part, part.open("wb") as handle:
        names = {"sample": np.array(counts.sample), "panel": np.array(counts.panel), "lanes": np.array(counts.lanes, np.str_)}
        arrays: dict[str, Any] = {**names, "ref": counts.ref, "alt": counts.alt, "other": counts.other, **counts.more}
        np.savez_compressed(handle, **arrays)


def read_counts(path: str | Path) -> SiteCounts:
    """Return the counts in a file that `write_counts` wrote."""
    with np.load(path, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    sample, panel, lanes = str(arrays.pop("sample")), str(arrays.pop("panel")), tuple(arrays.pop("lanes").tolist())
    return SiteCounts(sample, panel, lanes, arrays.pop("ref"), arrays.pop("alt"), arrays.pop("other"), arrays)


def genotype_likelihoods(ref: NDArray[Any], alt: NDArray[Any], error: float = ERROR) -> NDArray[np.float32]:
    """Return log10 P(reads | genotype) for 0/0, 0/1, 1/1 at each site, shape (sites, 3), the binomial's own factor left out.

    Args:
        ref: bases equal to the reference, by site.
        alt: bases equal to the alternative.
        error: chance that a base of one allele reads as the other.
    """
    shares = np.log10([1 - error, 0.5, error])
    table = ref[:, None] * shares[None, :] + alt[:, None] * shares[None, ::-1]
    return np.asarray(table, np.float32)


def query_offset(operations: Iterable[tuple[int, int]], start: int, position: int) -> int | None:
    """Return which base of a read lies on a reference position, None where it is deleted, skipped or clipped."""
    offset = 0
    for code, length in operations:
        if code in _TAKES_BOTH:
            if position < start + length:
                return offset + position - start
            start, offset = start + length, offset + length
        elif code in _TAKES_REFERENCE:
            start += length
            if position < start:
                return None
        elif code in _TAKES_READ:
            offset += length
    return None


def shown_by_mate(read: pysam.AlignedSegment) -> int:
    """Return the position before which the left mate's bases count instead of this read's; the read's own start if there is no overlap."""
    start, mate = read.reference_start, read.next_reference_start
    together = read.is_paired and not read.mate_is_unmapped and read.next_reference_id == read.reference_id
    right = together and (mate < start or (mate == start and read.is_read2))
    return max(start, mate + read.query_length) if right else start


class Tally:
    """Bases at sorted sites by lane and kind: reference 0, alternative 1, neither 2.

    Args:
        sites: sorted by position within each contig, each contig's together.
        lanes: read groups.
        groups: by site, 0 or a group in which a fragment counts once only: near sites of one person say the same of one fragment.
    """

    def __init__(self, sites: Sequence[Row], lanes: Sequence[str], groups: Sequence[int] = ()) -> None:
        self.lanes = list(lanes)
        self._groups = list(groups) or [0] * len(sites)
        self._seen: set[tuple[int, str]] = set()
        self.counts = np.zeros((len(self.lanes), 3, len(sites)), np.uint16)
        self._alleles = [(ref, alt) for _, _, ref, alt, _ in sites]
        self._places: dict[str, tuple[list[int], int]] = {}
        for index, (contig, position, *_) in enumerate(sites):
            self._places.setdefault(contig, ([], index))[0].append(position)

    def add(self, read: pysam.AlignedSegment) -> None:
        """Count one read at every site that it covers."""
        positions, first = self._places.get(str(read.reference_name), ([], 0))
        start, end = shown_by_mate(read), read.reference_end or 0
        at, behind = bisect_left(positions, start), bisect_left(positions, end)
        if at >= behind or not read.query_sequence or read.query_qualities is None:
            return
        lane = self._row(read)
        for index in range(at, behind):
            offset = query_offset(read.cigartuples or (), read.reference_start, positions[index])
            if offset is not None and read.query_qualities[offset] >= MIN_BASE_QUALITY and self._is_new(read, first + index):
                ref, alt = self._alleles[first + index]
                base = read.query_sequence[offset]
                self.counts[lane, 0 if base == ref else 1 if base == alt else 2, first + index] += 1

    def _is_new(self, read: pysam.AlignedSegment, site: int) -> bool:
        """Return whether a fragment still counts at a site."""
        if not (group := self._groups[site]):
            return True
        key = group, str(read.query_name)
        known = key in self._seen
        self._seen.add(key)
        return not known

    def _row(self, read: pysam.AlignedSegment) -> int:
        name = str(read.get_tag("RG")) if read.has_tag("RG") else NO_LANE
        if name not in self.lanes:
            self.lanes.append(name)
            self.counts = np.concatenate([self.counts, np.zeros((1, *self.counts.shape[1:]), np.uint16)])
        return self.lanes.index(name)


def count_at(cram: str, fasta: str, sites: Sequence[Row], groups: Sequence[int] = ()) -> tuple[tuple[str, ...], NDArray[np.uint16]]:
    """Return (lanes, counts of shape (lanes, 3, sites)) of the bases at sorted sites: reference, alternative, neither.

    Raises:
        OSError: the CRAM cannot be read.
    """
    with pysam.AlignmentFile(cram, reference_filename=fasta) as header:
        lanes = [str(group["ID"]) for group in header.header.to_dict().get("RG", [])]
    tally = Tally(sites, lanes, groups)
    if sites:
        stretches = [(contig, position, position + 1) for contig, position, *_ in sites]
        options = ("-q", str(MIN_MAPPING_QUALITY), "-F", SKIPPED_READS)
        with reads_over(cram, fasta, stretches, *options, fields=FIELDS) as pipe, pysam.AlignmentFile(pipe, "rb") as reads:
            for read in reads:
                tally.add(read)
    return tuple(tally.lanes), tally.counts
