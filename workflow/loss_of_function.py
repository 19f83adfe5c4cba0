"""PVS1 by the decision tree of Abou Tayoun and others, Hum Mutat 2018;39:1517, for variants of a few bases.

The tree's other branches (deletions and duplications of exons or genes) belong to callers of larger variants.
"""

from dataclasses import dataclass

from workflow.acmg_points import Strength
from workflow.decay import Ending

MOST_REMOVED = 0.1
"""Share of the protein above which a loss at its end weighs strong and not moderate."""


@dataclass(frozen=True)
class Loss:
    """What the tree asks about a variant that may abolish a product.

    Attributes:
        kind: `truncation` (stop gained, frame shift), `splice` (positions 1 and 2 of an intron) or `start` (start codon lost).
        relevant: the exon belongs to the transcript that stands for the gene.
        ending: of the messenger; not asked for `start`.
        critical: the lost region is critical to the protein; None = not known.
        tolerated: losses in this exon are frequent in the population; None = not known.
        other_start: another transcript of the gene starts elsewhere.
        pathogenic_upstream: pathogenic variants are known before the next in-frame start; None = not known.
    """

    kind: str
    relevant: bool
    ending: Ending | None = None
    critical: bool | None = None
    tolerated: bool | None = None
    other_start: bool = False
    pathogenic_upstream: bool | None = None


def weigh_loss(loss: Loss) -> tuple[Strength | None, str]:
    """Return the strength of PVS1, None where the tree gives none, and the way through the tree in words."""
    if loss.kind == "start":
        return _start(loss)
    ending = loss.ending
    if ending is None or (ending.decay is None and ending.removed is None):
        return None, ending.note if ending else "the end of the messenger is not known"
    way = f"skipping exon {ending.exon}" if loss.kind == "splice" else "an early stop"
    if ending.note == "the exon is not translated":
        return None, f"{way}, which is not translated"
    if not loss.relevant:
        return None, f"{way}, in an exon that the transcript which stands for the gene does not have"
    if ending.decay:
        return Strength.VERY_STRONG, f"{way}, decay of the messenger expected"
    if ending.decay is None:
        return None, f"{way}: {ending.note}, so decay is not known"
    return _shortened(loss, ending, f"{way}, {'reading frame kept' if ending.in_frame else 'no decay of the messenger expected'}")


def _shortened(loss: Loss, ending: Ending, way: str) -> tuple[Strength | None, str]:
    """Weigh a protein that is made and shorter or changed at its end."""
    if loss.critical:
        return Strength.STRONG, f"{way}, the region is critical to the protein"
    if loss.tolerated:
        return None, f"{way}, and losses in this exon are frequent in the population"
    unknown = " (whether losses in this exon are frequent is not known)" if loss.tolerated is None else ""
    way = f"{way}, role of the region unknown"
    if ending.removed is None:
        return None, f"{way}, and how much of the protein is lost is not known"
    if ending.removed > MOST_REMOVED:
        return Strength.STRONG, f"{way}, {ending.removed:.0%} of the protein lost{unknown}"
    return Strength.MODERATE, f"{way}, {ending.removed:.0%} of the protein lost{unknown}"


def _start(loss: Loss) -> tuple[Strength | None, str]:
    if not loss.relevant:
        return None, "start codon of a transcript that does not stand for the gene"
    if loss.other_start:
        return None, "start codon lost, another transcript of the gene starts elsewhere"
    if loss.pathogenic_upstream:
        return Strength.MODERATE, "start codon lost, pathogenic variants are known before the next in-frame start"
    known = "none is" if loss.pathogenic_upstream is False else "whether any is"
    end = "known" if loss.pathogenic_upstream is False else "was not evaluated"
    return Strength.SUPPORTING, f"start codon lost; of pathogenic variants before the next in-frame start {known} {end}"
