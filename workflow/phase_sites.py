"""Which heterozygous calls of the proband a phase is asked for: candidates of one gene close to each other, and what lies between."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import cyvcf2
import pysam

from workflow.candidates import Hit
from workflow.closed_genes import CLOSED
from workflow.files import atomic
from workflow.variant_keys import Key

MOST_APART = 10_000  # bases between two candidates; pairs of reads of a few hundred bases seldom lead further
FLANK = 1_000  # bases of reads beside them
Stretch = tuple[str, int, int]


def stretches_of(hits: Iterable[Hit], proband: str) -> list[Stretch]:
    """Return the stretches (contig, first, last position, 1-based) between neighbouring heterozygous candidates of one gene."""
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    for hit in hits:
        alleles = hit.variant.genotypes[proband].alleles
        if len(alleles) == 2 and alleles.count(1) == 1:
            places[hit.gene, hit.variant.contig].add(hit.variant.pos)
    found = {
        (contig, low, high)
        for (_, contig), positions in places.items()
        for low, high in pairwise(sorted(positions))
        if high - low <= MOST_APART
    }
    return merged_stretches(found)


def merged_stretches(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return stretches sorted, those that touch joined."""
    joined: list[Stretch] = []
    for contig, low, high in sorted(stretches):
        if joined and joined[-1][0] == contig and low <= joined[-1][2]:
            joined[-1] = (contig, joined[-1][1], max(high, joined[-1][2]))
        else:
            joined.append((contig, low, high))
    return joined


def heterozygous(vcf: str, stretches: Iterable[Stretch], proband: str) -> Iterator[Key]:
    """Yield the proband's heterozygous calls with one ALT at their place, in stretches of an indexed VCF.

    Where genes are closed (secondary findings), a bare call may lie in one of them: it is left out.
    """
    reader = cyvcf2.VCF(vcf)
    closed = CLOSED in reader.raw_header
    at = reader.samples.index(proband)
    for contig, low, high in stretches:
        passed = [record for record in reader(f"{contig}:{low}-{high}") if record.FILTER is None and low <= record.POS <= high]
        records = [record for record in passed if not closed or record.INFO.get("HGVSg") or record.INFO.get("CSQ")]
        places = [record.POS for record in records]
        for record in records:
            alleles = record.genotypes[at][:-1]
            if sorted(alleles) == [0, 1] and places.count(record.POS) == 1:
                yield contig, record.POS, record.REF, record.ALT[0]


def write_sites(path: str | Path, sites: Iterable[Key], contigs: Mapping[str, int], sample: str) -> None:
    """Write heterozygous sites as a VCF without phase."""
    head = "".join(f"##contig=<ID={name},length={length}>\n" for name, length in contigs.items())
    columns = "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample))
    form = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    lines = (f"{contig}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t0/1\n" for contig, pos, ref, alt in sites)
    with atomic(path) as part, open(part, "w", encoding="utf-8") as handle:
        handle.write(f"##fileformat=VCFv4.2\n{head}{form}{columns}\n")
        handle.writelines(lines)


def read_phase(path: str | Path) -> dict[Key, tuple[str, int]]:
    """Return the phase set and the copy (0 or 1) of each variant that WhatsHap phased."""
    found: dict[Key, tuple[str, int]] = {}
    with pysam.VariantFile(str(path)) as calls:
        for record in calls:
            sample = record.samples[0]
            if sample.phased and sample.get("PS") is not None and record.alts:
                found[record.contig, record.pos, str(record.ref), record.alts[0]] = (str(sample["PS"]), sample["GT"].index(1))
    return found
