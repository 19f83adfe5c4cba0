"""Which transcripts a variant lies on, for variants that come in the order of a sorted VCF."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from workflow.bases import Bases
from workflow.hgvs_names import TranscriptNamer
from workflow.transcript import Transcript


class Overlaps:
    """A sweep along each contig; only the transcripts around the current variant keep their sequence in memory."""

    def __init__(self, transcripts: Iterable[Transcript], bases: Bases) -> None:
        self._bases = bases
        self._waiting: defaultdict[str, list[Transcript]] = defaultdict(list)
        for transcript in transcripts:
            self._waiting[transcript.contig].append(transcript)
        for on_contig in self._waiting.values():
            on_contig.sort(key=lambda item: -item.start)
        self._contig = ""
        self._active: list[TranscriptNamer] = []

    def at(self, contig: str, pos: int, start: int, end: int) -> Iterator[TranscriptNamer]:
        """Return the transcripts that a change of bases [start, end), 0-based, touches; an insertion must lie between two of their bases.

        `pos`, 0-based, never falls within one contig and is not behind `start`.
        """
        if contig != self._contig:
            self._contig, self._active = contig, []
        waiting = self._waiting.get(contig, [])
        while waiting and waiting[-1].start < end:
            self._active.append(TranscriptNamer(waiting.pop(), self._bases))
        if self._active:
            self._active = [namer for namer in self._active if namer.transcript.end > pos]
        return (namer for namer in self._active if namer.transcript.start < end and start < namer.transcript.end)
