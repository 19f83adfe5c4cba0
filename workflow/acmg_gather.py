"""The facts of each candidate, gathered from its record, the transcripts and the sources that are configured."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.acmg_facts import Dosage, Facts, Neighbour, Release
from workflow.bases import Bases, reverse_complement
from workflow.clinvar import ClinVar, severity_of, stars_of
from workflow.hgvs_edits import Change, trimmed_change
from workflow.hgvs_names import TranscriptNamer
from workflow.hgvs_place import genomic_base
from workflow.population import population_of
from workflow.protein_names import STANDARD_CODE, CodingSequence
from workflow.transcript import Transcript
from workflow.variants import AnnotatedVariant, Consequence

_RESIDUE = re.compile(r"p\.\D{3}(\d+)\D{3}$")
Data = Mapping[str, Any]


@dataclass
class Gatherer:
    """Sources of facts.

    Attributes:
        bases: the reference.
        transcripts: of the genes of the candidates.
        sources: sources that were looked at, with their releases.
        clinvar: the release around each variant; None where there is none.
        dosage: by symbol.
        genes: records of the interpretation by symbol.
        parents: by role, the verdict of the genotypes on the parent; empty where that was not evaluated.
    """

    bases: Bases
    transcripts: Iterable[Transcript]
    sources: Mapping[str, Release]
    clinvar: ClinVar | None = None
    dosage: Mapping[str, Dosage] = field(default_factory=dict)
    genes: Mapping[str, Data] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.namers = {one.id: TranscriptNamer(one, self.bases) for one in self.transcripts}

    def facts(self, row: Data, variant: AnnotatedVariant) -> Facts:
        """Return what is known of a candidate."""
        consequence = next((one for one in variant.consequences if one.transcript == row["transcript"]), None)
        namer = self.namers.get(consequence.transcript) if consequence else None
        change = trimmed_change(variant.contig, variant.pos, variant.ref, variant.alt)
        return Facts(
            row=row,
            gene=self.genes.get(row["gene"], {}),
            consequence=consequence,
            change=change,
            namer=namer,
            others=bool(namer) and self._starts_elsewhere(namer),  # type: ignore[arg-type]
            population=population_of(variant) if "gnomad" in self.sources else None,
            dosage=self.dosage.get(row["gene"]),
            neighbours=self._neighbours(consequence, namer, change),
            upstream=self._upstream(consequence, namer),
            repeat=any(key.startswith("repeats_") for key in variant.annotations) if "repeats" in self.sources else None,
            parentage=self._parentage(row),
            sources=self.sources,
        )

    def _parentage(self, row: Data) -> bool:
        parents = (row.get("de_novo") or {}).get("parents") or ()
        return bool(parents) and all(self.parents.get(one["role"]) == "confirmed" for one in parents)

    def _starts_elsewhere(self, namer: TranscriptNamer) -> bool:
        """Tell whether another coding transcript of the gene begins its protein at another base."""
        own = namer.transcript
        others = [one.transcript for one in self.namers.values() if one.transcript.gene_id == own.gene_id and one.transcript.cds]
        return len({one.cds[0][0] if one.strand == "+" else one.cds[-1][1] for one in others}) > 1

    def _neighbours(self, consequence: Consequence | None, namer: TranscriptNamer | None, change: Change) -> list[Neighbour] | None:
        if self.clinvar is None:
            return None
        match = _RESIDUE.search(consequence.hgvs_p) if consequence and "missense_variant" in consequence.terms else None
        if not match or namer is None:
            return []
        first = 3 * int(match[1]) - 2
        bases = sorted(genomic_base(namer, "", number, 0) for number in range(first, first + 3))
        return list(self._in_codon(match[1], namer, bases, change))

    def _in_codon(self, residue: str, namer: TranscriptNamer, bases: list[int], own: Change) -> Iterator[Neighbour]:
        assert self.clinvar is not None
        for base in bases:
            for change, fields in self.clinvar.records(namer.transcript.contig, base, base + 1):
                protein = namer.names(change).protein
                match = _RESIDUE.search(protein)
                if match and match[1] == residue and len(change.ref) == len(change.alt):
                    stars = stars_of(fields.get("CLNREVSTAT", ""))
                    severity = severity_of(fields.get("CLNSIG", ""))
                    yield Neighbour(protein, severity, stars, fields.get("ALLELEID", ""), same_bases=change == own)

    def _upstream(self, consequence: Consequence | None, namer: TranscriptNamer | None) -> bool | None:
        """Tell whether (likely) pathogenic variants of a star or more lie between the start codon and the next in-frame start."""
        if self.clinvar is None or namer is None or consequence is None or "start_lost" not in consequence.terms:
            return None
        blocks = namer.transcript.exons_in_order
        texts = [self.bases.get(namer.transcript.contig, start, end) for start, end in sorted(blocks)]
        first, last = namer.map.coding
        spliced = _spliced(texts, forward=namer.forward)[first:last]
        following = CodingSequence("", 0, STANDARD_CODE).translate(spliced).find("M", 1)
        if following < 0:
            return None
        bases = sorted(genomic_base(namer, "", number, 0) for number in range(4, following * 3 + 1))
        if not bases:
            return False
        found = self.clinvar.records(namer.transcript.contig, bases[0], bases[-1] + 1)
        wanted = set(bases)
        return any(
            change.start in wanted and severity_of(fields.get("CLNSIG", "")) and stars_of(fields.get("CLNREVSTAT", ""))
            for change, fields in found
        )  # fmt: skip


def _spliced(texts: list[str], *, forward: bool) -> str:
    return "".join(texts) if forward else reverse_complement("".join(texts))
