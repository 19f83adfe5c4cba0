"""Variants and genes by name: HGVS on chromosomes and transcripts, symbols of genes; as far as reference and gene models are configured."""

import functools
import re
from pathlib import Path

from workflow.accessions import accession
from workflow.bases import Bases
from workflow.beacon.errors import BeaconError
from workflow.cohort_store.model import Variant
from workflow.gene_models import read_transcripts
from workflow.hgvs_edits import Change, NotNamedError, shifted, trimmed_change
from workflow.hgvs_names import TranscriptNamer
from workflow.hgvs_place import ContradictionError, Name, Place, place_on_genome, place_on_transcript
from workflow.reference import lengths, plain_name
from workflow.transcript import Transcript

LONGEST = 1_000
"""Bases of a variant that is looked up by name."""
_SUBSTITUTION = re.compile(r"(\S+):[gm]\.([0-9]{1,9})([ACGT])>([ACGT])")
_EDIT = re.compile(r"(delins|del|dup|inv|ins)([ACGT]*)$")


class Names:
    """What names mean on one assembly.

    Args:
        assembly: GRCh37 or GRCh38.
        fasta: reference; without it only substitutions on chromosomes are read.
        genes: gene models (GFF3); without them no gene and no transcript is known.
    """

    def __init__(self, assembly: str, fasta: Path | None = None, genes: Path | None = None) -> None:
        self.assembly = assembly
        self._bases = Bases(fasta) if fasta else None
        self._transcripts: dict[str, Transcript] = {}
        self._genes: dict[str, tuple[str, int, int]] = {}
        self.has_genes = genes is not None
        self._variant = functools.lru_cache(maxsize=10_000)(self._read)
        for one in read_transcripts(genes) if genes else []:
            self._take(one)

    def _take(self, one: Transcript) -> None:
        contig = plain_name(one.contig)
        if contig in lengths(self.assembly):
            self._transcripts.setdefault(one.id.partition(".")[0], one)
            known = self._genes.get(one.gene)
            if known is None or known[0] == contig:
                start, end = (min(known[1], one.start), max(known[2], one.end)) if known else (one.start, one.end)
                self._genes[one.gene] = self._genes[one.gene_id] = (contig, start, end)

    def gene(self, symbol: str) -> tuple[str, int, int]:
        """Return a gene's place, 0-based half-open.

        Raises:
            BeaconError: it is not known, or genes are not configured.
        """
        if not self.has_genes:
            raise BeaconError(400, "Genes are not served here, since no gene models are configured; ask for a range.")
        if symbol not in self._genes:
            raise BeaconError(400, "That gene is not in the gene models; use the current symbol, or ask for a range.")
        return self._genes[symbol]

    def variant(self, name: str) -> Variant:
        """Return the variant of an HGVS name, leftmost as in VCF.

        Raises:
            BeaconError: it is not read, contradicts the reference, or needs what is not configured.
        """
        found = self._variant(name)
        if isinstance(found, str):
            raise BeaconError(400, found)
        return found

    def _read(self, text: str) -> Variant | str:
        """Return a variant, or why there is none."""
        try:
            name = Name.of(text)
            contig = next((one for one in lengths(self.assembly) if accession(self.assembly, one) == name.accession), "")
            simple = _SUBSTITUTION.fullmatch(text)
            if contig and simple and not self._bases:
                return Variant(contig, int(simple[2]), simple[3], simple[4])
            if not self._bases:
                return "Only substitutions on chromosomes (NC_…:g.123A>G) are read here, since no reference is configured."
            return self._placed(name, contig)
        except (ContradictionError, NotNamedError):
            return "That name is not read, or contradicts the reference; use g., m., c. or n. with an accession of this assembly."

    def _placed(self, name: Name, contig: str) -> Variant | str:
        assert self._bases
        if name.kind in "gm":
            if not contig:
                return f"That accession is no chromosome of {self.assembly}."
            own = next((one for one in self._bases.lengths if plain_name(one) == contig), None)
            if own is None:
                return "That chromosome is not in the reference that is configured."
            return self._alleles(name, place_on_genome(name, own, self._bases))
        transcript = self._transcripts.get(name.accession.partition(".")[0])
        if transcript is None:
            return "That transcript is not in the gene models that are configured."
        asked, known = name.accession.partition(".")[2], transcript.id.partition(".")[2]
        if asked and known and asked != known:
            return "That version of the transcript is not in the gene models that are configured."
        if transcript.strand == "-" and not name.rest.count(">"):
            return "On this transcript only substitutions are read by name; use the g. name."
        return self._alleles(name, place_on_transcript(name, TranscriptNamer(transcript, self._bases)))

    def _alleles(self, name: Name, place: Place) -> Variant | str:
        assert self._bases
        if place.end - place.start > LONGEST:
            return f"Variants of more than {LONGEST} bases are not looked up by name."
        if place.alleles:
            change = trimmed_change(place.contig, place.start + 1, *place.alleles)
        else:
            edit = _EDIT.search(name.rest)
            if not edit or edit[1] == "inv" or (edit[1] in {"ins", "delins"} and not edit[2]):
                return "Only substitutions, del, dup, ins and delins with its bases are looked up by name."
            change = self._edited(place, edit[1], edit[2])
        return self._leftmost(change)

    def _edited(self, place: Place, edit: str, told: str) -> Change:
        assert self._bases
        known = self._bases.get(place.contig, place.start, place.end)
        if edit == "ins":
            if place.end - place.start != 2:
                raise ContradictionError("an insertion lies between two neighbours")
            return Change(place.contig, place.start + 1, place.start + 1, "", told)
        if edit == "dup":
            return Change(place.contig, place.end, place.end, "", known)
        return trimmed_change(place.contig, place.start + 1, known, told if edit == "delins" else "")

    def _leftmost(self, change: Change) -> Variant:
        assert self._bases
        moved = shifted(change, self._bases, forward=False)
        contig = plain_name(moved.contig)
        if moved.ref and moved.alt:
            return Variant(contig, moved.start + 1, moved.ref, moved.alt)
        anchor = self._bases.get(moved.contig, moved.start - 1, moved.start)
        return Variant(contig, moved.start, anchor + moved.ref, anchor + moved.alt)
