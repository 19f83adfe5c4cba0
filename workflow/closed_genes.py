"""Genes that may not be looked at: their variants stay in the call set as bare calls, without name, consequence or a source's word."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.case_calls import Row, sample_calls
from workflow.hgvs_names import TranscriptNamer
from workflow.scope import Scope

CLOSED = "##genvej_closed="
"""How the header line of annotated calls begins that says that genes were kept back."""


@dataclass(frozen=True)
class ClosedGenes:
    """`genes`: symbols and identifiers; `consenting`: samples whose variants in them may be named; `release` of the list."""

    genes: frozenset[str] = frozenset()
    consenting: frozenset[str] = frozenset()
    release: str = ""

    def header(self) -> list[str]:
        """Return the header line that tells what is kept back: by the list and the question, never the calls; no gene is named."""
        if not self.genes:
            return []
        release, why = (
            self.release.replace('"', "'"),
            "secondary findings are told with consent only; records in these genes are bare calls",
        )
        return [f'{CLOSED}<Genes={len(self.genes)},Release="{release}",Reason="{why}">']

    def open_ones(self, namers: Sequence[TranscriptNamer], row: Row, samples: Sequence[str]) -> Sequence[TranscriptNamer] | None:
        """Return the transcripts of which a record may be named; None if nothing of it may be said.

        A record that lies on another gene too is told for that one. A closed gene is open for a record that a consenting person carries.
        """
        if not self.genes or not any(self._closes(namer) for namer in namers):
            return namers
        if self.consenting:
            calls = sample_calls(row, samples)
            if any("1" in calls[name].genotype.replace("|", "/").split("/") for name in self.consenting if name in calls):
                return namers
        left = [namer for namer in namers if not self._closes(namer)]
        return left or None

    def _closes(self, namer: TranscriptNamer) -> bool:
        return namer.transcript.gene in self.genes or namer.transcript.gene_id in self.genes


OPEN = ClosedGenes()


def closed_genes(scope: Scope) -> ClosedGenes:
    """Return what the scope of a case closes."""
    consenting = frozenset(name for name, consent in scope.consents.items() if consent == "yes")
    return ClosedGenes(scope.outside, consenting, str(scope.told.get("release", "")))
