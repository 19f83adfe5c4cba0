"""HGVS names of what a change of the coding sequence predicts for the protein, in three-letter code and without parentheses.

Rules: https://hgvs-nomenclature.org/stable/recommendations/protein/. Genetic codes: NCBI tables 1 and 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from workflow.hgvs_edits import NotNamedError

_CODONS = ["".join(codon) for codon in product("TCAG", repeat=3)]
STANDARD_CODE = dict(zip(_CODONS, "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", strict=True))
MITOCHONDRIAL_CODE = STANDARD_CODE | {"AGA": "*", "AGG": "*", "ATA": "M", "TGA": "W"}
_LETTERS = "ARNDCQEGHILKMFPSTWYV*"
_NAMES = "Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val Ter"
THREE = dict(zip(_LETTERS, _NAMES.split(), strict=True))
UNKNOWN = "X"


@dataclass(frozen=True)
class CodingSequence:
    """A transcript's bases from the start codon to its end, with `length` bases of coding sequence (stop codon included)."""

    bases: str
    length: int
    code: Mapping[str, str]

    def translate(self, bases: str) -> str:
        """Return one letter a complete codon; `X` for a codon with unknown bases."""
        return "".join(self.code.get(bases[at : at + 3], UNKNOWN) for at in range(0, len(bases) - 2, 3))

    def residue(self, index: int) -> str:
        """Return the reference residue at a 0-based index, empty outside the protein."""
        if index < 0 or index * 3 >= self.length:
            return ""
        return self.translate(self.bases[index * 3 : index * 3 + 3])


