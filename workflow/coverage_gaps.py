"""Which exons of a gene could be judged in each member of a case, and which could not: a position without coverage is not reference.

Intervals are 0-based half-open. What counts are coding bases, of the chosen transcript; all exon bases where a gene has no coding part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pysam

from workflow.intervals import Interval, Intervals, intersection, merged
from workflow.transcript import Transcript, chosen_transcript

ASSESSED, PARTLY, NOT_ASSESSED = "assessed", "partly", "not assessed"
OUTSIDE_REGIONS, NO_MODEL, NO_CONTIG = "outside the regions called", "no transcript in the gene models", "not in the reference"


class CallableBed:
    """The callable intervals of one sample (`callable.bed.gz` with its tabix index), read where asked."""

    def __init__(self, path: str | Path) -> None:
        self._file = pysam.TabixFile(str(path))
        self._contigs = set(self._file.contigs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def within(self, contig: str, start: int, end: int) -> list[Interval]:
        """Return the callable parts of [start, end), sorted and disjoint."""
        if contig not in self._contigs:
            return []
        lines = (line.split("\t", 3) for line in self._file.fetch(contig, start, end))
        return intersection(merged((int(fields[1]), int(fields[2])) for fields in lines), [(start, end)])


@dataclass(frozen=True)
class Territory:
    """Where calls are owed: contigs of the reference, and the regions called (None = the whole of it)."""

    contigs: frozenset[str]
    regions: Intervals | None

    def within(self, contig: str, start: int, end: int) -> list[Interval]:
        """Return the parts of [start, end) in which calls are owed."""
        if self.regions is None:
            return [(start, end)]
        return intersection(self.regions.get(contig, []), [(start, end)])


def choose_transcripts(transcripts: Iterable[Transcript], genes: Iterable[str], territory: Territory) -> dict[str, Transcript | None]:
    """Return the transcript that stands for each gene, None where the models lack it; one on the reference's contigs goes first."""
    of_gene: dict[str, list[Transcript]] = {gene: [] for gene in genes}
    for transcript in transcripts:
        of_gene.get(transcript.gene, []).append(transcript)
    on_reference = {gene: [one for one in all_ if one.contig in territory.contigs] or all_ for gene, all_ in of_gene.items()}
    return {gene: chosen_transcript(those) if those else None for gene, those in on_reference.items()}


def _length(intervals: Iterable[Interval]) -> int:
    return sum(end - start for start, end in intervals)


def gene_coverage(
    gene: str, transcript: Transcript | None, members: Mapping[str, CallableBed], territory: Territory, proband: str
) -> dict[str, Any]:
    """Return how much of a gene could be judged in each member, by exon.

    Returns:
        `{gene, transcript, coding, status, bases, owed, callable: {member: bases}, exons: […]}`. `status` is of the proband. `owed`
        counts bases inside the regions called. Bases are 0 and exons empty where the gene has no place to look at.
    """
    if transcript is None or transcript.contig not in territory.contigs:
        return _nothing(gene, transcript, members, NO_MODEL if transcript is None else NO_CONTIG)
    exons = [_exon(number, part, transcript, members, territory) for number, part in _parts(transcript)]
    total = {key: sum(exon[key] for exon in exons) for key in ("bases", "owed")}
    depth = {member: sum(exon["callable"][member] for exon in exons) for member in members}
    return {
        "gene": gene,
        "transcript": transcript.id,
        "coding": bool(transcript.cds),
        "status": _status(total["bases"], total["owed"], depth[proband]),
        **total,
        "callable": depth,
        "exons": exons,
    }


def _nothing(gene: str, transcript: Transcript | None, members: Iterable[str], status: str) -> dict[str, Any]:
    name = transcript.id if transcript else ""
    empty = {"bases": 0, "owed": 0, "callable": dict.fromkeys(members, 0), "exons": []}
    return {"gene": gene, "transcript": name, "coding": bool(transcript and transcript.cds), "status": status, **empty}


def _status(bases: int, owed: int, depth: int) -> str:
    if owed == 0:
        return OUTSIDE_REGIONS
    return ASSESSED if depth == bases else PARTLY if depth else NOT_ASSESSED


def _parts(transcript: Transcript) -> list[tuple[int, Interval]]:
    """Return (exon number, interval) of what counts, in the direction of the gene; exons are numbered from 1 at its 5' end."""
    parts = []
    for number, exon in enumerate(transcript.exons_in_order, start=1):
        inside = intersection(list(transcript.cds), [exon]) if transcript.cds else [exon]
        parts += [(number, part) for part in inside]
    return parts


def _exon(number: int, part: Interval, transcript: Transcript, members: Mapping[str, CallableBed], territory: Territory) -> dict[str, Any]:
    place = (transcript.contig, *part)
    owed = territory.within(*place)
    return {
        "number": number,
        "of": len(transcript.exons),
        "contig": transcript.contig,
        "start": part[0],
        "end": part[1],
        "bases": part[1] - part[0],
        "owed": _length(owed),
        "callable": {member: _length(intersection(bed.within(*place), owed)) for member, bed in members.items()},
    }
