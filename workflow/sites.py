"""A variant as a place where reads can be told apart: which stretch a read must span, and what it then says.

Positions are 0-based half-open on the reference.
"""

from dataclasses import dataclass

import pysam

from workflow.differences import bases_between


@dataclass(frozen=True, slots=True)
class Site:
    """A variant as its VCF record gives it, and the stretch of reference that a read must span to tell its alleles apart.

    Attributes:
        start: 0-based position of the first base of `ref`.
        span: half-open stretch: the bases of `ref`; for an insertion or deletion also the repeat it can slide along and one base more.
        haplotypes: sequence over `span` without and with the variant.
    """

    contig: str
    start: int
    ref: str
    alt: str
    span: tuple[int, int]
    haplotypes: tuple[str, str]


def make_site(reference: pysam.FastaFile, contig: str, start: int, ref: str, alt: str) -> Site:
    """Return the Site of a left-aligned VCF record (`start` 0-based).

    An insertion or deletion in a repeat looks the same wherever the aligner put it, so reads are compared over the whole repeat.
    """
    end = start + len(ref)
    if len(ref) != len(alt):
        behind = reference.fetch(contig, end, end + 1000).upper()
        end += _slide(_changed(ref, alt), behind) + 1
    before = reference.fetch(contig, start, end).upper()
    return Site(contig, start, ref, alt, (start, start + len(before)), (before, alt.upper() + before[len(ref) :]))


def _changed(ref: str, alt: str) -> str:
    """Return the inserted or deleted bases behind the common anchor; empty when the record is no plain insertion or deletion."""
    shorter, longer = sorted((ref.upper(), alt.upper()), key=len)
    return longer[len(shorter) :] if longer.startswith(shorter) else ""


def _slide(unit: str, behind: str) -> int:
    """Return how many bases an inserted or deleted `unit` can be moved to the right into the sequence `behind` it."""
    steps = 0
    while unit and steps < len(behind) and behind[steps] == unit[steps % len(unit)]:
        steps += 1
    return steps


def allele_of(read: pysam.AlignedSegment, site: Site) -> str | None:
    """Return "ref", "alt" or "other" by the bases of the read over the site's span; None if the read does not span it.

    Where bases were only inserted or only deleted, one substituted base is forgiven, since there the length tells the alleles apart;
    not the last one, where a read that ends too early to show the length would look so.
    """
    start, end = site.span
    if read.reference_start > start or (read.reference_end or 0) < end:
        return None
    bases = bases_between(read, start, end)
    forgiven = int(bool(_changed(site.ref, site.alt)))
    matches = [name for name, sequence in zip(("ref", "alt"), site.haplotypes, strict=True) if _is_like(bases, sequence, forgiven)]
    return matches[0] if len(matches) == 1 else "other"


def _is_like(bases: str, sequence: str, forgiven: int) -> bool:
    """Tell whether two sequences have the same length and last base, and at most `forgiven` differing bases."""
    if len(bases) != len(sequence) or bases[-1:] != sequence[-1:]:
        return False
    return sum(a != b for a, b in zip(bases, sequence, strict=True)) <= forgiven
