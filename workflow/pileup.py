"""The reads of one sample at one variant, as data small enough for a page: counts by allele and strand, packed rows, depth.

Positions are 0-based half-open on the reference. Reads are given without their names; how each differs from the reference is
written as a `cs` string (minimap2's short form), so the data can be drawn, searched or checked without the CRAM.
"""

import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pysam

from workflow.differences import Difference, differences
from workflow.sites import Site, allele_of

ORDER = {"alt": 0, "other": 1, "ref": 2, None: 3}  # of the rows, from the top; None: does not span the site
FLANK = 40
LONGEST_SITE = 60
ROWS = 40
NEVER_SHOWN = pysam.FUNMAP | pysam.FSECONDARY | pysam.FSUPPLEMENTARY | pysam.FQCFAIL


def view_of(
    alignment: pysam.AlignmentFile,
    reference: pysam.FastaFile,
    site: Site,
    *,
    min_mapping_quality: int,
    flank: int = FLANK,
    rows: int = ROWS,
) -> dict[str, Any]:
    """Return what the page shows of one sample's reads at a site.

    Duplicates, secondary, supplementary and failed reads are left out. Reads below `min_mapping_quality` are drawn faintly,
    and neither counted nor part of the depth. Counts are of reads: two overlapping mates count twice.

    Returns:
        `{contig, start, end, site, reference, depth, alleles, reads, shown, of, excluded, differing}`: see report.schema.yaml.
    """
    start = max(0, site.start - flank)
    end = min(reference.get_reference_length(site.contig), min(site.span[1], site.start + LONGEST_SITE) + flank)
    sequence = reference.fetch(site.contig, start, end).upper()
    reads, excluded = _usable(alignment.fetch(site.contig, start, end))
    counted = [read for read in reads if read.mapping_quality >= min_mapping_quality]
    excluded["low_mapping_quality"] = len(reads) - len(counted)
    packed = _pack_within(reads, site, rows)
    return {
        "contig": site.contig,
        "start": start,
        "end": end,
        "site": [site.start, site.start + len(site.ref)],
        "reference": sequence,
        "alleles": _count_alleles(counted, site),
        **_depth_and_differences(counted, sequence, start),
        "reads": [_read(read, row, site, sequence, start, min_mapping_quality) for row, read in packed],
        "shown": len(packed),
        "of": len(reads),
        "excluded": dict(excluded),
    }


def _usable(reads: Iterable[pysam.AlignedSegment]) -> tuple[list[pysam.AlignedSegment], Counter[str]]:
    kept, excluded = [], Counter(duplicate=0)
    for read in reads:
        if read.is_duplicate:
            excluded["duplicate"] += 1
        elif not read.flag & NEVER_SHOWN and read.query_sequence:
            kept.append(read)
    return kept, excluded


def _count_alleles(reads: list[pysam.AlignedSegment], site: Site) -> dict[str, dict[str, int]]:
    counts = Counter((allele_of(read, site), read.is_reverse) for read in reads)
    return {allele: {"forward": counts[allele, False], "reverse": counts[allele, True]} for allele in ("ref", "alt", "other")}


def _depth_and_differences(reads: list[pysam.AlignedSegment], sequence: str, start: int) -> dict[str, Any]:
    """Return the depth at each base of the window, and the bases that at least a fifth of the reads there (two or more) show instead."""
    depth, other = [0] * len(sequence), Counter[tuple[int, str]]()
    for read in reads:
        for block_start, block_end in read.get_blocks():
            for place in range(max(block_start - start, 0), min(block_end - start, len(sequence))):
                depth[place] += 1
        other.update((d.start, d.bases) for d in differences(read, sequence, start) if d.kind == "mismatch")
    often = sorted((place, base, n) for (place, base), n in other.items() if n >= 2 and n >= depth[place - start] / 5)
    return {"depth": depth, "differing": [{"position": place, "base": base, "reads": n} for place, base, n in often]}


def _pack_within(reads: list[pysam.AlignedSegment], site: Site, rows: int) -> list[tuple[int, pysam.AlignedSegment]]:
    """Return (row, read) for as many reads as fit in `rows`; too many are thinned by a hash of their names, the same on every run."""
    share = min(1.0, 5 * rows / max(1, len(reads)))  # more never fit: spares packing thousands of reads to find that out
    while True:
        packed = pack([read for read in reads if zlib.crc32(str(read.query_name).encode()) < share * 2**32], site)
        needed = 1 + max((row for row, _ in packed), default=0)
        if needed <= rows:
            return packed
        share *= min(0.95, rows / needed)


def pack(reads: list[pysam.AlignedSegment], site: Site) -> list[tuple[int, pysam.AlignedSegment]]:
    """Give each read the first row where it overlaps nobody: reads with the variant first, then other alleles, reference, the rest."""
    ends: list[list[tuple[int, int]]] = []
    packed = []
    for read in sorted(reads, key=lambda r: (ORDER[allele_of(r, site)], r.reference_start, r.query_name, r.is_read2)):
        low, high = read.reference_start, (read.reference_end or 0) + 1
        row = next((i for i, taken in enumerate(ends) if all(high <= a or b <= low for a, b in taken)), len(ends))
        ends[row : row + 1] = [[*(ends[row] if row < len(ends) else []), (low, high)]]
        packed.append((row, read))
    return packed


def _read(read: pysam.AlignedSegment, row: int, site: Site, sequence: str, start: int, min_mapping_quality: int) -> dict[str, Any]:
    found = differences(read, sequence, start)
    first, last = max(read.reference_start, start), min(read.reference_end or 0, start + len(sequence))
    drawn: dict[str, Any] = {
        "row": row,
        "start": first,
        "end": last,
        "strand": "-" if read.is_reverse else "+",
        "mapping_quality": read.mapping_quality,
        "allele": allele_of(read, site),
        "cs": cs_string(found, first, last),
        "clipped": _clipped(read),
    }
    weak = [d.start for d in found if d.weak]
    return drawn | ({"weak": weak} if weak else {}) | ({"faint": True} if read.mapping_quality < min_mapping_quality else {})


def _clipped(read: pysam.AlignedSegment) -> list[int]:
    """Return how many bases are soft-clipped before and behind the aligned part."""
    operations = [(op, n) for op, n in read.cigartuples or [] if op != pysam.CHARD_CLIP]
    return [operations[i][1] if operations[i][0] == pysam.CSOFT_CLIP else 0 for i in (0, -1)]


def cs_string(found: list[Difference], start: int, end: int) -> str:
    """Return minimap2's short `cs` for the stretch [start, end): `:6` equal, `*ag` reference a read g, `+ac` inserted, `-gt` deleted."""
    parts, at = [], start
    for difference in found:
        parts += [f":{difference.start - at}"] if difference.start > at else []
        parts.append(difference.cs)
        at = difference.end
    return "".join(parts) + (f":{end - at}" if end > at else "")
