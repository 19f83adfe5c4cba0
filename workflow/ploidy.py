"""How many copies of each contig a sample has: decided once, used by every caller, by metrics and by the store.

Regions are 0-based half-open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Region = tuple[str, int, int]

# Depth of non-PAR X and Y relative to the autosomes, by karyotype: X copies / 2, Y copies / 2.
# A measured ratio within TOLERANCE of copies / 2 counts as that number of copies; between two it stays undecided.
TOLERANCE = 0.15
KARYOTYPES = {"XX": (2, 0), "XY": (1, 1), "X0": (1, 0), "XXY": (2, 1), "XYY": (1, 2), "XXX": (3, 0), "XXXY": (3, 1), "XXYY": (2, 2)}
BY_SEX = {"female": "XX", "male": "XY"}


@dataclass(frozen=True)
class SexContigs:
    """The sex chromosomes of a reference: contig names (None where it has none) and the pseudoautosomal regions."""

    x: str | None
    y: str | None
    par: tuple[Region, ...]


def karyotype_of_order(sex: str) -> str | None:
    """Return the karyotype that a sample sheet's `sex` names, or None for `unknown`."""
    if sex == "unknown":
        return None
    return BY_SEX.get(sex, sex.upper())


def copies_of_karyotype(karyotype: str) -> tuple[int, int]:
    """Return the number of X and Y chromosomes that a karyotype such as XXY names; X0 has one X."""
    return karyotype.upper().count("X"), karyotype.upper().count("Y")


def measured_karyotype(x_ratio: float | None, y_ratio: float | None) -> str | None:
    """Return the karyotype whose expected depth ratios fit the measured ones, or None if none does.

    Args:
        x_ratio: mean depth of X outside PAR over mean autosomal depth; None if not measured.
        y_ratio: the same for Y.
    """
    if x_ratio is None or y_ratio is None:
        return None
    fits = [name for name, (x, y) in KARYOTYPES.items() if abs(x_ratio - x / 2) <= TOLERANCE and abs(y_ratio - y / 2) <= TOLERANCE]
    return fits[0] if len(fits) == 1 else None


def ploidy_regions(
    karyotype: str | None, contigs: Mapping[str, int], sex: SexContigs, mitochondria: Iterable[str] = ()
) -> list[tuple[str, int, int, int]]:
    """Return (contig, start, end, copies) for every stretch whose ploidy is not two.

    PAR is diploid on X and is not called on Y (0), since its reads align to X or to both. Y of a person without Y is 0.
    An unknown karyotype is called as two X and one Y. Mitochondrial contigs are 1: heteroplasmy is not this model's question.
    """
    x_copies, y_copies = copies_of_karyotype(karyotype) if karyotype else (2, 1)
    regions = []
    if sex.x and sex.x in contigs:
        regions += [(sex.x, start, end, x_copies) for start, end in _outside(sex.x, contigs[sex.x], sex.par)]
    if sex.y and sex.y in contigs:
        regions += [(sex.y, start, end, y_copies) for start, end in _outside(sex.y, contigs[sex.y], sex.par)]
        regions += [(contig, start, end, 0) for contig, start, end in sex.par if contig == sex.y]
    regions += [(name, 0, contigs[name], 1) for name in mitochondria if name in contigs]
    return sorted(region for region in regions if region[3] != 2)


def _outside(contig: str, length: int, par: Iterable[Region]) -> list[tuple[int, int]]:
    """Return the stretches of a contig that lie outside its pseudoautosomal regions."""
    stretches, start = [], 0
    for _, par_start, par_end in sorted(region for region in par if region[0] == contig):
        if par_start > start:
            stretches.append((start, par_start))
        start = max(start, par_end)
    if start < length:
        stretches.append((start, length))
    return stretches
