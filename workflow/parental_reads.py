"""What the reads of a parent say of a variant that the caller did not see there: error, mosaicism, or too few reads to tell.

Blocks of a gVCF do not count alleles, so the joint calls hold no variant read of a parent inside a block: the alignments are asked.
Fragments are counted, not reads: two mates over the site are one molecule.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pysam

from workflow.binomial import at_least, at_most
from workflow.differences import WEAK_BASE_QUALITY, differences
from workflow.sites import Site, allele_of

WINDOW = 60  # bases on each side of a site in which errors are counted
SUBSTITUTION_ERROR, INDEL_ERROR = 0.001, 0.005
"""Least share of fragments with one given error, whatever is measured: substitutions of Illumina reads 0.0024 a base, a third of it to
one given base (Pfeiffer et al., Sci Rep 2018;8:10950); insertions and deletions in repeats are several times as frequent."""
MOSAIC_P = 1e-4
"""Errors make as many variant fragments as in a parent who is called mosaic less often than this; three of 30 fragments are needed."""
HETEROZYGOUS_P, CALLED_HETEROZYGOUS_P = 1e-3, 1e-4
"""A heterozygote shows as few less often than the first, and than the second where the caller took the parent for one."""
LOW_P = 0.01
"""Below it, a heterozygous genotype with so few variant fragments is told to be perhaps mosaic."""
DOUBT_P = 0.05
"""Above it, the variant fragments of a parent are taken for errors; between the two it is told and not decided."""
SITE_SHARE = 0.2  # a base that this share of reads shows instead is a variant, not an error
UNUSED = pysam.FUNMAP | pysam.FSECONDARY | pysam.FSUPPLEMENTARY | pysam.FQCFAIL | pysam.FDUP


@dataclass(frozen=True)
class AlleleReads:
    """Fragments of one person at a variant, and how often an error makes one of them look like the variant (fraction)."""

    ref: int
    alt: int
    other: int
    error: float

    @property
    def depth(self) -> int:
        """Fragments that span the site and agree with themselves."""
        return self.ref + self.alt + self.other

    @property
    def p_error(self) -> float:
        """Probability that errors alone make this many variant fragments."""
        return at_least(self.alt, self.depth, self.error)

    @property
    def p_heterozygous(self) -> float:
        """Probability that a heterozygote shows this few variant fragments."""
        return at_most(self.alt, self.depth, 0.5)

    @property
    def is_mosaic(self) -> bool:
        """Whether neither errors nor a heterozygote explain the fragments."""
        return self.p_error < MOSAIC_P and self.p_heterozygous < HETEROZYGOUS_P

    @property
    def is_doubtful(self) -> bool:
        """Whether there are more variant fragments than one would put down to errors without a word."""
        return self.alt > 0 and self.p_error < DOUBT_P and not self.is_mosaic

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "depth": self.depth,
            "alt": self.alt,
            "fraction": round(self.alt / self.depth, 4) if self.depth else None,
            "error_rate": float(f"{self.error:.2g}"),
            "p_error": float(f"{self.p_error:.2g}"),
            "p_heterozygous": float(f"{self.p_heterozygous:.2g}"),
            "mosaic": self.is_mosaic,
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "AlleleReads":
        """Return what `family.json` holds of a person."""
        return cls(record["ref"], record["alt"], record["other"], record["error"])


def count_alleles(alignment: pysam.AlignmentFile, reference: pysam.FastaFile, site: Site, min_mapping_quality: int) -> AlleleReads:
    """Count the fragments of a person by allele, and the errors of the same reads around the site."""
    start = max(0, site.start - WINDOW)
    end = min(reference.get_reference_length(site.contig), site.span[1] + WINDOW)
    reads = [
        read
        for read in alignment.fetch(site.contig, start, end)
        if not read.flag & UNUSED and read.mapping_quality >= min_mapping_quality and read.query_sequence
    ]
    fragments: dict[str, set[str]] = defaultdict(set)
    for read in reads:
        if (allele := allele_of(read, site)) and not _is_weak(read, site):
            fragments[str(read.query_name)].add(allele)
    counts = [next(iter(alleles)) for alleles in fragments.values() if len(alleles) == 1]
    error = error_rate(reads, reference.fetch(site.contig, start, end).upper(), start, site)
    return AlleleReads(counts.count("ref"), counts.count("alt"), counts.count("other"), error)


def _is_weak(read: pysam.AlignedSegment, site: Site) -> bool:
    """Whether the read's own base at a substitution is of low quality; of insertions and deletions no base is asked."""
    if len(site.ref) != 1 or len(site.alt) != 1 or read.query_qualities is None:
        return False
    place = next((query for query, position in read.get_aligned_pairs(matches_only=True) if position == site.start), None)
    return place is None or read.query_qualities[place] < WEAK_BASE_QUALITY


def error_rate(reads: Iterable[pysam.AlignedSegment], sequence: str, start: int, site: Site) -> float:
    """Return how often reads show one given error, measured over `sequence` (which begins at `start`) without the site itself.

    Bases of low quality and places that look like variants are left out; of substitutions a third goes to each other base.
    """
    indel = len(site.ref) != len(site.alt)
    bases, wrong = 0, defaultdict[int, int](int)
    depth = 0
    for read in reads:
        depth += 1
        bases += read.get_overlap(start, start + len(sequence)) or 0
        for one in differences(read, sequence, start):
            if (one.kind != "mismatch") == indel and not one.weak and not site.start <= one.start < site.span[1]:
                wrong[one.start] += 1
    errors = sum(number for number in wrong.values() if number < max(2, SITE_SHARE * depth / 2))
    measured = errors / bases if bases else 0.0
    return max(INDEL_ERROR, measured * len(site.haplotypes[0])) if indel else max(SUBSTITUTION_ERROR, measured / 3)
