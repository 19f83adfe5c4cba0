"""The sex chromosomes that reads show, from depth and heterozygosity, with mosaics named, against the order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.ploidy import TOLERANCE, copies_of_karyotype, measured_karyotype

HETEROZYGOUS = 1e-4
"""Heterozygous places a base of X outside PAR from which there are two different X chromosomes: a woman has 3 to 6 in 10,000 bases, a man
next to none."""
LEAST_BASES = 50_000
"""Bases of X that must have been looked at before heterozygosity says anything: a woman shows 15 places in so many."""
DEPTH_ERROR = 0.05
"""How far sequence content may move the depth of X or Y, as share of the autosomes' depth."""
SEX = "sex_matches_order"


@dataclass(frozen=True)
class Finding:
    """What reads say: the karyotype (None if none fits), the mosaic if there is one, the share of cells with the loss, notes."""

    karyotype: str | None
    mosaic: str | None
    share_of_cells: tuple[float, float] | None
    notes: tuple[str, ...]


def heterozygosity(look: tuple[int, int]) -> float | None:
    """Return the heterozygous places a base of X, None if too few bases were looked at.

    Args:
        look: bases that were plain and deep enough, heterozygous ones among them.
    """
    return look[1] / look[0] if look[0] >= LEAST_BASES else None


def judge_chromosomes(x_ratio: float | None, y_ratio: float | None, x_heterozygosity: float | None) -> Finding:
    """Return the karyotype that depth and heterozygosity fit.

    Args:
        x_ratio: depth of X outside PAR over that of the autosomes; None if not measured.
        y_ratio: the same for Y.
        x_heterozygosity: heterozygous places a base of X outside PAR; None if not measured.
    """
    if x_ratio is None or y_ratio is None:
        return Finding(None, None, None, ())
    karyotype = measured_karyotype(x_ratio, y_ratio)
    two_x = x_heterozygosity is not None and x_heterozygosity >= HETEROZYGOUS
    if karyotype is None or (karyotype == "X0" and two_x):
        return _mosaic(x_ratio, y_ratio, x_heterozygosity)
    return Finding(karyotype, None, None, _doubts(karyotype, x_heterozygosity))


def _doubts(karyotype: str, x_heterozygosity: float | None) -> tuple[str, ...]:
    """Return what heterozygosity says against a karyotype that depth fits."""
    copies, _ = copies_of_karyotype(karyotype)
    if x_heterozygosity is None:
        return ("heterozygosity of X was not evaluated: too few bases of it in the territory",)
    per_10kb = f"{10_000 * x_heterozygosity:.1f} heterozygous places in 10,000 bases of X"
    if copies == 1 and x_heterozygosity >= HETEROZYGOUS:
        return (f"{per_10kb} although its depth is that of one copy: a mixture of two people, or of two cell lines",)
    if copies > 1 and x_heterozygosity < HETEROZYGOUS:
        return (f"{per_10kb} although its depth is that of {copies} copies: copies of one X, or parents who are related",)
    return ()


def _mosaic(x_ratio: float, y_ratio: float, x_heterozygosity: float | None) -> Finding:
    """Return the mosaic that depths between two karyotypes fit: loss of X in a woman, of Y in a man."""
    without_y = y_ratio <= TOLERANCE
    if without_y and 0.5 - TOLERANCE <= x_ratio < 1 - TOLERANCE:
        if x_heterozygosity is not None and x_heterozygosity < HETEROZYGOUS / 4:
            return Finding(None, None, None, ("X lies between one and two copies, but is not heterozygous",))
        return Finding("XX", "X0/XX", _share(2 * (1 - x_ratio), 2 * DEPTH_ERROR), ())
    if abs(x_ratio - 0.5) <= TOLERANCE and TOLERANCE < y_ratio < 0.5 - TOLERANCE:
        return Finding("XY", "X0/XY", _share(1 - 2 * y_ratio, 2 * DEPTH_ERROR), ())
    return Finding(None, None, None, ())


def _share(middle: float, by: float) -> tuple[float, float]:
    return round(max(0.0, middle - by), 2), round(min(1.0, middle + by), 2)


def judge_sex(karyotype: Mapping[str, Any]) -> tuple[bool | None, str]:
    """Return whether the measured sex agrees with the order (None = cannot be said), and the facts in words.

    Depths of X and Y that were measured but fit no karyotype disagree with any order, and so does a mosaic: a person must look.
    """
    ratios = karyotype["x_depth_ratio"], karyotype["y_depth_ratio"]
    if karyotype["measured"] is None and None not in ratios:
        return (
            False,
            f"X at {ratios[0]} and Y at {ratios[1]} of the autosomes' depth fit no karyotype; the order says {karyotype['declared']}",
        )
    if karyotype["measured"] is None:
        return None, karyotype["reason"]
    more = "".join(f"; {note}" for note in karyotype.get("notes", []))
    if mosaic := karyotype.get("mosaic"):
        low, high = karyotype["mosaic_share"]
        return False, f"ordered {karyotype['declared']}, measured mosaic {mosaic}, the loss in {low:.0%} to {high:.0%} of cells{more}"
    if karyotype["agrees"] is None:
        return None, f"the order names no sex; measured {karyotype['measured']}{more}"
    return bool(karyotype["agrees"]), f"ordered {karyotype['declared']}, measured {karyotype['measured']}{more}"
