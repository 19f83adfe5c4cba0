"""One annotated line for each record of a call set: HGVS names, consequences by transcript, and what each knowledge source says of it."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from workflow.accessions import accession
from workflow.annotated_header import CSQ, HGVS_G
from workflow.bases import Bases
from workflow.bed_source import BedSource
from workflow.case_calls import Row, sample_calls
from workflow.closed_genes import OPEN, ClosedGenes
from workflow.cohort_store.recurrent import RECURRENT, is_recurrent
from workflow.config_sections import Knowledge
from workflow.consequences import csq_terms
from workflow.csq_field import Introns, csq_value, effects
from workflow.gene_models import read_transcripts
from workflow.haplotypes import Compound, describe, read_compounds, together
from workflow.hgvs_edits import Change, NotNamedError, trimmed_change
from workflow.hgvs_names import TranscriptNamer, genomic_name
from workflow.overlaps import Overlaps
from workflow.tabix_source import InfoField, Source
from workflow.vcf_source import VcfSource


class Annotator:
    """Everything that one record is compared with."""

    def __init__(
        self, fasta: str, assembly: str, knowledge: Mapping[str, Knowledge], haplotypes: str | None, closed: ClosedGenes = OPEN,
        members: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.bases, self.assembly, self.closed = Bases(fasta), assembly, closed
        self.overlaps = _overlaps(knowledge.get("gene_models"), self.bases)
        self.compounds = read_compounds(haplotypes) if haplotypes else {}
        readers: dict[str, Callable[[Knowledge, Bases], Source]] = {
            "vcf": VcfSource, "bed": BedSource, "inhouse": lambda item, _: _inhouse(item, members, assembly),
        }  # fmt: skip
        self.sources = [readers[item.kind](item, self.bases) for item in knowledge.values() if item.kind in readers]
        self.introns = Introns()
        self.recurrent = "gnomad" in knowledge and "inhouse" in knowledge
        self.on_genes = self.with_terms = 0

    def info(self) -> list[InfoField]:
        """Return the INFO fields that may be written."""
        own = [HGVS_G, *([CSQ] if self.overlaps else []), *([RECURRENT] if self.recurrent else [])]
        return [*own, *(field for source in self.sources for field in source.info)]

    def lines(self, rows: Sequence[Row], samples: Sequence[str]) -> Iterator[str]:
        """Yield the annotated lines of sorted records of one contig."""
        contig = rows[0].contig
        found = [source.look_up(contig, [row.site for row in rows]) for source in self.sources]
        haplotypes = self._haplotypes(contig, rows, samples)
        for at, row in enumerate(rows):
            told = {name: value for source in found for name, value in source[at].items()}
            values = [f"{name}={value}" for name, value in told.items()]
            if self.recurrent and is_recurrent(told, elsewhere=any(name.startswith("gnomad_") for name in told)):
                values.append(f"{RECURRENT.id}=yes")
            own = self._own(row, haplotypes.get((row.site.pos, row.site.ref, row.site.alt), {}), samples)
            yield row.with_info([] if own is None else [*own, *values])

    def _own(self, row: Row, haplotypes: Mapping[str, str], samples: Sequence[str]) -> list[str] | None:
        """Return names and consequences; None where nothing of the record may be said."""
        change = trimmed_change(row.contig, row.site.pos, row.site.ref, row.site.alt)
        namers = list(self.overlaps.at(row.contig, row.site.pos - 1, change.start, change.end)) if self.overlaps else []
        seen = self.closed.open_ones(namers, row, samples)
        return None if seen is None else list(self._named(row, change, seen, haplotypes))

    def _named(self, row: Row, change: Change, namers: Sequence[TranscriptNamer], haplotypes: Mapping[str, str]) -> Iterator[str]:
        with contextlib.suppress(NotNamedError):
            yield f"HGVSg={accession(self.assembly, row.contig)}:{genomic_name(change, self.bases)}"
        if namers:
            self.on_genes += any(namer.transcript.cds for namer in namers)
            self.with_terms += bool(row.bcsq)
            terms = csq_terms(row.bcsq) if row.bcsq else {}
            simple = "" if terms or haplotypes else self.introns.value(change, namers)
            yield f"CSQ={simple or csq_value(change, effects(change, namers, terms, haplotypes))}"

    def _haplotypes(self, contig: str, rows: Sequence[Row], samples: Sequence[str]) -> dict[tuple[int, str, str], dict[str, str]]:
        """Return texts on joint effects, by record and transcript, for those that some sample really carries on one copy."""
        compounds = self._within(contig, rows)
        parts = {part for compound in compounds for part in compound.parts}
        calls = {row.key: sample_calls(row, samples) for row in rows if row.key in parts} if parts else {}
        texts: dict[tuple[int, str, str], dict[str, str]] = {}
        for compound, carriers in compounds.items():
            sure = sorted({sample for sample, _ in carriers if together(compound, sample, calls)})
            for part in compound.parts if sure else ():
                texts.setdefault(part, {})[compound.transcript] = describe(compound, sure)
        return texts

    def _within(self, contig: str, rows: Sequence[Row]) -> dict[Compound, set[tuple[str, int]]]:
        first, last = rows[0].site.pos, rows[-1].site.pos
        on_contig = self.compounds.get(contig, {})
        return {item: carriers for item, carriers in on_contig.items() if first <= item.parts[0][0] and item.parts[-1][0] <= last}


def _overlaps(models: Knowledge | None, bases: Bases) -> Overlaps | None:
    return Overlaps(read_transcripts(models.path, contigs=bases.lengths), bases) if models else None


def _inhouse(item: Knowledge, members: Sequence[str], assembly: str) -> Source:
    from workflow.cohort_store.inhouse import InhouseSource  # pyarrow is loaded only where it is needed

    return InhouseSource(item, members, assembly)
