"""Small variants of any kind written into real reads: what a read of the changed copy would have been, its length and qualities kept.

A sequencer reads a set number of cycles: behind a deletion it reads further into the fragment, behind an insertion less far. So the bases
from the variant to the end of the read are replaced, the missing ones taken from the reference; the qualities stay with their cycles.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

import pysam

from workflow.bases import reverse_complement
from workflow.spiking import Edit, Variant

SOFT_CLIP = 4
Fetch = Callable[[int, int], str]
"""Bases of the contig's forward strand, [start, end), 0-based."""


def changed_read(read: pysam.AlignedSegment, variant: Variant, fetch: Fetch) -> Edit | None:
    """Return the edit that makes a read of the reference allele one of the variant's.

    None where that cannot be told: the read differs from the reference there, is clipped there, or begins (as sequenced) within it.
    """
    sequence = str(read.query_sequence)
    place = {reference: query for query, reference in read.get_aligned_pairs(matches_only=True)}
    first, behind = variant.position - 1, variant.position - 1 + len(variant.ref)
    mate = int(read.is_read2)
    if read.is_reverse:
        if (last := place.get(behind - 1)) is None:
            return None
        begin = place[first - 1] + 1 if first - 1 in place else 0
        if sequence[begin : last + 1] != variant.ref[-(last + 1 - begin) :] or (not begin and _clip(read, 0)):
            return None
        new = sequence[:begin] + variant.alt
        start = read.reference_start - _clip(read, 0) if begin else first
        missing = max(0, last + 1 - len(new))
        new = (fetch(start - missing, start) + new)[len(new) + missing - last - 1 :]
        return Edit(mate, len(sequence) - last - 1, reverse_complement(new), True)
    if (begin := place.get(first, -1)) < 0:
        return None
    last = place[behind] if behind in place else len(sequence)
    if sequence[begin:last] != variant.ref[: last - begin] or (last == len(sequence) and _clip(read, -1)):
        return None
    new = variant.alt + sequence[last:]
    start = int(read.reference_end or 0) + _clip(read, -1) if last < len(sequence) else behind
    missing = max(0, len(sequence) - begin - len(new))
    return Edit(mate, begin, (new + fetch(start, start + missing))[: len(sequence) - begin], False)


def _clip(read: pysam.AlignedSegment, end: int) -> int:
    """Return the soft-clipped bases at an end of the alignment, 0 for the left one, -1 for the right one."""
    operation, length = (read.cigartuples or [(0, 0)])[end]
    return int(length) if operation == SOFT_CLIP else 0


def changed_fragments(
    reads: Iterable[pysam.AlignedSegment], names: Collection[str], variant: Variant, fetch: Fetch
) -> tuple[dict[str, list[Edit]], int]:
    """Return {name: edits} of the fragments in `names` that can be given the variant, and how many there are over it in all.

    Both mates are changed where both lie over it; a fragment with a mate that cannot be changed is left as it is.
    """
    found: dict[str, list[Edit | None]] = defaultdict(list)
    for read in reads:
        name = str(read.query_name)
        if name in names and not (read.is_secondary or read.is_supplementary or read.is_unmapped):
            found[name].append(changed_read(read, variant, fetch))
    usable = {name: [edit for edit in edits if edit] for name, edits in found.items()}
    return {name: edits for name, edits in usable.items() if len(edits) == len(found[name])}, len(found)
