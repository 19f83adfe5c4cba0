"""Which variant a row of the evidence sheet means, and whether its HGVS name agrees with position, reference and transcript."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from workflow.accessions import accession, aliases
from workflow.bases import Bases
from workflow.errors import InputError
from workflow.evidence_sheet import Judgement
from workflow.gene_models import read_transcripts
from workflow.hgvs_edits import Change, NotNamedError, shifted, trimmed_change
from workflow.hgvs_names import TranscriptNamer, genomic_name
from workflow.hgvs_place import ContradictionError, Name, Place, place_on_genome, place_on_transcript
from workflow.variants import AnnotatedVariant, read_annotated

_POSITION = re.compile(r"^([^\s:-]+)[:-](\d+)[:-]([ACGT]+)[:-]([ACGT]+)$", re.IGNORECASE)
_LISTED = re.compile(r"(del|dup)[ACGT]+$")
BESIDE = 100
"""Bases around a place in which the calls are looked through: a repeat moves an insertion or deletion."""


class Places:
    """The reference and the transcripts that names are held against.

    Args:
        fasta: the reference.
        assembly: GRCh38 or GRCh37.
        models: GFF3 of gene models, None for none.
        accessions: transcripts that are needed, with version.
    """

    def __init__(self, fasta: str, assembly: str, models: Path | None, accessions: Iterable[str]) -> None:
        self.bases, self.assembly = Bases(fasta), assembly
        self._models, self._wanted = models, frozenset(accessions)

    @cached_property
    def _contigs(self) -> dict[str, str]:
        return {name: contig for contig in self.bases.lengths for name in aliases(contig)}

    @cached_property
    def _namers(self) -> dict[str, TranscriptNamer]:
        if not self._models or not self._wanted:
            return {}
        found = read_transcripts(self._models, contigs=self.bases.lengths)
        bare = {name.partition(".")[0] for name in self._wanted}
        return {one.id: TranscriptNamer(one, self.bases) for one in found if one.id.partition(".")[0] in bare}

    def change_of(self, text: str) -> Change | None:
        """Return the change that `chrom-pos-ref-alt` stands for, None for an HGVS name.

        Raises:
            ContradictionError: the contig is not in the reference, or the reference has other bases there.
        """
        match = _POSITION.match(text)
        if not match:
            return None
        contig, pos, ref, alt = self._contig(match[1]), int(match[2]), match[3].upper(), match[4].upper()
        known = self.bases.get(contig, pos - 1, pos - 1 + len(ref))
        if "N" not in known and known != ref:
            raise ContradictionError(f"{text} says {ref} where the reference {self.assembly} has {known or 'nothing'}")
        return trimmed_change(contig, pos, ref, alt)

    def _contig(self, name: str) -> str:
        if name not in self._contigs:
            raise ContradictionError(f"the reference has no contig {name}")
        return self._contigs[name]

    def place_of(self, text: str) -> Place:
        """Return where a position or a name lies.

        Raises:
            ContradictionError: it contradicts the reference or its transcript, or the gene models lack the transcript.
        """
        if change := self.change_of(text):
            return Place(change.contig, change.start, max(change.end, change.start + 1), None)
        name = Name.of(text)
        if name.kind in "gm":
            contig = self._contig(name.accession)
            if (own := accession(self.assembly, contig)) != name.accession and name.accession.startswith("NC_"):
                raise ContradictionError(f"{name.accession} is not of {self.assembly}, whose accession is {own}")
            return place_on_genome(name, contig, self.bases)
        return place_on_transcript(name, self._namer(name))

    def _namer(self, name: Name) -> TranscriptNamer:
        bare = name.accession.partition(".")[0]
        if found := self._namers.get(name.accession) or self._namers.get(bare):
            return found  # models without versions cannot contradict one
        other = next((known for known in self._namers if known.partition(".")[0] == bare), None)
        raise ContradictionError(f"the gene models have no {name.accession}{f' but {other}' if other else ''}")

    def check(self, one: Judgement, sheet: Path) -> None:
        """Refuse a row whose name and position cannot both be true.

        Raises:
            InputError: in one sentence, with the row.
        """
        try:
            place = self.place_of(one.variant)
            if one.hgvs:
                self._compare(one, place)
        except ContradictionError as reason:
            raise InputError(str(reason), file=sheet, row=one.row, remedy="correct the variant of this row") from None

    def _compare(self, one: Judgement, place: Place) -> None:
        other = self.place_of(one.hgvs)
        change = self.change_of(one.variant)
        if change is None:
            if (place.contig, place.start, place.end) != (other.contig, other.start, other.end):
                raise ContradictionError(f"{one.variant} and {one.hgvs} are not the same place")
            return
        own = self._named(change, Name.of(one.hgvs))
        if own and own != plain(one.hgvs).partition(":")[2]:
            raise ContradictionError(f"{one.hgvs} is not the name of {one.variant}, which is {own}")

    def _named(self, change: Change, name: Name) -> str:
        """Return our own description of a change on the sequence that a name is on; empty where it cannot be given."""
        try:
            if name.kind in "gm":
                return genomic_name(change, self.bases)
        except NotNamedError:
            return ""
        return self._namer(name).names(change).coding

    def same(self, text: str, variant: AnnotatedVariant) -> bool:
        """Tell whether a row's variant is this record."""
        if change := self.change_of(text):
            return self._canonical(change) == self._canonical(trimmed_change(variant.contig, variant.pos, variant.ref, variant.alt))
        place = self.place_of(text)
        if place.alleles:
            here = trimmed_change(variant.contig, variant.pos, variant.ref, variant.alt)
            return (here.contig, here.start, here.ref, here.alt) == (place.contig, place.start, *place.alleles)
        name = Name.of(plain(text))
        accession_here = name.accession if name.kind in "gm" else self._namer(name).transcript.id
        return f"{accession_here}:{name.kind}.{name.rest}" in {variant.hgvs_g, *(one.hgvs_c for one in variant.consequences)}

    def _canonical(self, change: Change) -> Change:
        try:
            return shifted(change, self.bases, forward=True)
        except NotNamedError:
            return change

    def find(self, text: str, vcf: str) -> AnnotatedVariant | None:
        """Return the record of the case's calls that a row means, None if there is none."""
        place = self.place_of(text)
        region = f"{place.contig}:{max(1, place.start + 1 - BESIDE)}-{place.end + BESIDE}"
        return next((one for one in read_annotated(vcf, region) if self.same(text, one)), None)


def plain(name: str) -> str:
    """Return an HGVS name without the bases that a deletion or duplication may list."""
    return _LISTED.sub(r"\1", name)


def accessions_of(texts: Iterable[str]) -> Iterator[str]:
    """Give the transcripts that HGVS names of some rows are on."""
    for text in texts:
        if text and not _POSITION.match(text) and ":g." not in text and ":m." not in text:
            yield text.partition(":")[0]


def texts_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the variants and names of rows."""
    return [row[name] for row in rows for name in ("variant", "hgvs")]
