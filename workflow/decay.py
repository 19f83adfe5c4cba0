"""What becomes of a messenger that ends too early or lacks an exon: nonsense-mediated decay, and how much of the protein is lost.

Decay is expected where the early stop lies more than 50 bases before the last exon-exon junction (Nagy and Maquat, Trends Biochem Sci
1998;23:198): not in the last exon, not in the last 50 bases of the one before, and never in a gene of one exon.
"""

import re
from dataclasses import dataclass

from workflow.bases import reverse_complement
from workflow.hgvs_edits import Change
from workflow.hgvs_names import TranscriptNamer
from workflow.protein_names import STANDARD_CODE, UNKNOWN, CodingSequence

JUNCTION_BASES = 50
_STOP = re.compile(r"p\.\D+(\d+)(?:_\D+\d+)?(?:\D*fsTer(\d+|\?)|\D*Ter$)")


@dataclass(frozen=True)
class Ending:
    """How a changed messenger ends.

    Attributes:
        decay: whether decay is expected; None where the new stop is not known.
        removed: share of the protein that is lost or replaced (0 to 1); None where that is not known.
        in_frame: the reading frame is kept, so that only a stretch of the protein is missing.
        exon: number of the exon that is hit or skipped, 5' to 3'.
        note: why something is not known, or what limits the prediction.
    """

    decay: bool | None
    removed: float | None
    in_frame: bool = False
    exon: int = 0
    note: str = ""


def escapes(stop_end: int, junction: int) -> bool:
    """Tell whether a stop codon that ends before index `stop_end` of a messenger escapes decay; `junction` 0 = there is none."""
    return junction == 0 or stop_end > junction - JUNCTION_BASES


def last_junction(lengths: list[int]) -> int:
    """Return the index of the first base behind the last junction of exons of these lengths, 0 where there is one exon."""
    return sum(lengths[:-1]) if len(lengths) > 1 else 0


def early_stop(namer: TranscriptNamer, protein: str, change: Change) -> Ending:
    """Return the ending of a messenger with an early stop, by the name of its protein (`p.Arg249Ter`, `p.Arg249GlyfsTer12`)."""
    match = _STOP.search(protein)
    first, last = namer.map.coding
    residues = (last - first) // 3 - 1
    if not match or residues < 1:
        return Ending(None, None, note="the new end of the protein is not known")
    changed = int(match[1])
    if match[2] == "?":
        return Ending(None, _share(residues - changed + 1, residues), note="no stop follows in the new reading frame")
    stop = changed + (int(match[2]) - 1 if match[2] else 0)
    lengths = [end - start for start, end in namer.transcript.exons_in_order]
    shift = len(change.alt) - len(change.ref)
    junction = last_junction(lengths)
    moved = junction + shift if junction and first + (changed - 1) * 3 < junction else junction
    return Ending(
        not escapes(first + stop * 3, moved), _share(residues - changed + 1, residues), exon=_exon_of(lengths, first + changed * 3)
    )


def _share(lost: int, residues: int) -> float:
    return round(max(0, lost) / residues, 4)


def _exon_of(lengths: list[int], index: int) -> int:
    """Return the number (1-based) of the exon that holds an index of the messenger."""
    behind = 0
    for number, length in enumerate(lengths, start=1):
        behind += length
        if index <= behind:
            return number
    return len(lengths)


def skipped_exon(namer: TranscriptNamer, terms: tuple[str, ...], change: Change) -> Ending:
    """Return the ending of a messenger that lacks the exon beside a destroyed splice site (positions 1 and 2 of the intron)."""
    donor, acceptor = ("splice_donor_variant" in terms), ("splice_acceptor_variant" in terms)
    introns = {
        number for kind, number in map(namer.map.number, range(max(change.start, namer.transcript.start), change.end or change.start + 1))
        if kind == "intron"
    } or {number for kind, number in (namer.map.number(change.start), namer.map.number(change.start - 1)) if kind == "intron"}  # fmt: skip
    if donor == acceptor or len(introns) != 1:
        return Ending(None, None, note="which exon would be skipped is not known")
    return without_exon(namer, introns.pop() + acceptor)


def without_exon(namer: TranscriptNamer, exon: int) -> Ending:
    """Return the ending of a messenger without an exon (1-based, 5' to 3')."""
    sizes = _coding_sizes(namer)
    first, last = namer.map.coding
    if not sizes[exon - 1]:
        return Ending(None, 0.0, exon=exon, note="the exon is not translated")
    if not any(sizes[: exon - 1]):
        return Ending(None, None, exon=exon, note="the exon holds the start codon")
    lost = sizes[exon - 1]
    kept_frame = lost % 3 == 0 and any(sizes[exon:])
    if kept_frame:
        return Ending(False, round(lost / (last - first - 3), 4), in_frame=True, exon=exon)
    return _read_on(namer, exon, sizes)


def _coding_sizes(namer: TranscriptNamer) -> list[int]:
    """Return the coding bases of each exon, 5' to 3'."""
    cds = namer.transcript.cds
    return [
        sum(max(0, min(end, stop) - max(start, begin)) for begin, stop in cds) for start, end in namer.transcript.exons_in_order
    ]  # fmt: skip


def _read_on(namer: TranscriptNamer, exon: int, sizes: list[int]) -> Ending:
    """Translate the messenger without the exon from its start codon up to the first stop."""
    exons = namer.transcript.exons_in_order
    texts = [namer.bases.get(namer.transcript.contig, start, end) for start, end in exons]
    texts = texts if namer.forward else [reverse_complement(text) for text in texts]
    first, last = namer.map.coding
    kept = texts[: exon - 1] + texts[exon:]
    protein = CodingSequence("", 0, STANDARD_CODE).translate("".join(kept)[first:])
    residues, same = (last - first) // 3 - 1, sum(sizes[: exon - 1]) // 3
    removed = _share(residues - same, residues)
    stop = protein.find("*")
    if stop < 0 or UNKNOWN in protein[:stop]:
        note = "unknown bases of the reference decide where it ends" if UNKNOWN in protein else "no stop follows in the new reading frame"
        return Ending(None, removed, exon=exon, note=note)
    junction = last_junction([len(text) for text in kept])
    return Ending(not escapes(first + (stop + 1) * 3, junction), removed, exon=exon)
