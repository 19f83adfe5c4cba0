"""A diploid person on real sequence: variants at the rates of life, written into two haplotypes.

Positions inside this module are 0-based; VCF positions are 1-based as ever. Everything follows from the seed.
"""

import random
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BASES_PER_SNV = 1000  # a human genome has about one SNV in 1,000 bases, one small indel in 8 SNVs, two heterozygous of three
BASES_PER_INDEL = 8000
HOMOZYGOUS = 1 / 3
TRANSITIONS = 2 / 3  # ratio of transitions to transversions 2
INDELS_IN_REPEATS = 0.6  # share of indels in homopolymers and short tandem repeats
KNOWN = 0.95  # share of a person's variants that a list of common sites holds
LONGEST = 50  # bases of the longest indel outside repeats; lengths fall as length ** -1.7
MARGIN = 500  # bases at the ends of a piece without variants and outside the truth BED: depth falls there
REPEAT = re.compile(r"([ACGT])\1{5,}|([ACGT]{2})\2{4,}|([ACGT]{3})\3{3,}")
PARTNER = {"A": "G", "G": "A", "C": "T", "T": "C"}


@dataclass(frozen=True)
class Variant:
    """One variant of a piece: 0-based offset in it, alleles as VCF writes them, which of the two copies carry it."""

    at: int
    ref: str
    alt: str
    copies: tuple[bool, bool]
    known: bool

    @property
    def genotype(self) -> str:
        """Return the phased genotype."""
        return "|".join(str(int(copy)) for copy in self.copies)


def make_variants(sequence: str, dice: random.Random) -> list[Variant]:
    """Return the variants of a person on a sequence of A, C, G, T, in order, none touching another."""
    repeats = [match for match in REPEAT.finditer(sequence) if match.start() > MARGIN and match.end() < len(sequence) - MARGIN]
    weights = [(match.end() - match.start() - 4) ** 2 for match in repeats]
    indels = len(sequence) // BASES_PER_INDEL
    in_repeats = round(INDELS_IN_REPEATS * indels) if repeats else 0
    edits = [_repeat_edit(match, dice) for match in dice.choices(repeats, weights, k=in_repeats)] if repeats else []
    edits += [_plain_indel(sequence, dice) for _ in range(indels - in_repeats)]
    edits = [left_aligned(sequence, *edit) for edit in edits]
    edits += [_snv(sequence, dice) for _ in range(len(sequence) // BASES_PER_SNV)]
    return [Variant(*edit, _copies(dice), dice.random() < KNOWN) for edit in _apart(edits)]


def _place(sequence: str, dice: random.Random) -> int:
    return dice.randrange(MARGIN, len(sequence) - MARGIN)


def _copies(dice: random.Random) -> tuple[bool, bool]:
    return (True, True) if dice.random() < HOMOZYGOUS else dice.choice([(True, False), (False, True)])


def _snv(sequence: str, dice: random.Random) -> tuple[int, str, str]:
    at = _place(sequence, dice)
    ref = sequence[at]
    partner = PARTNER[ref]
    return at, ref, partner if dice.random() < TRANSITIONS else dice.choice([base for base in "ACGT" if base not in (ref, partner)])


def _repeat_edit(match: re.Match[str], dice: random.Random) -> tuple[int, str, str]:
    """Return one to three units more or fewer in a repeat, anchored on the base before it."""
    unit = next(group for group in match.groups() if group)
    change = unit * dice.choices([1, 2, 3], [80, 15, 5])[0]
    anchor = match.string[match.start() - 1]
    return (match.start() - 1, anchor + change, anchor) if dice.random() < 0.55 else (match.start() - 1, anchor, anchor + change)


def _plain_indel(sequence: str, dice: random.Random) -> tuple[int, str, str]:
    """Return a deletion, or an insertion that is half the time a copy of what follows."""
    at, length = _place(sequence, dice), dice.choices(range(1, LONGEST + 1), [size**-1.7 for size in range(1, LONGEST + 1)])[0]
    following = sequence[at + 1 : at + 1 + length]
    if dice.random() < 0.5:
        return at, sequence[at] + following, sequence[at]
    inserted = following if dice.random() < 0.5 else "".join(dice.choices("ACGT", k=length))
    return at, sequence[at], sequence[at] + inserted


def left_aligned(sequence: str, at: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Return an insertion or deletion at its leftmost place, as VCF normalisation wants it."""
    while at > 0 and ref[-1] == alt[-1]:
        at -= 1
        ref, alt = sequence[at] + ref[:-1], sequence[at] + alt[:-1]
    return at, ref, alt


def _apart(edits: Iterable[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """Return the edits in order without those that touch one before them in the list."""
    starts: list[int] = []
    kept: list[tuple[int, str, str]] = []
    for edit in edits:
        where = bisect_left(starts, edit[0])
        before = where == 0 or kept[where - 1][0] + len(kept[where - 1][1]) < edit[0]
        if before and (where == len(kept) or edit[0] + len(edit[1]) < kept[where][0]):
            starts.insert(where, edit[0])
            kept.insert(where, edit)
    return kept


def haplotype(sequence: str, variants: Sequence[Variant], copy: int) -> str:
    """Return one copy (0 or 1) of a sequence with its variants written in."""
    parts, done = [], 0
    for one in variants:
        if one.copies[copy]:
            parts += [sequence[done : one.at], one.alt]
            done = one.at + len(one.ref)
    return "".join([*parts, sequence[done:]])
