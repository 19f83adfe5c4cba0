"""Contigs of a person that should have reads and have none: whose depth is next to nothing beside that of the others.

Depths are mosdepth's (reads of good mapping quality). A contig is suspected if its depth, within the regions called and over its whole
length, is below a twentieth of what the others have, and if at least 20 reads were to be expected: 20 expected and at most one seen has a
probability of 4e-8 (Poisson). Fewer copies explain a half, never a twentieth. A suspected contig is looked at again with reads of any
mapping quality, since a stretch that stands in the genome several times has none of good quality.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from workflow.reference import mitochondria

LEAST_SHARE = 0.05  # of the depth of the other contigs
LEAST_READS = 20  # expected, for silence to say anything
READ = 150  # bases of a short read, for what is expected


@dataclass(frozen=True)
class Depths:
    """Mean depth of each contig within the regions called and over its whole length, and the bases that were aligned in the regions."""

    owed: dict[str, float]
    whole: dict[str, float]
    bases: dict[str, int]


def read_depths(lines: Iterable[str]) -> Depths:
    """Return the depths of mosdepth's summary: a row a contig, and one with the ending `_region` for its part in the regions."""
    depths = Depths({}, {}, {})
    for line in lines:
        name, _, bases, mean, *_ = line.split("\t")
        if name.endswith("_region"):
            depths.owed[name.removesuffix("_region")] = float(mean)
            depths.bases[name.removesuffix("_region")] = int(bases)
        elif name != "chrom":
            depths.whole[name] = float(mean)
    return depths


def suspected(depths: Depths, owed: Mapping[str, int]) -> dict[str, int]:
    """Return the contigs that look silent, each with the number of aligned bases that would clear it.

    Args:
        depths: mean depths of the contigs.
        owed: bases of the regions called that the person has, by contig.
    """
    found = {}
    for contig, bases in owed.items():
        others = [name for name in owed if name != contig]
        nuclear = [name for name in others if name not in mitochondria(owed)]
        usual = median([depths.owed.get(name, 0.0) for name in nuclear or others] or [0.0])
        usual_whole = median([depths.whole.get(name, 0.0) for name in nuclear or others] or [0.0])
        share = LEAST_SHARE if nuclear else 0.0  # the mitochondrion has many copies: beside it alone, only silence itself tells
        expected = usual * bases / READ
        if expected < LEAST_READS or depths.owed.get(contig, 0.0) > share * usual or depths.whole.get(contig, 0.0) > share * usual_whole:
            continue
        found[contig] = max(1, round(share * usual * bases))
    return found