def protein_name(coding: CodingSequence, start: int, end: int, alt: str) -> str:
    """Return the p. name of replacing coding bases [start, end), 0-based half-open from the start codon, by `alt`.

    Raises:
        NotNamedError: the result cannot be told, or has no agreed name.
    """
    if start < 0:
        return "p.Met1?"
    if end > coding.length:
        raise NotNamedError("the variant reaches from the coding sequence into the 3' untranslated region")
    changed = coding.bases[:start] + alt + coding.bases[end:]
    if changed[:3] != coding.bases[:3]:
        return "p.Met1?"
    if (len(alt) - (end - start)) % 3:
        return _shifted_frame(coding, changed, start // 3)
    first, last = start // 3, -(-end // 3)
    if last * 3 > coding.length:
        raise NotNamedError("the last codon of the coding sequence is not complete")
    old = coding.translate(coding.bases[first * 3 : last * 3])
    new = coding.translate(coding.bases[first * 3 : start] + alt + coding.bases[end : last * 3])
    if UNKNOWN in old + new:
        raise NotNamedError("the reference has unknown bases in the codon")
    if "*" in (old if last * 3 < coding.length else old[:-1]):
        raise NotNamedError("the reference has a stop codon inside the coding sequence")
    if old.endswith("*") and "*" not in new:
        return _lost_stop(coding, changed, first, old)
    return _kept_frame(coding, first, old, new)


def _kept_frame(coding: CodingSequence, first: int, old: str, new: str) -> str:
    """Name the replacement of residues `old`, from 0-based index `first`, by `new`; nothing is told of what follows a stop in `new`."""
    if old == _up_to_stop(new):
        return f"p.{_span(coding, first, len(old))}="
    shared = _shared(old, new)
    old, new, first = old[shared:], new[shared:], first + shared
    tail = _shared(old[::-1], new[::-1])
    old, new = old[: len(old) - tail], _up_to_stop(new[: len(new) - tail])
    if not new:
        return _deletion(coding, first, len(old))
    if not old:
        return _insertion(coding, first, new)
    if new[0] == "*":
        return f"p.{_one(coding, first)}Ter"
    place = _span(coding, first, len(old))
    return f"p.{place}{_words(new)}" if len(old) == len(new) == 1 else f"p.{place}delins{_words(new)}"


def _up_to_stop(residues: str) -> str:
    return residues[: residues.find("*") + 1] or residues


def _deletion(coding: CodingSequence, first: int, size: int) -> str:
    while (after := _known(coding, first + size)) and after == _known(coding, first):
        first += 1
    return f"p.{_span(coding, first, size)}del"


def _insertion(coding: CodingSequence, first: int, new: str) -> str:
    """Name residues `new`, which may end in a stop, inserted before index `first`; a copy of what stands before is a duplication."""
    stops = "*" in new
    while new and _known(coding, first) == new[0]:
        new, first = new[1:] + ("" if stops else new[0]), first + 1
    if stops and _known(coding, first) == "*":
        new = new[:-1]
    if not new:
        return f"p.{_one(coding, first - 1)}="
    if new[0] == "*":
        return f"p.{_one(coding, first)}Ter"
    if "".join(_known(coding, index) for index in range(first - len(new), first)) == new:
        return f"p.{_span(coding, first - len(new), len(new))}dup"
    return f"p.{_span(coding, first - 1, 2)}ins{_words(new)}"


def _lost_stop(coding: CodingSequence, changed: str, first: int, old: str) -> str:
    new = coding.translate(changed[first * 3 :])
    shared = _shared(old, new)
    if old[shared : shared + 1] != "*":
        raise NotNamedError("the stop codon is lost together with its neighbours")
    return _extension(first + shared, new[shared:])


def _shifted_frame(coding: CodingSequence, changed: str, first: int) -> str:
    """Name a frame shift whose first changed codon has the 0-based index `first`."""
    old, new = coding.translate(coding.bases[first * 3 : coding.length]), coding.translate(changed[first * 3 :])
    new = _up_to_stop(new)
    shared = _shared(old, new)
    if UNKNOWN in old[: shared + 1] + new[: shared + 1]:
        raise NotNamedError("the reference has unknown bases in the codon")
    if not old.endswith("*"):
        raise NotNamedError("the coding sequence does not end in a known stop codon")
    if shared == len(old):
        return f"p.{_one(coding, first)}="
    if "*" in old[:shared] or (old[shared] == "*" and shared < len(old) - 1):
        raise NotNamedError("the reference has a stop codon inside the coding sequence")
    if shared == len(new):
        raise NotNamedError("the transcript ends before the changed codon")
    if new[shared] == "*":
        return f"p.{_one(coding, first + shared)}Ter"
    if old[shared] == "*":
        return _extension(first + shared, new[shared:])
    return f"p.{_one(coding, first + shared)}{THREE[new[shared]]}fsTer{_count_to_stop(new[shared:], counted_from=1)}"


def _extension(index: int, new: str) -> str:
    """Name a protein that goes on at its stop (0-based `index`) with the residues `new`."""
    if not new:
        raise NotNamedError("the transcript ends at its stop codon")
    distance = _count_to_stop(new, counted_from=0)
    return f"p.Ter{index + 1}{THREE[new[0]]}extTer{distance}"


def _count_to_stop(new: str, *, counted_from: int) -> str:
    stop = new.find("*")
    if UNKNOWN in (new[:stop] if stop >= 0 else new):
        raise NotNamedError("the reference has unknown bases before the new stop codon")
    return str(stop + counted_from) if stop >= 0 else "?"


def _shared(one: str, other: str) -> int:
    """Return how many leading letters two texts share."""
    size = min(len(one), len(other))
    return next((at for at in range(size) if one[at] != other[at]), size)


def _known(coding: CodingSequence, index: int) -> str:
    residue = coding.residue(index)
    if residue == UNKNOWN:
        raise NotNamedError("the reference has unknown bases in a codon beside the variant")
    return residue


def _one(coding: CodingSequence, index: int) -> str:
    residue = _known(coding, index)
    if not residue:
        raise NotNamedError("the coding sequence does not end in a known stop codon")
    return f"{THREE[residue]}{index + 1}"


def _span(coding: CodingSequence, first: int, size: int) -> str:
    return _one(coding, first) if size == 1 else f"{_one(coding, first)}_{_one(coding, first + size - 1)}"


def _words(residues: str) -> str:
    return "".join(THREE[residue] for residue in residues)
