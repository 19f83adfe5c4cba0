"""What a variant's kind, frequency and call weigh in the order of candidates, as log10 odds that add up.

The numbers are set by judgement and not fitted: a rare variant that abolishes the product is about ten times as often causal as one
that changes an amino acid, and each tenfold in frequency makes a cause of rare disease about three times less likely. ClinVar does
not count: it would make every comparison with ClinVar circular; it is shown beside the score.
"""

import math
import re
from dataclasses import dataclass
from enum import Enum

from workflow.cohort_store.case_counts import RECURRENT_WORDS
from workflow.variants import AnnotatedVariant, Consequence, Genotype

NOT_EVALUATED = "not evaluated"
NOT_FOUND = "not found"
FREQUENCY_FIELDS = ("AF_grpmax", "AF_popmax", "AF")  # the highest of a population first
RAREST = 1e-5  # below it a frequency says no more
LOW_QUALITY, LOW_BALANCE = 20, 0.2

_NEAR_SPLICE_SITE = re.compile(r":c\.[-*]?\d+(\+[3-6]|-3)\D")
_LOST_G = re.compile(r":c\.\d+(_\d+)?(G>|del)")


class Effect(Enum):
    """What a variant does to a gene's product, with its weight (log10)."""

    LOSS = 1.0
    CHANGE = 0.0
    SPLICE = -0.7


def effect_of(consequence: Consequence) -> Effect | None:
    """Return the effect, None for what is not listed as a candidate by itself.

    Of the splice region, only positions where changes often matter count: +3 to +6 and -3 of an intron, and a G lost at an exon's edge
    (consensus of splice sites: Shapiro and Senapathy, Nucleic Acids Res 1987;15:7155).
    """
    if consequence.impact == "HIGH":
        return Effect.LOSS
    if consequence.impact == "MODERATE":
        return Effect.CHANGE
    if "splice_region_variant" not in consequence.terms:
        return None
    return Effect.SPLICE if _NEAR_SPLICE_SITE.search(consequence.hgvs_c) or _LOST_G.search(consequence.hgvs_c) else None


@dataclass(frozen=True)
class Frequency:
    """A variant's highest known population frequency: a fraction, or None with `in_words` saying why."""

    value: float | None
    in_words: str

    @property
    def weight(self) -> float:
        """What it adds to the score (log10)."""
        if self.value is None:
            return 0.5 if self.in_words == NOT_FOUND else 0.0
        return 0.5 - 0.5 * math.log10(max(self.value, RAREST) / RAREST)


def frequency_of(variant: AnnotatedVariant, *, evaluated: bool, source: str = "gnomad") -> Frequency:
    """Return the frequency in a source, `not found` if the source has no record, `not evaluated` if it was not looked at."""
    if not evaluated:
        return Frequency(None, NOT_EVALUATED)
    found = [variant.annotations.get(f"{source}_{field}", "") for field in FREQUENCY_FIELDS]
    values = [float(text) for text in found if text not in {"", "."}]
    if values:
        return Frequency(max(values), f"{max(values):.3g}")
    known = any(key.startswith(f"{source}_") for key in variant.annotations)
    return Frequency(None, NOT_EVALUATED if known else NOT_FOUND)


def allele_balance(genotype: Genotype) -> float | None:
    """Return the share of reads with the variant, None where the caller did not count."""
    reads = genotype.allele_depths
    return reads[1] / sum(reads) if reads and sum(reads) else None


def call_doubts(genotype: Genotype, *, recurrent: bool = False) -> list[str]:
    """Return what makes a call doubtful, in words; each costs 0.5. `recurrent`: it comes back in this centre and is unknown elsewhere."""
    doubts = [RECURRENT_WORDS] if recurrent else []
    if genotype.quality is not None and genotype.quality < LOW_QUALITY:
        doubts.append(f"genotype quality {genotype.quality} is below {LOW_QUALITY}")
    balance = allele_balance(genotype)
    if balance is not None and balance < LOW_BALANCE:
        doubts.append(f"only {balance:.0%} of the reads carry it")
    return doubts


def variant_weight(effect: Effect, frequency: Frequency, genotype: Genotype, *, recurrent: bool = False) -> float:
    """Return the log10 weight of effect, frequency and call together; `recurrent` as in `call_doubts`."""
    return effect.value + frequency.weight - 0.5 * len(call_doubts(genotype, recurrent=recurrent))
