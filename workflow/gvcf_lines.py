"""A judged tile as lines of a gVCF: blocks of confidence in the reference, and single-nucleotide variants."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from workflow.clean_calls import MAX_GQ, Judgement
from workflow.evidence import Evidence
from workflow.read_arrays import Ints

BANDS = (20, 30, 40)
"""Lower bounds of genotype quality of the blocks (`-GQB` of GATK); a block says the least that holds at each of its bases."""

PRIOR = 34.77
"""GATK's prior against a single-nucleotide variant in DRAGEN mode, phred-scaled (1 in 3,000)."""

_BASES = "ACGTN"


def gvcf_lines(evidence: Evidence, judgement: Judgement, copies: Ints, contigs: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a tile in order, without those of unclear places.

    Args:
        evidence: the counts.
        judgement: what was made of them.
        copies: ploidy at each compact coordinate.
        contigs: names of the contigs, by number.
    """
    lines = [*_variant_lines(evidence, judgement, contigs), *_block_lines(evidence, judgement, copies, contigs)]
    yield from (text for _, text in sorted(lines))


def unclear_intervals(evidence: Evidence, judgement: Judgement, contigs: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield (contig, start, end), 0-based half-open, of the tile's stretches that must be assembled."""
    index = np.flatnonzero(judgement.unclear & evidence.layout.owned)
    for first, last in _runs(index, evidence.layout.stretch_of(index)):
        contig, start = _position(evidence, first, contigs)
        yield contig, start, start + int(last - first) + 1


def _runs(index: Ints, *labels: Ints) -> list[tuple[int, int]]:
    """Return (first, last) of each run of adjacent coordinates whose labels are the same."""
    if not len(index):
        return []
    breaks = np.diff(index) != 1
    for label in labels:
        breaks |= np.diff(label) != 0
    edges = np.concatenate(([0], np.flatnonzero(breaks) + 1, [len(index)]))
    return [(int(index[start]), int(index[end - 1])) for start, end in itertools.pairwise(edges)]


def _position(evidence: Evidence, place: int, contigs: Sequence[str]) -> tuple[str, int]:
    """Return contig and 0-based position of a compact coordinate."""
    layout = evidence.layout
    stretch = int(layout.stretch_of(np.array([place]))[0])
    return contigs[int(layout.contig[stretch])], int(layout.start[stretch]) + place - int(layout.at[stretch])


def _block_lines(evidence: Evidence, judgement: Judgement, copies: Ints, contigs: Sequence[str]) -> Iterator[tuple[int, str]]:
    plain = evidence.layout.owned & ~judgement.unclear
    plain[judgement.calls.place] = False
    index = np.flatnonzero(plain)
    band = np.digitize(judgement.confidence[index], BANDS)
    all_other = evidence.ref_quality - evidence.alt_quality.reshape(-1, 4).sum(axis=1)  # against two copies of another base
    for first, last in _runs(index, band, copies[index], evidence.layout.stretch_of(index)):
        contig, start = _position(evidence, first, contigs)
        block = slice(first, last + 1)
        depth, quality = evidence.depth[block], int(judgement.confidence[block].min())
        # Without PL, joint genotyping makes a relative who is like the reference a missing genotype (GATK issue 8208).
        likelihoods = [0, quality] if copies[first] == 1 else [0, quality, max(quality, int(all_other[block].min()))]
        base, genotype = _BASES[evidence.reference[first]], "/".join("0" * int(copies[first]))
        yield (
            first,
            f"{contig}\t{start + 1}\t.\t{base}\t<NON_REF>\t.\t.\tEND={start + 1 + last - first}\tGT:DP:GQ:MIN_DP:PL\t"
            f"{genotype}:{round(float(depth.mean()))}:{quality}:{depth.min()}:{','.join(map(str, likelihoods))}\n",
        )


def _variant_lines(evidence: Evidence, judgement: Judgement, contigs: Sequence[str]) -> Iterator[tuple[int, str]]:
    calls = judgement.calls
    for number, place in enumerate(calls.place.tolist()):
        if not evidence.layout.owned[place]:
            continue
        contig, start = _position(evidence, place, contigs)
        likelihoods = [value for value in calls.likelihoods[number].tolist() if value >= 0]
        own = likelihoods[:3] if len(likelihoods) == 6 else likelihoods[:2]
        genotype = (("0/0", "0/1", "1/1") if len(own) == 3 else ("0", "1"))[own.index(0)]
        alt, ref_reads, alt_reads = int(calls.alt[number]), int(calls.ref_count[number]), int(calls.alt_count[number])
        ref_reverse, alt_reverse = int(evidence.ref_reverse[place]), int(evidence.alt_reverse[4 * place + alt])
        depth = int(evidence.depth[place])
        quality, gq = max(0, likelihoods[0] - PRIOR), min(sorted(own)[1], MAX_GQ)
        info = f"DP={depth};RAW_MQandDP={evidence.mapq_square[place]},{depth}"
        strands = f"{ref_reads - ref_reverse},{ref_reverse},{alt_reads - alt_reverse},{alt_reverse}"
        values = f"{genotype}:{ref_reads},{alt_reads},0:{ref_reads + alt_reads}:{gq}:{','.join(map(str, likelihoods))}:{strands}"
        alleles = f"{_BASES[evidence.reference[place]]}\t{_BASES[alt]},<NON_REF>"
        yield place, f"{contig}\t{start + 1}\t.\t{alleles}\t{quality:.2f}\t.\t{info}\tGT:AD:DP:GQ:PL:SB\t{values}\n"
